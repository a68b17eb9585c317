//! What a record remembers of requests that were lost and of those that failed, and for how long somebody waits for it.

use serde_json::json as value;
use valetkey_core::error::Cause;
use valetkey_core::{Error, Session, UnixTime};
use valetkey_tests::renewing::{Event, Rig, Run, elsewhere, kept, refreshing};
use valetkey_tests::{NOW, json};

/// ER-7: what was remembered of a request whose answer was lost has no part in the record once its token is known to be dead.
#[test]
fn a_dead_token_takes_its_intent_along_er_7() {
    let mut rig = Rig::new();
    rig.answers(None);
    rig.renew(&mut refreshing("r0")).unwrap_err();
    assert!(!rig.record()["intent"].is_null());
    rig.pass(2);
    rig.refuses(400, "invalid_grant");
    assert!(rig.renew(&mut elsewhere()).unwrap_err().is_authorization_required());
    assert!(rig.record()["intent"].is_null(), "{}", rig.record());
    // So the refusal of another is told as what it is, and not as an answer that was lost.
    rig.pass(60);
    rig.refuses(400, "invalid_grant");
    let error = rig.renew(&mut refreshing("r1")).unwrap_err();
    assert!(
        matches!(&error, Error::AuthorizationRequired(why) if matches!(why.cause(), Cause::Refused(_))),
        "{error:?}"
    );
}

/// A refresh token that came from elsewhere begins with the shortest wait: what failed before was another's.
#[test]
fn another_refresh_token_begins_with_the_shortest_wait() {
    let mut rig = Rig::new();
    for _ in 0..2 {
        rig.refuses(503, "temporarily_unavailable");
        rig.renew(&mut refreshing("r0")).unwrap_err();
        rig.pass(2);
    }
    rig.refuses(400, "invalid_grant");
    rig.renew(&mut elsewhere()).unwrap_err();
    assert_eq!(rig.record()["failure"]["count"], 3);
    rig.pass(60);
    rig.refuses(503, "temporarily_unavailable");
    rig.renew(&mut refreshing("r1")).unwrap_err();
    assert_eq!(rig.record()["failure"]["count"], 1);
    rig.pass(1);
    rig.rotates("a1", "r2");
    rig.renew(&mut elsewhere()).unwrap();
}

/// Only a refusal that is for good says that nothing was given: after any other the answer may be one that was lost.
#[test]
fn a_server_in_trouble_may_have_given_what_was_asked_for() {
    for (status, body, is_known) in [
        (503, r#"{"error":"temporarily_unavailable"}"#, false),
        (500, "", false),
        (200, "{}", false),
        (400, r#"{"error":"invalid_request"}"#, true),
    ] {
        let mut rig = Rig::new();
        rig.answers(Some(json(status, body)));
        rig.renew(&mut refreshing("r0")).unwrap_err();
        assert_eq!(rig.record()["intent"].is_null(), is_known, "{status} {body}: {}", rig.record());
    }
}

/// ID-53: tokens of another login end the session, and what was remembered of the requests for them ends too.
#[test]
fn what_is_renewed_for_another_login_leaves_no_intent_id_53() {
    use valetkey_tests::openid::{claims, client, id_token, logged_in};
    let mut rig = Rig::new();
    let mut session = kept(Session::from_tokens(&client(), &logged_in(&client(), |_| {}).unwrap()));
    rig.renew(&mut session).unwrap();
    rig.pass(3600);
    rig.answers(None);
    rig.renew(&mut session).unwrap_err();
    assert!(!rig.record()["intent"].is_null());
    rig.pass(60);
    let mut of_another = claims(None);
    of_another["sub"] = value!("another");
    for (name, at) in [("iat", 0), ("exp", 600)] {
        of_another[name] = value!(rig.now().as_secs() + at);
    }
    let jwt = id_token(valetkey_core::jose::Algorithm::Es256, &of_another);
    let body =
        value!({ "access_token": "a1", "token_type": "Bearer", "refresh_token": "r1", "id_token": jwt });
    rig.answers(Some(json(200, &body.to_string())));
    assert!(rig.renew(&mut session).unwrap_err().is_authorization_required());
    let record = rig.record();
    for member in ["intent", "access_token", "refresh_token"] {
        assert!(record[member].is_null(), "{member} of {record}");
    }
    assert_eq!(record["failure"]["cause"]["kind"], "other_login");
}

/// ER-5: processes part by waiting up to a quarter longer, by their spread.
#[test]
fn a_spread_makes_a_wait_up_to_a_quarter_longer() {
    for (spread, millis) in [(0, 1000), (400, 1100), (1000, 1250), (u16::MAX, 1250)] {
        let mut rig = Rig::new();
        rig.refuses(503, "temporarily_unavailable");
        rig.renew(&mut refreshing("r0").with_spread(spread)).unwrap_err();
        let until: UnixTime = serde_json::from_value(rig.record()["failure"]["until"].clone()).unwrap();
        assert_eq!(until.since(rig.now()).as_millis(), millis, "{spread}");
    }
}

/// A clock that is set back while somebody waits makes no wait longer: it is looked at once more.
#[test]
fn a_wait_is_over_when_the_clock_is_set_back() {
    for step in ["busy", "commit later"] {
        let mut rig = Rig::new();
        rig.pass(86_400);
        let holder = refreshing("r0");
        let mut holds = Run::of(&holder);
        if step == "busy" {
            rig.until(&mut holds, "send");
        } else {
            rig.rotates("a1", "r1");
            rig.at("commit", Event::Fails);
        }
        let waiting = refreshing("r0");
        let mut run = Run::of(&waiting);
        rig.until(&mut run, "wait");
        rig.set_back();
        rig.until(&mut run, "load");
        assert_eq!(rig.now(), NOW, "{step}");
    }
}

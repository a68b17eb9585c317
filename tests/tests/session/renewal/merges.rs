//! What a renewal makes of what somebody else has written since it looked: nothing newer is written over, and what is not newer is not
//! in the way.

use serde_json::{Value, json as value};
use valetkey_core::store::Store as _;
use valetkey_core::{AuthorizationServer, Error, Session, TokenResponse, UnixTime};
use valetkey_tests::renewing::{Event, Rig, Run, elsewhere, held, kept, key, refreshing};
use valetkey_tests::{NOW, client, json, world};

/// A login whose access token lives for an hour.
fn login(access: &str, refresh: &str, now: UnixTime) -> Session {
    let body = world::token(access, 3600, Some(refresh));
    let tokens = TokenResponse::parse(json(200, &body), now, &AuthorizationServer::new()).unwrap();
    kept(Session::from_tokens(&client(), &tokens))
}

/// Somebody logs out by deleting the record, and somebody logs in.
fn begins_anew(rig: &mut Rig) {
    let there = rig.store.load(&key()).unwrap().unwrap();
    assert!(rig.store.replace(&key(), Some(&there.version), None).unwrap().is_done());
    let mut new = login("b0", "s0", rig.now());
    rig.renew(&mut new).unwrap();
}

/// A renewal of `r0` is refused, and somebody changes the record before that is written; what the renewal was told, and the record.
fn refused_while(
    code: &str,
    status: u16,
    change: impl FnOnce(&mut Value) + 'static,
) -> (Rig, Result<(), Error>) {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.refuses(status, code);
    rig.before("commit", move |rig| rig.edit(change));
    let came = rig.renew(&mut session);
    (rig, came)
}

/// ST-2: a good token that somebody else has brought is used at once, without another look.
#[test]
fn a_token_of_somebody_else_is_taken_up_as_it_is() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    let mut run = Run::of(&session);
    rig.rotates("a1", "r1");
    rig.until(&mut run, "commit");
    rig.pass(31);
    rig.rotates("a2", "r2");
    rig.renew(&mut elsewhere()).unwrap();
    rig.done();
    rig.until(&mut run, "done");
    assert_eq!(rig.done(), "commit load release");
    run.settle(&mut session, &rig).unwrap();
    assert_eq!(held(&session).as_deref(), Some("a2"));
}

/// ST-2: one that expires in this very moment is good no more: it is renewed. A moment earlier it is used.
#[test]
fn a_token_of_somebody_else_that_has_just_expired_is_renewed() {
    for (seconds, token) in [(59, "a2"), (60, "a3")] {
        let mut rig = Rig::new();
        let mut session = refreshing("r0");
        let mut run = Run::of(&session);
        rig.rotates("a1", "r1");
        rig.until(&mut run, "commit");
        rig.pass(31);
        rig.answers(Some(json(200, &world::token("a2", 60, Some("r2")))));
        rig.renew(&mut elsewhere()).unwrap();
        rig.pass(seconds);
        rig.rotates("a3", "r3");
        rig.until(&mut run, "done");
        run.settle(&mut session, &rig).unwrap();
        assert_eq!(held(&session).as_deref(), Some(token), "after {seconds} s");
    }
}

/// WA-3: nor is it good if it is the one that an API has refused here.
#[test]
fn a_token_of_somebody_else_that_was_refused_here_is_renewed_wa_3() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    assert!(session.refuse(&session.credential().unwrap(), rig.now()));
    let mut run = Run::of(&session);
    rig.rotates("a2", "r2");
    rig.until(&mut run, "commit");
    rig.pass(31);
    // The server gives the same access token once more.
    rig.rotates("a1", "r9");
    let mut other = elsewhere();
    let mut forced = Run::of_new(&other);
    rig.until(&mut forced, "done");
    forced.settle(&mut other, &rig).unwrap();
    rig.done();
    rig.rotates("a3", "r3");
    rig.until(&mut run, "done");
    run.settle(&mut session, &rig).unwrap();
    assert_eq!(held(&session).as_deref(), Some("a3"));
    assert!(rig.done().contains("send r9"));
}

/// LO-16: a later login is newer, however often the former one's tokens were renewed.
#[test]
fn a_later_login_is_newer_than_tokens_that_were_often_renewed() {
    let mut rig = Rig::new();
    let mut session = login("a0", "r0", NOW);
    rig.renew(&mut session).unwrap();
    for round in 1..4 {
        rig.pass(3600);
        rig.rotates(&format!("a{round}"), &format!("r{round}"));
        rig.renew(&mut session).unwrap();
    }
    rig.pass(3600);
    rig.rotates("a4", "r4");
    rig.before("commit", begins_anew);
    rig.renew(&mut session).unwrap();
    let record = rig.record();
    assert_eq!((&record["access_token"], &record["refresh_token"]), (&"b0".into(), &"s0".into()));
    assert_eq!(record["generation"], 1);
    assert_eq!(held(&session).as_deref(), Some("b0"));
}

/// TR-13: a login that a program stores a second time does not undo what it was renewed to since.
#[test]
fn a_login_that_is_stored_twice_undoes_no_renewal() {
    let mut rig = Rig::new();
    let mut session = login("a0", "r0", NOW);
    rig.renew(&mut session).unwrap();
    rig.pass(3600);
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    let mut again = login("a0", "r0", NOW);
    rig.renew(&mut again).unwrap();
    assert_eq!(rig.record()["refresh_token"], "r1");
    assert_eq!(held(&again).as_deref(), Some("a1"));
}

/// RF-1: a login over an earlier one is written as often as it takes, and the earlier one is not taken for a later.
#[test]
fn a_login_over_an_earlier_one_is_written_when_the_store_works_again() {
    let mut rig = Rig::new();
    rig.renew(&mut login("a0", "r0", NOW)).unwrap();
    rig.pass(1);
    let mut later = login("b0", "s0", rig.now());
    for _ in 0..3 {
        rig.at("commit", Event::Fails);
    }
    rig.renew(&mut later).unwrap();
    assert_eq!(rig.record()["access_token"], "b0");
    assert_eq!(held(&later).as_deref(), Some("b0"));
}

/// RF-1: each renewal tries for half a minute to write what an earlier one could not.
#[test]
fn what_is_still_to_be_written_is_tried_for_as_long_by_each_renewal() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    for _ in 0..1000 {
        rig.at("commit", Event::Fails);
    }
    for round in 0..3 {
        let before = rig.now();
        assert!(matches!(rig.renew(&mut session), Err(Error::Store(_))) && session.is_unsaved());
        assert!((29..32).contains(&rig.now().since(before).as_secs()), "round {round}");
    }
    rig.store_works_again();
    rig.renew(&mut session).unwrap();
    assert_eq!((rig.requests(), rig.record()["access_token"].as_str()), (1, Some("a1")));
}

/// ER-7: that a refresh token is dead is written though somebody has used the session meanwhile, and it is not sent again.
#[test]
fn a_dead_token_is_deleted_where_the_record_is_only_kept_for_longer_er_7() {
    let (mut rig, came) =
        refused_while("invalid_grant", 400, |record| record["kept"] = value!({ "for": 604_800_000_u64 }));
    assert!(came.unwrap_err().is_authorization_required());
    assert_eq!(rig.requests(), 1);
    assert!(rig.record()["refresh_token"].is_null());
    assert!(rig.done().ends_with("send r0 commit load commit release"));
}

/// ER-7: how long to wait after a failure says nothing of another refresh token, or to who has sent the same since: what they wrote stays.
#[test]
fn a_failure_is_not_written_over_another_token_or_another_intent_er_7() {
    let (rig, came) =
        refused_while("temporarily_unavailable", 503, |record| record["refresh_token"] = "rX".into());
    assert!(matches!(came, Err(Error::Refused(_))), "{came:?}");
    assert_eq!(rig.record()["refresh_token"], "rX");
    assert!(rig.record()["failure"].is_null());

    let theirs = value!({ "at": NOW, "sends": 7 });
    let intent = theirs.clone();
    let (rig, came) = refused_while("temporarily_unavailable", 503, move |record| record["intent"] = intent);
    assert!(matches!(came, Err(Error::Refused(_))), "{came:?}");
    assert_eq!(rig.record()["intent"], theirs);
    assert!(rig.record()["failure"].is_null());

    let (rig, came) = refused_while("temporarily_unavailable", 503, |record| {
        record["kept"] = value!({ "for": 604_800_000_u64 })
    });
    assert!(matches!(came, Err(Error::Refused(_))), "{came:?}");
    assert!(!rig.record()["failure"].is_null(), "it is the same token, and the same intent");
}

/// RF-1: a record that cannot be read is no log-out: what came is kept for who can read it again.
#[test]
fn tokens_are_not_thrown_away_for_a_record_that_cannot_be_read() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    rig.before("commit", |rig| {
        let before = rig.record();
        rig.put(b"{}");
        rig.before("release", move |rig| rig.put(before.to_string().as_bytes()));
    });
    let came = rig.renew(&mut session);
    assert!(matches!(came, Err(Error::Store(_))), "{came:?}");
    assert!(session.is_unsaved());
    rig.renew(&mut session).unwrap();
    assert_eq!((rig.requests(), rig.record()["refresh_token"].as_str()), (1, Some("r1")));
}

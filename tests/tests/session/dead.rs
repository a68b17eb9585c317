//! ER-7: refresh tokens that are dead, and said to be so in other words than `invalid_grant`.

use valetkey_core::error::Cause;
use valetkey_core::session::RefusalPolicy;
use valetkey_core::{Error, Rule, Session};
use valetkey_tests::renewing::{Rig, elsewhere, held, kept, refreshing};
use valetkey_tests::{client, client_of, json, server};

/// What servers say of a dead refresh token: a status and a body.
const SAID: [(u16, &str); 6] = [
    (400, r#"{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"}"#),
    (403, r#"{"error":"unauthorized_client","error_description":"refresh_token is invalid"}"#),
    (400, r#"{"error":"invalid_request","error_description":"Refresh token is invalid"}"#),
    (400, ""),
    (401, r#"{"error":"invalid_token"}"#),
    (200, r#"{"error":"invalid_code"}"#),
];

/// Refuses so often, a process each, long enough apart; what the last was told, and how many requests were sent in all.
fn refused(rig: &mut Rig, times: usize, status: u16, body: &str, of: impl Fn() -> Session) -> (Error, usize) {
    rig.done();
    let mut told = None;
    for _ in 0..times {
        rig.answers(Some(json(status, body)));
        told = Some(rig.renew(&mut of()).unwrap_err());
        rig.pass(120);
    }
    rig.withdraw_answers();
    (told.unwrap(), rig.requests())
}

fn is_refused_for_good(error: &Error) -> bool {
    matches!(error, Error::AuthorizationRequired(why) if matches!(why.cause(), Cause::Refused(_)))
}

/// F16, F18, F19, I3: three refusals in a row, of whatever processes, and nobody asks with that token any more.
#[test]
fn a_token_that_is_refused_three_times_in_any_words_is_dead() {
    for (status, body) in SAID {
        let mut rig = Rig::new();
        let (error, requests) = refused(&mut rig, 2, status, body, || refreshing("r0"));
        assert!(matches!(error, Error::Refused(_)), "{body}: {error}");
        assert_eq!((requests, &rig.record()["refresh_token"]), (2, &"r0".into()));
        let (error, requests) = refused(&mut rig, 1, status, body, elsewhere);
        assert!(is_refused_for_good(&error), "{body}: {error}");
        assert!(rig.record()["refresh_token"].is_null(), "{body}");
        assert_eq!(requests, 1);
        let (error, requests) = refused(&mut rig, 50, status, body, || refreshing("r0"));
        assert!(is_refused_for_good(&error), "{body}: {error}");
        assert_eq!(requests, 0, "{body}: it is that very token");
    }
}

/// A refusal with a registered code counts however soon it comes; any other, which may be a gateway's, counts once in a minute.
#[test]
fn a_fault_of_some_seconds_logs_nobody_out() {
    let ends_after = |status: u16, body: &str| {
        let mut rig = Rig::new();
        let (mut seconds, mut requests) = (0, 0);
        loop {
            rig.done();
            rig.answers(Some(json(status, body)));
            let ended = rig.renew(&mut refreshing("r0")).unwrap_err().is_authorization_required();
            requests += rig.requests();
            rig.withdraw_answers();
            if ended || seconds > 600 {
                return (seconds, requests);
            }
            rig.pass(1);
            seconds += 1;
        }
    };
    for (status, body) in [SAID[2], SAID[4]] {
        assert_eq!(ends_after(status, body), (3, 3), "{body}: a second and two between them");
    }
    for (status, body) in [
        (403, "<html>Access denied</html>"),
        (403, r#"{"message":"Forbidden"}"#),
        (400, "{}"),
        (400, r#"{"status":400,"error":"Bad Request"}"#),
        (402, r#"{"message":"payment required"}"#),
        SAID[0],
        SAID[1],
        SAID[3],
        SAID[5],
    ] {
        let (seconds, requests) = ends_after(status, body);
        assert!((120..=180).contains(&seconds) && requests <= 10, "{body}: {seconds} s, {requests} requests");
    }
}

/// A minute apart, to the moment: one that comes earlier is not counted, and puts nothing off.
#[test]
fn refusals_without_a_registered_code_are_counted_a_minute_apart() {
    for (apart, status, body, is_dead) in [
        (60, 403, "<html>Access denied</html>", true),
        (59, 403, "<html>Access denied</html>", false),
        (60, 403, SAID[1].1, true),
        (59, 403, SAID[1].1, false),
        (2, 400, SAID[2].1, true),
        (2, 401, SAID[4].1, true),
    ] {
        let mut rig = Rig::new();
        let mut told = None;
        for _ in 0..3 {
            rig.answers(Some(json(status, body)));
            told = Some(rig.renew(&mut refreshing("r0")).unwrap_err());
            rig.pass(apart);
        }
        assert_eq!(rig.requests(), 3);
        assert_eq!(told.unwrap().is_authorization_required(), is_dead, "{apart} s, {body}");
    }
    // By a clock that was set back since, nothing is known of how far apart they are: both count.
    let mut rig = Rig::new();
    for (now, is_dead) in [(1000, false), (500, false), (0, true)] {
        rig.set_back();
        rig.pass(now);
        rig.answers(Some(json(403, "")));
        let error = rig.renew(&mut refreshing("r0")).unwrap_err();
        assert_eq!(error.is_authorization_required(), is_dead, "{now}: {error}");
    }
}

/// A server in between that is in trouble, or silent, neither counts nor makes the refusals forgotten.
#[test]
fn trouble_in_between_is_no_refusal() {
    let mut rig = Rig::new();
    let (status, body) = SAID[0];
    refused(&mut rig, 2, status, body, || refreshing("r0"));
    for trouble in [503, 429, 500] {
        let (error, _) = refused(&mut rig, 5, trouble, "", elsewhere);
        assert!(error.is_transient(), "{error}");
    }
    rig.answers(None);
    rig.renew(&mut elsewhere()).unwrap_err();
    rig.pass(120);
    let (error, _) = refused(&mut rig, 1, status, body, elsewhere);
    assert!(error.is_authorization_required(), "{error}");
}

/// A success in between begins the count anew, and so does another refresh token.
#[test]
fn refusals_are_counted_in_a_row_of_one_token() {
    let (status, body) = SAID[1];
    let mut rig = Rig::new();
    refused(&mut rig, 2, status, body, || refreshing("r0"));
    rig.answers(Some(json(200, r#"{"access_token":"a1","token_type":"Bearer","expires_in":1}"#)));
    rig.renew(&mut elsewhere()).unwrap();
    rig.pass(120);
    let (error, requests) = refused(&mut rig, 2, status, body, elsewhere);
    assert!(matches!(error, Error::Refused(_)) && requests == 2, "{error}");

    let mut rig = Rig::new();
    refused(&mut rig, 2, status, body, || refreshing("r0"));
    rig.edit(|record| record["refresh_token"] = "r1".into());
    let (error, requests) = refused(&mut rig, 2, status, body, elsewhere);
    assert!(matches!(error, Error::Refused(_)) && requests == 2, "{error}");
}

/// OIDC Core §3.1.2.6: only a person mends these, so the first ends the session.
#[test]
fn what_asks_for_a_person_ends_the_session_at_once() {
    for code in ["interaction_required", "login_required", "consent_required", "account_selection_required"] {
        let body = format!(r#"{{"error":"{code}"}}"#);
        let mut rig = Rig::new();
        let never = || refreshing("r0").with_refusal_policy(RefusalPolicy::Never);
        let (error, _) = refused(&mut rig, 1, 400, &body, never);
        assert!(is_refused_for_good(&error), "{code}: {error}");
        assert_eq!(error.refused().unwrap().code().unwrap(), &code);
        let mut rig = Rig::new();
        let (error, _) = refused(&mut rig, 5, 503, &body, || refreshing("r0"));
        assert!(error.is_transient(), "a server in trouble says nothing: {error}");
    }
}

/// What is about the client or its request is no word about the token, however often it is said.
#[test]
fn a_client_that_is_refused_has_a_token_that_may_be_good() {
    for (status, code) in [
        (401, "invalid_client"),
        (400, "unsupported_grant_type"),
        (400, "invalid_scope"),
        (400, "invalid_target"),
        (400, "invalid_dpop_proof"),
        (400, "invalid_client_metadata"),
        (403, "insufficient_scope"),
        (400, "rate_limit_exceeded"),
        (401, "Unauthorized"),
        (404, "x"),
        (405, "x"),
    ] {
        let mut rig = Rig::new();
        let body = format!(r#"{{"error":"{code}"}}"#);
        let (error, requests) = refused(&mut rig, 10, status, &body, || refreshing("r0"));
        assert!(!error.is_authorization_required() && requests == 10, "{status} {code}: {error}");
        rig.rotates("a1", "r1");
        let mut session = elsewhere();
        rig.renew(&mut session).unwrap();
        assert_eq!(held(&session).as_deref(), Some("a1"));
    }
    let mut rig = Rig::new();
    let (error, _) = refused(&mut rig, 10, 401, "", || refreshing("r0"));
    assert!(!error.is_authorization_required(), "a bare 401 is about the client: {error}");
    let mut rig = Rig::new();
    let body = r#"{"error":{"code":"invalid_client","message":"no such client"}}"#;
    let (error, _) = refused(&mut rig, 10, 400, body, || refreshing("r0"));
    assert!(!error.is_authorization_required(), "an object says it too: {error}");
}

/// RFC 6749 §5.2: which words of a server are about the token, at either side of each bound: its status, its code, and the code in an
/// `error` that is an object.
#[test]
fn three_refusals_are_about_the_token_by_their_status_and_their_code() {
    for (status, error, is_dead) in [
        (401, r#""invalid_token""#, true),
        (401, r#""Unauthorized""#, false),
        (401, r#"{"code":"invalid_token"}"#, false),
        (401, "7", false),
        (400, r#""Unauthorized""#, true),
        (400, "7", true),
        (403, "7", true),
        (404, "7", false),
        (200, r#""Unauthorized""#, true),
        (400, r#""invalid_scope""#, false),
        (400, r#""slow_down""#, false),
        (400, r#"{"code":"Unauthorized"}"#, true),
        (400, r#"{"code":"invalid_scope"}"#, false),
        (400, r#"{"code":"slow_down"}"#, false),
    ] {
        let body = format!(r#"{{"error":{error}}}"#);
        let (told, _) = refused(&mut Rig::new(), 3, status, &body, || refreshing("r0"));
        assert_eq!(is_refused_for_good(&told), is_dead, "{status} {body}: {told}");
    }
}

/// ER-5: who says when to come back has said nothing of the token, and is waited for.
#[test]
fn a_refusal_that_says_when_to_come_back_is_waited_for() {
    for body in [r#"{"message":"API rate limit exceeded"}"#, "<html>slow down</html>", SAID[2].1] {
        let mut rig = Rig::new();
        for round in 0..5 {
            let mut answer = json(403, body);
            answer.headers_mut().insert("retry-after", "600".parse().unwrap());
            rig.done();
            rig.answers(Some(answer));
            let error = rig.renew(&mut refreshing("r0")).unwrap_err();
            assert!(!error.is_authorization_required(), "{body} {round}: {error}");
            rig.pass(599);
            rig.renew(&mut refreshing("r0")).unwrap_err();
            assert_eq!(rig.requests(), 1, "{body} {round}: it waits for ten minutes");
            rig.pass(1);
        }
    }
}

/// A program knows its server better: at once, never, or after another number.
#[test]
fn a_policy_is_set_by_name() {
    let cases = [
        (RefusalPolicy::After(0), 1),
        (RefusalPolicy::After(1), 1),
        (RefusalPolicy::After(5), 5),
        (RefusalPolicy::Never, usize::MAX),
    ];
    for (policy, expected) in cases {
        let mut rig = Rig::new();
        let mut ended = usize::MAX;
        for number in 1..=20 {
            let session = || refreshing("r0").with_refusal_policy(policy);
            if refused(&mut rig, 1, 400, "", session).0.is_authorization_required() {
                ended = number;
                break;
            }
        }
        assert_eq!(ended, expected, "{policy:?}");
    }
}

/// AQ-6: what a server wants in every token request, and what one session sends with its refresh token.
#[test]
fn a_refresh_has_the_parameters_that_it_was_given() {
    let with = client_of(server().token_parameter("action", "requesttoken").unwrap());
    let session = || {
        let token = valetkey_core::RefreshToken::new("r0").unwrap();
        let session = Session::from_refresh_token(&with, token);
        session.with_refresh_parameter("audience", "https://api.example").unwrap()
    };
    let renewal = |session: &Session| {
        let (store, key) =
            (valetkey_core::store::MemoryStore::new(), valetkey_core::store::StoreKey::in_memory());
        let mut renewal = session.renewal().unwrap();
        let mut answer = None;
        loop {
            use valetkey_core::session::{RenewalAnswer, RenewalStep};
            answer = match renewal.step(answer.take(), valetkey_tests::NOW).unwrap() {
                RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(
                    &store as &dyn valetkey_core::store::Store,
                    &key,
                    valetkey_tests::NOW,
                ))),
                RenewalStep::Send(request) => return String::from_utf8(request.body().clone()).unwrap(),
                other => panic!("{other:?}"),
            };
        }
    };
    assert_eq!(
        renewal(&session()),
        "grant_type=refresh_token&refresh_token=r0&audience=https%3A%2F%2Fapi.example&action=requesttoken"
    );
    let own = session().with_refresh_parameter("action", "other").unwrap();
    assert!(renewal(&own).ends_with("&action=other"), "the session's own value is sent, once");
    for taken in [
        "refresh_token",
        "grant_type",
        "scope",
        "client_id",
        "resource",
        "authorization_details",
        "audience",
        "",
    ] {
        let error = session().with_refresh_parameter(taken, "x").unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Aq6), "{taken}");
    }
    let store = kept(Session::from_store(&client()));
    assert!(store.with_refresh_parameter("a", "b").is_ok());
}

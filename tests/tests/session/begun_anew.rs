//! A session that begins anew by its grant has nothing of the one before it.

use serde_json::json;
use valetkey_core::session::{Ended, SessionEnd};
use valetkey_core::store::StoreKey;
use valetkey_core::{AuthorizationServer, Grant, Session, TokenResponse};
use valetkey_tests::ending::end_with;
use valetkey_tests::renewing::{Rig, assertion, held, kept, key, refreshing, service};
use valetkey_tests::{NOW, client, json as answer};

/// A login of which everything is known that a record may say.
fn login() -> Session {
    let body = r#"{"access_token":"a0","token_type":"Bearer","expires_in":60,"refresh_token":"r0","scope":"read write"}"#;
    let tokens = TokenResponse::parse(answer(200, body), NOW, &AuthorizationServer::new()).unwrap();
    kept(Session::from_tokens(&client(), &tokens)).with_lifetime(std::time::Duration::from_secs(86_400))
}

fn members(rig: &Rig) -> Vec<String> {
    let mut members: Vec<_> = rig.record().as_object().unwrap().keys().cloned().collect();
    members.sort();
    members
}

#[test]
fn after_a_login_that_is_over_nothing_of_it_is_left() {
    let mut rig = Rig::new();
    rig.renew(&mut login()).unwrap();
    rig.edit(|record| {
        record["other_login"] = "of-another".into();
        record["id_token"] =
            json!({ "iss": "https://as.example", "sub": "248289761001", "aud": ["s6BhdRkqt3"] });
        record["intent"] = json!({ "at": NOW, "sends": 1 });
        record["failure"] = json!({ "at": NOW, "until": NOW, "count": 1, "cause": { "kind": "unanswered" } });
    });
    rig.pass(30 * 86_400);
    rig.grants("b0");
    let mut session = refreshing("x0").with_grant(assertion()).unwrap();
    rig.renew(&mut session).unwrap();
    assert_eq!(held(&session).as_deref(), Some("b0"));
    assert_eq!(
        members(&rig),
        [
            "access_token",
            "client_id",
            "expires_at",
            "generation",
            "issued_at",
            "issuer",
            "kept",
            "token_endpoint",
            "version",
            "whose"
        ]
    );
    assert_eq!(rig.record()["generation"], 2);
    assert!(session.identity().is_none() && session.scope().is_none());
}

/// Also where the first request of the new one fails: what was wrong with the former tells nothing of it.
#[test]
fn a_failure_of_the_new_one_is_its_first() {
    let mut rig = Rig::new();
    rig.renew(&mut login()).unwrap();
    rig.edit(|record| {
        record["intent"] = json!({ "at": NOW, "sends": 7 });
        record["failure"] = json!({ "at": NOW, "until": NOW, "count": 5, "cause": { "kind": "unanswered" } });
    });
    rig.pass(30 * 86_400);
    rig.answers(None);
    rig.renew(&mut refreshing("x0").with_grant(assertion()).unwrap()).unwrap_err();
    let record = rig.record();
    assert_eq!((&record["failure"]["count"], &record["intent"]["sends"]), (&1.into(), &1.into()));
    for member in ["access_token", "refresh_token", "issued_at", "expires_at", "scope", "login"] {
        assert!(record[member].is_null(), "{member} of {record}");
    }
}

/// The tombstone of the application's own session is written over by its next token, and is none any more.
#[test]
fn the_applications_own_session_is_no_tombstone_any_more() {
    let grant = Grant::client_credentials();
    let key_of_it = StoreKey::of_application(&client(), &grant);
    assert_ne!(key_of_it, key());
    let mut rig = Rig::new();
    let mut own = service();
    rig.grants("a0");
    rig.renew(&mut own).unwrap();
    let (end, _) = end_with(SessionEnd::of(&client()), &rig.store, &key(), |_| None);
    assert!(matches!(end.finish(), Ok(Ended::Forgotten(_))));
    assert!(rig.record()["ended_at"].is_number());
    rig.pass(3600);
    rig.grants("a1");
    rig.renew(&mut own).unwrap();
    assert!(rig.record()["ended_at"].is_null() && rig.record()["access_token"] == "a1");
    let mut other = service();
    rig.renew(&mut other).unwrap();
    assert_eq!((held(&other).as_deref(), rig.requests()), (Some("a1"), 2));
}

//! ID-22, ID-53, ID-54: the ID token that comes with a renewal is of the login that is renewed, or nothing of it is used.

use serde_json::{Value, json};
use valetkey_core::error::Cause;
use valetkey_core::jose::Algorithm;
use valetkey_core::session::SessionRecord;
use valetkey_core::{Client, Error, Quirk, Rule, Session, TokenResponse};
use valetkey_tests::openid::{claims, client, id_token, logged_in, provider, publishing};
use valetkey_tests::renewing::{Rig, kept};
use valetkey_tests::{NOW, client_of, json as answer};

/// What is other in an ID token.
type Change = fn(&mut Value);

/// A login with everything that a renewal is compared with.
fn login(client: &Client) -> TokenResponse {
    logged_in(client, |claims| {
        claims["auth_time"] = json!(NOW.as_secs() - 100);
        claims["azp"] = json!("s6BhdRkqt3");
        claims["sid"] = json!("s-1");
    })
    .unwrap()
}

/// The answer of a renewal, with an ID token whose claims are changed.
fn renewed(rig: &mut Rig, change: impl FnOnce(&mut Value)) {
    let mut claims = claims(None);
    claims["iat"] = json!(rig.now().as_secs());
    claims["exp"] = json!(rig.now().as_secs() + 600);
    claims["auth_time"] = json!(NOW.as_secs() - 100);
    claims["azp"] = json!("s6BhdRkqt3");
    change(&mut claims);
    let jwt = id_token(Algorithm::Es256, &claims);
    let body = json!({ "access_token": "a1", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r1", "id_token": jwt });
    rig.answers(Some(answer(200, &body.to_string())));
}

/// A renewal of a session in a store, an hour after its login.
fn renewal(client: &Client, change: impl FnOnce(&mut Value)) -> (Result<(), Error>, Session, Rig) {
    let mut rig = Rig::new();
    let mut session = kept(Session::from_tokens(client, &login(client)));
    rig.renew(&mut session).unwrap();
    rig.pass(3600);
    renewed(&mut rig, change);
    let outcome = rig.renew(&mut session);
    (outcome, session, rig)
}

/// ID-54: what is kept of the login, and that it is there after a renewal too.
#[test]
fn a_session_keeps_who_logged_in() {
    let (outcome, session, rig) = renewal(&client(), |_| {});
    outcome.unwrap();
    assert_eq!(session.identity().unwrap().subject(), "248289761001");
    let kept = &rig.record()["id_token"];
    let mut members: Vec<&String> = kept.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["aud", "auth_time", "azp", "iss", "nonce", "sid", "sub"]);
    let record: SessionRecord = serde_json::from_value(rig.record()).unwrap();
    assert_eq!(
        (record.session_id(), record.identity().unwrap().issuer()),
        (Some("s-1"), "https://as.example")
    );
    assert_eq!(rig.record()["refresh_token"], "r1");
    assert!(!format!("{record:?} {session:?}").contains("248289761001"));
}

/// ID-22: what may be different, and what may be left out.
#[test]
fn a_renewal_need_not_say_everything_again() {
    for change in [
        (|claims: &mut Value| drop(claims.as_object_mut().unwrap().remove("auth_time"))) as fn(&mut Value),
        |claims| claims["aud"] = json!(["s6BhdRkqt3"]),
        |claims| claims["name"] = json!("Jane"),
        |claims| claims["sid"] = json!("s-2"),
    ] {
        let (outcome, session, _) = renewal(&client(), change);
        outcome.unwrap();
        assert_eq!(session.record().unwrap().session_id(), Some("s-1"), "the login is the same");
    }
    let mut rig = Rig::new();
    let mut session = kept(Session::from_tokens(&client(), &login(&client())));
    rig.renew(&mut session).unwrap();
    rig.pass(3600);
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    assert!(session.identity().is_some(), "if no ID token comes, the login stays as it was");
}

/// ID-53: another person's tokens are not used, and nobody asks again with what they were got by.
#[test]
fn a_renewal_for_another_login_ends_the_session() {
    let cases: [(Change, Rule); 9] = [
        (|claims| claims["sub"] = json!("other"), Rule::Id22),
        (|claims| claims["nonce"] = json!("other"), Rule::Id22),
        (|claims| drop(claims.as_object_mut().unwrap().remove("azp")), Rule::Id22),
        (|claims| claims["auth_time"] = json!(NOW.as_secs()), Rule::Id22),
        (|claims| claims["iss"] = json!("https://other.example"), Rule::Id9),
        (|claims| claims["aud"] = json!("other"), Rule::Id10),
        (|claims| claims["exp"] = json!(NOW.as_secs()), Rule::Id12),
        (|claims| claims["iat"] = json!(NOW.as_secs() - 7 * 24 * 3600), Rule::Id31),
        (|claims| claims["events"] = json!({}), Rule::Id36),
    ];
    for (change, rule) in cases {
        let (outcome, session, mut rig) = renewal(&client(), change);
        let error = outcome.unwrap_err();
        assert!(
            matches!(&error, Error::AuthorizationRequired(why) if matches!(why.cause(), Cause::OtherLogin)),
            "{error:?}"
        );
        assert_eq!(error.rule(), Some(rule), "{error}");
        assert!(error.to_string().contains("log in again"), "{error}");
        assert!(session.credential().is_none());
        let record = rig.record();
        assert!(record["refresh_token"].is_null() && record["access_token"].is_null(), "{rule}");
        // Another process is told the same, and asks nothing.
        rig.done();
        let mut elsewhere = kept(Session::from_store(&client()));
        let told = rig.renew(&mut elsewhere).unwrap_err();
        assert!(
            matches!(&told, Error::AuthorizationRequired(why) if matches!(why.cause(), Cause::OtherLogin)),
            "{told:?}"
        );
        assert_eq!(told.rule(), Some(rule));
        rig.pass(24 * 3600);
        assert!(rig.renew(&mut elsewhere).unwrap_err().is_authorization_required());
        assert_eq!(rig.requests(), 0);
    }
}

/// ID-22: the relaxation, and that it is reported.
#[test]
fn another_time_of_login_may_be_let_through() {
    let admitting = || client_of(provider(Algorithm::Es256).admit(Quirk::OtherAuthTime));
    let (outcome, _, _) = renewal(&admitting(), |claims| claims["auth_time"] = json!(NOW.as_secs() + 60));
    outcome.unwrap();
    let (outcome, _, _) = renewal(&client(), |claims| claims["auth_time"] = json!(NOW.as_secs() + 60));
    assert_eq!(outcome.unwrap_err().admitted_by(), Some(Quirk::OtherAuthTime));
}

/// A rotated refresh token is not lost because the keys cannot be had: the connection vouches for the claims meanwhile, and each
/// of them is compared.
#[test]
fn a_renewal_goes_on_without_the_keys() {
    use std::sync::Arc;
    use valetkey_core::jose::RustCrypto;
    use valetkey_core::server::ServerKeys;

    let fetching = || {
        let server = publishing();
        let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
        client_of(server.keys(keys))
    };
    for keys in [Some(answer(503, "{}")), None] {
        for (subject, is_good) in [("248289761001", true), ("other", false)] {
            let mut rig = Rig::new();
            // The login was in another process, which had the keys.
            let record = Session::from_tokens(&client(), &login(&client())).record().unwrap();
            let mut session = kept(Session::from_record(&fetching(), record).unwrap());
            rig.pass(3600);
            renewed(&mut rig, |claims| claims["sub"] = json!(subject));
            rig.answers(keys.clone());
            let outcome = rig.renew(&mut session);
            assert_eq!(outcome.is_ok(), is_good, "{outcome:?}");
            if is_good {
                assert_eq!(rig.record()["refresh_token"], "r1");
            }
        }
    }
}

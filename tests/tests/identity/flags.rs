//! ID-58, ID-59: what is true or false, a nonce that is not known, and an email address.

use serde_json::{Value, json};
use valetkey_core::identity::Login;
use valetkey_core::jose::Algorithm;
use valetkey_core::{Error, Quirk, Rule};
use valetkey_tests::client_of;
use valetkey_tests::openid::{client, logged_in, provider};

fn told(name: &'static str, value: Value, admits: bool) -> Login {
    let server = provider(Algorithm::Es256);
    let server = if admits { server.admit(Quirk::BooleanAsText) } else { server };
    let tokens = logged_in(&client_of(server), |claims| claims[name] = value).unwrap();
    tokens.login().unwrap().clone()
}

/// ID-58: `"true"` is true where that is admitted, and is on the login then; `"yes"` is nothing anywhere.
#[test]
fn a_flag_is_true_or_false_and_a_text_where_that_is_admitted() {
    for admits in [false, true] {
        for (value, flag) in
            [(json!(true), Some(true)), (json!(false), Some(false)), (json!(null), None), (json!(""), None)]
        {
            let login = told("is_private_email", value, admits);
            assert_eq!(login.flag("is_private_email").unwrap(), flag);
            assert!(!login.quirks().contains(Quirk::BooleanAsText));
        }
        for wrong in [json!("yes"), json!("TRUE"), json!(1), json!([true])] {
            let refused =
                told("is_private_email", wrong.clone(), admits).flag("is_private_email").unwrap_err();
            assert_eq!((refused.rule(), refused.admitted_by()), (Some(Rule::Id58), None), "{wrong}");
        }
        assert_eq!(told("name", json!("Jane"), admits).flag("is_private_email").unwrap(), None);
    }
    let refused = told("is_private_email", json!("true"), false).flag("is_private_email").unwrap_err();
    assert_eq!((refused.rule(), refused.admitted_by()), (Some(Rule::Id58), Some(Quirk::BooleanAsText)));
    for (text, flag) in [("true", true), ("false", false)] {
        let login = told("is_private_email", json!(text), true);
        assert_eq!(login.flag("is_private_email").unwrap(), Some(flag));
        assert!(login.quirks().contains(Quirk::BooleanAsText), "{text}");
    }
}

fn nonces(
    change: impl FnOnce(&mut serde_json::Map<String, Value>),
    quirk: Option<Quirk>,
) -> Result<Login, Error> {
    let server = quirk.into_iter().fold(provider(Algorithm::Es256), |server, quirk| server.admit(quirk));
    let tokens = logged_in(&client_of(server), |claims| change(claims.as_object_mut().unwrap()))?;
    Ok(tokens.login().unwrap().clone())
}

/// ID-58: a nonce was sent, and where the ID token was issued none is known.
#[test]
fn an_id_token_that_knows_no_nonce_answers_nothing() {
    for unknown in [json!(false), json!("false")] {
        for quirk in [None, Some(Quirk::NoNonce)] {
            for keeps in [false, true] {
                let refused = nonces(
                    |claims| {
                        claims.insert("nonce_supported".to_owned(), unknown.clone());
                        claims.retain(|name, _| keeps || name != "nonce");
                    },
                    quirk,
                );
                assert_eq!(refused.unwrap_err().rule(), Some(Rule::Id58), "{unknown}");
            }
        }
    }
    for known in [json!(true), json!("true"), json!(null)] {
        assert!(nonces(|claims| drop(claims.insert("nonce_supported".to_owned(), known)), None).is_ok());
    }
}

/// ID-15: a server that knows no nonce and does not say so is met by name.
#[test]
fn a_missing_nonce_is_let_through_by_name_and_another_never() {
    let without = |quirk| nonces(|claims| drop(claims.remove("nonce")), quirk);
    let refused = without(None).unwrap_err();
    assert_eq!((refused.rule(), refused.admitted_by()), (Some(Rule::Id15), Some(Quirk::NoNonce)));
    let login = without(Some(Quirk::NoNonce)).unwrap();
    assert!(login.quirks().contains(Quirk::NoNonce) && !login.checks().contains(Rule::Id15));
    let other = |claims: &mut serde_json::Map<String, Value>| {
        drop(claims.insert("nonce".to_owned(), json!("another")))
    };
    let refused = nonces(other, Some(Quirk::NoNonce)).unwrap_err();
    assert_eq!((refused.rule(), refused.admitted_by()), (Some(Rule::Id15), None));
    let login = nonces(|_| {}, Some(Quirk::NoNonce)).unwrap();
    assert!(login.quirks().is_empty() && login.checks().contains(Rule::Id15), "one that comes is compared");
}

/// ID-59: an address is handed over as the person's only if their issuer has verified it; and two issuers with one address have
/// told of two people.
#[test]
fn an_email_address_joins_no_accounts() {
    let at = |issuer: &'static str| {
        let server = provider(Algorithm::Es256).issuer(issuer).unwrap();
        let tokens = logged_in(&client_of(server), |claims| {
            claims["iss"] = json!(issuer);
            (claims["email"], claims["email_verified"]) = (json!("jane@example.com"), json!(true));
        });
        tokens.unwrap().login().unwrap().clone()
    };
    let [one, other] = ["https://as.example", "https://other.example"].map(at);
    let address = |login: &Login| login.standard_claims().verified_email().map(str::to_owned);
    assert_eq!(address(&one), address(&other));
    assert_eq!(one.identity().subject(), other.identity().subject());
    assert_ne!(one.identity(), other.identity());
    let unverified = logged_in(&client(), |claims| claims["email"] = json!("jane@example.com")).unwrap();
    let claims = unverified.login().unwrap().standard_claims();
    assert_eq!((claims.email(), claims.verified_email()), (Some("jane@example.com"), None));
}

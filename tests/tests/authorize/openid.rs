//! AQ-11 and its neighbours: what else an authorization request may ask for.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use valetkey_core::authorize::{Display, Prompt};
use valetkey_core::jose::{Algorithm, RustCrypto};
use valetkey_core::terms::IdToken;
use valetkey_core::{AuthorizationRequest, Error, Rule};
use valetkey_tests::jose::signed;
use valetkey_tests::{NOW, client, entropy};

fn request() -> AuthorizationRequest {
    AuthorizationRequest::new(&client(), "https://app.example/callback").unwrap()
}

/// The values of one parameter in the URL for the browser.
fn sent(request: &AuthorizationRequest, name: &str) -> Vec<String> {
    let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
    let query = url.as_str().split_once('?').unwrap().1.to_owned();
    form_urlencoded::parse(query.as_bytes())
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
        .collect()
}

/// OpenID Connect Core §3.1.2.1, by their words.
#[test]
fn each_parameter_is_sent_as_its_specification_spells_it() {
    let claims = json!({"iss": "https://as.example", "aud": "s6BhdRkqt3", "sub": "jane", "iat": 1, "exp": 2});
    let hint = signed(&RustCrypto, Algorithm::Es256, &claims);
    let request = request()
        .prompt([Prompt::Login, Prompt::Consent, Prompt::SelectAccount])
        .unwrap()
        .max_age(Duration::from_millis(300_900))
        .acr_values(["urn:mace:incommon:iap:silver", "phr"])
        .unwrap()
        .login_hint("jane@example.com")
        .unwrap()
        .id_token_hint(&IdToken::new(hint.as_str()).unwrap())
        .unwrap()
        .ui_locales(["fr-CA", "fr", "en"])
        .unwrap()
        .display(Display::Popup)
        .claims(json!({"id_token": {"auth_time": {"essential": true}}}))
        .unwrap();
    for (name, value) in [
        ("prompt", "login consent select_account"),
        ("max_age", "300"),
        ("acr_values", "urn:mace:incommon:iap:silver phr"),
        ("login_hint", "jane@example.com"),
        ("id_token_hint", hint.as_str()),
        ("ui_locales", "fr-CA fr en"),
        ("display", "popup"),
        ("claims", r#"{"id_token":{"auth_time":{"essential":true}}}"#),
    ] {
        assert_eq!(sent(&request, name), [value], "{name}");
    }
    let (url, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    assert!(!format!("{request:?} {url:?} {pending:?}").contains(&hint));
}

/// AQ-6: set again, it is replaced; set by its name too, it is refused.
#[test]
fn no_parameter_is_sent_twice() {
    let request = request().max_age(Duration::from_secs(1)).max_age(Duration::ZERO);
    assert_eq!(sent(&request, "max_age"), ["0"]);
    let error = request.parameter("max_age", "5").expect_err("it was set before");
    assert_eq!(error.rule(), Some(Rule::Aq6));
    // The URL that was prepared for an earlier beginning does not linger.
    let request = self::request().login_hint("a").unwrap();
    assert_eq!(sent(&request, "login_hint"), ["a"]);
    assert_eq!(sent(&request.login_hint("b").unwrap(), "login_hint"), ["b"]);
}

/// AQ-11.
#[test]
fn max_age_and_acr_values_have_their_syntax_whichever_way_they_are_set() {
    for age in ["-1", "", "1.5", "abc", "+5", " 5", "18446744073709551616", "1e3"] {
        let error = request().parameter("max_age", age).expect_err(age);
        assert_eq!(error.rule(), Some(Rule::Aq11), "{age}");
    }
    assert!(request().parameter("max_age", "0").is_ok());
    for values in [vec![], vec![""], vec!["a b"], vec!["a\"b"], vec!["a\\"], vec!["ä"], vec!["a\n"]] {
        let set = request().acr_values(&values);
        match values.as_slice() {
            // Two words in one are two words.
            ["a b"] => assert!(set.is_ok()),
            _ => assert_eq!(set.expect_err("no acr").rule(), Some(Rule::Aq11), "{values:?}"),
        }
    }
    assert_eq!(request().parameter("acr_values", "a  b").expect_err("empty").rule(), Some(Rule::Aq11));
}

#[test]
fn what_makes_no_sense_is_misuse() {
    assert!(matches!(request().prompt([]), Err(Error::Misuse(_))));
    assert!(matches!(request().prompt([Prompt::None, Prompt::Login]), Err(Error::Misuse(_))));
    assert!(request().parameter("prompt", "none login").is_err());
    assert_eq!(sent(&request().prompt([Prompt::None]).unwrap(), "prompt"), ["none"]);
    for tags in [vec![], vec![""], vec!["en_US"], vec!["en;q=1"]] {
        assert!(matches!(request().ui_locales(&tags), Err(Error::Misuse(_))), "{tags:?}");
    }
    assert!(matches!(request().claims([1, 2]), Err(Error::Misuse(_))));
    assert!(matches!(request().claims("text"), Err(Error::Misuse(_))));
    assert!(request().parameter("claims", r#"{"userinfo":{},"userinfo":{}}"#).is_err());
    let bad_key: BTreeMap<(u8, u8), u8> = BTreeMap::from([((1, 2), 3)]);
    assert!(matches!(request().claims(bad_key), Err(Error::Misuse(_))));
}

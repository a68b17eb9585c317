//! AQ-11 and its neighbours: what else an authorization request may ask for.

use std::collections::BTreeMap;
use std::time::Duration;

use valetkey_core::authorize::{Display, Prompt};
use valetkey_core::{AuthorizationRequest, AuthorizationServer, Error, Rule, TokenResponse};
use valetkey_tests::{NOW, client, entropy, json};

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
    let body = r#"{"access_token":"a","token_type":"Bearer","id_token":"h.p.s"}"#;
    let tokens = TokenResponse::parse(json(200, body), NOW, &AuthorizationServer::new()).unwrap();
    let request = request()
        .prompt([Prompt::Login, Prompt::Consent, Prompt::SelectAccount])
        .unwrap()
        .max_age(Duration::from_millis(300_900))
        .acr_values(["urn:mace:incommon:iap:silver", "phr"])
        .unwrap()
        .login_hint("jane@example.com")
        .id_token_hint(tokens.id_token().unwrap())
        .ui_locales(["fr-CA", "fr", "en"])
        .unwrap()
        .display(Display::Popup)
        .claims(serde_json::json!({"id_token": {"auth_time": {"essential": true}}}))
        .unwrap();
    for (name, value) in [
        ("prompt", "login consent select_account"),
        ("max_age", "300"),
        ("acr_values", "urn:mace:incommon:iap:silver phr"),
        ("login_hint", "jane@example.com"),
        ("id_token_hint", "h.p.s"),
        ("ui_locales", "fr-CA fr en"),
        ("display", "popup"),
        ("claims", r#"{"id_token":{"auth_time":{"essential":true}}}"#),
    ] {
        assert_eq!(sent(&request, name), [value], "{name}");
    }
    let (url, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    assert!(!format!("{request:?} {url:?} {pending:?}").contains("h.p.s"));
}

/// AQ-6: set again, it is replaced; set by its name too, it is refused.
#[test]
fn no_parameter_is_sent_twice() {
    let request = request().max_age(Duration::from_secs(1)).max_age(Duration::ZERO);
    assert_eq!(sent(&request, "max_age"), ["0"]);
    let error = request.parameter("max_age", "5").expect_err("it was set before");
    assert_eq!(error.rule(), Some(Rule::Aq6));
    // The URL that was prepared for an earlier beginning does not linger.
    let request = self::request().login_hint("a");
    assert_eq!(sent(&request, "login_hint"), ["a"]);
    assert_eq!(sent(&request.login_hint("b"), "login_hint"), ["b"]);
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
    assert_eq!(sent(&request().prompt([Prompt::Create]).unwrap(), "prompt"), ["create"]);
    for tags in [vec![], vec![""], vec!["en_US"], vec!["en;q=1"]] {
        assert!(matches!(request().ui_locales(&tags), Err(Error::Misuse(_))), "{tags:?}");
    }
    assert!(matches!(request().claims([1, 2]), Err(Error::Misuse(_))));
    assert!(matches!(request().claims("text"), Err(Error::Misuse(_))));
    assert!(request().parameter("claims", r#"{"a":1,"a":2}"#).is_err());
    let bad_key: BTreeMap<(u8, u8), u8> = BTreeMap::from([((1, 2), 3)]);
    assert!(matches!(request().claims(bad_key), Err(Error::Misuse(_))));
}

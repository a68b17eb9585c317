//! ER-1 and RFC 9110 §15: the status speaks. What a server writes in the place of an error code hides neither it, nor the
//! server's words, nor when to try again; and a refusal says which request it was to.

use std::time::Duration;

use valetkey_core::api::ProtectedResourceDiscovery;
use valetkey_core::error::{Refused, Retry};
use valetkey_core::jose::{Algorithm, AwsLc};
use valetkey_core::server::{Endpoint, JwksCache};
use valetkey_core::status::Revocation;
use valetkey_core::{
    AccessToken, DeviceAuthorizationRequest, Discovery, Error, Grant, Quirk, Resource, Response, Rule,
    TokenRequest,
};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, json, server};

use crate::{parsed, whole, with};

/// What stands in the place of a code, each met somewhere.
const UNFIT: &[&str] =
    &["5", "null", "\"\"", "true", "[]", "{}", "\"Ungültig\"", "\"a\\\"b\"", "{\"code\":503}"];

fn later(status: u16, body: &str) -> Response {
    let mut response = json(status, body);
    response.headers_mut().insert("retry-after", "7".parse().unwrap());
    response
}

#[test]
fn an_unfit_error_hides_neither_status_nor_retry_after_nor_text() {
    for error in UNFIT {
        for status in [400, 401, 403, 404, 429, 500, 503] {
            let body = format!(r#"{{"error":{error},"reason":"back soon"}}"#);
            let error = parsed(later(status, &body), &[]).unwrap_err();
            let refused = error.refused().unwrap_or_else(|| panic!("{body}: {error}"));
            assert_eq!(refused.status().unwrap(), status, "{body}");
            assert_eq!(refused.retry_after(), Some(Duration::from_secs(7)), "{body}");
            assert_eq!(refused.code(), None, "{body}");
            assert!(refused.excerpt().unwrap().contains("back soon"), "{body}: {error}");
            let passing = status == 429 || status >= 500;
            assert_eq!(error.is_transient(), passing, "{body}: {error}");
            assert_eq!(refused.retry() != Retry::Never, passing);
        }
    }
}

/// The shape of many APIs' errors: Facebook's, Google's, Graph's.
#[test]
fn an_object_with_a_message_is_told_by_it() {
    for (body, words) in [
        (
            r#"{"error":{"message":"This authorization code has been used.","type":"OAuthException","code":100}}"#,
            "This authorization code has been used.",
        ),
        (
            r#"{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"Bad assertion."}}"#,
            "Bad assertion.",
        ),
        (r#"{"error":{"code":"InvalidAuthenticationToken"}}"#, "InvalidAuthenticationToken"),
        (r#"{"error":"Der Code ist ungültig"}"#, "Der Code ist ungültig"),
        (r#"{"error":{"code":1},"error_description":"Too late."}"#, "Too late."),
    ] {
        let error = parsed(json(400, body), &[]).unwrap_err();
        assert_eq!(error.refused().unwrap().description(), Some(words), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        let refused = Refused::parse(&json(400, body), NOW).unwrap();
        assert_eq!((refused.code(), refused.description()), (None, Some(words)));
        assert!(refused.member::<serde_json::Value>("error").unwrap().is_some());
    }
}

/// ER-3: the words are as clean as a description, and secrets are not in them.
#[test]
fn the_words_of_an_unfit_error_are_made_fit_for_display() {
    let body = format!(r#"{{"error":{{"message":"no \u001b[31m {}"}}}}"#, valetkey_tests::SECRET);
    let flow = TokenRequest::new(&whole(server()), Grant::client_credentials()).unwrap();
    let error = play(flow, [Some(json(400, &body))]).outcome.unwrap_err();
    let said = format!("{error} {error:?}");
    assert!(!said.contains(valetkey_tests::SECRET) && !said.contains('\u{1b}'), "{said}");
}

/// TR-4: a success that has an error in words is a refusal too; what says neither is refused as it is.
#[test]
fn a_success_with_an_error_in_words_is_a_refusal() {
    for (error, words) in [
        (r#""Ungültiger Code""#, Some("Ungültiger Code")),
        (r#"{"message":"Code was already redeemed."}"#, Some("Code was already redeemed.")),
        ("{}", None),
        (r#"["Der Code ist verbraucht."]"#, Some("Der Code ist verbraucht.")),
        (r#"true,"message":"Bad code.""#, Some("Bad code.")),
        (r#"17,"message":"Bad code.""#, Some("Bad code.")),
    ] {
        let error = parsed(with(&format!(r#""error":{error}"#)), &[]).unwrap_err();
        let refused = error.refused().unwrap_or_else(|| panic!("{error}"));
        assert_eq!((refused.status().unwrap().as_u16(), refused.description()), (200, words));
        // What else is in a success may be a token.
        assert_eq!(refused.excerpt(), None);
    }
    for error in ["5", "true", "[5]", "-1"] {
        let error = parsed(with(&format!(r#""error":{error}"#)), &[]).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Er1), "{error}");
        assert!(error.to_string().contains("`AuthorizationServer::refusal_means`"), "{error}");
    }
    for nothing in ["null", "\"\"", "false", "0", "[]"] {
        let answer = || with(&format!(r#""error":{nothing}"#));
        let error = parsed(answer(), &[]).unwrap_err();
        assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Er1), Some(Quirk::NullMember)));
        assert!(parsed(answer(), &[Quirk::NullMember]).unwrap().quirks().contains(Quirk::NullMember));
    }
}

/// DI-2: a place that answers 4xx is passed over, whatever it says.
#[test]
fn discovery_goes_on_past_a_refusal_in_any_words() {
    let document = r#"{"issuer":"https://as.example","response_types_supported":["code"]}"#;
    for error in UNFIT {
        for status in [401, 404] {
            let first = json(status, &format!(r#"{{"error":{error}}}"#));
            let played =
                play(Discovery::new("https://as.example").unwrap(), [Some(first), Some(json(200, document))]);
            assert!(played.outcome.is_ok(), "{error}");
            assert_eq!(played.sent.len(), 2);
        }
    }
}

/// JK-2, PR-1: keys that cannot be fetched and documents that are not there are told by their status.
#[test]
fn keys_and_documents_are_refused_by_their_status() {
    for error in UNFIT {
        let body = format!(r#"{{"error":{error}}}"#);
        let resource = Resource::new("https://api.example").unwrap();
        let played = play(ProtectedResourceDiscovery::new(&resource).unwrap(), [Some(json(404, &body))]);
        assert_eq!(played.outcome.unwrap_err().refused().unwrap().status().unwrap(), 404);
        let mut cache =
            JwksCache::verifying(std::sync::Arc::new(AwsLc), &[Algorithm::Es256], "https://as.example/jwks")
                .unwrap();
        let mut fetch = cache.refresh(NOW).unwrap();
        let _ = valetkey_core::Flow::step(&mut fetch, None, NOW).unwrap();
        let _ = valetkey_core::Flow::step(&mut fetch, Some(json(503, &body)), NOW).unwrap();
        let error = cache.settle(fetch, NOW).unwrap_err();
        assert_eq!(error.refused().unwrap().endpoint(), Some(Endpoint::Jwks), "{error}");
    }
}

/// Which of the requests it was.
#[test]
fn a_refusal_names_its_endpoint() {
    let client = whole(server());
    let no = || [Some(json(403, ""))];
    let grant = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
    let token = AccessToken::new("a").unwrap();
    let device = DeviceAuthorizationRequest::new(&client).unwrap();
    let metadata = Discovery::new("https://as.example").unwrap();
    let all: [(Error, Option<Endpoint>, &str); 4] = [
        (play(grant, no()).outcome.unwrap_err(), Some(Endpoint::Token), "token endpoint"),
        (
            play(Revocation::access_token(&client, &token).unwrap(), no()).outcome.unwrap_err(),
            Some(Endpoint::Revocation),
            "revocation endpoint",
        ),
        (
            play(device, no()).outcome.err().unwrap(),
            Some(Endpoint::DeviceAuthorization),
            "device authorization endpoint",
        ),
        (play(metadata, [Some(json(403, "")), Some(json(403, ""))]).outcome.err().unwrap(), None, "metadata"),
    ];
    for (error, endpoint, name) in all {
        assert_eq!(error.refused().unwrap().endpoint(), endpoint, "{error}");
        assert_eq!(error.to_string(), format!("the server refused (status 403, {name})"));
    }
    assert_eq!(Refused::parse(&json(403, ""), NOW).unwrap().endpoint(), None);
}

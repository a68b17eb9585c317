//! What people met at real servers, row by row and as they met it: by default, and by the way through that the error names.
//! Rows that are about a request, a session or the network have their tests in those rooms.

use std::time::Duration;

use valetkey_core::jose::{Algorithm, RustCrypto};
use valetkey_core::server::{Endpoint, Profile};
use valetkey_core::token::TokenType;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, DeviceAuthorizationRequest,
    DevicePoll, Discovery, Error, Grant, Quirk, RefreshToken, Response, Rule, TokenRequest, TokenResponse,
};
use valetkey_tests::jose::verification_keys;
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, entropy, json, server};

use crate::{admitting, parsed, whole};

fn read(server: &AuthorizationServer, status: u16, body: &str) -> Result<TokenResponse, Error> {
    TokenResponse::parse(json(status, body), NOW, server)
}

/// TR-6.
#[test]
fn f01_a_token_type_of_its_own_name_is_a_bearer_token() {
    for name in ["User Access Token", "Application Access Token"] {
        let body = format!(r#"{{"access_token":"v^1.1#i^1#r^0","expires_in":7200,"token_type":"{name}"}}"#);
        let error = read(&server(), 200, &body).unwrap_err();
        assert_eq!(error.admitted_by(), Some(Quirk::AnyTokenType));
        let tokens = read(&admitting(&[Quirk::AnyTokenType]), 200, &body).unwrap();
        assert_eq!(
            (tokens.token_type(), tokens.expires_in()),
            (TokenType::Bearer, Some(Duration::from_secs(7200)))
        );
        assert!(tokens.quirks().contains(Quirk::AnyTokenType));
        let ebay = Profile::named("ebay").unwrap().server().unwrap();
        assert!(read(&ebay, 200, &body).is_ok());
    }
}

/// TR-5.
#[test]
fn f03_a_persons_token_is_in_an_envelope() {
    let body = r#"{"ok":true,"app_id":"A0","authed_user":{"id":"U1","scope":"chat:write","access_token":"xoxp-1","token_type":"user"},"team":{"id":"T9"}}"#;
    let error = read(&server(), 200, body).unwrap_err();
    assert!(
        error.to_string().contains("`/authed_user`") && error.to_string().contains("tokens_at"),
        "{error}"
    );
    let server = admitting(&[Quirk::SubjectAsTokenType]).tokens_at("/authed_user").unwrap();
    let tokens = read(&server, 200, body).unwrap();
    assert_eq!(tokens.access_token().expose(), "xoxp-1");
    assert!(tokens.quirks().contains(Quirk::TokensElsewhere));
}

/// TR-12.
#[test]
fn f05_openid_that_is_echoed_without_an_id_token() {
    for body in [
        r#"{"access_token":"a","token_type":"Bearer","scope":"openid profile email","refresh_token":"r"}"#,
        r#"{"access_token":"a","token_type":"Bearer","refresh_token":"r"}"#,
    ] {
        let log_in = |quirks: &[Quirk]| {
            let keys = verification_keys(&RustCrypto, Algorithm::Es256);
            let client = client_of(admitting(quirks).keys(keys));
            let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
            let request = request.scope("openid profile email").unwrap();
            let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
            let back = format!("https://app.example/callback?code=c&state={}", pending.state());
            let back = AuthorizationResponse::from_url(&back).unwrap();
            play(pending.finish(&client, &back, NOW).unwrap(), [Some(json(200, body))]).outcome
        };
        let error = log_in(&[]).unwrap_err();
        assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Tr12), Some(Quirk::NoIdToken)));
        let tokens = log_in(&[Quirk::NoIdToken]).unwrap();
        assert!(tokens.id_token().is_none() && tokens.quirks().contains(Quirk::NoIdToken));
    }
}

/// TR-5, AQ-6: the envelope of the answer, and the request's own parameter.
#[test]
fn f06_an_envelope_and_an_action() {
    let body = r#"{"status":0,"body":{"access_token":"a075","refresh_token":"f631","scope":"user.info,user.metrics","expires_in":10800,"token_type":"Bearer"}}"#;
    let error = read(&server(), 200, body).unwrap_err();
    assert!(error.to_string().contains("`/body`"), "{error}");
    let server = admitting(&[Quirk::ScopeWithCommas]).tokens_at("/body").unwrap();
    let server = server.token_parameter("action", "requesttoken").unwrap();
    let flow = TokenRequest::new(&client_of(server), Grant::client_credentials()).unwrap();
    let played = play(flow, [Some(json(200, body))]);
    let (_, request) = &played.sent[0];
    assert!(String::from_utf8_lossy(request.body()).contains("action=requesttoken"));
    let tokens = played.outcome.unwrap();
    assert_eq!(tokens.refresh_token().unwrap().expose(), "f631");
    assert_eq!(tokens.scope().unwrap().as_str(), "user.info user.metrics");
}

/// ER-1.
#[test]
fn f07_an_error_that_is_an_object_is_told_in_its_words() {
    for (status, body, words) in [
        (
            400,
            r#"{"error":{"message":"This authorization code has been used.","type":"OAuthException","code":100,"fbtrace_id":"A"}}"#,
            "This authorization code has been used.",
        ),
        (
            401,
            r#"{"error":{"code":"InvalidAuthenticationToken","message":"Access token is empty."}}"#,
            "Access token is empty.",
        ),
        (400, r#"{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"Bad."}}"#, "Bad."),
    ] {
        let error = read(&server(), status, body).unwrap_err();
        let refused = error.refused().unwrap();
        assert_eq!((refused.status().unwrap().as_u16(), refused.description()), (status, Some(words)));
    }
}

/// RFC 6749 §2.3.1.
#[test]
fn f09_an_empty_secret_in_basic() {
    let error = Client::new(server(), "id").secret("").unwrap_err();
    assert!(error.to_string().contains("`Client::basic_without_secret`"), "{error}");
    let client = Client::new(server(), "id").basic_without_secret().unwrap();
    let flow = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
    let played = play(flow, [Some(json(200, r#"{"access_token":"a","token_type":"bearer"}"#))]);
    assert_eq!(played.sent[0].1.headers()["authorization"], "Basic aWQ6");
}

/// DV-3.
#[test]
fn f10_a_device_is_told_to_wait_in_a_message() {
    let begun = |client: &Client| {
        let answer = r#"{"device_code":"d0","user_code":"u","verification_uri":"https://as.example/d","expires_in":600,"interval":5}"#;
        play(DeviceAuthorizationRequest::new(client).unwrap(), [Some(json(200, answer))]).outcome.unwrap()
    };
    let waits = || Some(json(400, r#"{"status":400,"message":"authorization_pending"}"#));
    let tokens = Some(json(200, r#"{"access_token":"a","token_type":"bearer"}"#));
    let strict = whole(server());
    let error = play(DevicePoll::new(&strict, begun(&strict)).unwrap(), [waits()]).outcome.unwrap_err();
    assert!(error.to_string().contains("authorization_pending"), "{error}");
    assert!(error.to_string().contains("`AuthorizationServer::refusal_means`"), "{error}");
    let known =
        whole(server().refusal_means("message", "authorization_pending", "authorization_pending").unwrap());
    assert!(
        play(DevicePoll::new(&known, begun(&known)).unwrap(), [waits(), waits(), tokens]).outcome.is_ok()
    );
}

/// TR-3.
#[test]
fn f12_a_form_is_read_as_tokens() {
    let answer = || {
        let mut response = json(200, "access_token=xxxxx&expires=86400");
        response.headers_mut().insert("content-type", "text/plain".parse().unwrap());
        response
    };
    let error = parsed(answer(), &[]).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Tr3), Some(Quirk::FormEncodedAnswer)));
    let error = parsed(answer(), &[Quirk::FormEncodedAnswer]).unwrap_err();
    assert_eq!(error.admitted_by(), Some(Quirk::NoTokenType));
    let tokens = parsed(answer(), &[Quirk::FormEncodedAnswer, Quirk::NoTokenType]).unwrap();
    assert_eq!(tokens.expires_in(), Some(Duration::from_secs(86_400)));
    assert!(tokens.quirks().contains(Quirk::FormEncodedAnswer));
}

/// TR-2.
#[test]
fn f14_a_byte_order_mark_before_good_json() {
    let answer = || json(200, "\u{feff}{\"access_token\":\"a\",\"token_type\":\"Bearer\"}");
    assert_eq!(parsed(answer(), &[]).unwrap_err().admitted_by(), Some(Quirk::ByteOrderMark));
    assert!(parsed(answer(), &[Quirk::ByteOrderMark]).unwrap().quirks().contains(Quirk::ByteOrderMark));
}

/// By default it is told with the way through; the server's profile has it.
fn dies(profile: &str, status: u16, body: &str) {
    let token = RefreshToken::new("r0123456789").unwrap();
    let refreshed = |server: AuthorizationServer| {
        let flow = TokenRequest::new(&Client::new(server, "id"), Grant::refresh_token(&token)).unwrap();
        play(flow, [Some(json(status, body))]).outcome.unwrap_err()
    };
    let error = refreshed(server());
    assert!(!error.is_invalid_grant(), "{error}");
    let known = refreshed(Profile::named(profile).unwrap().server().unwrap());
    assert!(known.is_invalid_grant(), "{known}");
}

/// ER-7.
#[test]
fn f16_a_bad_refresh_token_by_a_status_of_its_own() {
    let body =
        r#"{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token","correlationId":"4"}"#;
    dies("hubspot", 400, body);
    let flow = Grant::refresh_token(&RefreshToken::new("r0123456789").unwrap());
    let flow = TokenRequest::new(&client_of(server()), flow).unwrap();
    let error = play(flow, [Some(json(400, body))]).outcome.unwrap_err();
    assert!(error.to_string().contains("`AuthorizationServer::refusal_means`"), "{error}");
}

/// ER-7.
#[test]
fn f18_a_client_that_is_called_unauthorized_for_its_token() {
    dies(
        "atlassian",
        403,
        r#"{"error":"unauthorized_client","error_description":"refresh_token is invalid"}"#,
    );
}

/// ER-7.
#[test]
fn f19_an_error_with_status_200() {
    dies("zoho", 200, r#"{"error":"invalid_code"}"#);
}

/// TR-10.
#[test]
fn f62_a_refresh_token_that_is_empty_was_not_issued() {
    let body = r#"{"access_token":"cd95","expires_in":7200,"refresh_token":"","scope":"read","token_type":"Bearer"}"#;
    let error = read(&server(), 200, body).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Tr10), Some(Quirk::NullMember)));
    let tokens = read(&admitting(&[Quirk::NullMember]), 200, body).unwrap();
    assert!(tokens.refresh_token().is_none() && tokens.quirks().contains(Quirk::NullMember));
}

/// AR-7.
#[test]
fn f68_a_code_under_another_name() {
    let finished = |server: AuthorizationServer| {
        let client = client_of(server);
        let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
        let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        let back = format!(
            "https://app.example/callback?spapi_oauth_code=RHj&state={}&selling_partner_id=A3",
            pending.state()
        );
        pending.finish(&client, &AuthorizationResponse::from_url(&back).unwrap(), NOW).map(drop)
    };
    let error = finished(server()).unwrap_err();
    assert!(error.to_string().contains("`AuthorizationServer::code_as`"), "{error}");
    finished(server().code_as("spapi_oauth_code").unwrap()).unwrap();
}

/// DI-3, DI-6: a log-in page at the first place; a document without a list, and with endpoints that are no good.
#[test]
fn f36_f38_a_document_is_found_and_not_spoilt() {
    let whole = r#"{"issuer":"https://as.example","token_endpoint":"https://as.example/token","grant_types_supported":["authorization_code"],"revocation_endpoint":"","introspection_endpoint":"http://as.example/i"}"#;
    let away = |status: u16| {
        let mut response = json(status, "");
        response.headers_mut().insert("location", "https://as.example/login/".parse().unwrap());
        Some(response)
    };
    let found = |quirks: &[Quirk], first: Option<Response>| {
        let discovery = Discovery::new("https://as.example").unwrap();
        let discovery = quirks.iter().fold(discovery, |discovery, &quirk| discovery.admit(quirk));
        play(discovery, [first, Some(json(200, whole))]).outcome
    };
    for first in [away(302), away(301), Some(json(500, "")), Some(json(502, ""))] {
        let error = found(&[], first.clone()).unwrap_err();
        assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Di6), Some(Quirk::NoResponseTypes)));
        let metadata = found(&[Quirk::NoResponseTypes], first).unwrap();
        assert!(metadata.quirks().contains(Quirk::NoResponseTypes));
        assert_eq!(metadata.unusable_endpoints(), [Endpoint::Introspection, Endpoint::Revocation]);
    }
}

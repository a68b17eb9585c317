//! RV-1: a token is revoked at status 200 and by nothing else, and the client authenticates there as everywhere.

use std::time::Duration;

use valetkey_core::error::Retry;
use valetkey_core::server::Endpoint;
use valetkey_core::status::Revocation;
use valetkey_core::{
    AccessToken, AuthorizationServer, Client, Error, Grant, Quirk, RefreshToken, Rule, TokenRequest,
};
use valetkey_tests::script::{Played, play};
use valetkey_tests::{SECRET, client_of, json, server};

const TOKEN: &str = "45ghiukldjahdnhzdauz";

fn revoking() -> AuthorizationServer {
    server().endpoint(Endpoint::Revocation, "https://as.example/revoke").unwrap()
}

fn revoke(server: AuthorizationServer, answer: valetkey_core::Response) -> Played<()> {
    let token = RefreshToken::new(TOKEN).unwrap();
    play(Revocation::refresh_token(&client_of(server), &token).unwrap(), [Some(answer)])
}

/// RFC 7009 §2.1, byte for byte.
#[test]
fn the_request_of_the_rfc_is_sent() {
    let server = AuthorizationServer::new()
        .endpoint(Endpoint::Revocation, "https://server.example.com/revoke")
        .unwrap();
    let client = Client::new(server, "s6BhdRkqt3").secret("gX1fBat3bV").unwrap();
    let token = RefreshToken::new(TOKEN).unwrap();
    let played = play(Revocation::refresh_token(&client, &token).unwrap(), [Some(json(200, ""))]);
    let (_, request) = &played.sent[0];
    assert_eq!(request.uri(), "https://server.example.com/revoke");
    assert_eq!(request.method(), http::Method::POST);
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(request.headers()["authorization"], "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
    assert_eq!(request.body(), b"token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token");
}

#[test]
fn a_public_client_names_itself() {
    let client = Client::new(revoking(), "s6BhdRkqt3");
    let token = AccessToken::new("a b+c").unwrap();
    let played = play(Revocation::access_token(&client, &token).unwrap(), [Some(json(200, ""))]);
    assert_eq!(played.sent[0].1.body(), b"token=a+b%2Bc&token_type_hint=access_token&client_id=s6BhdRkqt3");
}

/// RV-1: the body of a success says nothing, but for an error.
#[test]
fn status_200_is_success_whatever_else_is_in_the_body() {
    let errors = [r#"{"error":null}"#, r#"{"error":""}"#, r#"{"error":false}"#, r#"[{"error":"x"}]"#];
    for body in ["", "{}", "OK", "<html>", "\u{1b}[31m", r#"{"ok":true}"#].into_iter().chain(errors) {
        assert!(revoke(revoking(), json(200, body)).outcome.is_ok(), "{body}");
    }
}

/// RV-1: a server that says by 200 that it failed has revoked nothing, in a code or in words of its own.
#[test]
fn an_error_under_status_200_is_a_refusal() {
    let refused = |body: &str| revoke(revoking(), json(200, body)).outcome.expect_err("it is still alive");
    let error = refused(r#"{"error":"unsupported_token_type","error_description":"not here"}"#);
    assert_eq!(error.refused().unwrap().code().unwrap().as_str(), "unsupported_token_type");
    let told = "the server refused: unsupported_token_type: not here (status 200, revocation endpoint)";
    assert_eq!(error.to_string(), told);
    refused(r#"{"error":{"message":"not now"}}"#);
    refused("\u{feff}{\"error\":\"server_error\"}");
    let no_secret = refused(&format!(r#"{{"error":"{TOKEN} by {SECRET}"}}"#));
    assert!(!format!("{no_secret} {no_secret:?}").contains(TOKEN), "{no_secret}");

    let body = r#"{"ok":false,"why":"no_such_token"}"#;
    assert!(revoke(revoking(), json(200, body)).outcome.is_ok());
    let known = revoking().refusal_means("why", "no_such_token", "invalid_grant").unwrap();
    assert!(revoke(known, json(200, body)).outcome.is_err());
}

/// RV-1, HT-1.
#[test]
fn no_other_status_is_success() {
    assert_eq!(revoke(revoking(), json(204, "")).rule(), Rule::Rv1);
    assert_eq!(revoke(revoking(), json(302, "")).rule(), Rule::Ht1);
    assert!(revoke(revoking().admit(Quirk::AnySuccessStatus), json(204, "")).outcome.is_ok());
}

/// RV-1: at a 503 the token is still alive.
#[test]
fn a_server_in_trouble_has_revoked_nothing() {
    let mut answer = json(503, "");
    answer.headers_mut().insert("retry-after", "30".parse().unwrap());
    let error = revoke(revoking(), answer).outcome.expect_err("it is still alive");
    assert!(error.is_transient());
    assert_eq!(error.refused().unwrap().retry(), Retry::Later(Some(Duration::from_secs(30))));

    let played = play(
        Revocation::refresh_token(&client_of(revoking()), &RefreshToken::new(TOKEN).unwrap()).unwrap(),
        [None],
    );
    assert_eq!(played.sent.len(), 1);
}

/// RV-1.
#[test]
fn a_type_that_is_not_revoked_is_told_as_such_and_for_good() {
    let answer = json(400, r#"{"error":"unsupported_token_type"}"#);
    let error = revoke(revoking(), answer).outcome.expect_err("it is not revoked");
    assert_eq!(error.refused().unwrap().code().unwrap().as_str(), "unsupported_token_type");
    assert!(!error.is_transient());
}

#[test]
fn no_secret_is_shown() {
    let body = format!(r#"{{"error":"invalid_request","error_description":"{TOKEN} by {SECRET}"}}"#);
    let error = revoke(revoking(), json(400, &body)).outcome.expect_err("refused");
    let flow = Revocation::refresh_token(&client_of(revoking()), &RefreshToken::new(TOKEN).unwrap()).unwrap();
    for shown in [error.to_string(), format!("{error:?}"), format!("{flow:?}")] {
        assert!(!shown.contains(TOKEN) && !shown.contains(SECRET), "{shown}");
    }
}

/// CA-3: the endpoint's own list counts, and without one the token endpoint's.
#[test]
fn the_client_authenticates_by_a_method_that_is_listed_here() {
    let token = RefreshToken::new(TOKEN).unwrap();
    let basic = ["client_secret_basic"];
    let jwt = ["private_key_jwt"];
    for (server, fits) in [
        (revoking(), true),
        (revoking().authentication_methods(jwt), false),
        (revoking().list("revocation_endpoint_auth_methods_supported", jwt), false),
        (
            revoking().authentication_methods(jwt).list("revocation_endpoint_auth_methods_supported", basic),
            true,
        ),
    ] {
        let made = Revocation::refresh_token(&client_of(server), &token);
        assert_eq!(made.as_ref().err().and_then(Error::rule), (!fits).then_some(Rule::Ca3));
    }
    assert!(matches!(Revocation::refresh_token(&client_of(server()), &token), Err(Error::Misuse(_))));
}

/// CA-3: one secret goes in the header or in the body, as the endpoint's own list says; at the other endpoints as before.
#[test]
fn the_secret_goes_where_the_endpoint_takes_it() {
    let token = RefreshToken::new(TOKEN).unwrap();
    let sent = |client: &Client| {
        let played = play(Revocation::refresh_token(client, &token).unwrap(), [Some(json(200, ""))]);
        let request = played.sent.into_iter().next().unwrap().1;
        let body = String::from_utf8(request.body().clone()).unwrap();
        (request.headers().contains_key("authorization"), body.contains("client_secret="))
    };
    let at_revocation =
        |methods: &[&str]| revoking().revocation_authentication_methods(methods.iter().copied());
    let (basic, post) = (["client_secret_basic"], ["client_secret_post"]);
    let by_header = |server| Client::new(server, "s6BhdRkqt3").secret(SECRET).unwrap();
    let by_body = |server| Client::new(server, "s6BhdRkqt3").secret_in_body(SECRET).unwrap();
    assert_eq!(sent(&by_header(at_revocation(&post))), (false, true));
    assert_eq!(sent(&by_body(at_revocation(&basic))), (true, false));
    // What is listed beside the other, or where nothing is, stays as the client has it.
    for server in [revoking(), at_revocation(&["client_secret_basic", "client_secret_post"])] {
        assert_eq!(sent(&by_header(server.clone())), (true, false));
        assert_eq!(sent(&by_body(server)), (false, true));
    }
    // A client of another kind is refused still, and a secret that is not one proves nothing in the body either.
    let refused = Revocation::refresh_token(&by_body(at_revocation(&["private_key_jwt"])), &token);
    assert_eq!(refused.err().unwrap().rule(), Some(Rule::Ca3));
    let unproven = Client::new(at_revocation(&post), "s6BhdRkqt3").basic_without_secret().unwrap();
    assert_eq!(Revocation::refresh_token(&unproven, &token).err().unwrap().rule(), Some(Rule::Ca3));
    // The token endpoint's list is not the revocation endpoint's.
    let elsewhere = by_body(at_revocation(&basic));
    let played = play(
        TokenRequest::new(&elsewhere, Grant::client_credentials()).unwrap(),
        [Some(json(200, r#"{"access_token":"a","token_type":"Bearer"}"#))],
    );
    assert!(!played.sent.first().unwrap().1.headers().contains_key("authorization"));
}

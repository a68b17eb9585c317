//! TR and ER: what a token endpoint may answer, and what is made of it.

use std::time::Duration;

use http::StatusCode;
use valetkey_core::error::{Refused, Retry};
use valetkey_core::{
    AuthorizationServer, Error, Flow, Grant, Quirk, Quirks, Response, Rule, Step, TokenRequest, TokenResponse,
};
use valetkey_tests::{NOW, SECRET, client, client_of, json, server};

fn strict(response: Response) -> Result<TokenResponse, Error> {
    TokenResponse::parse(response, NOW, &AuthorizationServer::new())
}

fn with(member: &str) -> String {
    format!(r#"{{"access_token":"a","token_type":"Bearer",{member}}}"#)
}

fn labelled(status: u16, content_type: &str, body: &str) -> Response {
    let mut response = json(status, body);
    response.headers_mut().insert("content-type", content_type.parse().unwrap());
    response
}

/// TR-1 to TR-12 and ER-1.
#[test]
fn every_answer_that_breaks_a_rule_is_refused_by_its_id() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let not_utf8 = json(200, &with(r#""x":1"#)).map(|body| [&body[..], &b"\xff"[..]].concat());
    let not_utf8_within = json(200, &with(r#""x":"?""#))
        .map(|body| body.into_iter().map(|byte| if byte == b'?' { 0xff } else { byte }).collect());
    let cases: Vec<(Rule, Response)> = vec![
        (Rule::Tr2, not_utf8),
        (Rule::Tr2, not_utf8_within),
        (Rule::Tr1, json(201, &with(r#""expires_in":1"#))),
        (Rule::Tr1, json(302, &with(r#""expires_in":1"#))),
        (Rule::Tr1, json(307, "")),
        (Rule::Tr2, json(200, "[]")),
        (Rule::Tr2, json(200, "{}{}")),
        (Rule::Tr2, json(200, "\u{feff}{}")),
        (Rule::Tr2, json(200, &with(r#""access_token":"b""#))),
        (Rule::Tr2, json(200, &with(&format!(r#""x":{deep}"#)))),
        (Rule::Tr2, json(200, &with(r#""x":{"y":1,"y":2}"#))),
        (Rule::Tr2, json(200, &format!("{}{}", with(r#""x":1"#), " ".repeat(1 << 20)))),
        (Rule::Tr2, json(200, &with(r#""expires_in":1e400"#))),
        (Rule::Tr3, labelled(200, "text/html", &with(r#""expires_in":1"#))),
        (Rule::Tr3, labelled(200, "text/plain", &with(r#""expires_in":1"#))),
        (Rule::Tr5, json(200, r#"{"token_type":"Bearer"}"#)),
        (Rule::Tr5, json(200, r#"{"access_token":"","token_type":"Bearer"}"#)),
        (Rule::Tr5, json(200, r#"{"access_token":5,"token_type":"Bearer"}"#)),
        (Rule::Tr5, json(200, r#"{"access_token":"a\r\nX: y","token_type":"Bearer"}"#)),
        (Rule::Tr5, json(200, r#"{"access_token":"ä","token_type":"Bearer"}"#)),
        (Rule::Tr6, json(200, r#"{"access_token":"a"}"#)),
        (Rule::Tr6, json(200, r#"{"access_token":"a","token_type":"mac"}"#)),
        (Rule::Tr6, json(200, r#"{"access_token":"a","token_type":"N_A"}"#)),
        (Rule::Tr6, json(200, r#"{"access_token":"a","token_type":7}"#)),
        (Rule::Tr8, json(200, r#"{"access_token":"a","token_type":"DPoP"}"#)),
        (Rule::Tr9, json(200, &with(r#""expires_in":-1"#))),
        (Rule::Tr9, json(200, &with(r#""expires_in":true"#))),
        (Rule::Tr9, json(200, &with(r#""expires_in":"12abc""#))),
        (Rule::Tr9, json(200, &with(r#""expires_in":"""#))),
        (Rule::Tr9, json(200, &with(r#""expires_in":[1]"#))),
        (Rule::Tr9, json(200, &with(r#""expires_in":18446744073709551616"#))),
        (Rule::Tr9, json(200, &with(r#""expires_in":null"#))),
        (Rule::Tr10, json(200, &with(r#""refresh_token":"""#))),
        (Rule::Tr10, json(200, &with(r#""refresh_token":5"#))),
        (Rule::Tr10, json(200, &with(r#""refresh_token":null"#))),
        (Rule::Tr11, json(200, &with(r#""scope":["a","b"]"#))),
        (Rule::Tr11, json(200, &with(r#""scope":"""#))),
        (Rule::Tr11, json(200, &with(r#""scope":"a\"b""#))),
        (Rule::Tr12, json(200, &with(r#""id_token":5"#))),
        (Rule::Er1, json(200, r#"{"error":""}"#)),
        (Rule::Er1, json(200, r#"{"error":5}"#)),
    ];
    for (rule, response) in cases {
        let shown: String = String::from_utf8_lossy(response.body()).chars().take(80).collect();
        match strict(response) {
            Err(error) => assert_eq!(error.rule(), Some(rule), "{shown}: {error}"),
            Ok(_) => panic!("{} lets through {shown}", rule.id()),
        }
    }
}

/// TR-12: a code that was granted `openid` brings an ID token; a grant that is no login need not.
#[test]
fn a_login_brings_an_id_token() {
    use valetkey_core::{AuthorizationRequest, AuthorizationResponse};
    let outcome = |asked: &str, body: &str| {
        // Whether it can be verified is another question.
        let client = client_of(server().admit(Quirk::IdTokenUnread));
        let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
        let (_, mut pending) =
            request.scope(asked).unwrap().begin_unbound(valetkey_tests::entropy(1), NOW).unwrap();
        let back = format!("https://app.example/callback?code=c&state={}", pending.state());
        let response = AuthorizationResponse::from_url(&back).unwrap();
        let flow = pending.finish(&client, &response, NOW).unwrap();
        valetkey_tests::script::play(flow, [Some(json(200, body))]).outcome.map(drop)
    };
    let (without, id_token) = (with(r#""x":1"#), with(r#""id_token":"a.b.c""#));
    assert!(outcome("openid read", &id_token).is_ok() && outcome("read", &without).is_ok());
    assert_eq!(outcome("openid read", &without).unwrap_err().rule(), Some(Rule::Tr12));
    assert_eq!(outcome("read", &with(r#""scope":"openid""#)).unwrap_err().rule(), Some(Rule::Tr12));
    // A server that knows nothing of logins says so by the scope.
    assert!(outcome("openid read", &with(r#""scope":"read""#)).is_ok());
    let token = valetkey_core::RefreshToken::new("r").unwrap();
    let refresh = Grant::refresh_token(&token).scope("openid").unwrap();
    let flow = TokenRequest::new(&client(), refresh).unwrap();
    assert!(valetkey_tests::script::play(flow, [Some(json(200, &without))]).outcome.is_ok());
}

/// TR-9, TR-19: odd but common answers are read, and each deviation is recorded.
#[test]
fn harmless_deviations_are_read_and_recorded() {
    for (member, seconds, quirk) in [
        (r#""expires_in":"3600""#, 3600, Quirk::LifetimeAsText),
        (r#""expires_in":3600.0"#, 3600, Quirk::LifetimeAsFraction),
        (r#""expires_in":18446744073709551615"#, 315_360_000, Quirk::LifetimeCapped),
        (r#""expires_in":9223372036854775807"#, 315_360_000, Quirk::LifetimeCapped),
    ] {
        let tokens = strict(json(200, &with(member))).unwrap();
        assert_eq!(tokens.expires_in(), Some(Duration::from_secs(seconds)), "{member}");
        assert_eq!(tokens.quirks().iter().collect::<Vec<_>>(), [quirk], "{member}");
    }
    let mut response = json(200, &with(r#""expires_in":0"#));
    response.headers_mut().remove("cache-control");
    assert!(strict(response).unwrap().quirks().contains(Quirk::Cacheable));
}

/// TR-1, TR-3, TR-6, TR-10, TR-11: what is refused by default is let through under its own name, and no other.
#[test]
fn named_relaxations_let_one_deviation_through_each() {
    for (quirk, response) in [
        (Quirk::NoTokenType, json(200, r#"{"access_token":"a"}"#)),
        (Quirk::ScopeAsArray, json(200, &with(r#""scope":["a","b"]"#))),
        (Quirk::EmptyScope, json(200, &with(r#""scope":"""#))),
        (Quirk::NullMember, json(200, &with(r#""refresh_token":null"#))),
        (Quirk::AnySuccessStatus, json(201, &with(r#""expires_in":1"#))),
        (Quirk::AnyContentType, labelled(200, "text/plain", &with(r#""expires_in":1"#))),
    ] {
        for other in Quirk::ALL {
            let read = TokenResponse::parse(
                response.clone(),
                NOW,
                &AuthorizationServer::new().admit_all(Quirks::STRICT.with(*other)),
            );
            assert_eq!(read.is_ok(), *other == quirk, "{quirk:?} under {other:?}");
            assert!(read.is_err() || read.unwrap().quirks().contains(quirk));
        }
    }
}

/// TR-6, TR-8: what names another type is not taken for a bearer token, whatever stands beside it.
#[test]
fn any_token_type_is_none_that_is_known_for_another() {
    let server = AuthorizationServer::new().admit(Quirk::AnyTokenType);
    let read = |kind: &str| {
        let body = serde_json::json!({"access_token": "a", "token_type": kind}).to_string();
        TokenResponse::parse(json(200, &body), NOW, &server)
    };
    for kind in ["DPoP", "DPoP ", " dpop", "DPoP, Bearer", "N_A", "N_A ", "\tn_a", "Bear\u{7}er", "other\n"] {
        assert!(read(kind).is_err(), "{kind:?}");
    }
    for kind in ["other", "Bearer ", "mac", "access_token"] {
        assert!(read(kind).unwrap().quirks().contains(Quirk::AnyTokenType), "{kind:?}");
    }
}

/// TR-4: an error is the server's own, on 200 too.
#[test]
fn an_error_is_an_error_whatever_its_status() {
    for response in [
        json(200, r#"{"error":"bad_verification_code","error_description":"The code is incorrect"}"#),
        labelled(200, "text/html", r#"{"error":"bad_verification_code"}"#),
    ] {
        let Err(Error::Refused(refused)) = strict(response) else { panic!("an error was taken for tokens") };
        assert_eq!(refused.code().unwrap().as_str(), "bad_verification_code");
        assert_eq!(refused.status(), Some(StatusCode::OK));
    }
}

/// RFC 6749 §5.1: every member is kept, the unknown ones too.
#[test]
fn unknown_members_are_kept() {
    let tokens = strict(json(200, &with(r#""example_parameter":"example_value","n":{"m":[1,2]}"#))).unwrap();
    assert_eq!(tokens.member::<&str>("example_parameter").unwrap(), Some("example_value"));
    assert_eq!(tokens.member::<serde_json::Value>("n").unwrap(), Some(serde_json::json!({"m":[1,2]})));
    assert_eq!(tokens.member::<u8>("absent").unwrap(), None);
    assert_eq!(tokens.member::<u8>("n").unwrap_err().rule(), Some(Rule::Tr2));
}

/// TR-11, TR-14: the scope is what was granted, else what was asked for, and no wider than the caller lets it.
#[test]
fn scope_is_as_granted_or_as_asked_and_no_wider_than_allowed() {
    let ask = |grant: Grant, body: &str| -> Result<Option<String>, Error> {
        let mut flow = TokenRequest::new(&client(), grant).unwrap();
        let Step::Send(_) = flow.step(None, NOW).unwrap() else { panic!("nothing to send") };
        match flow.step(Some(json(200, body)), NOW)? {
            Step::Done(tokens) => Ok(tokens.scope().map(ToString::to_string)),
            other => panic!("{other:?}"),
        }
    };
    let grant = || Grant::client_credentials().scope("a b").unwrap();
    assert_eq!(ask(grant(), &with(r#""x":1"#)).unwrap().unwrap(), "a b");
    assert_eq!(ask(grant(), &with(r#""scope":"a c""#)).unwrap().unwrap(), "a c");
    let limited = grant().at_most("a b").unwrap();
    assert_eq!(ask(limited, &with(r#""scope":"a c""#)).unwrap_err().rule(), Some(Rule::Tr11));
    let token = valetkey_core::RefreshToken::new("r").unwrap();
    let refresh = Grant::refresh_token(&token).at_most("a b").unwrap();
    assert_eq!(ask(refresh.clone(), &with(r#""x":1"#)).unwrap().unwrap(), "a b");
    assert_eq!(ask(refresh, &with(r#""scope":"a c""#)).unwrap_err().rule(), Some(Rule::Tr14));
}

/// TR-18: a code is sent once, even if no answer came.
#[test]
fn an_ended_token_request_sends_nothing_more() {
    let mut flow = TokenRequest::new(&client(), Grant::client_credentials()).unwrap();
    let (Step::Send(one), Step::Send(two)) = (flow.step(None, NOW).unwrap(), flow.step(None, NOW).unwrap())
    else {
        panic!("nothing to send")
    };
    assert_eq!(one.body(), two.body());
    assert!(!flow.unanswered(NOW));
    assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))));
}

/// ER-3, ER-4, ER-6: what a server says is made fit for display, keeps its status, and shows none of our secrets.
#[test]
fn a_refusal_keeps_what_matters_and_shows_no_secret() {
    let body = format!(
        r#"{{"error":"invalid_client","error_description":"bad\u001b[31m secret {SECRET} \u202eok","error_uri":"javascript:alert(1)"}}"#
    );
    let mut flow = TokenRequest::new(&client(), Grant::client_credentials()).unwrap();
    let _ = flow.step(None, NOW).unwrap();
    let error = flow.step(Some(json(401, &body)), NOW).unwrap_err();
    let refused = error.refused().unwrap();
    assert_eq!((refused.uri(), refused.retry()), (None, Retry::Never));
    let told = format!("{error} {error:?}");
    assert!(!told.contains(SECRET) && !told.contains('\u{1b}') && !told.contains('\u{202e}'), "{told}");

    let html =
        Refused::parse(&retry_after(labelled(503, "text/html", "<html>down</html>"), "30"), NOW).unwrap();
    assert_eq!(html.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(html.retry(), Retry::Later(Some(Duration::from_secs(30))));
    assert_eq!(html.excerpt(), Some("<html>down</html>"));
    let empty = Refused::parse(&json(429, ""), NOW).unwrap();
    assert_eq!((empty.excerpt(), empty.retry()), (None, Retry::Later(None)));
}

fn retry_after(mut response: Response, value: &str) -> Response {
    response.headers_mut().insert("retry-after", value.parse().unwrap());
    response
}

/// ER-5: Retry-After as seconds or as a date, a day at most; what cannot be read is ignored.
#[test]
fn retry_after_is_bounded() {
    let wait = |value| Refused::parse(&retry_after(json(503, ""), value), NOW).unwrap().retry_after();
    assert_eq!(wait("5"), Some(Duration::from_secs(5)));
    assert_eq!(wait("99999999999999999999999"), Some(Duration::from_secs(86_400)));
    assert_eq!(wait("Tue, 14 Nov 2023 22:13:30 GMT"), Some(Duration::from_secs(10)));
    assert_eq!(wait("Wed, 00 Jan 1900 00:00:00 GMT"), None);
    assert_eq!(wait("soon"), None);
}

/// ER-5, ER-7: invalid_grant is for good, but not out of the mouth of a server in trouble.
#[test]
fn a_server_in_trouble_does_not_end_a_grant() {
    let read = |status| Refused::parse(&json(status, r#"{"error":"invalid_grant"}"#), NOW).unwrap();
    assert!(read(400).is_invalid_grant());
    assert!(!read(500).is_invalid_grant());
}

/// CA-1, CA-2, CA-3, RFC 6749 Appendix B, RFC 7617: one method a request, Basic form-encoded.
#[test]
fn clients_authenticate_by_one_method() {
    use valetkey_core::client::AuthenticationMethod;
    use valetkey_core::{Client, ClientSecret};
    let sent = |client: &Client| {
        let mut flow = TokenRequest::new(client, Grant::client_credentials()).unwrap();
        match flow.step(None, NOW).unwrap() {
            Step::Send(request) => request,
            other => panic!("{other:?}"),
        }
    };
    let secret = |text: &str| ClientSecret::new(text).unwrap();
    let basic = sent(&Client::new(server(), "a:b").secret(secret(" %&+£€")).unwrap());
    // base64 of `a%3Ab:%20%25%26%2B%C2%A3%E2%82%AC`.
    assert_eq!(basic.headers()["authorization"], "Basic YSUzQWI6JTIwJTI1JTI2JTJCJUMyJUEzJUUyJTgyJUFD");
    assert!(basic.headers()["authorization"].is_sensitive());
    assert_eq!(basic.body(), b"grant_type=client_credentials");

    let raw = server().admit(Quirk::RawBasic);
    let raw = sent(&Client::new(raw, "Aladdin").secret(secret("open sesame")).unwrap());
    assert_eq!(raw.headers()["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");

    let post = sent(&Client::new(server(), "id").secret_in_body(secret("s&s")).unwrap());
    assert!(!post.headers().contains_key("authorization"));
    assert_eq!(post.body(), b"grant_type=client_credentials&client_id=id&client_secret=s%26s");

    assert_eq!(client().secret_in_body(secret("x")).unwrap_err().rule(), Some(Rule::Ca1));
    assert_eq!(client().secret(secret("x")).unwrap_err().rule(), Some(Rule::Ca1));
    let picky = client_of(server().authentication_methods(["client_secret_post"]));
    assert_eq!(TokenRequest::new(&picky, Grant::client_credentials()).unwrap_err().rule(), Some(Rule::Ca3));
    assert_eq!(picky.method(), AuthenticationMethod::SecretBasic);
    assert!(ClientSecret::new("").is_err());
}

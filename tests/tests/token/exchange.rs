//! TR-16: token exchange, its requests and its answers.

use valetkey_core::token::{TokenExchange, TokenKind, TokenType};
use valetkey_core::{
    AccessToken, AuthorizationServer, Client, Error, Flow as _, Grant, Resource, Response, Rule, Session,
    Subject, TokenRequest, TokenResponse,
};
use valetkey_tests::script::{Played, play};
use valetkey_tests::{NOW, SECRET, client, get, json};

const RECEIVED: &str = "accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC";

fn exchange() -> TokenExchange {
    TokenExchange::of(&AccessToken::new(RECEIVED).unwrap())
}

fn trade(grant: Grant, answer: Response) -> Played<TokenResponse> {
    play(TokenRequest::new(&client(), grant).unwrap(), [Some(answer)])
}

fn body_of(grant: Grant) -> String {
    let played = trade(grant, json(400, r#"{"error":"invalid_request"}"#));
    String::from_utf8(played.sent[0].1.body().clone()).unwrap()
}

fn issued(members: &str) -> Response {
    json(200, &format!(r#"{{"access_token":"new",{members}}}"#))
}

/// RFC 8693 §2.3.
#[test]
fn the_conversation_of_the_rfc() {
    let server = AuthorizationServer::new().token_endpoint("https://as.example.com/as/token.oauth2").unwrap();
    let client = Client::new(server, "rs08")
        .secret(valetkey_core::ClientSecret::new("long-secure-random-secret").unwrap())
        .unwrap();
    let exchange = exchange().resource(Resource::new("https://backend.example.com/api").unwrap()).unwrap();
    let answer = r#"{
        "access_token":"eyJhbGciOiJFUzI1NiIsImtpZCI6IjllciJ9.eyJhdWQiOiJodHRwczovL2JhY2tlbmQuZXhhbXBsZS5jb20iLCJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUuY29tIiwiZXhwIjoxNDQxOTE3NTkzLCJpYXQiOjE0NDE5MTc1MzMsInN1YiI6ImJkY0BleGFtcGxlLmNvbSIsInNjb3BlIjoiYXBpIn0.40y3ZgQedw6rxf59WlwHDD9jryFOr0_Wh3CGozQBihNBhnXEQgU85AI9x3KmsPottVMLPIWvmDCMy5-kdXjwhw",
        "issued_token_type":"urn:ietf:params:oauth:token-type:access_token",
        "token_type":"Bearer",
        "expires_in":60
    }"#;
    let played = play(TokenRequest::new(&client, Grant::from(exchange)).unwrap(), [Some(json(200, answer))]);
    let (_, request) = &played.sent[0];
    assert_eq!(request.headers()["authorization"], "Basic cnMwODpsb25nLXNlY3VyZS1yYW5kb20tc2VjcmV0");
    assert_eq!(
        String::from_utf8_lossy(request.body()),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
         &resource=https%3A%2F%2Fbackend.example.com%2Fapi\
         &subject_token=accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
    );
    let tokens = played.outcome.unwrap();
    assert_eq!(tokens.issued_token_type(), Some(TokenKind::ACCESS_TOKEN.as_str()));
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert_eq!(tokens.subject(), Some(Subject::User));
}

/// RFC 8693 A.2.1: delegation, for an audience, with a wanted kind and scope.
#[test]
fn every_parameter_is_sent() {
    let exchange = TokenExchange::new("subject.jwt", TokenKind::JWT)
        .unwrap()
        .actor_token("actor.jwt", TokenKind::ID_TOKEN)
        .unwrap()
        .audience("urn:example:cooperation-context")
        .audience("second")
        .resource(Resource::new("https://a.example").unwrap())
        .unwrap()
        .resource(Resource::new("https://b.example").unwrap())
        .unwrap()
        .requested_token_type(TokenKind::REFRESH_TOKEN)
        .scope("a b")
        .unwrap();
    let shown = format!("{exchange:?}");
    assert!(!shown.contains("subject.jwt") && !shown.contains("actor.jwt"), "{shown}");
    let body = body_of(Grant::from(exchange));
    let pairs: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let expected = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("resource", "https://a.example"),
        ("resource", "https://b.example"),
        ("audience", "urn:example:cooperation-context"),
        ("audience", "second"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"),
        ("subject_token", "subject.jwt"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ("actor_token", "actor.jwt"),
        ("actor_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("scope", "a b"),
    ];
    assert_eq!(
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>(),
        expected
    );
}

/// TR-16.
#[test]
fn an_exchange_must_say_what_it_issued() {
    for members in [
        r#""token_type":"Bearer""#,
        r#""token_type":"Bearer","issued_token_type":"""#,
        r#""token_type":"Bearer","issued_token_type":5"#,
        r#""token_type":"Bearer","issued_token_type":null"#,
        r#""token_type":"N_A""#,
    ] {
        assert_eq!(trade(Grant::from(exchange()), issued(members)).rule(), Rule::Tr16, "{members}");
    }
    let other = trade(Grant::client_credentials(), issued(r#""token_type":"Bearer""#));
    assert_eq!(other.outcome.unwrap().issued_token_type(), None);
}

/// TR-16, TR-6: `N_A` is for token exchange, and for no session.
#[test]
fn a_token_that_is_none_for_an_api_is_handed_over_and_held_by_no_session() {
    let members = r#""token_type":"N_A","issued_token_type":"urn:ietf:params:oauth:token-type:id_token""#;
    let tokens = trade(Grant::from(exchange()), issued(members)).outcome.unwrap();
    assert_eq!(tokens.token_type(), TokenType::NotApplicable);
    assert_eq!(tokens.issued_token_type(), Some(TokenKind::ID_TOKEN.as_str()));
    assert!(!tokens.is_for_apis());
    let mut session = Session::from_tokens(&client(), &tokens);
    assert!(session.credential().is_none());
    let mut call = session.call(get("https://api.example/notes")).unwrap();
    assert!(call.step(None, NOW).expect_err("nothing to call with").is_authorization_required());

    // And a session that renews by such an exchange is told.
    let mut session = Session::from_grant(&client(), Grant::from(exchange()));
    let played = play(session.call(get("https://api.example/notes")).unwrap(), [Some(issued(members))]);
    assert_eq!(played.rule(), Rule::Tr16);
    assert_eq!(trade(Grant::client_credentials(), issued(members)).rule(), Rule::Tr6);
}

#[test]
fn neither_token_comes_back_in_an_error() {
    let body = format!(r#"{{"error":"invalid_request","error_description":"{RECEIVED} {SECRET}"}}"#);
    let error = trade(Grant::from(exchange()), json(400, &body)).outcome.expect_err("refused");
    assert!(!format!("{error} {error:?}").contains(RECEIVED));
}

#[test]
fn what_is_no_token_and_no_kind_is_misuse() {
    for token in ["", "a\nb", "ä"] {
        assert!(matches!(TokenExchange::new(token, TokenKind::JWT), Err(Error::Misuse(_))));
        assert!(matches!(exchange().actor_token(token, TokenKind::JWT), Err(Error::Misuse(_))));
    }
    for kind in ["", "jwt", "urn:", "a b:c", ":x"] {
        assert!(TokenKind::new(kind).is_err(), "{kind}");
    }
    assert!(TokenKind::new("urn:example:token-type:ticket").is_ok());
}

//! The examples that the RFCs print, byte for byte where ours is free to be so.

#![expect(deprecated, reason = "RFC 6749 has examples of the deprecated grants too")]

use std::time::Duration;

use valetkey_core::authorize::{ImplicitRequest, PendingImplicit};
use valetkey_core::error::{Refused, Retry};
use valetkey_core::terms::Password;
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret,
    Error, Flow, Grant, PendingAuthorization, Quirk, RefreshToken, Request, Response, Rule, Session, Step,
    Subject, TokenRequest, TokenResponse,
};
use valetkey_tests::stored::{Record, taken_out};
use valetkey_tests::{NOW, entropy, get};

const CALLBACK: &str = "https://client.example.com/cb";

fn server() -> AuthorizationServer {
    AuthorizationServer::new()
        .authorization_endpoint("https://server.example.com/authorize")
        .unwrap()
        .token_endpoint("https://server.example.com/token")
        .unwrap()
}

/// The client of RFC 6749 and its secret of §2.3.1.
fn client() -> Client {
    client_of(server(), "gX1fBat3bV")
}

fn client_of(server: AuthorizationServer, secret: &str) -> Client {
    Client::new(server, "s6BhdRkqt3").secret(ClientSecret::new(secret).unwrap()).unwrap()
}

fn sent(client: &Client, grant: Grant) -> Request {
    asked(&mut TokenRequest::new(client, grant).unwrap())
}

fn asked(flow: &mut TokenRequest) -> Request {
    match flow.step(None, NOW).unwrap() {
        Step::Send(request) => request,
        other => panic!("{other:?}"),
    }
}

fn body(request: &Request) -> &str {
    std::str::from_utf8(request.body()).unwrap()
}

/// A stored pending authorization that waits for the RFCs' own `state`.
fn waiting<T: Record>(pending: T, state: &str, redirect_uri: &str) -> T {
    let mut stored = serde_json::to_value(pending).unwrap();
    stored["state"] = state.into();
    stored["redirect_uri"] = redirect_uri.into();
    taken_out(&stored.to_string())
}

fn pending(client: &Client, state: &str, redirect_uri: &str) -> PendingAuthorization {
    let request = AuthorizationRequest::new(client, redirect_uri).unwrap();
    waiting(request.begin_unbound(entropy(1), NOW).unwrap().1, state, redirect_uri)
}

fn from(url: &str) -> AuthorizationResponse {
    AuthorizationResponse::from_url(url).unwrap()
}

/// The answer of RFC 6749 §4.1.4 and §5.1, with its headers.
fn answer(token_type: &str) -> Response {
    let body = format!(
        "{{\n  \"access_token\":\"2YotnFZFEjr1zCsicMWpAA\",\n  \"token_type\":\"{token_type}\",\n  \"expires_in\":3600,\n  \
         \"refresh_token\":\"tGzv3JOkF0XG5Qx2TlKWIA\",\n  \"example_parameter\":\"example_value\"\n}}"
    );
    http::Response::builder()
        .header("content-type", "application/json;charset=UTF-8")
        .header("cache-control", "no-store")
        .header("pragma", "no-cache")
        .body(body.into_bytes())
        .unwrap()
}

/// RFC 6749 §2.3.1, CA-1, CA-2.
#[test]
fn rfc_6749_2_3_1_client_password() {
    let basic = sent(&client(), Grant::client_credentials());
    assert_eq!(basic.headers()["authorization"], "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");

    let secret = ClientSecret::new("7Fjfp0ZBr1KtDRbnfVdmIw").unwrap();
    let post = Client::new(server(), "s6BhdRkqt3").secret_in_body(secret).unwrap();
    let token = RefreshToken::new("tGzv3JOkF0XG5Qx2TlKWIA").unwrap();
    assert_eq!(
        body(&sent(&post, Grant::refresh_token(&token))),
        "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA\
         &client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw"
    );
}

/// RFC 6749 §4.1.1: the same parameters, beside the PKCE that the RFC did not know yet.
#[test]
fn rfc_6749_4_1_1_authorization_request() {
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    let (url, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let expected = format!(
        "https://server.example.com/authorize?response_type=code&client_id=s6BhdRkqt3\
         &redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb&state={}&code_challenge=",
        pending.state()
    );
    assert!(url.as_str().starts_with(&expected), "{url}");
}

/// RFC 6749 §4.1.2, §4.1.3, §4.1.4.
#[test]
fn rfc_6749_4_1_2_to_4_1_4_code_flow() {
    let mut pending = pending(&client(), "xyz", CALLBACK);
    let response = from("https://client.example.com/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz");
    let mut flow = pending.finish(&client(), &response, NOW).unwrap();
    let request = asked(&mut flow);
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/token"));
    assert_eq!(request.headers()["authorization"], "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    let expected = "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA\
                    &redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb&code_verifier=";
    assert!(body(&request).starts_with(expected), "{}", body(&request));

    let Step::Done(tokens) = flow.step(Some(answer("Bearer")), NOW).unwrap() else { panic!("no tokens") };
    assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(tokens.refresh_token().unwrap().expose(), "tGzv3JOkF0XG5Qx2TlKWIA");
    assert_eq!(tokens.expires_in(), Some(Duration::from_secs(3600)));
    assert_eq!(tokens.member::<&str>("example_parameter").unwrap(), Some("example_value"));
    assert!(tokens.quirks().is_empty());
}

/// RFC 6749 §4.1.2.1, §4.2.2.1.
#[test]
fn rfc_6749_4_1_2_1_error_response() {
    let mut code = pending(&client(), "xyz", CALLBACK);
    let response = from("https://client.example.com/cb?error=access_denied&state=xyz");
    assert!(code.finish(&client(), &response, NOW).unwrap_err().is_access_denied());

    let mut implicit = implicit(CALLBACK);
    let response = from("https://client.example.com/cb#error=access_denied&state=xyz");
    assert!(implicit.finish(&client(), &response, NOW).unwrap_err().is_access_denied());
}

fn implicit(redirect_uri: &str) -> PendingImplicit {
    let request = ImplicitRequest::new(&client(), CALLBACK).unwrap();
    waiting(request.begin_unbound(entropy(1), NOW).unwrap().1, "xyz", redirect_uri)
}

/// RFC 6749 §4.2.1, §4.2.2, but for the type `example`, which a client must not use (§7.1, TR-6).
#[test]
fn rfc_6749_4_2_implicit() {
    let (url, _) = ImplicitRequest::new(&client(), CALLBACK).unwrap().begin_unbound(entropy(1), NOW).unwrap();
    let expected = "https://server.example.com/authorize?response_type=token&client_id=s6BhdRkqt3\
                    &redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb&state=";
    assert!(url.as_str().starts_with(expected), "{url}");

    let back = "http://example.com/cb#access_token=2YotnFZFEjr1zCsicMWpAA&state=xyz&token_type=example&expires_in=3600";
    let mut waiting = implicit("http://example.com/cb");
    assert_eq!(waiting.finish(&client(), &from(back), NOW).unwrap_err().rule(), Some(Rule::Tr6));
    let mut waiting = implicit("http://example.com/cb");
    let tokens = waiting.finish(&client(), &from(&back.replace("=example", "=bearer")), NOW).unwrap();
    assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(tokens.expires_in(), Some(Duration::from_secs(3600)));
}

/// RFC 6749 §4.3.2, §4.4.2, §6.
#[test]
fn rfc_6749_4_3_2_4_4_2_and_6_token_requests() {
    let password = Grant::password("johndoe", &Password::new("A3ddj3w"));
    assert_eq!(body(&sent(&client(), password)), "grant_type=password&username=johndoe&password=A3ddj3w");
    assert_eq!(body(&sent(&client(), Grant::client_credentials())), "grant_type=client_credentials");
    let token = RefreshToken::new("tGzv3JOkF0XG5Qx2TlKWIA").unwrap();
    assert_eq!(
        body(&sent(&client(), Grant::refresh_token(&token))),
        "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA"
    );
}

/// RFC 6749 §5.1, §5.2, §7.1: the printed type `example` is none that a client may use.
#[test]
fn rfc_6749_5_token_endpoint_answers() {
    let read = |response| TokenResponse::parse(response, NOW, &AuthorizationServer::new());
    assert!(read(answer("Bearer")).is_ok() && read(answer("bearer")).is_ok());
    assert_eq!(read(answer("example")).unwrap_err().rule(), Some(Rule::Tr6));
    let mut error = answer("");
    *error.status_mut() = http::StatusCode::BAD_REQUEST;
    *error.body_mut() = b"{\n  \"error\":\"invalid_request\"\n}".to_vec();
    let Err(Error::Refused(refused)) = read(error) else { panic!("a refusal") };
    assert_eq!(refused.code().unwrap(), "invalid_request");
    assert_eq!(refused.retry(), Retry::Never);
}

/// RFC 6749 Appendix B: in the body, in the URL, and in Basic credentials.
#[test]
fn rfc_6749_appendix_b_form_encoding() {
    let (value, encoded) = (" %&+£€", "+%25%26%2B%C2%A3%E2%82%AC");
    let grant = Grant::client_credentials().parameter("audience", value).unwrap();
    assert_eq!(body(&sent(&client(), grant)), format!("grant_type=client_credentials&audience={encoded}"));
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap().parameter("ui", value).unwrap();
    let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
    assert!(url.as_str().contains(&format!("&ui={encoded}&")), "{url}");
}

/// RFC 7617 §2, §2.1: plain Basic, for servers that do not decode (CA-2).
#[test]
fn rfc_7617_basic() {
    for (id, secret, expected) in
        [("Aladdin", "open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ("test", "123£", "dGVzdDoxMjPCow==")]
    {
        let client = Client::new(server().admit(Quirk::RawBasic), id);
        let client = client.secret(ClientSecret::new(secret).unwrap()).unwrap();
        let request = sent(&client, Grant::client_credentials());
        assert_eq!(request.headers()["authorization"], format!("Basic {expected}"));
    }
}

/// RFC 6750 §2.1, §4: a token as it is issued and as it is used; §3's challenges are read in `challenges`.
#[test]
fn rfc_6750_bearer_tokens() {
    let mut issued = answer("Bearer");
    *issued.body_mut() = br#"{"access_token":"mF_9.B5f-4.1JqM","token_type":"Bearer","expires_in":3600,
        "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA"}"#
        .to_vec();
    let tokens = TokenResponse::parse(issued, NOW, &AuthorizationServer::new()).unwrap();
    let client = client().api("https://server.example.com").unwrap();
    let mut session = Session::from_tokens(&client, &tokens);
    let mut call = session.call(get("https://server.example.com/resource")).unwrap();
    let Step::Send(request) = call.step(None, NOW).unwrap() else { panic!("nothing to send") };
    assert_eq!(request.headers()["authorization"], "Bearer mF_9.B5f-4.1JqM");

    let mut refused = answer("");
    *refused.status_mut() = http::StatusCode::UNAUTHORIZED;
    let challenge =
        r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#;
    refused.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
    let refused = Refused::parse(&refused, NOW).unwrap();
    assert_eq!(refused.challenges()[0].parameter("error"), Some("invalid_token"));
    let token = AccessToken::new("mF_9.B5f-4.1JqM").unwrap();
    assert!(Session::from_permanent_token("https://server.example.com", token, Subject::User).is_ok());
}

/// RFC 9207 §2.1, §2.2, AR-3: the issuer in a success and in an error.
#[test]
fn rfc_9207_issuer_identification() {
    let honest = server().issuer("https://honest.as.example").unwrap().advertises_iss();
    let client = client_of(honest, "gX1fBat3bV");
    for (state, outcome, refused) in [
        (
            "ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI",
            "code=x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58",
            false,
        ),
        ("N2JjNGJhY2JiZjRhYzA3MGJkMzNmMDE5OWJhZmJhZjA", "error=access_denied", true),
    ] {
        let answer = |iss: &str| {
            let url = format!("https://client.example/cb?{outcome}&state={state}&iss={iss}");
            pending(&client, state, "https://client.example/cb").finish(&client, &from(&url), NOW).map(drop)
        };
        match answer("https%3A%2F%2Fhonest.as.example") {
            Ok(()) => assert!(!refused),
            Err(error) => assert!(refused && error.is_access_denied(), "{error}"),
        }
        assert_eq!(answer("https%3A%2F%2Fattacker.as.example").unwrap_err().rule(), Some(Rule::Ar3));
    }
}

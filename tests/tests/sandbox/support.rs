//! Requests by hand and answers read plainly, so that no code of the client library is judge in its own cause.

use form_urlencoded::Serializer;
use serde_json::Value;
use valetkey_core::{Request, Response, UnixTime};
use valetkey_sandbox::{Arrival, DEMO_USERS, Person, Sandbox};
pub(crate) use valetkey_tests::NOW;

/// RFC 7636, Appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) const WEB: &str = "https://app.example/callback";
pub(crate) const NATIVE: &str = "http://127.0.0.1:49152/callback";
pub(crate) const ISSUES: &str = "project:key:DEMO:Project.Issues.Create";

pub(crate) type Pairs<'a> = &'a [(&'a str, &'a str)];

pub(crate) fn demo() -> Sandbox {
    Sandbox::demo([7; 32])
}

pub(crate) fn after(seconds: u64) -> UnixTime {
    UnixTime::from_secs(NOW.as_secs() + seconds)
}

pub(crate) fn person(username: &str) -> Person {
    let password = DEMO_USERS.iter().find(|(known, _)| *known == username).unwrap().1;
    Person::new(username, password)
}

pub(crate) fn encode(pairs: Pairs<'_>) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// `pairs` with some of them changed, and those with an empty value left out.
pub(crate) fn with<'a>(
    pairs: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = pairs.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    kept.chain(changes.iter().filter(|(_, value)| !value.is_empty())).copied().collect()
}

pub(crate) fn get(target: &str) -> Request {
    http::Request::get(target).body(Vec::new()).unwrap()
}

pub(crate) fn post(target: &str, pairs: Pairs<'_>) -> Request {
    http::Request::post(target)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encode(pairs).into_bytes())
        .unwrap()
}

pub(crate) fn with_header(mut request: Request, name: &'static str, value: &str) -> Request {
    request.headers_mut().append(name, value.parse().unwrap());
    request
}

/// `Authorization: Basic` of two halves as they are.
pub(crate) fn basic(request: Request, client_id: &str, secret: &str) -> Request {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(format!("{client_id}:{secret}"));
    with_header(request, "authorization", &format!("Basic {text}"))
}

/// What a JSON endpoint answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) response: Response,
}

impl Answer {
    pub(crate) fn of(response: Response) -> Self {
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        Self { status: response.status().as_u16(), body, response }
    }

    pub(crate) fn text(&self, member: &str) -> &str {
        self.body[member].as_str().unwrap_or_default()
    }

    /// The status and the error code.
    pub(crate) fn error(&self) -> (u16, &str) {
        (self.status, self.text("error"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A request by the demo's web application, authenticated by Basic.
pub(crate) fn as_web(sandbox: &mut Sandbox, request: Request) -> Answer {
    let secret = sandbox.client_secret("web").unwrap().to_owned();
    Answer::of(sandbox.answer(&basic(request, "web", &secret), NOW))
}

/// The header and the claims of a token that the server signed, verified by its own key set.
pub(crate) fn verified(sandbox: &mut Sandbox, token: &str) -> (jsonwebtoken::Header, Value) {
    let keys = Answer::of(sandbox.answer(&get("/oauth/jwks.json"), NOW));
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys.body).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    assert_eq!(key.common.key_algorithm.unwrap().to_string(), format!("{:?}", header.alg));
    let mut validation = jsonwebtoken::Validation::new(header.alg);
    // The tests' time is not the computer's.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    (header, jsonwebtoken::decode(token, &key, &validation).unwrap().claims)
}

/// A client at the token endpoint.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    /// A demo client, by Basic.
    Basic(&'a str),
    /// Only its name, in the body.
    Public(&'a str),
}

pub(crate) fn token(sandbox: &mut Sandbox, by: By<'_>, pairs: Pairs<'_>, now: UnixTime) -> Answer {
    let path = sandbox.settings().dialect.token_path();
    let request = match by {
        By::Basic(client_id) => {
            let secret = sandbox.client_secret(client_id).unwrap().to_owned();
            basic(post(path, pairs), client_id, &secret)
        }
        By::Public(client_id) => post(path, &with(pairs, &[("client_id", client_id)])),
    };
    Answer::of(sandbox.answer(&request, now))
}

/// An authorization request of the demo's web application.
pub(crate) const REQUEST: Pairs<'static> = &[
    ("response_type", "code"),
    ("client_id", "web"),
    ("redirect_uri", WEB),
    ("state", "xyz"),
    ("scope", "**"),
    ("access_type", "offline"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

pub(crate) fn authorization_url(sandbox: &Sandbox, pairs: Pairs<'_>) -> String {
    format!("{}?{}", sandbox.settings().dialect.authorization_path(), encode(pairs))
}

/// The answer to an authorization request, before any person sees it.
pub(crate) fn ask(sandbox: &mut Sandbox, pairs: Pairs<'_>) -> Response {
    let url = authorization_url(sandbox, pairs);
    sandbox.answer(&get(&url), NOW)
}

/// Where the browser arrives after a person allowed it.
pub(crate) fn arrive(sandbox: &mut Sandbox, username: &str, pairs: Pairs<'_>) -> Arrival {
    let url = authorization_url(sandbox, pairs);
    sandbox.visit(&url, &person(username), NOW).unwrap()
}

/// A code for the demo's web application.
pub(crate) fn code(sandbox: &mut Sandbox, username: &str, changes: Pairs<'_>) -> String {
    arrive(sandbox, username, &with(REQUEST, changes)).parameter("code").unwrap()
}

/// The pairs that redeem it.
pub(crate) fn redeeming(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", WEB),
        ("code_verifier", VERIFIER),
    ]
}

/// Tokens from the whole Authorization Code flow of the web application.
pub(crate) fn tokens(sandbox: &mut Sandbox, username: &str, changes: Pairs<'_>) -> Answer {
    let code = code(sandbox, username, changes);
    let answer = token(sandbox, By::Basic("web"), &redeeming(&code), NOW);
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer
}

pub(crate) fn refresh(sandbox: &mut Sandbox, token_: &str, now: UnixTime) -> Answer {
    token(sandbox, By::Basic("web"), &[("grant_type", "refresh_token"), ("refresh_token", token_)], now)
}

/// A call to the API with a bearer token.
pub(crate) fn api(
    sandbox: &mut Sandbox,
    method: &str,
    path: &str,
    token: &str,
    body: &str,
    now: UnixTime,
) -> Answer {
    let request = http::Request::builder()
        .method(method)
        .uri(format!("/api/http/{path}"))
        .header("authorization", format!("Bearer {token}"))
        .body(body.as_bytes().to_vec())
        .unwrap();
    Answer::of(sandbox.answer(&request, now))
}

pub(crate) fn profile(sandbox: &mut Sandbox, token: &str, now: UnixTime) -> Answer {
    api(sandbox, "GET", "team-directory/profiles/me", token, "", now)
}

pub(crate) fn issue(sandbox: &mut Sandbox, token: &str) -> Answer {
    api(sandbox, "POST", "projects/key:DEMO/planning/issues", token, r#"{"title":"Try it"}"#, NOW)
}

pub(crate) fn message(sandbox: &mut Sandbox, token: &str) -> Answer {
    let body = r#"{"channel":"id:general","content":{"text":"Hello"}}"#;
    api(sandbox, "POST", "chats/messages/send-message", token, body, NOW)
}

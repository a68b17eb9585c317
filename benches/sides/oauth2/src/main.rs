//! The jobs by oauth2. It reads no redirect: that is done as its examples do it.

use std::convert::Infallible;
use std::fmt;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::LazyLock;

use bench_inputs::inputs::{
    AUTHORIZATION_ENDPOINT, CLIENT_ID, CLIENT_SECRET, HEADERS, REDIRECT_URI, SCOPE, STATE, TOKEN_ENDPOINT,
    VERIFIER, access_token, arrival, token_response, token_response_with,
};
use bench_inputs::{Job, Play, Probe, Round, Side, Verdict, check, play, printed, refused};
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::url::Url;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _, TokenUrl,
};

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

static CLIENT: LazyLock<Client> = LazyLock::new(client);

const URL: &str = "keeps `state` and verifier as loose values; their comparison is the program's";
const RESPONSE: &str = "token type (which one), duplicates of members that it does not know, size, characters, wiping; it drops those members unless the program writes a type for them";

fn main() -> ExitCode {
    play(&[Side {
        name: "oauth2",
        plays: &[
            Play { job: Job::UrlAnew, prepare: url_anew, check: check_anew, leaves_out: URL },
            Play { job: Job::UrlPrepared, prepare: url_prepared, check: check_prepared, leaves_out: URL },
            Play { job: Job::UrlRandom, prepare: url_random, check: check_random, leaves_out: URL },
            Play {
                job: Job::Exchange,
                prepare: exchange,
                check: check_exchange,
                leaves_out: "the redirect altogether: `iss`, duplicates, errors, its age, that it is used once",
            },
            Play { job: Job::TokenResponse, prepare: tokens, check: check_tokens, leaves_out: RESPONSE },
            Play {
                job: Job::WholeFlow,
                prepare: whole_flow,
                check: check_whole,
                leaves_out: "both of the above",
            },
        ],
        probes: &[
            (Probe::StateWrong, || Verdict::NotLookedAt),
            (Probe::StateMissing, || Verdict::NotLookedAt),
            (Probe::CodeTwice, || Verdict::NotLookedAt),
            (Probe::IssWrong, || Verdict::NotLookedAt),
            (Probe::IssMissing, || Verdict::NotLookedAt),
            (Probe::CodeAndError, || Verdict::NotLookedAt),
            (Probe::TypeMissing, || {
                refused(answered(200, "application/json", token_response_with(r#""a":1"#)))
            }),
            (Probe::TypeUnknown, || {
                refused(answered(200, "application/json", token_response_with(r#""token_type":"mac""#)))
            }),
            (Probe::MemberTwice, || {
                let twice = r#""token_type":"Bearer","access_token":"other""#;
                refused(answered(200, "application/json", token_response_with(twice)))
            }),
            (Probe::NotJson, || refused(answered(200, "text/html", token_response()))),
            (Probe::ServerError, || refused(answered(500, "application/json", token_response()))),
            (Probe::ErrorMember, || {
                let error = r#""token_type":"Bearer","error":"access_denied""#;
                refused(answered(200, "application/json", token_response_with(error)))
            }),
            (Probe::TokenOfSpaces, || {
                let body = r#"{"access_token":"two words\n","token_type":"Bearer"}"#;
                refused(answered(200, "application/json", body.to_owned()))
            }),
            (Probe::Huge, || {
                let body = format!("{}{}", token_response(), " ".repeat(8 << 20));
                refused(answered(200, "application/json", body))
            }),
            (Probe::MembersKept, || {
                let tokens = answered(200, "application/json", token_response()).expect("tokens");
                let kept = serde_json::to_string(&tokens).expect("JSON");
                if kept.contains("session_state") { Verdict::Kept } else { Verdict::Dropped }
            }),
            (Probe::DebugTokens, || {
                let tokens = answered(200, "application/json", token_response()).expect("tokens");
                printed(&tokens, &access_token())
            }),
        ],
        load: None,
    }])
}

fn client() -> Client {
    BasicClient::new(ClientId::new(CLIENT_ID.to_owned()))
        .set_client_secret(ClientSecret::new(CLIENT_SECRET.to_owned()))
        .set_auth_uri(AuthUrl::new(AUTHORIZATION_ENDPOINT.to_owned()).expect("a URL"))
        .set_token_uri(TokenUrl::new(TOKEN_ENDPOINT.to_owned()).expect("a URL"))
        .set_redirect_uri(RedirectUrl::new(REDIRECT_URI.to_owned()).expect("a URL"))
}

fn begin(client: &Client) -> (Url, CsrfToken, PkceCodeVerifier) {
    let verifier = PkceCodeVerifier::new(VERIFIER.to_owned());
    let (url, state) = client
        .authorize_url(|| CsrfToken::new(STATE.to_owned()))
        .add_scopes(SCOPE.split(' ').map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .url();
    (url, state, verifier)
}

fn begin_random(client: &Client) -> (Url, CsrfToken, PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(SCOPE.split(' ').map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    (url, state, verifier)
}

fn url_anew() -> Round {
    Box::new(|| {
        let _ = black_box(begin(&client()));
    })
}

fn check_anew() {
    check::authorization_url(begin(&client()).0.as_str(), Some(STATE));
}

fn url_prepared() -> Round {
    LazyLock::force(&CLIENT);
    Box::new(|| {
        let _ = black_box(begin(&CLIENT));
    })
}

fn check_prepared() {
    check::authorization_url(begin(&CLIENT).0.as_str(), Some(STATE));
}

fn url_random() -> Round {
    LazyLock::force(&CLIENT);
    Box::new(|| {
        let _ = black_box(begin_random(&CLIENT));
    })
}

fn check_random() {
    check::authorization_url(begin_random(&CLIENT).0.as_str(), None);
}

/// The code, as the examples read it.
fn code(arrival: &str, state: &CsrfToken) -> AuthorizationCode {
    let url = Url::parse(arrival).expect("a URL");
    let the = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).expect("it").1.into_owned();
    let (code, other) = (AuthorizationCode::new(the("code")), CsrfToken::new(the("state")));
    assert_eq!(other.secret(), state.secret(), "the state");
    code
}

/// No answer: only the request is of interest.
#[derive(Debug)]
struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no answer")
    }
}

impl std::error::Error for NoAnswer {}

fn request_of(arrival: &str, state: &CsrfToken, verifier: PkceCodeVerifier, seen: &dyn Fn(HttpRequest)) {
    let http = |request: HttpRequest| -> Result<HttpResponse, NoAnswer> {
        seen(request);
        Err(NoAnswer)
    };
    let result = CLIENT.exchange_code(code(arrival, state)).set_pkce_verifier(verifier).request(&http);
    assert!(result.is_err(), "there was no answer");
}

fn exchange() -> Round {
    let (_, state, verifier) = begin(&CLIENT);
    let arrival = arrival(state.secret());
    Box::new(move || {
        request_of(&arrival, &state, verifier, &|request| {
            black_box(request);
        });
    })
}

fn check_exchange() {
    let (_, state, verifier) = begin(&CLIENT);
    request_of(&arrival(state.secret()), &state, verifier, &|request| {
        let basic = request.headers().get("authorization").and_then(|basic| basic.to_str().ok());
        check::exchange(&request.uri().to_string(), basic, request.body());
    });
}

fn response(status: u16, content_type: &str, body: String) -> HttpResponse {
    let mut response = http::Response::builder().status(status);
    for (name, value) in HEADERS {
        response = response.header(name, if name == "content-type" { content_type } else { value });
    }
    response.body(body.into_bytes()).expect("a response")
}

/// What it makes of an answer.
fn answered(status: u16, content_type: &str, body: String) -> Result<BasicTokenResponse, impl fmt::Debug> {
    let http = |_: HttpRequest| -> Result<HttpResponse, Infallible> {
        Ok(response(status, content_type, body.clone()))
    };
    CLIENT.exchange_code(AuthorizationCode::new(String::from("code"))).request(&http)
}

/// Its reader is private; the function that it calls for the body is not.
fn read(body: &[u8]) -> BasicTokenResponse {
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(body)).expect("tokens")
}

fn tokens() -> Round {
    let body = token_response().into_bytes();
    Box::new(move || {
        black_box(read(&body));
    })
}

fn assert_right(tokens: &BasicTokenResponse) {
    check::tokens(
        tokens.access_token().secret(),
        tokens.refresh_token().map(|token| token.secret().as_str()),
        tokens.expires_in().map(|time| time.as_secs()),
    );
}

fn check_tokens() {
    assert_right(&read(token_response().as_bytes()));
}

fn flow(
    arrival: &str,
    state: &CsrfToken,
    verifier: PkceCodeVerifier,
    answer: HttpResponse,
) -> BasicTokenResponse {
    // A client may be asked more than once, so that it cannot give its answer away.
    let answer = std::cell::Cell::new(Some(answer));
    let http = |request: HttpRequest| -> Result<HttpResponse, Infallible> {
        black_box(request);
        Ok(answer.take().expect("one request"))
    };
    CLIENT.exchange_code(code(arrival, state)).set_pkce_verifier(verifier).request(&http).expect("tokens")
}

fn whole_flow() -> Round {
    let (_, state, verifier) = begin(&CLIENT);
    let (arrival, answer) = (arrival(state.secret()), response(200, HEADERS[0].1, token_response()));
    Box::new(move || {
        black_box(flow(&arrival, &state, verifier, answer));
    })
}

fn check_whole() {
    let (_, state, verifier) = begin(&CLIENT);
    let answer = response(200, HEADERS[0].1, token_response());
    assert_right(&flow(&arrival(state.secret()), &state, verifier, answer));
}

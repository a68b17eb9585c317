//! The jobs by openidconnect. It reads no redirect: that is done as its examples do it.

mod id_token;
mod wrong;

use std::convert::Infallible;
use std::fmt;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::LazyLock;

use bench_inputs::inputs::{
    AUTHORIZATION_ENDPOINT, CLIENT_ID, CLIENT_SECRET, HEADERS, ISSUER, NONCE, REDIRECT_URI, SCOPE, STATE,
    TOKEN_ENDPOINT, VERIFIER, arrival, token_response,
};
use bench_inputs::{Job, Play, Round, Side, check, play};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreJsonWebKeySet, CoreTokenResponse};
use openidconnect::url::Url;
use openidconnect::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenUrl,
};

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointNotSet>;
type Begun = (Url, CsrfToken, Nonce, PkceCodeVerifier);

static CLIENT: LazyLock<Client> = LazyLock::new(client);

const URL: &str = "keeps `state`, `nonce` and verifier as loose values; their comparison is the program's. It sends a `nonce` too";
const RESPONSE: &str = "token type (which one), duplicates of members that it does not know, size, characters, wiping; it drops those members unless the program writes a type for them. But it reads the ID token's claims already";
const ID_TOKEN: &str = "the age of `iat`; the key is parsed anew each time";

fn main() -> ExitCode {
    play(&[Side {
        name: "openidconnect",
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
            Play {
                job: Job::Rs256,
                prepare: || id_token::round(&id_token::RSA),
                check: || id_token::check(&id_token::RSA),
                leaves_out: ID_TOKEN,
            },
            Play {
                job: Job::Es256,
                prepare: || id_token::round(&id_token::EC),
                check: || id_token::check(&id_token::EC),
                leaves_out: ID_TOKEN,
            },
            Play {
                job: Job::EdDsa,
                prepare: || id_token::round(&id_token::ED),
                check: || id_token::check(&id_token::ED),
                leaves_out: ID_TOKEN,
            },
        ],
        probes: wrong::PROBES,
        load: None,
    }])
}

fn client() -> Client {
    let issuer = IssuerUrl::new(ISSUER.to_owned()).expect("a URL");
    CoreClient::new(ClientId::new(CLIENT_ID.to_owned()), issuer, CoreJsonWebKeySet::new(Vec::new()))
        .set_client_secret(ClientSecret::new(CLIENT_SECRET.to_owned()))
        .set_auth_uri(AuthUrl::new(AUTHORIZATION_ENDPOINT.to_owned()).expect("a URL"))
        .set_token_uri(TokenUrl::new(TOKEN_ENDPOINT.to_owned()).expect("a URL"))
        .set_redirect_uri(RedirectUrl::new(REDIRECT_URI.to_owned()).expect("a URL"))
}

/// The scope `openid` it sends by itself.
fn scopes() -> impl Iterator<Item = Scope> {
    SCOPE.split(' ').map(|scope| Scope::new(scope.to_owned()))
}

fn begin(client: &Client) -> Begun {
    let verifier = PkceCodeVerifier::new(VERIFIER.to_owned());
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(STATE.to_owned()),
            || Nonce::new(NONCE.to_owned()),
        )
        .add_scopes(scopes())
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .url();
    (url, state, nonce, verifier)
}

fn begin_random(client: &Client) -> Begun {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(scopes())
        .set_pkce_challenge(challenge)
        .url();
    (url, state, nonce, verifier)
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
    let (_, state, _, verifier) = begin(&CLIENT);
    let arrival = arrival(state.secret());
    Box::new(move || {
        request_of(&arrival, &state, verifier, &|request| {
            black_box(request);
        });
    })
}

fn check_exchange() {
    let (_, state, _, verifier) = begin(&CLIENT);
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
pub(crate) fn answered(
    status: u16,
    content_type: &str,
    body: String,
) -> Result<CoreTokenResponse, impl fmt::Debug> {
    let http = |_: HttpRequest| -> Result<HttpResponse, Infallible> {
        Ok(response(status, content_type, body.clone()))
    };
    CLIENT.exchange_code(AuthorizationCode::new(String::from("code"))).request(&http)
}

/// Its reader is private; the function that it calls for the body is not.
fn read(body: &[u8]) -> CoreTokenResponse {
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(body)).expect("tokens")
}

fn tokens() -> Round {
    let body = token_response().into_bytes();
    Box::new(move || {
        black_box(read(&body));
    })
}

fn assert_right(tokens: &CoreTokenResponse) {
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
) -> CoreTokenResponse {
    // A client may be asked more than once, so that it cannot give its answer away.
    let answer = std::cell::Cell::new(Some(answer));
    let http = |request: HttpRequest| -> Result<HttpResponse, Infallible> {
        black_box(request);
        Ok(answer.take().expect("one request"))
    };
    CLIENT.exchange_code(code(arrival, state)).set_pkce_verifier(verifier).request(&http).expect("tokens")
}

fn whole_flow() -> Round {
    let (_, state, _, verifier) = begin(&CLIENT);
    let (arrival, answer) = (arrival(state.secret()), response(200, HEADERS[0].1, token_response()));
    Box::new(move || {
        black_box(flow(&arrival, &state, verifier, answer));
    })
}

fn check_whole() {
    let (_, state, _, verifier) = begin(&CLIENT);
    let answer = response(200, HEADERS[0].1, token_response());
    assert_right(&flow(&arrival(state.secret()), &state, verifier, answer));
}

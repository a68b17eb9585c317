//! The jobs by hand: `String`s, `http`, `form_urlencoded`, `serde_json` into owned fields, and no more checks than a careful
//! program makes. It is the floor that the libraries stand on.

use std::hint::black_box;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bench_inputs::inputs::{
    AUTHORIZATION_ENDPOINT, CLIENT_ID, CLIENT_SECRET, HEADERS, ISSUER, REDIRECT_URI, SCOPE, STATE,
    TOKEN_ENDPOINT, VERIFIER, arrival, token_response,
};
use bench_inputs::{Job, Play, Round, Side, check, play};
use form_urlencoded::{Serializer, byte_serialize};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

type Request = http::Request<Vec<u8>>;
type Response = http::Response<Vec<u8>>;

const KEEPS_NOTHING: &str = "keeps no pending authorization";
const NO_CHECKS: &str = "content type, size, characters, wiping; members that it does not know";

fn main() -> ExitCode {
    play(&[Side {
        name: "by hand",
        plays: &[
            Play { job: Job::UrlAnew, prepare: url, check: check_url, leaves_out: KEEPS_NOTHING },
            Play { job: Job::UrlPrepared, prepare: url, check: check_url, leaves_out: KEEPS_NOTHING },
            Play {
                job: Job::UrlRandom,
                prepare: random_url,
                check: check_random_url,
                leaves_out: KEEPS_NOTHING,
            },
            Play {
                job: Job::Exchange,
                prepare: exchange,
                check: check_exchange,
                leaves_out: "that it is used once, its age, its redirect URI, its response mode",
            },
            Play { job: Job::TokenResponse, prepare: tokens, check: check_tokens, leaves_out: NO_CHECKS },
            Play {
                job: Job::WholeFlow,
                prepare: whole_flow,
                check: check_tokens,
                leaves_out: "both of the above",
            },
        ],
        probes: &[],
        load: None,
    }])
}

/// What is kept until the browser comes back.
struct Pending {
    state: String,
    verifier: String,
}

fn pending() -> Pending {
    Pending { state: STATE.to_owned(), verifier: VERIFIER.to_owned() }
}

fn random_pending() -> Pending {
    let mut bytes = [0; 64];
    getrandom::fill(&mut bytes).expect("randomness");
    let (state, verifier) = bytes.split_at(32);
    Pending { state: URL_SAFE_NO_PAD.encode(state), verifier: URL_SAFE_NO_PAD.encode(verifier) }
}

fn begin(pending: Pending) -> (String, Pending) {
    let mut challenge = [0; 43];
    let digest = Sha256::digest(pending.verifier.as_bytes());
    URL_SAFE_NO_PAD.encode_slice(digest, &mut challenge).expect("43 characters");
    let mut url = String::with_capacity(512);
    url.push_str(AUTHORIZATION_ENDPOINT);
    url.push('?');
    let start = url.len();
    let mut query = Serializer::for_suffix(url, start);
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", CLIENT_ID)
        .append_pair("redirect_uri", REDIRECT_URI)
        .append_pair("scope", SCOPE)
        .append_pair("state", &pending.state)
        .append_pair("code_challenge", std::str::from_utf8(&challenge).expect("base64"))
        .append_pair("code_challenge_method", "S256");
    (query.finish(), pending)
}

fn url() -> Round {
    Box::new(|| {
        black_box(begin(pending()));
    })
}

fn check_url() {
    check::authorization_url(&begin(pending()).0, Some(STATE));
}

fn random_url() -> Round {
    Box::new(|| {
        black_box(begin(random_pending()));
    })
}

fn check_random_url() {
    check::authorization_url(&begin(random_pending()).0, None);
}

/// The code, if each parameter is there once and the state and the issuer are right.
fn checked<'q>(
    parameters: form_urlencoded::Parse<'q>,
    pending: &Pending,
) -> Option<std::borrow::Cow<'q, str>> {
    let (mut code, mut state, mut iss) = (None, None, None);
    for (name, value) in parameters {
        let place = match &*name {
            "code" => &mut code,
            "state" => &mut state,
            "iss" => &mut iss,
            "error" => return None,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    let same: bool = state?.as_bytes().ct_eq(pending.state.as_bytes()).into();
    if same && iss? == ISSUER { code } else { None }
}

fn code_request(arrival: &str, pending: &Pending) -> Request {
    let query = arrival.split_once('?').expect("a query").1;
    let code = checked(form_urlencoded::parse(query.as_bytes()), pending).expect("a code");
    let mut form = Serializer::new(String::with_capacity(256));
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", &code)
        .append_pair("redirect_uri", REDIRECT_URI)
        .append_pair("code_verifier", &pending.verifier);
    let mut pair: String = byte_serialize(CLIENT_ID.as_bytes()).collect();
    pair.push(':');
    pair.extend(byte_serialize(CLIENT_SECRET.as_bytes()));
    let mut basic = String::from("Basic ");
    STANDARD.encode_string(pair, &mut basic);
    let mut basic = HeaderValue::try_from(basic).expect("a header");
    basic.set_sensitive(true);

    let mut request = Request::new(form.finish().into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = TOKEN_ENDPOINT.parse().expect("a URI");
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(AUTHORIZATION, basic);
    request
}

fn exchange() -> Round {
    let pending = pending();
    let arrival = arrival(&pending.state);
    Box::new(move || {
        black_box(code_request(&arrival, &pending));
    })
}

fn check_exchange() {
    let pending = pending();
    let request = code_request(&arrival(&pending.state), &pending);
    let basic = request.headers().get(AUTHORIZATION).and_then(|basic| basic.to_str().ok());
    check::exchange(&request.uri().to_string(), basic, request.body());
}

#[derive(Deserialize)]
struct Tokens<'a> {
    access_token: String,
    token_type: &'a str,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
    scope: Option<String>,
    id_token: Option<String>,
}

fn answer() -> Response {
    let response = HEADERS
        .iter()
        .fold(http::Response::builder(), |response, (name, value)| response.header(*name, *value));
    response.body(token_response().into_bytes()).expect("a response")
}

fn read(response: &Response) -> Tokens<'_> {
    assert!(response.status() == 200, "a success");
    let tokens: Tokens<'_> = serde_json::from_slice(response.body()).expect("tokens");
    assert!(tokens.token_type.eq_ignore_ascii_case("bearer"), "a bearer token");
    black_box((&tokens.scope, &tokens.id_token));
    tokens
}

fn tokens() -> Round {
    let answer = answer();
    Box::new(move || {
        black_box(read(&answer));
    })
}

fn check_tokens() {
    let answer = answer();
    let tokens = read(&answer);
    check::tokens(&tokens.access_token, tokens.refresh_token.as_deref(), tokens.expires_in);
}

fn whole_flow() -> Round {
    let pending = pending();
    let (arrival, answer) = (arrival(&pending.state), answer());
    Box::new(move || {
        black_box(code_request(&arrival, &pending));
        black_box(read(&answer));
    })
}

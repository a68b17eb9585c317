//! The jobs by io-oauth. It speaks HTTP/1.1 itself, so that its request and its answer are bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::LazyLock;

use bench_inputs::inputs::{
    AUTHORIZATION_ENDPOINT, CLIENT_ID, CLIENT_SECRET, CODE, HEADERS, REDIRECT_URI, SCOPE, STATE,
    TOKEN_ENDPOINT, VERIFIER, access_token, arrival, token_response, token_response_with,
};
use bench_inputs::{Job, Play, Probe, Round, Side, Verdict, check, play, printed, refused};
use io_http::rfc9110::request::HttpRequest;
use io_oauth::rfc6749::access_token_request::{
    Oauth20AccessTokenRequest, Oauth20AccessTokenRequestParams, Oauth20AccessTokenRequestResult,
};
use io_oauth::rfc6749::auth_request::Oauth20AuthRequestParams;
use io_oauth::rfc6749::auth_response::Oauth20AuthParams;
use io_oauth::rfc6749::issue_access_token::Oauth20AccessTokenSuccessParams;
use io_oauth::rfc6749::state::Oauth20State;
use io_oauth::rfc7636::pkce::{Oauth20PkceCodeChallenge, Oauth20PkceCodeChallengeMethod};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error, StrDeserializer};
use url::Url;

const RESPONSE: &str = "content type, token type (which one), duplicates of members that it does not know, size, characters; it drops those members";

fn main() -> ExitCode {
    play(&[Side {
        name: "io-oauth",
        plays: &[
            Play { job: Job::UrlAnew, prepare: url_anew, check: check_anew, leaves_out: KEPT },
            Play { job: Job::UrlPrepared, prepare: url_prepared, check: check_anew, leaves_out: KEPT },
            Play { job: Job::UrlRandom, prepare: url_random, check: check_random, leaves_out: KEPT },
            Play {
                job: Job::Exchange,
                prepare: exchange,
                check: check_exchange,
                leaves_out: "`iss`, duplicates, its age, that it is used once, a constant-time comparison; Basic",
            },
            Play { job: Job::TokenResponse, prepare: tokens, check: check_tokens, leaves_out: RESPONSE },
            Play {
                job: Job::WholeFlow,
                prepare: whole_flow,
                check: check_whole,
                leaves_out: "both of the above; but it reads HTTP/1.1 itself, which is in the figure",
            },
        ],
        probes: &[
            (Probe::StateWrong, || refused(arrived(&arrival("another"), &kept().0))),
            (Probe::StateMissing, || refused(arrived(&format!("{REDIRECT_URI}?code={CODE}"), &kept().0))),
            (Probe::CodeTwice, || refused(arrived(&format!("{}&code=another", arrival(STATE)), &kept().0))),
            (Probe::IssWrong, || {
                let other = arrival(STATE).replace("as.example", "attacker.example");
                refused(arrived(&other, &kept().0))
            }),
            (Probe::IssMissing, || {
                refused(arrived(&format!("{REDIRECT_URI}?code={CODE}&state={STATE}"), &kept().0))
            }),
            (Probe::CodeAndError, || {
                refused(arrived(&format!("{}&error=access_denied", arrival(STATE)), &kept().0))
            }),
            (Probe::TypeMissing, || {
                refused(answered(200, "application/json", &token_response_with(r#""a":1"#)))
            }),
            (Probe::TypeUnknown, || {
                refused(answered(200, "application/json", &token_response_with(r#""token_type":"mac""#)))
            }),
            (Probe::MemberTwice, || {
                let twice = r#""token_type":"Bearer","access_token":"other""#;
                refused(answered(200, "application/json", &token_response_with(twice)))
            }),
            (Probe::NotJson, || refused(answered(200, "text/html", &token_response()))),
            (Probe::ServerError, || refused(answered(500, "application/json", &token_response()))),
            (Probe::ErrorMember, || {
                let error = r#""token_type":"Bearer","error":"access_denied""#;
                refused(answered(200, "application/json", &token_response_with(error)))
            }),
            (Probe::TokenOfSpaces, || {
                let body = r#"{"access_token":"two words\n","token_type":"Bearer"}"#;
                refused(answered(200, "application/json", body))
            }),
            (Probe::Huge, || {
                refused(answered(
                    200,
                    "application/json",
                    &format!("{}{}", token_response(), " ".repeat(8 << 20)),
                ))
            }),
            // The struct has five members and no map.
            (Probe::MembersKept, || {
                let tokens = answered(200, "application/json", &token_response()).expect("tokens");
                let kept = String::try_from(&tokens).expect("JSON");
                if kept.contains("session_state") { Verdict::Kept } else { Verdict::Dropped }
            }),
            (Probe::DebugTokens, || {
                let tokens = answered(200, "application/json", &token_response()).expect("tokens");
                printed(&tokens, &access_token())
            }),
        ],
        load: None,
    }])
}

const KEPT: &str = "keeps `state` and verifier as loose values; the endpoint's own query comes last and wins";

static ENDPOINT: LazyLock<Url> = LazyLock::new(|| AUTHORIZATION_ENDPOINT.parse().expect("a URL"));
static TOKENS: LazyLock<Url> = LazyLock::new(|| TOKEN_ENDPOINT.parse().expect("a URL"));

/// What is kept until the browser comes back.
fn kept() -> (Oauth20State, Oauth20PkceCodeChallenge) {
    let state: StrDeserializer<'_, Error> = STATE.into_deserializer();
    let state = Oauth20State::deserialize(state).expect("a state");
    let verifier = VERIFIER.parse().expect("a verifier");
    (state, Oauth20PkceCodeChallenge { method: Oauth20PkceCodeChallengeMethod::Sha256, verifier })
}

fn url_of(endpoint: &Url, (state, challenge): &(Oauth20State, Oauth20PkceCodeChallenge)) -> Url {
    Oauth20AuthRequestParams {
        client_id: CLIENT_ID.into(),
        redirect_uri: Some(REDIRECT_URI.into()),
        scope: SCOPE.split(' ').map(Into::into).collect(),
        state: Some(Cow::Borrowed(state)),
        pkce_code_challenge: Some(Cow::Borrowed(challenge)),
        extras: BTreeMap::new(),
    }
    .build_url(endpoint)
}

fn url_anew() -> Round {
    Box::new(|| {
        let endpoint = AUTHORIZATION_ENDPOINT.parse().expect("a URL");
        let kept = kept();
        black_box((url_of(&endpoint, &kept), kept));
    })
}

fn check_anew() {
    check::authorization_url(url_of(&ENDPOINT, &kept()).as_str(), Some(STATE));
}

fn url_prepared() -> Round {
    LazyLock::force(&ENDPOINT);
    Box::new(|| {
        let kept = kept();
        black_box((url_of(&ENDPOINT, &kept), kept));
    })
}

fn url_random() -> Round {
    LazyLock::force(&ENDPOINT);
    Box::new(|| {
        let kept = <(Oauth20State, Oauth20PkceCodeChallenge)>::default();
        black_box((url_of(&ENDPOINT, &kept), kept));
    })
}

fn check_random() {
    check::authorization_url(url_of(&ENDPOINT, &Default::default()).as_str(), None);
}

/// The code, checked as far as it checks.
fn arrived(arrival: &str, state: &Oauth20State) -> Result<String, String> {
    let url: Url = arrival.parse().expect("a URL");
    let response = Oauth20AuthParams::from(&url);
    response.validate(Some(state)).map(Cow::into_owned).map_err(|error| error.to_string())
}

fn request_of(
    arrival: &str,
    (state, challenge): &(Oauth20State, Oauth20PkceCodeChallenge),
) -> (Oauth20AccessTokenRequest, Vec<u8>) {
    let url: Url = arrival.parse().expect("a URL");
    let code = Oauth20AuthParams::from(&url).validate(Some(state)).expect("a code");
    let request =
        HttpRequest { method: "POST".into(), url: TOKENS.clone(), headers: Vec::new(), body: Vec::new() };
    let parameters = Oauth20AccessTokenRequestParams {
        code,
        redirect_uri: Some(REDIRECT_URI.into()),
        client_id: CLIENT_ID.into(),
        client_secret: Some(SecretString::from(CLIENT_SECRET)),
        pkce_code_verifier: Some(Cow::Borrowed(&challenge.verifier)),
    };
    let mut flow = Oauth20AccessTokenRequest::new(request.header("Host", "as.example"), parameters);
    match flow.resume(None) {
        Oauth20AccessTokenRequestResult::WantsWrite(bytes) => (flow, bytes),
        other => panic!("a request, and not {other:?}"),
    }
}

fn exchange() -> Round {
    let (kept, arrival) = (kept(), arrival(STATE));
    LazyLock::force(&TOKENS);
    Box::new(move || {
        black_box(request_of(&arrival, &kept));
    })
}

fn check_exchange() {
    let (_, bytes) = request_of(&arrival(STATE), &kept());
    let request = String::from_utf8(bytes).expect("text");
    assert!(request.starts_with("POST /oauth/token HTTP/1.1\r\n"));
    let (_, body) = request.split_once("\r\n\r\n").expect("a body");
    check::exchange(TOKEN_ENDPOINT, None, body.as_bytes());
}

fn response(status: u16, content_type: &str, body: &str) -> Vec<u8> {
    let [_, (store, no_store), (date, time)] = HEADERS;
    format!(
        "HTTP/1.1 {status} OK\r\ncontent-type: {content_type}\r\n{store}: {no_store}\r\n{date}: {time}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn finish(
    mut flow: Oauth20AccessTokenRequest,
    answer: &[u8],
) -> Result<Oauth20AccessTokenSuccessParams, String> {
    match flow.resume(Some(answer)) {
        Oauth20AccessTokenRequestResult::Ok(Ok(tokens)) => Ok(tokens),
        Oauth20AccessTokenRequestResult::Ok(Err(error)) => Err(format!("{error:?}")),
        Oauth20AccessTokenRequestResult::Err(error) => Err(error.to_string()),
        other => Err(format!("{other:?}")),
    }
}

/// What it makes of an answer.
fn answered(status: u16, content_type: &str, body: &str) -> Result<Oauth20AccessTokenSuccessParams, String> {
    finish(request_of(&arrival(STATE), &kept()).0, &response(status, content_type, body))
}

fn tokens() -> Round {
    let body = token_response().into_bytes();
    Box::new(move || {
        black_box(Oauth20AccessTokenSuccessParams::try_from(body.as_slice()).expect("tokens"));
    })
}

fn assert_right(tokens: &Oauth20AccessTokenSuccessParams) {
    check::tokens(
        tokens.access_token.expose_secret(),
        tokens.refresh_token.as_ref().map(|token| token.expose_secret()),
        tokens.expires_in.map(|time| time as u64),
    );
}

fn check_tokens() {
    assert_right(&Oauth20AccessTokenSuccessParams::try_from(token_response().as_bytes()).expect("tokens"));
}

fn whole_flow() -> Round {
    let (kept, arrival) = (kept(), arrival(STATE));
    let answer = response(200, HEADERS[0].1, &token_response());
    Box::new(move || {
        let (flow, request) = request_of(&arrival, &kept);
        black_box(request);
        black_box(finish(flow, &answer).expect("tokens"));
    })
}

fn check_whole() {
    assert_right(&answered(200, HEADERS[0].1, &token_response()).expect("tokens"));
}

//! Messages: what goes to the browser and the token endpoint, and what comes back.

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

use bench_inputs::inputs::{
    AUTHORIZATION_ENDPOINT, CLIENT_ID, CLIENT_SECRET, HEADERS, ISSUER, NONCE, REDIRECT_URI, SCOPE, STATE,
    TOKEN_ENDPOINT, VERIFIER, arrival, token_response,
};
use bench_inputs::{Round, check};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use huskarl::core::client_auth::ClientSecret;
use huskarl::core::crypto::KeyMatchStrength;
use huskarl::core::crypto::verifier::{
    JwsVerifier, JwsVerifierFactory, JwsVerifierPlatform, KeyMatch, VerifyError,
};
use huskarl::core::http::{HttpClient, HttpResponse, Idempotency};
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl::core::secrets::{ProvidedSecret, SecretString};
use huskarl::core::{EndpointUrl, Error, RetryAdvice};
use huskarl::grant::authorization_code::{
    AuthorizationCodeGrant, CompleteInput, CompleteOutput, PendingState, StartInput, StartOutput,
};
use huskarl::grant::core::{RawTokenResponse, TokenResponse};

use crate::now;

/// What is answered next, and what was asked last.
static ANSWER: Mutex<Option<HttpResponse>> = Mutex::new(None);
static ASKED: Mutex<Option<Request<Bytes>>> = Mutex::new(None);

fn set<T>(place: &Mutex<Option<T>>, value: T) {
    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
}

fn take<T>(place: &Mutex<Option<T>>) -> Option<T> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}

#[derive(Debug)]
struct AtOnce;

impl HttpClient for AtOnce {
    fn execute(
        &self,
        request: Request<Bytes>,
        _: Idempotency,
    ) -> MaybeSendBoxFuture<'_, Result<HttpResponse, Error>> {
        set(&ASKED, request);
        let answer = take(&ANSWER);
        Box::pin(async { answer.ok_or_else(|| Error::new(RetryAdvice::No, "no answer")) })
    }
}

/// Takes every signature: what a signature costs is in the jobs of ID tokens.
#[derive(Debug)]
struct AnySignature;

impl JwsVerifier for AnySignature {
    fn key_match(&self, key_match: &KeyMatch<'_>) -> Option<KeyMatchStrength> {
        key_match.strength_for(&["RS256"], None)
    }

    fn verify<'a>(
        &'a self,
        _: &'a [u8],
        _: &'a [u8],
        _: &'a KeyMatch<'a>,
    ) -> MaybeSendBoxFuture<'a, Result<(), VerifyError>> {
        Box::pin(async { Ok(()) })
    }
}

impl JwsVerifierFactory for AnySignature {
    fn build(
        &self,
        _: Option<&EndpointUrl>,
        _: Arc<dyn JwsVerifierPlatform>,
    ) -> MaybeSendBoxFuture<'static, Result<Arc<dyn JwsVerifier>, Error>> {
        Box::pin(async { Ok(Arc::new(Self) as Arc<dyn JwsVerifier>) })
    }
}

static GRANT: LazyLock<AuthorizationCodeGrant> = LazyLock::new(|| {
    let grant = AuthorizationCodeGrant::builder()
        .client_id(CLIENT_ID)
        .http_client(AtOnce)
        .client_auth(ClientSecret::new(ProvidedSecret::new(SecretString::new(CLIENT_SECRET))))
        .issuer(ISSUER)
        .token_endpoint(TOKEN_ENDPOINT.parse().expect("a URL"))
        .authorization_endpoint(AUTHORIZATION_ENDPOINT.parse().expect("a URL"))
        .authorization_response_iss_parameter_supported(true)
        .redirect_uri(REDIRECT_URI)
        .allowed_id_token_signed_response_algs(HashSet::from([String::from("RS256")]))
        .jws_verifier_factory(AnySignature)
        .build();
    now(grant).expect("a grant")
});

fn begin() -> StartOutput {
    let scope = SCOPE.split(' ').map(str::to_owned).collect();
    now(GRANT.start(StartInput::scope(scope))).expect("a URL")
}

pub(crate) fn url() -> Round {
    LazyLock::force(&GRANT);
    Box::new(|| {
        black_box(begin());
    })
}

pub(crate) fn check_url() {
    let begun = begin();
    check::authorization_url(&begun.authorization_url.to_string(), Some(&begun.pending_state.state));
}

/// What was begun with a `state` and a verifier that are given.
pub(crate) fn pending() -> PendingState {
    let pending = serde_json::json!({
        "redirect_uri": REDIRECT_URI,
        "pkce_verifier": VERIFIER,
        "state": STATE,
        "nonce": NONCE,
        "dpop_jkt": null,
        "openid_requested": false,
    });
    serde_json::from_value(pending).expect("a pending state")
}

pub(crate) fn finish(
    pending: &PendingState,
    arrival: &str,
) -> Result<CompleteOutput, Box<dyn std::error::Error>> {
    let input: CompleteInput = arrival.parse()?;
    Ok(now(GRANT.complete(pending, input))?)
}

pub(crate) fn exchange() -> Round {
    let (pending, arrival) = (pending(), arrival(STATE));
    LazyLock::force(&GRANT);
    Box::new(move || {
        assert!(finish(&pending, &arrival).is_err(), "there was no answer");
    })
}

pub(crate) fn check_exchange() {
    assert!(finish(&pending(), &arrival(STATE)).is_err(), "there was no answer");
    let request = take(&ASKED).expect("a request");
    let basic = request.headers().get("authorization").and_then(|basic| basic.to_str().ok());
    check::exchange(&request.uri().to_string(), basic, request.body());
}

/// Whether it went as far as to ask the token endpoint.
pub(crate) fn asks(arrival: &str) -> bool {
    take(&ASKED);
    let _ = finish(&pending(), arrival);
    take(&ASKED).is_some()
}

pub(crate) fn response(status: u16, content_type: &'static str, body: String) -> HttpResponse {
    let mut headers = HeaderMap::new();
    for (name, value) in HEADERS {
        headers.insert(
            name,
            HeaderValue::from_static(if name == "content-type" { content_type } else { value }),
        );
    }
    HttpResponse { status: StatusCode::from_u16(status).expect("a status"), headers, body: body.into() }
}

/// What it makes of an answer.
pub(crate) fn answered(
    status: u16,
    content_type: &'static str,
    body: String,
) -> Result<CompleteOutput, Box<dyn std::error::Error>> {
    set(&ANSWER, response(status, content_type, body));
    finish(&pending(), &arrival(STATE))
}

fn read(body: &[u8]) -> TokenResponse {
    let raw: RawTokenResponse = serde_json::from_slice(body).expect("tokens");
    raw.into_token_response(None, SystemTime::now()).expect("tokens")
}

pub(crate) fn tokens() -> Round {
    let body = token_response().into_bytes();
    Box::new(move || {
        black_box(read(&body));
    })
}

fn assert_right(tokens: &TokenResponse) {
    check::tokens(
        tokens.access_token().token().expose_secret(),
        tokens.raw_token_response().refresh_token.as_ref().map(|token| token.expose_secret()),
        tokens.raw_token_response().expires_in,
    );
}

pub(crate) fn check_tokens() {
    assert_right(&read(token_response().as_bytes()));
}

pub(crate) fn whole_flow() -> Round {
    let (pending, arrival) = (pending(), arrival(STATE));
    let answer = response(200, HEADERS[0].1, token_response());
    Box::new(move || {
        set(&ANSWER, answer);
        black_box(finish(&pending, &arrival).expect("tokens"));
    })
}

pub(crate) fn check_whole() {
    let output = answered(200, HEADERS[0].1, token_response()).expect("tokens");
    assert_right(&output.token_response);
    assert!(output.id_token.is_some(), "an ID token");
}

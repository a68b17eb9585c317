//! What core asks of its host, as a browser has it: [`run`] with `fetch` and timers, a clock, randomness.

use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode};
use js_sys::{Array, Promise, Reflect, Uint8Array};
use valetkey_core::host::{Error, MAX_BODY, TransportError, TransportErrorKind};
use valetkey_core::{Entropy, Flow, Request, Response, Step, UnixTime};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestInit, RequestMode, RequestRedirect, ResponseType, Window,
};

use crate::key::Key;

/// How long an answer may take, in milliseconds.
const PATIENCE: u32 = 30_000;

/// Runs a flow: sends what it wants sent, has signed what it wants signed, waits when it wants to wait.
pub(crate) async fn run<F: Flow>(mut flow: F, key: &Key) -> Result<F::Output, Error> {
    let mut response = None;
    loop {
        match flow.step(response.take(), now())? {
            Step::Send(request) => match send(&request).await {
                Ok(answer) => response = Some(answer),
                Err(error) if !flow.unanswered(now()) => return Err(Error::Transport(error)),
                Err(_) => {}
            },
            // A flow that waits for its key need not wait for the time it names: earlier does no harm.
            Step::Wait(_) if key.sign_wanted().await => {}
            Step::Wait(time) => sleep(time).await,
            Step::Done(output) => return Ok(output),
        }
    }
}

/// The computer's clock.
pub(crate) fn now() -> UnixTime {
    UnixTime::from_millis(js_sys::Date::now() as u64)
}

/// The browser's randomness.
pub(crate) fn entropy() -> Result<Entropy, Error> {
    let mut seed = [0; 32];
    let crypto = window().and_then(|window| window.crypto()).map_err(|_| Error::Randomness)?;
    crypto.get_random_values_with_u8_array(&mut seed).map_err(|_| Error::Randomness)?;
    Ok(Entropy::from_seed(seed))
}

pub(crate) fn window() -> Result<Window, JsValue> {
    web_sys::window().ok_or(JsValue::UNDEFINED)
}

async fn sleep(time: Duration) {
    let milliseconds = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
    let timer = Promise::new(&mut |resolve, _| {
        if let Ok(window) = window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        }
    });
    let _ = JsFuture::from(timer).await;
}

/// Sends one request and reads its answer. Of why no answer came a browser says little: a server that does not allow
/// this page's origin looks like one that is down.
async fn send(request: &Request) -> Result<Response, TransportError> {
    exchange(request).await.map_err(|kind| TransportError::new(kind).of(request.uri()))
}

async fn exchange(request: &Request) -> Result<Response, TransportErrorKind> {
    let answer = fetch(request).await.map_err(kind)?;
    // A redirect is not followed (HT-1). A browser hides which one it was, and where to; that it was one is enough.
    if answer.type_() == ResponseType::Opaqueredirect {
        let redirect = http::Response::builder().status(StatusCode::FOUND).body(Vec::new());
        return redirect.map_err(|_| TransportErrorKind::Broken);
    }
    let mut response = http::Response::new(body(&answer).await?);
    *response.status_mut() = StatusCode::from_u16(answer.status()).map_err(|_| TransportErrorKind::Broken)?;
    // What the server does not expose to pages is not among them. Several headers of a name come as one, joined.
    for pair in answer.headers().entries() {
        let pair = Array::from(&pair.map_err(kind)?);
        let (name, value) = (pair.get(0).as_string().unwrap_or_default(), pair.get(1).as_string());
        let name = HeaderName::try_from(name).map_err(|_| TransportErrorKind::Broken)?;
        let value = HeaderValue::try_from(value.unwrap_or_default());
        response.headers_mut().append(name, value.map_err(|_| TransportErrorKind::Broken)?);
    }
    Ok(response)
}

/// No cookies, no cache, no referrer: what authorizes a request is in it.
async fn fetch(request: &Request) -> Result<web_sys::Response, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in request.headers() {
        let value = value.to_str().map_err(|_| JsValue::from_str("a header is not text"))?;
        headers.append(name.as_str(), value)?;
    }
    let init = RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_headers_headers(&headers);
    if !request.body().is_empty() {
        init.set_body_opt_u8_array(Some(&Uint8Array::from(request.body().as_slice())));
    }
    init.set_mode(RequestMode::Cors);
    init.set_credentials(RequestCredentials::Omit);
    init.set_redirect(RequestRedirect::Manual);
    init.set_cache(RequestCache::NoStore);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    let answer = window()?.fetch_with_str_and_init(&request.uri().to_string(), &init);
    JsFuture::from(answer).await?.dyn_into()
}

/// The whole body, as long as it is not too long.
async fn body(answer: &web_sys::Response) -> Result<Vec<u8>, TransportErrorKind> {
    let mut body = Vec::new();
    let Some(stream) = answer.body() else { return Ok(body) };
    let reader = ReadableStreamDefaultReader::new(&stream).map_err(kind)?;
    loop {
        let piece = JsFuture::from(reader.read()).await.map_err(kind)?;
        if Reflect::get(&piece, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return Ok(body);
        }
        let piece = Uint8Array::new(&Reflect::get(&piece, &"value".into()).map_err(kind)?);
        if body.len().saturating_add(piece.length() as usize) > MAX_BODY {
            let _ = reader.cancel();
            return Err(TransportErrorKind::TooLarge);
        }
        body.extend_from_slice(&piece.to_vec());
    }
}

/// What an exception tells of the network.
fn kind(thrown: JsValue) -> TransportErrorKind {
    let name = Reflect::get(&thrown, &"name".into()).ok().and_then(|name| name.as_string());
    match name.as_deref() {
        Some("TimeoutError") => TransportErrorKind::Timeout,
        _ => TransportErrorKind::Connection,
    }
}

//! Who may ask, and what every answer says: checked before any handler, set after it.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, ORIGIN, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::desk::Desk;
use super::form::Form;

/// A form is at most this large, in bytes.
const MAX_FORM: usize = 256 * 1024;

/// The browser session that a request belongs to.
#[derive(Clone)]
pub(super) struct Visitor {
    pub(super) session: String,
    pub(super) csrf: String,
}

const COOKIE_NAME: &str = "valetkey";

/// Refuses what is not for this address or not from this page, and names the visitor.
pub(super) async fn guard(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let mut response = match admit(&desk, request).await {
        Ok((request, new)) => {
            let mut response = next.run(request).await;
            if let Some(cookie) = new.and_then(|session| cookie(&session)) {
                response.headers_mut().insert(SET_COOKIE, cookie);
            }
            response
        }
        Err(refusal) => refusal.into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

const HEADERS: [(HeaderName, &str); 6] = [
    (CACHE_CONTROL, "no-store"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
    // Not `no-referrer`: a form would then be sent with the origin `null`, and the check below needs the origin.
    (REFERRER_POLICY, "same-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

type Refusal = (StatusCode, &'static str);

/// The request with its visitor and its form, and a session to remember if it is new.
async fn admit(desk: &Desk, request: Request) -> Result<(Request, Option<String>), Refusal> {
    // A name that an attacker made to resolve to this address (DNS rebinding) is not ours.
    if request.headers().get(HOST).and_then(|host| host.to_str().ok()) != Some(desk.host()) {
        return Err((StatusCode::MISDIRECTED_REQUEST, "This address is served under its own name only.\n"));
    }
    let known = session(request.headers());
    let is_new = known.is_none();
    let session = match known {
        Some(session) => session,
        None => desk.random("session").map_err(|_| (StatusCode::INTERNAL_SERVER_ERROR, "no randomness\n"))?,
    };
    let visitor = Visitor { csrf: desk.csrf(&session), session: session.clone() };
    let (mut head, body) = request.into_parts();
    if head.method == Method::POST {
        if head.headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()) != Some(desk.origin()) {
            return Err((StatusCode::FORBIDDEN, "This form comes from another page.\n"));
        }
        let body = to_bytes(body, MAX_FORM)
            .await
            .map_err(|_| (StatusCode::PAYLOAD_TOO_LARGE, "This form is too large.\n"))?;
        let form = Form::read(&body);
        if is_new || !same(form.get("csrf"), &visitor.csrf) {
            return Err((StatusCode::FORBIDDEN, "This form is not of this session. Reload the page.\n"));
        }
        head.extensions.insert(form);
        head.extensions.insert(visitor);
        return Ok((Request::from_parts(head, Body::empty()), None));
    }
    head.extensions.insert(visitor);
    Ok((Request::from_parts(head, body), is_new.then_some(session)))
}

/// In a time that tells nothing about where they differ.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

fn session(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, session) = pairs.find(|(name, _)| *name == COOKIE_NAME)?;
    let plausible = session.len() == 43
        && session.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    plausible.then(|| session.to_owned())
}

/// Sent back by this browser alone, also when a server's redirect brings it here, and read by no script.
fn cookie(session: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{COOKIE_NAME}={session}; Path=/; HttpOnly; SameSite=Lax")).ok()
}

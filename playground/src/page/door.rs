//! The first request: a key from the terminal for a session of its own.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::desk::Desk;
use super::view;

/// Trades a key for a session, and takes the key out of the address bar.
pub(super) async fn open(
    State(desk): State<Arc<Desk>>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    // Who only looks ahead, a browser that guesses what a person types for one, does not use the key up.
    let looks_ahead =
        method != Method::GET || headers.contains_key("sec-purpose") || headers.contains_key("purpose");
    let key = query.as_deref().and_then(|query| query.strip_prefix("key="));
    let session = key.filter(|_| !looks_ahead).and_then(|key| desk.open(key));
    let Some(session) = session else {
        return (StatusCode::FORBIDDEN, view::outside::locked(key.is_some() && !looks_ahead)).into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let home = HeaderValue::try_from(desk.signer().visitor(session).at("/")).ok();
    for (name, value) in [(LOCATION, home), (SET_COOKIE, desk.signer().cookie(session, desk.port()))] {
        if let Some(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

pub(super) async fn nothing() -> Response {
    (StatusCode::NOT_FOUND, view::outside::locked(false)).into_response()
}

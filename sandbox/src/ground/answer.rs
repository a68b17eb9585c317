//! The answers' common shapes: JSON, an error, a page, a redirect.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER,
    WWW_AUTHENTICATE,
};
use http::{HeaderName, HeaderValue, StatusCode};
use maud::Markup;
use serde_json::{Value, json};
use valetkey_core::Response;

/// A JSON document that nobody may store.
pub(crate) fn json(status: StatusCode, value: &Value) -> Response {
    let mut response = http::Response::new(value.to_string().into_bytes());
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, "application/json");
    set(&mut response, CACHE_CONTROL, "no-store");
    response
}

/// An error in the two members that both of Space's layers use.
pub(crate) fn error(status: StatusCode, error: &str, description: &str) -> Response {
    json(status, &json!({ "error": error, "error_description": description }))
}

/// A page for a person: no script, nothing from elsewhere, no trace in a referrer or a cache.
pub(crate) fn page(status: StatusCode, markup: Markup) -> Response {
    let mut response = http::Response::new(markup.into_string().into_bytes());
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, "text/html; charset=utf-8");
    set(&mut response, CACHE_CONTROL, "no-store");
    set(&mut response, REFERRER_POLICY, "no-referrer");
    // No `form-action`: browsers apply it to the redirect after a form too, and that leads to the application.
    set(
        &mut response,
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    );
    response
}

/// A redirect without a body; `None` if the address cannot be a header.
pub(crate) fn redirect(status: StatusCode, location: &str) -> Option<Response> {
    let location = HeaderValue::try_from(location).ok()?;
    let mut response = http::Response::new(Vec::new());
    *response.status_mut() = status;
    response.headers_mut().insert(LOCATION, location);
    set(&mut response, CACHE_CONTROL, "no-store");
    set(&mut response, REFERRER_POLICY, "no-referrer");
    Some(response)
}

/// Adds a challenge.
pub(crate) fn challenged(mut response: Response, challenge: &str) -> Response {
    // A challenge is made of texts that are header values; without one, the answer says the same.
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        response.headers_mut().append(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Adds a `Retry-After` of whole seconds.
pub(crate) fn retry_after(mut response: Response, seconds: u64) -> Response {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Sets a header to a text that is known to be a header's value.
pub(crate) fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}

//! What the server is answered in the back channel: [`accepted`], [`refused`] (OpenID Connect Back-Channel Logout §2.8,
//! [LO-8](crate::Rule::Lo8)).

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use crate::ground::error::Error;
use crate::ground::flow::Response;

/// The sessions that were meant have ended, or there were none: 200.
#[must_use]
pub fn accepted() -> Response {
    let mut answer = Response::new(Vec::new());
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// The logout token was refused, or the log-out failed and may be asked for again: 400, with the error in JSON, as the
/// specification has it for both. It tells the rule that was broken by its id, and nothing else of what is known here.
#[must_use]
pub fn refused(error: &Error) -> Response {
    let body = match (error, error.rule()) {
        (Error::Malformed(_), Some(rule)) => format!(
            r#"{{"error":"invalid_request","error_description":"the logout token was refused: {}"}}"#,
            rule.id()
        ),
        _ => r#"{"error":"server_error","error_description":"the log-out failed, and may be tried again"}"#
            .to_owned(),
    };
    let mut answer = Response::new(body.into_bytes());
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

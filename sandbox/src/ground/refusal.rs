//! What an OAuth endpoint refuses with: an error code and its description.

use http::StatusCode;
use valetkey_core::Response;

use super::answer;

/// An OAuth error code and its description.
pub(crate) type Refusal = (&'static str, &'static str);

/// The answer to a client: 401 if it did not prove who it is, and 400 for anything else (RFC 6749 §5.2).
pub(crate) fn refusal((error, description): Refusal) -> Response {
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    answer::error(status, error, description)
}

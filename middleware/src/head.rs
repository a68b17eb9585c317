//! A request and its answer without their bodies: what a [`Call`](valetkey_core::session::Call) goes by.

use http::{HeaderMap, Method, StatusCode, Uri};
use valetkey_core::{Request, Response};

/// The head of a request that is about to be sent.
pub(crate) fn asked(method: &Method, uri: Uri, headers: &HeaderMap) -> Request {
    let mut request = Request::new(Vec::new());
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = headers.clone();
    request
}

/// The head of its answer.
pub(crate) fn answered(status: StatusCode, headers: &HeaderMap) -> Response {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    *response.headers_mut() = headers.clone();
    response
}

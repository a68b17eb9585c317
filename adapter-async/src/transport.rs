//! One request and its answer: [`send`].

use http::Method;
use http::header::{CONTENT_LENGTH, HeaderValue};
use reqwest::Body;
use valetkey_core::host::MAX_BODY;
use valetkey_core::{Request, Response};

use crate::failure::{Route, failed};
use crate::host::{TransportError, TransportErrorKind};
use crate::{Download, Error, HttpClient};

/// Sends one request and reads its answer up to [`MAX_BODY`]. No redirect is followed ([HT-1](crate::Rule::Ht1)), and every
/// status is an answer.
///
/// # Errors
///
/// [`Error::Transport`] if no whole answer came.
pub async fn send(http: &HttpClient, request: Request) -> Result<Response, Error> {
    exchange(http, request, MAX_BODY).await
}

pub(crate) async fn exchange(http: &HttpClient, request: Request, limit: usize) -> Result<Response, Error> {
    let (route, request) = prepared(http, request)?;
    let (head, body) = open(http, route, request).await?.into_parts();
    Ok(Response::from_parts(head, body.bytes(limit).await?))
}

/// A request in the library's own form, and its way.
pub(crate) fn prepared(
    http: &HttpClient,
    request: http::Request<impl Into<Body>>,
) -> Result<(Route, reqwest::Request), Error> {
    let route = Route::of(http, request.uri());
    let request = request.map(Into::<Body>::into);
    // Methods that are expected to have a body announce an empty one: some servers insist on a length (HT-2).
    let is_bare = request.body().as_bytes().is_some_and(<[u8]>::is_empty);
    let mut request = reqwest::Request::try_from(request)
        .map_err(|error| route.told(failed(&error), error.is_connect()))?;
    if is_bare && [Method::POST, Method::PUT, Method::PATCH].contains(request.method()) {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    Ok((route, request))
}

/// Sends a request and reads the head of its answer.
pub(crate) async fn open(
    http: &HttpClient,
    route: Route,
    request: reqwest::Request,
) -> Result<http::Response<Download>, Error> {
    let answer = http.client.execute(request).await;
    let mut answer = answer.map_err(|error| route.told(failed(&error), error.is_connect()))?;
    if route.is_refusal(answer.status()) {
        return Err(route.told(
            TransportError::new(TransportErrorKind::ProxyRefused(Some(answer.status().as_u16()))),
            false,
        ));
    }
    let (status, version) = (answer.status(), answer.version());
    let headers = std::mem::take(answer.headers_mut());
    let mut response = http::Response::new(Download { answer, route });
    *response.status_mut() = status;
    *response.version_mut() = version;
    *response.headers_mut() = headers;
    Ok(response)
}

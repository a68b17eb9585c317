//! One request and its answer: [`send`].

use http::Method;
use http::header::{HeaderValue, USER_AGENT};
use http::request::Parts;
use ureq::config::AutoHeaderValue;
use ureq::{AsSendBody, Body, SendBody};
use valetkey_core::host::{MAX_BODY, ProxyRules};
use valetkey_core::{Request, Response};

use crate::failure::failed;
use crate::network::{self, Route, chosen};
use crate::stream::Content;
use crate::{Download, Error, HttpClient};

/// Sends one request and reads its answer up to [`MAX_BODY`]. No redirect is followed ([HT-1](crate::Rule::Ht1)), and every
/// status is an answer.
///
/// # Errors
///
/// [`Error::Transport`] if no whole answer came.
pub fn send(http: &HttpClient, request: Request) -> Result<Response, Error> {
    exchange(http, request, MAX_BODY)
}

pub(crate) fn exchange(http: &HttpClient, request: Request, limit: usize) -> Result<Response, Error> {
    let (head, body) = request.into_parts();
    let (head, body) = open(http, head, Content::Bytes(&body))?.into_parts();
    Ok(Response::from_parts(head, body.bytes(limit)?))
}

/// Sends a request and reads the head of its answer.
pub(crate) fn open(
    http: &HttpClient,
    mut head: Parts,
    body: Content<'_, '_>,
) -> Result<http::Response<Download>, Error> {
    let (uri, route) = (head.uri.clone(), Route::default());
    head.extensions.insert(route.clone());
    if matches!(http.config().user_agent(), AutoHeaderValue::Default) {
        let name = HeaderValue::from_static(network::USER_AGENT);
        head.headers.entry(USER_AGENT).or_insert(name);
    }
    // A request without a body announces none, but for the methods that are expected to have one.
    let has_body = [Method::POST, Method::PUT, Method::PATCH].contains(&head.method);
    let answer = match body {
        Content::Bytes([]) if !has_body => answered(http, http::Request::from_parts(head, ())),
        Content::Bytes(bytes) => answered(http, http::Request::from_parts(head, bytes)),
        Content::Reader(mut reader) => {
            answered(http, http::Request::from_parts(head, SendBody::from_reader(&mut reader)))
        }
    };
    let (head, body) = answer.map_err(|error| failed(error, &uri, &route))?.into_parts();
    let (length, reader) = (body.content_length(), body.into_reader());
    Ok(http::Response::from_parts(head, Download { reader, length, uri, route }))
}

/// What is set for a request tells more than what the client was configured with.
fn answered(
    http: &HttpClient,
    request: http::Request<impl AsSendBody>,
) -> Result<http::Response<Body>, ureq::Error> {
    // `None` leaves the client's own proxy, if it has one.
    let proxy = match http.config().proxy() {
        Some(_) if ProxyRules::never_for(request.uri()) => Some(None),
        // A client that nobody gave a proxy has read the environment by itself, with another result.
        Some(proxy) if proxy.is_from_env() => Some(chosen(crate::network().proxies(), &request)?),
        _ => None,
    };
    let request = http
        .configure_request(request)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .allow_non_standard_methods(true);
    let request = match proxy {
        Some(proxy) => request.proxy(proxy),
        None => request,
    };
    http.run(request.build())
}

//! One request and its answer: [`send`], and the client that sends: [`HttpClient`].

use std::error::Error as StdError;
use std::time::Duration;
use std::{fmt, io};

use http::Method;
use http::header::{CONTENT_LENGTH, HeaderValue};
use reqwest::{ClientBuilder, redirect};
use valetkey_core::{MAX_BODY, Request, Response};

use crate::{Error, Http, HttpKind};

/// How long connecting may take, and a whole exchange.
const CONNECT: Duration = Duration::from_secs(10);
const EXCHANGE: Duration = Duration::from_secs(60);

/// An HTTP client that follows no redirect (HT-1): reqwest's, made by [`client`] or [`client_with`]. A clone shares its
/// connections.
#[derive(Clone)]
pub struct HttpClient(reqwest::Client);

/// What it was configured with may hold a secret.
impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

/// An HTTP client with timeouts (10 seconds to connect, 60 for an exchange), TLS by rustls, and the proxy that the
/// environment names.
///
/// # Errors
///
/// [`Error::Http`] if TLS cannot be set up on this system.
pub fn client() -> Result<HttpClient, Error> {
    client_with(reqwest::Client::builder().connect_timeout(CONNECT).timeout(EXCHANGE))
}

/// An HTTP client as you configured it, with the timeouts, proxy and TLS that it was given, but for redirects, which
/// are never followed (HT-1): a `reqwest::Client` cannot be asked whether it does, so this takes its builder.
///
/// # Errors
///
/// [`Error::Http`] if the configuration does not work on this system.
pub fn client_with(builder: ClientBuilder) -> Result<HttpClient, Error> {
    builder.redirect(redirect::Policy::none()).build().map(HttpClient).map_err(failed)
}

/// Sends one request and reads its answer up to [`MAX_BODY`]. No redirect is followed (HT-1), and every status is an
/// answer.
///
/// # Errors
///
/// [`Error::Http`] if no whole answer came.
pub async fn send(client: &HttpClient, request: Request) -> Result<Response, Error> {
    exchange(client, request, MAX_BODY).await
}

pub(crate) async fn exchange(client: &HttpClient, request: Request, limit: usize) -> Result<Response, Error> {
    // Methods that are expected to have a body announce an empty one: some servers insist on a length (HT-2).
    let is_bare = request.body().is_empty();
    let mut request = reqwest::Request::try_from(request).map_err(failed)?;
    if is_bare && [Method::POST, Method::PUT, Method::PATCH].contains(request.method()) {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let mut answer = client.0.execute(request).await.map_err(failed)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if chunk.len() > limit.saturating_sub(body.len()) {
            return Err(Error::Http(Http::new(HttpKind::TooLarge)));
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = Response::new(body);
    *response.status_mut() = answer.status();
    *response.version_mut() = answer.version();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(response)
}

/// The library's own error quotes the URL, so only its kind is kept, and the error of the system behind it.
fn failed(error: reqwest::Error) -> Error {
    let system = system(&error);
    let kind = if error.is_timeout() {
        HttpKind::Timeout
    } else if error.is_builder() {
        HttpKind::Request
    } else if error.is_connect() || broke(&error) || system.as_ref().is_some_and(|error| !is_garbage(error)) {
        HttpKind::Connection
    } else {
        HttpKind::Broken
    };
    Error::Http(match system {
        Some(source) => Http::caused(kind, source),
        None => Http::new(kind),
    })
}

/// The innermost of the system's errors, which knows of no URL.
fn system(error: &reqwest::Error) -> Option<io::Error> {
    let error = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last()?;
    Some(match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    })
}

/// Whether the connection ended before the answer did.
fn broke(error: &reqwest::Error) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_incomplete_message)
}

/// Whether what came was read and is not what HTTP says.
fn is_garbage(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

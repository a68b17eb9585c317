//! One request and its answer: [`send`], and the client that sends: [`client`].

use std::error::Error as _;
use std::io;
use std::time::Duration;

use reqwest::{Client as HttpClient, ClientBuilder, redirect};
use valetkey_core::{MAX_BODY, Request, Response};

use crate::{Error, Http, HttpKind};

/// How long connecting may take, and a whole exchange.
const CONNECT: Duration = Duration::from_secs(10);
const EXCHANGE: Duration = Duration::from_secs(60);

/// An HTTP client with timeouts (10 seconds to connect, 60 for an exchange), TLS by rustls, and no redirects.
///
/// # Errors
///
/// [`Error::Http`] if TLS cannot be set up on this system.
pub fn client() -> Result<HttpClient, Error> {
    client_with(HttpClient::builder().connect_timeout(CONNECT).timeout(EXCHANGE))
}

/// An HTTP client as you configured it, but for redirects, which are never followed (HT-1).
///
/// # Errors
///
/// [`Error::Http`] if the configuration does not work on this system.
pub fn client_with(builder: ClientBuilder) -> Result<HttpClient, Error> {
    builder.redirect(redirect::Policy::none()).build().map_err(failed)
}

/// Sends one request and reads its answer up to [`MAX_BODY`]. Every status is an answer. An HTTP client that was not
/// made by [`client_with`] may follow a redirect; the answer is then refused.
///
/// # Errors
///
/// [`Error::Http`] if no whole answer came.
pub async fn send(client: &HttpClient, request: Request) -> Result<Response, Error> {
    exchange(client, request, MAX_BODY).await
}

pub(crate) async fn exchange(client: &HttpClient, request: Request, limit: usize) -> Result<Response, Error> {
    let request = reqwest::Request::try_from(request).map_err(failed)?;
    let target = request.url().clone();
    let mut answer = client.execute(request).await.map_err(failed)?;
    if *answer.url() != target {
        return Err(Error::Http(Http::new(HttpKind::Redirected)));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > limit {
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

/// The library's own error quotes the URL, so only its kind is kept, and the kind of the system's error behind it.
fn failed(error: reqwest::Error) -> Error {
    let kind = if error.is_timeout() {
        HttpKind::Timeout
    } else if error.is_builder() {
        HttpKind::Request
    } else if error.is_connect() || system(&error).is_some() {
        HttpKind::Connection
    } else {
        HttpKind::Broken
    };
    Error::Http(match system(&error) {
        Some(source) => Http::caused(kind, source),
        None => Http::new(kind),
    })
}

fn system(error: &reqwest::Error) -> Option<io::Error> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            return Some(error.kind().into());
        }
        source = cause.source();
    }
    None
}

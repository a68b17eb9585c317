//! One request and its answer: [`send`], and the agent that sends: [`agent`].

use std::io;
use std::time::Duration;

use http::Method;
use ureq::{Agent, AsSendBody, Body};
use valetkey_core::{MAX_BODY, Request, Response};

use crate::{Error, Http, HttpKind};

/// How long connecting may take, and a whole exchange.
const CONNECT: Duration = Duration::from_secs(10);
const EXCHANGE: Duration = Duration::from_secs(60);
/// The largest head of an answer, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// An agent with timeouts (10 seconds to connect, 60 for an exchange), a limit for headers, TLS by rustls, and the
/// proxy that the environment names.
///
/// Any other `ureq::Agent` serves as well, with the timeouts, proxy and TLS that it was given: redirects and statuses
/// are set for each request. Its middleware sees every request, secrets and all.
#[must_use]
pub fn agent() -> Agent {
    Agent::config_builder()
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(EXCHANGE))
        .max_response_header_size(MAX_HEAD)
        .build()
        .into()
}

/// Sends one request and reads its answer up to [`MAX_BODY`]. No redirect is followed (HT-1), and every status is an
/// answer.
///
/// # Errors
///
/// [`Error::Http`] if no whole answer came.
pub fn send(agent: &Agent, request: Request) -> Result<Response, Error> {
    exchange(agent, request, MAX_BODY)
}

pub(crate) fn exchange(agent: &Agent, request: Request, limit: usize) -> Result<Response, Error> {
    let (head, body) = request.into_parts();
    // A request without a body announces none, but for the methods that are expected to have one.
    let has_body = !body.is_empty() || [Method::POST, Method::PUT, Method::PATCH].contains(&head.method);
    let answer = match has_body {
        true => answered(agent, http::Request::from_parts(head, body)),
        false => answered(agent, http::Request::from_parts(head, ())),
    };
    let (head, body) = answer.map_err(failed)?.into_parts();
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let body = body.into_with_config().limit(limit).read_to_vec().map_err(failed)?;
    Ok(Response::from_parts(head, body))
}

/// What is set for a request tells more than what the agent was configured with.
fn answered(
    agent: &Agent,
    request: http::Request<impl AsSendBody>,
) -> Result<http::Response<Body>, ureq::Error> {
    let request = agent
        .configure_request(request)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .build();
    agent.run(request)
}

/// The library's own error may quote a URL, so only its kind is kept, and the error of the system behind it.
fn failed(error: ureq::Error) -> Error {
    Error::Http(match error {
        ureq::Error::Timeout(_) => Http::new(HttpKind::Timeout),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => Http::new(HttpKind::Timeout),
        ureq::Error::Io(error) => Http::caused(HttpKind::Connection, error),
        ureq::Error::Rustls(error) => {
            Http::caused(HttpKind::Connection, io::Error::new(io::ErrorKind::InvalidData, error))
        }
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::ConnectProxyFailed(_)
        | ureq::Error::Tls(_) => Http::new(HttpKind::Connection),
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => {
            Http::new(HttpKind::TooLarge)
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::RequireHttpsOnly(_) => {
            Http::new(HttpKind::Request)
        }
        _ => Http::new(HttpKind::Broken),
    })
}

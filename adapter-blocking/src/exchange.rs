//! One request and its answer: [`send`], and the agent that sends: [`agent`].

use std::io;
use std::time::Duration;

use ureq::Agent;
use valetkey_core::{MAX_BODY, Request, Response};

use crate::{Error, Http, HttpKind};

/// How long connecting may take, and a whole exchange.
const CONNECT: Duration = Duration::from_secs(10);
const EXCHANGE: Duration = Duration::from_secs(60);
/// The largest head of an answer, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// An agent with timeouts (10 seconds to connect, 60 for an exchange), a limit for headers, and TLS by rustls. Any
/// other `ureq::Agent` serves as well: redirects and statuses are set for each request.
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
    let request = agent
        .configure_request(request)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .build();
    let (parts, body) = agent.run(request).map_err(failed)?.into_parts();
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let body = body.into_with_config().limit(limit).read_to_vec().map_err(failed)?;
    Ok(Response::from_parts(parts, body))
}

/// The library's own error may quote a URL, so only its kind is kept, and an error of the system.
fn failed(error: ureq::Error) -> Error {
    Error::Http(match error {
        ureq::Error::Timeout(_) => Http::new(HttpKind::Timeout),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => Http::new(HttpKind::Timeout),
        ureq::Error::Io(error) => Http::caused(HttpKind::Connection, error),
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::Tls(_) => {
            Http::new(HttpKind::Connection)
        }
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => {
            Http::new(HttpKind::TooLarge)
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => Http::new(HttpKind::Request),
        _ => Http::new(HttpKind::Broken),
    })
}

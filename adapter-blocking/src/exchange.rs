//! One request and its answer: [`send`].

use std::io;

use http::header::{HeaderValue, USER_AGENT};
use http::{Method, Uri};
use ureq::config::AutoHeaderValue;
use ureq::{Agent, AsSendBody, Body};
use valetkey_core::host::{MAX_BODY, ProxyRules, UnusableProxy};
use valetkey_core::{Request, Response};

use crate::Error;
use crate::certificate::{bad_certificate, of_tls};
use crate::host::{Http, HttpKind};
use crate::network::{self, Route, chosen};

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
    let (mut head, body) = request.into_parts();
    let (uri, route) = (head.uri.clone(), Route::default());
    let failed = |error| failed(error, &uri, &route);
    head.extensions.insert(route.clone());
    if matches!(agent.config().user_agent(), AutoHeaderValue::Default) {
        let name = HeaderValue::from_static(network::USER_AGENT);
        head.headers.entry(USER_AGENT).or_insert(name);
    }
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
    // `None` leaves the agent's own proxy, if it has one.
    let proxy = match agent.config().proxy() {
        Some(_) if ProxyRules::never_for(request.uri()) => Some(None),
        // An agent that nobody gave a proxy has read the environment by itself, with another result.
        Some(proxy) if proxy.is_from_env() => Some(chosen(crate::network().proxies(), &request)?),
        _ => None,
    };
    let request = agent
        .configure_request(request)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .allow_non_standard_methods(true);
    let request = match proxy {
        Some(proxy) => request.proxy(proxy),
        None => request,
    };
    agent.run(request.build())
}

/// The library's own error may quote a URL, so only its kind is kept, and the error of the system behind it.
fn failed(error: ureq::Error, uri: &Uri, route: &Route) -> Error {
    let http = match error {
        ureq::Error::Timeout(_) => Http::new(HttpKind::Timeout),
        ureq::Error::Io(error) => of_the_system(error, route),
        ureq::Error::Rustls(error) => of_the_system(io::Error::new(io::ErrorKind::InvalidData, error), route),
        ureq::Error::ConnectProxyFailed(why) => match status(&why) {
            Some(status) => Http::new(HttpKind::ProxyRefused(Some(status))),
            None => Http::new(HttpKind::Connection),
        },
        ureq::Error::HostNotFound => Http::caused(
            HttpKind::Connection,
            io::Error::new(io::ErrorKind::NotFound, "the host has no address"),
        ),
        ureq::Error::ConnectionFailed | ureq::Error::Tls(_) => Http::new(HttpKind::Connection),
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => {
            Http::new(HttpKind::TooLarge)
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::RequireHttpsOnly(_) => {
            Http::new(HttpKind::Request)
        }
        ureq::Error::Other(other) => match other.downcast::<UnusableProxy>() {
            Ok(proxy) => Http::unusable_proxy(*proxy),
            Err(_) => Http::new(HttpKind::Broken),
        },
        _ => Http::new(HttpKind::Broken),
    };
    let http = http.of(uri);
    Error::Http(match route.proxy() {
        Some(proxy) => http.through(proxy),
        None => http,
    })
}

fn of_the_system(error: io::Error, route: &Route) -> Http {
    let is_socks = route.proxy().is_some_and(|proxy| proxy.scheme().starts_with("socks"));
    if let Some(bad) = bad_certificate(&error) {
        return bad;
    }
    match (of_tls(&error), error.kind()) {
        (Some(rustls::Error::General(_)), _) => Http::caused(HttpKind::Setup, error),
        (_, io::ErrorKind::TimedOut) => Http::new(HttpKind::Timeout),
        // A SOCKS proxy's word arrives as an error that the system did not make.
        (None, io::ErrorKind::Other | io::ErrorKind::PermissionDenied)
            if is_socks && error.raw_os_error().is_none() =>
        {
            Http::caused(HttpKind::ProxyRefused(None), error)
        }
        _ => Http::caused(HttpKind::Connection, error),
    }
}

/// The status in "proxy server responded 407/Proxy Authentication Required", which is how ureq tells it.
fn status(why: &str) -> Option<u16> {
    why.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()
}

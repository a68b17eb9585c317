//! Why no answer came, and on which way: [`failed`], [`Route`].

use std::error::Error as StdError;
use std::io;

use http::{StatusCode, Uri};
use valetkey_core::host;
use valetkey_core::host::{Proxy, UnusableProxy};

use crate::host::{TransportError, TransportErrorKind};
use crate::network::causes;
use crate::{Error, HttpClient};

/// Where a request goes, and by which proxy.
#[derive(Clone)]
pub(crate) struct Route {
    uri: Uri,
    proxy: Result<Option<Proxy>, UnusableProxy>,
}

impl Route {
    pub(crate) fn of(http: &HttpClient, uri: &Uri) -> Self {
        Self { proxy: http.proxies.for_uri(uri).map(Option::<&_>::cloned), uri: uri.clone() }
    }

    /// A failure, with what is known of the way that it happened on. A proxy that cannot be used shows when it is
    /// connected to; a request that cannot be sent had no way.
    pub(crate) fn told(&self, http: TransportError, is_connect: bool) -> Error {
        let http = match &self.proxy {
            Err(unusable) if is_connect => TransportError::unusable_proxy(unusable.clone()),
            Ok(Some(proxy)) if http.kind() != TransportErrorKind::Request => http.through(proxy),
            _ => http,
        };
        Error::Transport(http.of(&self.uri))
    }

    /// Whether this is the word of the proxy on a request that it was to pass on in the clear (RFC 9110 §15.5.8).
    pub(crate) fn is_refusal(&self, status: StatusCode) -> bool {
        status == StatusCode::PROXY_AUTHENTICATION_REQUIRED
            && self.uri.scheme_str() == Some("http")
            && matches!(self.proxy, Ok(Some(_)))
    }
}

/// The library's own error quotes the URL, so only its kind is kept, and the error of the system behind it.
pub(crate) fn failed(error: &reqwest::Error) -> TransportError {
    if error.is_timeout() {
        return TransportError::new(TransportErrorKind::Timeout);
    }
    if error.is_builder() {
        return TransportError::new(TransportErrorKind::Request);
    }
    if let Some(known) = causes(error).find_map(|cause| by_the_proxy(cause).or_else(|| host::tls(cause))) {
        return known;
    }
    let system = system(error);
    let is_connection =
        error.is_connect() || broke(error) || system.as_ref().is_some_and(|error| !is_garbage(error));
    let kind = if is_connection { TransportErrorKind::Connection } else { TransportErrorKind::Broken };
    match system {
        Some(source) => TransportError::caused(kind, source),
        None => TransportError::new(kind),
    }
}

/// What a proxy refused with. The types of these errors have no public name, so they are known by their words; the
/// status of a refused tunnel is not among them, but for 407.
fn by_the_proxy(cause: &(dyn StdError + 'static)) -> Option<TransportError> {
    let words = cause.to_string();
    match words.as_str() {
        "tunnel error: proxy authorization required" => {
            Some(TransportError::new(TransportErrorKind::ProxyRefused(Some(407))))
        }
        "tunnel error: unsuccessful" => Some(TransportError::new(TransportErrorKind::ProxyRefused(None))),
        _ => {
            let words = words.strip_prefix("SOCKS error: ")?;
            let is_refusal = SOCKS_REFUSALS.contains(&words);
            is_refusal.then(|| {
                TransportError::caused(
                    TransportErrorKind::ProxyRefused(None),
                    io::Error::other(words.to_owned()),
                )
            })
        }
    }
}

/// What a SOCKS5 proxy may say (RFC 1928 §3 and §6, RFC 1929 §2), in the library's words.
const SOCKS_REFUSALS: &[&str] = &[
    "general server failure",
    "connection not allowed",
    "network unreachable",
    "host unreachable",
    "connection refused",
    "ttl expired",
    "command not supported",
    "address type not supported",
    "server does not support user/pass authentication",
    "server implements authentication incorrectly",
    "credentials not accepted",
];

/// The innermost of the system's errors, which knows of no URL.
fn system(error: &reqwest::Error) -> Option<io::Error> {
    let error = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last()?;
    Some(match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    })
}

/// Whether the connection ended before the answer did, or before the request went out on it.
fn broke(error: &reqwest::Error) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(|error| error.is_incomplete_message() || error.is_closed() || error.is_canceled())
}

/// Whether what came was read and is not what HTTP says.
fn is_garbage(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}

//! Why no answer came, and on which way: [`failed`].

use std::io::{self};

use http::Uri;
use valetkey_core::host;
use valetkey_core::host::UnusableProxy;

use crate::Error;
use crate::host::{TransportError, TransportErrorKind};
use crate::network::Route;

/// The library's own error may quote a URL, so only its kind is kept, and the error of the system behind it.
pub(crate) fn failed(error: ureq::Error, uri: &Uri, route: &Route) -> Error {
    let http = match error {
        ureq::Error::Timeout(_) => TransportError::new(TransportErrorKind::Timeout),
        ureq::Error::Io(error) => of_the_system(error, route),
        ureq::Error::Rustls(error) => of_the_system(io::Error::new(io::ErrorKind::InvalidData, error), route),
        ureq::Error::ConnectProxyFailed(why) => match status(&why) {
            Some(status) => TransportError::new(TransportErrorKind::ProxyRefused(Some(status))),
            None => TransportError::new(TransportErrorKind::Connection),
        },
        ureq::Error::HostNotFound => TransportError::caused(
            TransportErrorKind::Connection,
            io::Error::new(io::ErrorKind::NotFound, "the host's name has no address"),
        ),
        ureq::Error::ConnectionFailed | ureq::Error::Tls(_) => {
            TransportError::new(TransportErrorKind::Connection)
        }
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => {
            TransportError::new(TransportErrorKind::TooLarge)
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::RequireHttpsOnly(_) => {
            TransportError::new(TransportErrorKind::Request)
        }
        ureq::Error::Other(other) => match other.downcast::<UnusableProxy>() {
            Ok(proxy) => TransportError::unusable_proxy(*proxy),
            Err(_) => TransportError::new(TransportErrorKind::Broken),
        },
        _ => TransportError::new(TransportErrorKind::Broken),
    };
    let http = http.of(uri);
    Error::Transport(match route.proxy() {
        Some(proxy) => http.through(proxy),
        None => http,
    })
}

fn of_the_system(error: io::Error, route: &Route) -> TransportError {
    let is_socks = route.proxy().is_some_and(|proxy| proxy.scheme().starts_with("socks"));
    if let Some(said) = host::tls(&error) {
        return said;
    }
    match error.kind() {
        io::ErrorKind::TimedOut => TransportError::new(TransportErrorKind::Timeout),
        // A SOCKS proxy's word arrives as an error that the system did not make.
        io::ErrorKind::Other | io::ErrorKind::PermissionDenied
            if is_socks && error.raw_os_error().is_none() =>
        {
            TransportError::caused(TransportErrorKind::ProxyRefused(None), error)
        }
        _ => TransportError::caused(TransportErrorKind::Connection, error),
    }
}

/// The status in "proxy server responded 407/Proxy Authentication Required", which is how ureq tells it.
fn status(why: &str) -> Option<u16> {
    why.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()
}

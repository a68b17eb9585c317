//! Why no answer came, and on which way: [`failed`].

use crate::Error;
use crate::host::{Http, HttpKind};
use crate::network::Route;
use http::Uri;
use std::io::{self};
use valetkey_core::host;
use valetkey_core::host::UnusableProxy;

/// The library's own error may quote a URL, so only its kind is kept, and the error of the system behind it.
pub(crate) fn failed(error: ureq::Error, uri: &Uri, route: &Route) -> Error {
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
    if let Some(said) = host::tls(&error) {
        return said;
    }
    match error.kind() {
        io::ErrorKind::TimedOut => Http::new(HttpKind::Timeout),
        // A SOCKS proxy's word arrives as an error that the system did not make.
        io::ErrorKind::Other | io::ErrorKind::PermissionDenied
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

//! What ureq's errors are told as: for each kind, whose fault it is, and whether it may pass.

use std::io::{self, ErrorKind};

use http::Request;
use ureq::middleware::MiddlewareNext;
use ureq::{Agent, Error as UreqError, SendBody, Timeout};
use valetkey_tests::get;

use crate::face::{Adapter as _, Blocking, Failed};

/// What comes of a request of which ureq says this.
fn told(error: impl Fn() -> UreqError + Send + Sync + 'static) -> Failed {
    let fails = move |_: Request<SendBody<'_>>, _: MiddlewareNext<'_>| Err(error());
    let agent: Agent = Agent::config_builder().middleware(fails).build().into();
    Blocking(agent).send(get("https://as.example/token")).unwrap_err()
}

fn kind(error: impl Fn() -> UreqError + Send + Sync + 'static) -> (String, bool) {
    let failed = told(error);
    assert!(failed.shown.contains("https://as.example"), "{}", failed.shown);
    (failed.http.unwrap(), failed.is_transient)
}

fn of(name: &str, is_transient: bool) -> (String, bool) {
    (name.to_owned(), is_transient)
}

#[test]
fn what_the_system_says_is_a_connection_that_failed_or_took_too_long() {
    assert_eq!(kind(|| UreqError::Timeout(Timeout::Global)), of("Timeout", true));
    assert_eq!(kind(|| UreqError::Io(ErrorKind::TimedOut.into())), of("Timeout", true));
    for system in [
        ErrorKind::ConnectionRefused,
        ErrorKind::ConnectionReset,
        ErrorKind::NetworkUnreachable,
        ErrorKind::UnexpectedEof,
        // Only a SOCKS proxy speaks so.
        ErrorKind::PermissionDenied,
        ErrorKind::Other,
    ] {
        assert_eq!(kind(move || UreqError::Io(system.into())), of("Connection", true), "{system}");
    }
    assert_eq!(kind(|| UreqError::ConnectionFailed), of("Connection", true));
    assert_eq!(kind(|| UreqError::Tls("no")), of("Connection", true));
    let unknown = told(|| UreqError::HostNotFound);
    assert_eq!((unknown.http.as_deref(), unknown.is_transient), (Some("Connection"), true));
    assert!(unknown.shown.contains("the host's name has no address"), "{}", unknown.shown);
    // What the system says is told.
    let told = told(|| UreqError::Io(io::Error::new(ErrorKind::ConnectionReset, "the line is cut")));
    assert!(told.shown.contains("the line is cut"), "{}", told.shown);
}

#[test]
fn what_tls_says_is_told_as_that() {
    let bad = |why: rustls::CertificateError| {
        kind(move || UreqError::Rustls(rustls::Error::InvalidCertificate(why.clone())))
    };
    assert_eq!(bad(rustls::CertificateError::Expired), of("Certificate(Expired)", false));
    assert_eq!(bad(rustls::CertificateError::UnknownIssuer), of("Certificate(UnknownIssuer)", false));
}

#[test]
fn a_proxy_that_refuses_is_told_by_its_status_and_one_that_is_silent_is_not_there() {
    let refused = |why: &'static str| kind(move || UreqError::ConnectProxyFailed(why.to_owned()));
    let of_proxy = |status: u16, is_transient| of(&format!("ProxyRefused(Some({status}))"), is_transient);
    assert_eq!(refused("proxy server responded 407/Proxy Authentication Required"), of_proxy(407, false));
    assert_eq!(refused("proxy server responded 403/Forbidden"), of_proxy(403, false));
    assert_eq!(refused("proxy server responded 502/Bad Gateway"), of_proxy(502, true));
    assert_eq!(refused("the proxy said nothing"), of("Connection", true));
}

#[test]
fn what_is_too_large_no_request_or_no_http_does_not_pass() {
    assert_eq!(kind(|| UreqError::BodyExceedsLimit(1)), of("TooLarge", false));
    assert_eq!(kind(|| UreqError::LargeResponseHeader(2, 1)), of("TooLarge", false));
    assert_eq!(kind(|| UreqError::BadUri("x".to_owned())), of("Request", false));
    assert_eq!(kind(|| UreqError::RequireHttpsOnly("x".to_owned())), of("Request", false));
    let no_uri = || UreqError::Http(Request::get("a b").body(()).unwrap_err());
    assert_eq!(kind(no_uri), of("Request", false));
    assert_eq!(kind(|| UreqError::Other(Box::new(io::Error::other("of its own")))), of("Broken", false));
    assert_eq!(kind(|| UreqError::TooManyRedirects), of("Broken", false));
}

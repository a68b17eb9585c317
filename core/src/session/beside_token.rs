//! What a program may send beside a token: headers that decide about the request itself are refused (WA-5).
//!
//! A token is for one server, and its request is authorized and framed by whoever sends it. A program that copies the
//! headers of a request that came to it, as gateways do, would copy these along:
//!
//! | headers | what they decide | what is let through |
//! |---|---|---|
//! | `Host` | on a front for many, who gets the request and its token (RFC 9110 §7.2) | one that is the URI's authority |
//! | `Authorization`, `DPoP`, `Proxy-Authorization` | with whose credential | none: they are the session's, and the proxy's |
//! | `Transfer-Encoding`, `Content-Length` | where the request ends, and another begins (RFC 9112 §11.2) | the body's length |
//! | `Connection`, `Proxy-Connection` | which headers a hop drops: `Authorization`, for one (RFC 9110 §7.6.1) | `close`, `keep-alive` |
//! | `Upgrade`, `HTTP2-Settings` | what is spoken after the request | none |
//! | `TE`, `Trailer`, `Expect` | how the answer and the end of the body are framed, and when it comes | `trailers`; none; `100-continue` |
//!
//! Where only a request's head is known, because another client carries its body, framing is that client's: a plain length
//! or `chunked`, a trailer and an upgrade are let through.
//!
//! Names are compared with `_` for `-` too, because many a server takes one for the other. All other headers are the
//! program's own matter, those too that its server may believe: `Forwarded`, `X-Forwarded-Host`, `Client-Cert`, `Cookie`,
//! `X-Api-Key`, `X-HTTP-Method-Override`. A pseudo-header, such as `:authority`, is no name that this type of request takes.
//!
//! The methods CONNECT and TRACE are refused too: one asks for a tunnel, and the other has the credential sent back
//! (RFC 9110 §9.3.6, §9.3.8).

use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::ground::error::{Error, misuse_of};
use crate::ground::flow::Request;
use crate::ground::rule::Rule;

/// What is known of the body that goes with a request's head.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// It is here, has so many bytes, and goes with its length.
    Here(u64),
    /// Another client carries it, and says where it ends; its length, if that is known here.
    Elsewhere(Option<u64>),
}

/// Refuses what must not be beside a token. A credential that is there already is the caller's to judge.
pub(crate) fn require_plain(request: &Request, body: Body) -> Result<(), Error> {
    if [Method::CONNECT, Method::TRACE].contains(request.method()) {
        return Err(no(format!("no token goes with the method {}: use another", request.method())));
    }
    for name in request.headers().keys() {
        require_header(name, request, body)?;
    }
    if request.headers().contains_key("content-length") && request.headers().contains_key("transfer-encoding")
    {
        return Err(no("the request has a Content-Length and a Transfer-Encoding: leave both out"));
    }
    Ok(())
}

fn require_header(name: &HeaderName, request: &Request, body: Body) -> Result<(), Error> {
    let dashed = name.as_str().contains('_').then(|| name.as_str().replace('_', "-"));
    let is_decisive = |name: &str| DECISIVE.contains(&name);
    match &dashed {
        Some(dashed) if is_decisive(dashed) => {
            return Err(no(format!(
                "the request has a header `{name}`, which servers take for {dashed}: leave it out"
            )));
        }
        None if is_decisive(name.as_str()) => {}
        _ => return Ok(()),
    }
    let headers = request.headers();
    let is_elsewhere = matches!(body, Body::Elsewhere(_));
    let (is_fine, otherwise) = match name.as_str() {
        "host" => (
            one(headers, name).is_some_and(|host| is_host_of(host, request.uri())),
            "the request's Host is not the authority of its URI: leave the header out",
        ),
        "content-length" => (
            one(headers, name).is_some_and(|length| is_length(length, body)),
            "the request's Content-Length is not the length of its body: leave the header out, it is sent without",
        ),
        "transfer-encoding" => (
            is_elsewhere && one(headers, name).is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")),
            "the request has a Transfer-Encoding, and its body is sent with a length: leave the header out",
        ),
        "connection" | "proxy-connection" => (
            every(headers, name, |option| {
                ["close", "keep-alive"].contains(&option) || is_elsewhere && option == "upgrade"
            }),
            "the request's Connection names headers for a hop to drop: leave it out, or `close`, or `keep-alive`",
        ),
        "upgrade" => (
            is_elsewhere && every(headers, name, |protocol| !protocol.starts_with("h2c")),
            "the request has an Upgrade, to another protocol than the token is for: leave the header out",
        ),
        "te" => (
            every(headers, name, |coding| coding == "trailers"),
            "the request's TE asks for an answer that is framed otherwise: leave it out, or `trailers`",
        ),
        "trailer" => (
            is_elsewhere,
            "the request has a Trailer, and its body ends with its length: leave the header out",
        ),
        "expect" => (
            one(headers, name).is_some_and(|expected| expected.eq_ignore_ascii_case("100-continue")),
            "the request's Expect is not `100-continue`: leave the header out",
        ),
        "proxy-authorization" => (
            false,
            "the request has a Proxy-Authorization, which its server would get: configure the proxy's credential with \
             the proxy",
        ),
        "http2-settings" => {
            (false, "the request has HTTP2-Settings, for another protocol: leave the header out")
        }
        // Whose credential is there is looked at where it is known whether it is put in its place.
        _ => (true, ""),
    };
    if is_fine { Ok(()) } else { Err(no(otherwise)) }
}

/// The names that are looked at, and taken for one another with `_`.
const DECISIVE: [&str; 13] = [
    "authorization",
    "connection",
    "content-length",
    "dpop",
    "expect",
    "host",
    "http2-settings",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The value of a header that is there once.
fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Whether this is so of every element of a header that is a list, in small letters.
fn every(headers: &HeaderMap, name: &HeaderName, fits: impl Fn(&str) -> bool) -> bool {
    let fits = |value: &HeaderValue| {
        value.to_str().is_ok_and(|value| {
            value
                .split(',')
                .map(|element| element.trim_matches([' ', '\t']).to_ascii_lowercase())
                .all(|element| fits(&element))
        })
    };
    headers.get_all(name).iter().all(fits)
}

/// Whether a `Host` says what the URI says: the host in any case, and the port, where the scheme's own may be left out. A
/// URI that is a path leaves it to the `Host`.
fn is_host_of(host: &str, uri: &Uri) -> bool {
    let Some(host) = host.parse::<Authority>().ok().filter(|host| !host.as_str().contains('@')) else {
        return false;
    };
    let Some(authority) = uri.authority() else { return true };
    let usual = match uri.scheme_str() {
        Some("https") => "443",
        Some("http") => "80",
        _ => return false,
    };
    let parts = |authority: &Authority| {
        let name = authority.host().to_ascii_lowercase();
        match authority.as_str().get(name.len()..) {
            Some("") => Some((name, usual.to_owned())),
            Some(port) => {
                let port = port.strip_prefix(':')?;
                let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
                is_number.then(|| (name, port.to_owned()))
            }
            None => None,
        }
    };
    parts(&host).is_some_and(|host| parts(authority) == Some(host))
}

/// Whether a `Content-Length` is what the body has, written as a plain number.
fn is_length(length: &str, body: Body) -> bool {
    let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    match body {
        Body::Here(bytes) | Body::Elsewhere(Some(bytes)) => length == bytes.to_string(),
        Body::Elsewhere(None) => is_number && length.parse::<u64>().is_ok(),
    }
}

fn no(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    misuse_of(Rule::Wa5, what)
}

//! What a program may send beside a token: headers that decide about the request itself are refused
//! ([WA-5](crate::Rule::Wa5)).
//!
//! A token is for one server, and its request is authorized and framed by the one who sends it. A program that copies the
//! headers of a request that came to it, as gateways do, would copy these along:
//!
//! | headers | what they decide | what is let through |
//! |---|---|---|
//! | `Host` | on a front for many, who gets the request and its token (RFC 9110 §7.2) | one that is the URI's authority |
//! | `Authorization`, `DPoP`, `Proxy-Authorization` | with whose credential | none: they are the session's, and the proxy's |
//! | `Transfer-Encoding`, `Content-Length` | where the request ends, and another begins (RFC 9112 §11.2) | the body's length |
//! | `Connection`, `Proxy-Connection` | which headers a hop drops: `Authorization`, for one (RFC 9110 §7.6.1) | `close`, `keep-alive`, `TE` |
//! | `Upgrade`, `HTTP2-Settings` | what is spoken after the request | none |
//! | `TE`, `Trailer`, `Expect` | how the answer and the end of the body are framed, and when it comes | `trailers`; none; `100-continue` |
//!
//! Where only a request's head is known, because another client carries its body, framing is that client's: a plain length
//! or `chunked`, a trailer and an upgrade are let through.
//!
//! Names are compared with `-` in the place of every other sign, because many a server takes one for the other: a CGI program
//! is told of `content_length` as of `Content-Length` (RFC 3875 §4.1.18), and some servers do so with any sign. All other
//! headers are the program's own matter, those too that its server may believe: `Forwarded`, `X-Forwarded-Host`, `Client-Cert`, `Cookie`,
//! `X-Api-Key`, `X-HTTP-Method-Override`. This type of request takes no pseudo-header, such as `:authority`.
//!
//! Methods are refused too, in letters of either case: CONNECT asks for a tunnel, TRACE and the older TRACK have the credential
//! sent back (RFC 9110 §9.3.6, §9.3.8), and PRI begins a connection of HTTP/2 (RFC 9113 §3.4, §11.6).

use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::session::request_head::{Body, RequestHead};

/// The methods that no token goes with.
const METHODS: [&str; 4] = ["CONNECT", "TRACE", "TRACK", "PRI"];

/// Refuses what must not be beside a token. A credential that is there already is the caller's to judge.
pub(crate) fn require_plain(head: RequestHead<'_>) -> Result<(), Error> {
    if let Some(method) = METHODS.iter().find(|method| head.method.as_str().eq_ignore_ascii_case(method)) {
        return Err(no(format!("a request of the method {method} cannot carry a token: use another method")));
    }
    for name in head.headers.keys() {
        require_header(name, head)?;
    }
    if head.headers.contains_key("content-length") && head.headers.contains_key("transfer-encoding") {
        return Err(no(
            "the headers Content-Length and Transfer-Encoding exclude each other: leave both out",
        ));
    }
    Ok(())
}

fn require_header(name: &HeaderName, head: RequestHead<'_>) -> Result<(), Error> {
    if let Some(dashed) = dashed(name.as_str()).filter(|dashed| DECISIVE.contains(&dashed.as_str())) {
        return Err(no(format!("servers take the header `{name}` for {dashed}: leave it out")));
    }
    let headers = head.headers;
    let is_elsewhere = matches!(head.body, Body::Elsewhere(_));
    let (is_fine, otherwise) = match name.as_str() {
        "host" => (
            one(headers, name).is_some_and(|host| is_host_of(host, head.uri)),
            "the header Host is not the host of the URL, so another server would get the token: leave it out",
        ),
        "content-length" => (
            one(headers, name).is_some_and(|length| is_length(length, head.body)),
            "the header Content-Length is not the length of the body: leave it out, the HTTP client sets it",
        ),
        "transfer-encoding" => (
            is_elsewhere && one(headers, name).is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")),
            "the header Transfer-Encoding is for the HTTP client to set, which knows where the body ends: leave it out",
        ),
        "connection" | "proxy-connection" => (
            every(headers, name, |option| {
                ["close", "keep-alive", "te"].contains(&option) || is_elsewhere && option == "upgrade"
            }),
            "the header Connection names other headers, and a proxy would remove them, the token too: leave it out, or \
             write `close`, `keep-alive` or `TE`",
        ),
        "upgrade" => (
            is_elsewhere && every(headers, name, |protocol| !protocol.starts_with("h2c")),
            "the header Upgrade asks for another protocol, and the token is for HTTP as it is: leave it out",
        ),
        "te" => (
            every(headers, name, |coding| coding == "trailers"),
            "the header TE asks for an answer in another coding: leave it out, or write `trailers`",
        ),
        "trailer" => (
            is_elsewhere,
            "the header Trailer announces headers after the body, which is sent without any: leave it out",
        ),
        "expect" => (
            one(headers, name).is_some_and(|expected| expected.eq_ignore_ascii_case("100-continue")),
            "the header Expect is not `100-continue`: leave it out",
        ),
        "proxy-authorization" => (
            false,
            "the header Proxy-Authorization would show the API the proxy's password: leave it out, and configure the \
             proxy with its user and password",
        ),
        "http2-settings" => (false, "the header HTTP2-Settings asks for another protocol: leave it out"),
        // All others are the program's own matter; and whose credential is there is looked at where it is known whether it is put in its
        // place.
        _ => (true, ""),
    };
    if is_fine { Ok(()) } else { Err(no(otherwise)) }
}

/// A name that has signs other than `-` in it, as a server may take it.
fn dashed(name: &str) -> Option<String> {
    let is_usual = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (!name.chars().all(is_usual)).then(|| name.replace(|c| !is_usual(c), "-"))
}

/// The names that are looked at.
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

/// Whether this is so of every element of a header that is a list, in small letters. Empty elements say nothing (RFC 9110
/// §5.6.1.2).
fn every(headers: &HeaderMap, name: &HeaderName, fits: impl Fn(&str) -> bool) -> bool {
    let fits = |value: &HeaderValue| {
        value.to_str().is_ok_and(|value| {
            value
                .split(',')
                .map(|element| element.trim_matches([' ', '\t']).to_ascii_lowercase())
                .all(|element| element.is_empty() || fits(&element))
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

/// Whether a `Content-Length` is what the body has, written in the one plain way: some read `02` as octal.
fn is_length(length: &str, body: Body) -> bool {
    let Some(read) = length.parse::<u64>().ok().filter(|read| read.to_string() == length) else {
        return false;
    };
    match body {
        Body::Here(bytes) | Body::Elsewhere(Some(bytes)) => read == bytes,
        Body::Elsewhere(None) => true,
    }
}

fn no(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    misuse_of(Rule::Wa5, what)
}

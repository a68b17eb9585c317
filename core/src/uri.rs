//! URIs as OAuth uses them: checked by RFC 3986's syntax, kept and compared as the strings they came as.

use std::fmt;
use std::sync::Arc;

use http::Uri;
use http::uri::Authority;

use crate::error::{Error, misuse, misuse_of};
use crate::{Quirk, Quirks, Rule};

/// The longest URI taken from a program or a server, in bytes.
pub(crate) const MAX_URI: usize = 16 * 1024;

/// A URL that is safe to hand to a browser or an opener: https, or http on a loopback address where that is
/// allowed, and made of plain URI characters only, so that no shell or protocol handler can be tricked by it (AQ-7).
///
/// It holds the request's `state`, as the protocol has it; it holds no other secret.
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserUrl(String);

impl BrowserUrl {
    /// Joins an endpoint that was checked when its server was described and parameters that are form-encoded.
    pub(crate) fn joined(url: String) -> Self {
        debug_assert!(is_plain(&url), "a checked endpoint and encoded parameters are plain");
        Self(url)
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for BrowserUrl {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BrowserUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Without the query, which holds `state`.
impl fmt::Debug for BrowserUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.split('?').next().unwrap_or_default();
        write!(f, "BrowserUrl({shown}?…)")
    }
}

#[cfg(feature = "url")]
impl From<BrowserUrl> for url::Url {
    #[expect(
        clippy::expect_used,
        reason = "a BrowserUrl is an absolute http(s) URL of plain characters by construction"
    )]
    fn from(url: BrowserUrl) -> Self {
        Self::parse(&url.0).expect("a browser URL is a URL")
    }
}

/// An endpoint: absolute, https (or http on loopback under [`Quirk::LoopbackHttp`]), no fragment, no user
/// information, plain characters (DI-5, AQ-6, AQ-7).
pub(crate) fn endpoint(text: &str, quirks: Quirks) -> Result<Uri, Error> {
    let no = |what| Err(misuse_of(Rule::Di5, what));
    if !is_plain(text) {
        return no("an endpoint has characters that no URI has, or is too long");
    }
    if text.contains('#') {
        return Err(misuse_of(Rule::Aq6, "an endpoint has a fragment"));
    }
    let Ok(uri) = text.parse::<Uri>() else { return no("an endpoint is not a URI") };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return no("an endpoint is not absolute");
    };
    if !is_host_and_port(authority) {
        return no("an endpoint has no host, a user before it, or a port that is none");
    }
    match scheme {
        "https" => Ok(uri),
        "http" if is_loopback(authority.host()) => {
            if quirks.contains(Quirk::LoopbackHttp) {
                Ok(uri)
            } else {
                no("an endpoint is http on loopback, which the quirk `loopback-http` admits for tests")
            }
        }
        _ => no("an endpoint is not https"),
    }
}

/// An absolute URI without a query in its two halves: scheme and authority, and the path, which may be empty.
pub(crate) fn split_path(uri: &str) -> (&str, &str) {
    let authority = uri.find("://").map_or(0, |colon| colon + 3);
    let path = uri.get(authority..).and_then(|rest| rest.find(['/', '?', '#']));
    path.and_then(|path| uri.split_at_checked(authority + path)).unwrap_or((uri, ""))
}

/// Whether this is an absolute URI of whatever scheme (RFC 3986 §4.3), a URN too.
pub(crate) fn is_absolute(text: &str) -> bool {
    is_plain(text)
        && text.split_once(':').is_some_and(|(scheme, rest)| {
            scheme.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
                && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
                && !rest.is_empty()
        })
}

/// Whether this is the address of a web page that a person may be sent to: http or https, a host, no user before it,
/// plain characters only.
pub(crate) fn is_web_page(text: &str) -> bool {
    is_plain(text)
        && text.parse::<Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.authority().is_some_and(is_host_and_port)
        })
}

/// Whether two absolute http(s) URIs have the same scheme, host and port.
pub(crate) fn same_origin(one: &str, other: &str) -> bool {
    let origin = |text: &str| text.parse::<Uri>().ok().as_ref().and_then(Origin::of);
    origin(one).is_some_and(|one| origin(other) == Some(one))
}

/// A redirect URI that a client may register (AQ-8): https, http on a loopback address, or a private-use scheme
/// with a dot in it (RFC 8252 §7.1); absolute and without a fragment.
pub(crate) fn redirect_uri(text: &str) -> Result<(), Error> {
    let no = |what| Err(misuse_of(Rule::Aq8, what));
    if !is_plain(text) || text.contains('#') {
        return no("a redirect URI has a fragment, or characters that no URI has, or is too long");
    }
    let Some((scheme, rest)) = text.split_once(':') else { return no("a redirect URI is not absolute") };
    let scheme = scheme.to_ascii_lowercase();
    match scheme.as_str() {
        "https" | "http" => {
            let Ok(uri) = text.parse::<Uri>() else { return no("a redirect URI is not a URI") };
            let Some(authority) = uri.authority() else { return no("a redirect URI has no host") };
            if !is_host_and_port(authority) {
                return no("a redirect URI has no host, a user before it, or a port that is none");
            }
            if scheme == "http" && !is_loopback(authority.host()) {
                return no("a redirect URI under http is not a loopback address");
            }
            Ok(())
        }
        _ if is_private_use(&scheme) && !rest.is_empty() => Ok(()),
        _ => no(
            "a redirect URI is neither https, nor http on loopback, nor of a private-use scheme with a dot",
        ),
    }
}

/// The APIs that take a token, by their origins: what WA-5 compares with. A clone is a counted pointer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apis(Arc<[Origin]>);

impl Apis {
    /// These and the API at `url`, which is held to the same rules as an endpoint.
    pub(crate) fn and(self, url: &str, quirks: Quirks) -> Result<Self, Error> {
        let uri = endpoint(url, quirks)?;
        let origin = Origin::of(&uri).ok_or_else(|| misuse("an API's address has a port that is none"))?;
        Ok(Self(self.0.iter().cloned().chain([origin]).collect()))
    }

    /// Whether a token may go there.
    pub(crate) fn contain(&self, uri: &Uri) -> bool {
        Origin::of(uri).is_some_and(|origin| self.0.contains(&origin))
    }
}

/// The scheme, host and port that a request goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute http(s) URI.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        let authority = uri.authority()?;
        if !is_host_and_port(authority) {
            return None;
        }
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let port = match (uri.port(), scheme.as_str()) {
            (Some(port), _) => port.as_u16(),
            (None, "https") => 443,
            (None, "http") => 80,
            _ => return None,
        };
        Some(Self { scheme, host: authority.host().to_ascii_lowercase(), port })
    }
}

/// Whether this is a host, with or without a port. A user before the host would be sent along as credentials, and a port
/// that is none (`:`, `:99999`) would be taken for the scheme's own.
fn is_host_and_port(authority: &Authority) -> bool {
    let host = authority.host();
    !host.is_empty()
        && (authority.as_str() == host || authority.port().is_some() && !authority.as_str().contains('@'))
}

/// Whether the URI is written as this text, to the letter.
pub(crate) fn is_written(uri: &Uri, text: &str) -> bool {
    /// What is left of the text once the writer has written its beginning.
    struct Left<'a>(&'a str);

    impl fmt::Write for Left<'_> {
        fn write_str(&mut self, written: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(written).ok_or(fmt::Error)?;
            Ok(())
        }
    }

    let mut left = Left(text);
    fmt::Write::write_fmt(&mut left, format_args!("{uri}")).is_ok() && left.0.is_empty()
}

/// Whether the host is a loopback address, or the name that always means one. The brackets of IPv6 belong to it.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: core::net::Ipv4Addr| address.is_loopback())
        || host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .is_some_and(|host| host.parse().is_ok_and(|address: core::net::Ipv6Addr| address.is_loopback()))
}

fn is_private_use(scheme: &str) -> bool {
    scheme.contains('.')
        && scheme.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Whether the text has only the characters of a URI (RFC 3986 §2), every `%` begins an octet, and it is not too long.
pub(crate) fn is_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    if text.len() > MAX_URI {
        return false;
    }
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => [bytes.next(), bytes.next()]
                .iter()
                .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit())),
            byte => byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    true
}

//! URIs as OAuth uses them: checked by RFC 3986's syntax, kept and compared as the strings they came as.

use std::fmt;

use http::Uri;

use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::Rule;
use crate::wire::authority;
use crate::wire::authority::Authority;

/// The longest URI taken from a program or a server, in bytes.
pub(crate) const MAX_URI: usize = 16 * 1024;

/// A URL that is safe to hand to a browser or an opener: https, or http on a loopback address where that is allowed, and
/// made of plain URI characters only, so that no shell or protocol handler can be tricked by it ([AQ-7](crate::Rule::Aq7)).
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

/// Never fails: an authorization endpoint has a host and a port that the URL standard takes, from the moment it is named.
#[cfg(feature = "url")]
impl From<BrowserUrl> for url::Url {
    #[expect(
        clippy::expect_used,
        reason = "`endpoint` takes hosts and ports that the URL standard takes, and asks its parser where it must; a \
                  query of plain characters is always a query"
    )]
    fn from(url: BrowserUrl) -> Self {
        Self::parse(&url.0).expect("an endpoint with a query is a URL")
    }
}

/// An endpoint, an issuer or an API: absolute, https (or http on loopback under [`Quirk::LoopbackHttp`]), no fragment, no
/// user information, plain characters, a host and a port as the URL standard takes them ([DI-5](crate::Rule::Di5),
/// [AQ-6](crate::Rule::Aq6), [AQ-7](crate::Rule::Aq7)).
///
/// The scheme is in small letters. Elsewhere letters of either case are the same (RFC 3986 §3.1), but these are compared as
/// strings with what comes from others, and what is never taken never differs by that.
pub(crate) fn endpoint(text: &str, quirks: Quirks) -> Result<Uri, Error> {
    let no = |what| Err(misuse_of(Rule::Di5, what));
    if !is_plain(text) {
        return no("the URL is too long, or has characters that a URI cannot have");
    }
    if text.contains('#') {
        return Err(misuse_of(Rule::Aq6, "the URL has a fragment: leave out the `#` and what follows"));
    }
    let Ok(uri) = text.parse::<Uri>() else { return no("the URL is not a URI") };
    let (Some(scheme), Some(_)) = (uri.scheme_str(), uri.authority()) else {
        return no("the URL is not absolute: begin it with `https://` and a host");
    };
    if !text.starts_with(scheme) {
        return no("the URL has a scheme in capitals: write `https`");
    }
    let Some(authority) = authority_of(&uri, text) else {
        return no(
            "the host of the URL is not in its usual form: write a name or an address, then a port up to \
             65535 if it needs one, and no user",
        );
    };
    match scheme {
        "https" => Ok(uri),
        "http" if is_loopback(authority.host) => {
            quirks.require(Quirk::LoopbackHttp, || {
                misuse_of(Rule::Di5, "the URL is http on loopback, which is for tests")
            })?;
            Ok(uri)
        }
        _ => no("the URL is not https: begin it with `https://`"),
    }
}

/// The authority of an http or https URL, if the URL standard takes it. To [`Uri`], `https:443` is one without a scheme.
pub(super) fn authority_of<'a>(uri: &'a Uri, text: &str) -> Option<Authority<'a>> {
    let authority = uri.scheme().and_then(|_| Authority::read(uri.authority()?.as_str()))?;
    (!authority.is_international() || is_known_name(text)).then_some(authority)
}

/// Whether the labels of an international name are valid: that takes Unicode's tables, which come with the crate `url`.
#[cfg(feature = "url")]
fn is_known_name(text: &str) -> bool {
    url::Url::parse(text).is_ok()
}

/// Without the crate `url` nothing here reads such a name. It goes to the HTTP library in the letters in which it is looked up,
/// and is found or not. Refusing all of them would refuse servers that are in order.
#[cfg(not(feature = "url"))]
const fn is_known_name(_: &str) -> bool {
    true
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

/// Whether this is the address of a web page that a person may be sent to: http or https, a host and a port as the URL
/// standard takes them, no user before it, plain characters only. It is shown and not compared, so its scheme may be in
/// capitals (RFC 3986 §3.1), as in a QR code of few characters.
pub(crate) fn is_web_page(text: &str) -> bool {
    is_plain(text)
        && text.parse::<Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && authority_of(&uri, text).is_some()
        })
}

/// Whether two absolute http(s) URIs have the same scheme, host and port.
pub(crate) fn same_origin(one: &str, other: &str) -> bool {
    let origin = |text: &str| text.parse::<Uri>().ok().as_ref().and_then(Origin::of);
    origin(one).is_some_and(|one| origin(other) == Some(one))
}

/// Whether what follows a scheme that nobody knows is taken by the URL standard: whatever has no authority, and an authority
/// without a user, whose brackets are those of an IPv6 address and whose port follows a host.
pub(super) fn is_opaque(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix("//") else { return true };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.is_empty() || Authority::read(authority).is_some() {
        return true;
    }
    let (name, port) =
        authority.split_at_checked(authority.find(':').unwrap_or(authority.len())).unwrap_or_default();
    !name.is_empty() && !name.contains(['@', '[', ']']) && authority::port(port).is_some()
}

/// The scheme, host and port that a request goes to. A URI whose host or port the URL standard would refuse, or read
/// otherwise, has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

/// An [`Origin`] as a URI has it, to be compared in place.
#[derive(Clone, Copy)]
pub(crate) struct OriginOf<'a> {
    scheme: &'a str,
    host: &'a str,
    port: u16,
}

impl<'a> OriginOf<'a> {
    /// The origin of an absolute http(s) URI.
    pub(crate) fn read(uri: &'a Uri) -> Option<Self> {
        let authority = Authority::read(uri.authority()?.as_str())?;
        let scheme = uri.scheme_str()?;
        let port = match authority.port {
            Some(port) => port,
            None if scheme.eq_ignore_ascii_case("https") => 443,
            None if scheme.eq_ignore_ascii_case("http") => 80,
            None => return None,
        };
        Some(Self { scheme, host: authority.host, port })
    }

    pub(crate) fn is(&self, other: &Origin) -> bool {
        self.port == other.port
            && self.host.eq_ignore_ascii_case(&other.host)
            && self.scheme.eq_ignore_ascii_case(&other.scheme)
    }
}

impl From<OriginOf<'_>> for Origin {
    fn from(origin: OriginOf<'_>) -> Self {
        let OriginOf { scheme, host, port } = origin;
        Self { scheme: scheme.to_ascii_lowercase(), host: host.to_ascii_lowercase(), port }
    }
}

impl Origin {
    /// The origin of an absolute http(s) URI.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        OriginOf::read(uri).map(Self::from)
    }

    pub(crate) fn is_plain_http(&self) -> bool {
        self.scheme == "http"
    }
}

/// As in a URL: `https://api.example`, `http://127.0.0.1:8080`. The scheme's own port is left out (RFC 6454 §6.2).
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        match (self.scheme.as_str(), self.port) {
            ("https", 443) | ("http", 80) => Ok(()),
            (_, port) => write!(f, ":{port}"),
        }
    }
}

/// Whether the URI is written as this text, to the letter.
pub(crate) fn is_written(uri: &Uri, text: &str) -> bool {
    written(uri).try_fold(text, str::strip_prefix).is_some_and(str::is_empty)
}

/// The URI as it is written.
pub(crate) fn to_text(uri: &Uri) -> String {
    // A text of known length is allocated once, which `to_string` does not do.
    let mut text = String::with_capacity(written(uri).map(str::len).sum());
    text.extend(written(uri));
    text
}

/// The parts of a URI in the order in which its `Display` writes them.
fn written(uri: &Uri) -> impl Iterator<Item = &str> {
    let scheme = uri.scheme_str().map(|scheme| [scheme, "://"]);
    let query = uri.query().map(|query| ["?", query]);
    let authority = uri.authority().map(|authority| authority.as_str());
    scheme.into_iter().flatten().chain(authority).chain([uri.path()]).chain(query.into_iter().flatten())
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

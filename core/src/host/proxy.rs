//! Which proxy a request goes through, if any: [`ProxyRules`], made of the variables that every program reads.
//!
//! ```text
//! loopback?  ── yes ─▶ direct, whatever the variables say
//! NO_PROXY?  ── yes ─▶ direct
//! HTTPS_PROXY or HTTP_PROXY, else ALL_PROXY? ── none ─▶ direct
//!            ├── usable ─────▶ through it
//!            └── not usable ─▶ an error: a request never goes around a proxy
//! ```
//!
//! Longer than most files: the variables, what they say, and each way in which they may say it wrongly are read together.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::Uri;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::ground::wiped::Wiped;
use crate::host::no_proxy;
use crate::host::no_proxy::NoProxy;

/// The variables that name a proxy, the first that is set before the others.
const FOR_HTTPS: &[&str] = &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const FOR_HTTP: &[&str] = &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
/// The same in a CGI program, where a request's header `Proxy` arrives as `HTTP_PROXY` ("httpoxy"). On Windows the
/// names of variables have no case.
const FOR_HTTP_IN_CGI: &[&str] = match cfg!(windows) {
    true => &["all_proxy", "ALL_PROXY"],
    false => &["http_proxy", "all_proxy", "ALL_PROXY"],
};
const NO_PROXY: &[&str] = &["no_proxy", "NO_PROXY"];
/// It is set in a CGI program, and nowhere else (RFC 3875 §4.1.12).
const CGI: &str = "REQUEST_METHOD";

/// The longest name and password that SOCKS5 carries, in bytes (RFC 1929 §2).
const SOCKS_LIMIT: usize = 255;

/// Which requests go through which proxy.
///
/// [`from_values`](Self::from_values) reads the usual variables; [`direct`](Self::direct) knows no proxy.
/// [`for_uri`](Self::for_uri) then decides for each request. `Debug` shows no user and no password.
///
/// ```
/// use valetkey_core::host::ProxyRules;
///
/// let rules = ProxyRules::from_values(|name| match name {
///     "HTTPS_PROXY" => Some("http://user:password@proxy.example:3128".to_owned()),
///     "NO_PROXY" => Some("intranet.example, 10.0.0.0/8".to_owned()),
///     _ => None,
/// });
/// let proxy = |uri: &str| Ok(rules.for_uri(&uri.parse().unwrap())?.map(ToString::to_string));
/// assert_eq!(proxy("https://as.example/token")?.as_deref(), Some("http://proxy.example:3128"));
/// assert_eq!(proxy("https://hr.intranet.example/")?, None);
/// assert_eq!(proxy("https://10.1.2.3/")?, None);
/// assert_eq!(proxy("http://127.0.0.1:8080/")?, None);
/// # Ok::<(), valetkey_core::host::UnusableProxy>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ProxyRules {
    https: Option<Result<Proxy, UnusableProxy>>,
    http: Option<Result<Proxy, UnusableProxy>>,
    exempt: NoProxy,
}

impl ProxyRules {
    /// No proxy for any request.
    #[must_use]
    pub fn direct() -> Self {
        Self::default()
    }

    /// The rules that these variables make: `value_of` is asked for each by its name.
    ///
    /// - `https_proxy` and `HTTPS_PROXY` are for https, `http_proxy` and `HTTP_PROXY` for http, `all_proxy` and
    ///   `ALL_PROXY` for what the others say nothing of. Lower case wins, as in curl.
    /// - A value is `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]`. The scheme is `http` (also where none is written),
    ///   `https`, `socks5` (names are resolved here) or `socks5h` (names are resolved by the proxy); the ports are then
    ///   80, 443 and 1080. User and password are percent-encoded. A value that is empty or blank is not set.
    /// - `no_proxy` and `NO_PROXY` list what is asked directly, between commas or spaces: a domain, with everything
    ///   below it, which a leading dot does not change (`*.example.com` is only what is below it); an IP address; a
    ///   network such as `10.0.0.0/8`; each with a port or for all ports; `*` for everything. Names are not resolved
    ///   to be compared with an address. Any other entry matches nothing.
    /// - Where `REQUEST_METHOD` is set, the program is a CGI program, and `HTTP_PROXY` is a header of the incoming request:
    ///   it is not read.
    ///
    /// A value that cannot be used is no error yet: it becomes one for a request that would go through it.
    #[must_use]
    pub fn from_values(value_of: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&'static str]| {
            names.iter().find_map(|&name| {
                let value = Wiped::new(value_of(name)?);
                let value = value.trim();
                (!value.is_empty()).then(|| (name, Wiped::new(value.to_owned())))
            })
        };
        let proxy = |names| first(names).map(|(name, value)| Proxy::parse(name, &value));
        let is_cgi = value_of(CGI).is_some();
        Self {
            https: proxy(FOR_HTTPS),
            http: proxy(if is_cgi { FOR_HTTP_IN_CGI } else { FOR_HTTP }),
            exempt: first(NO_PROXY).map(|(_, value)| NoProxy::parse(&value)).unwrap_or_default(),
        }
    }

    /// The proxy for a request of this URI; `None` if it is sent directly. A URI that is neither https nor http has no
    /// proxy.
    ///
    /// # Errors
    ///
    /// [`UnusableProxy`] if the variable for it names a proxy that cannot be used: the request must not be sent.
    pub fn for_uri(&self, uri: &Uri) -> Result<Option<&Proxy>, UnusableProxy> {
        let (chosen, port) = match uri.scheme_str() {
            Some("https") => (&self.https, 443),
            Some("http") => (&self.http, 80),
            _ => return Ok(None),
        };
        let (Some(chosen), Some(host)) = (chosen, uri.host()) else { return Ok(None) };
        if no_proxy::is_this_machine(host) || self.exempt.contains(host, uri.port_u16().unwrap_or(port)) {
            return Ok(None);
        }
        chosen.as_ref().map(Some).map_err(Clone::clone)
    }

    /// Whether they name no proxy for any request, not even one that cannot be used: [`for_uri`](Self::for_uri) is `None` for
    /// each. An adapter need not ask then, request by request.
    #[must_use]
    pub const fn is_direct(&self) -> bool {
        self.https.is_none() && self.http.is_none()
    }

    /// Whether no proxy at all may see a request of this URI, because its host is this machine: `localhost` and names
    /// below it, 127.0.0.0/8, ::1, and the unspecified addresses, however they are written. Plain http is allowed
    /// there only because it does not leave the machine (RFC 8252 §8.3).
    ///
    /// [`for_uri`](Self::for_uri) holds to it; an adapter holds to it for a proxy that it was given otherwise.
    #[must_use]
    pub fn never_for(uri: &Uri) -> bool {
        uri.host().is_some_and(no_proxy::is_this_machine)
    }
}

/// A proxy that can be used. It displays as scheme, host and port, without user and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy(Arc<Parts>);

#[derive(PartialEq, Eq)]
struct Parts {
    scheme: &'static str,
    /// The address without user and password, and the whole.
    shown: String,
    url: Wiped,
}

impl Proxy {
    fn parse(variable: &'static str, value: &str) -> Result<Self, UnusableProxy> {
        let no = |why| Err(UnusableProxy { variable, why });
        let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
        let (scheme, port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => ("http", 80),
            "https" => ("https", 443),
            "socks5" => ("socks5", 1080),
            "socks5h" => ("socks5h", 1080),
            other if is_scheme(other) => return no(Why::Scheme(other.to_owned())),
            _ => return no(Why::Garbage),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        // A slash or the like is most likely in a password that was not percent-encoded: what is before it is no host.
        if rest.contains(|c: char| "/?#\\".contains(c) || c.is_whitespace() || c.is_control()) {
            return no(Why::Garbage);
        }
        let (credentials, place) = match rest.rsplit_once('@') {
            Some((credentials, place)) => (credentials, place),
            None => ("", rest),
        };
        let Some(place) = no_proxy::place(place, port) else { return no(Why::Garbage) };
        let Some(credentials) = encoded(credentials) else { return no(Why::Garbage) };
        if scheme.starts_with("socks") && !credentials.suits_socks {
            return no(Why::SocksCredentials);
        }
        let shown = format!("{scheme}://{place}");
        let url = Wiped::new(format!("{scheme}://{}{place}", *credentials.text));
        Ok(Self(Arc::new(Parts { scheme, shown, url })))
    }

    /// How it is spoken to: `http`, `https`, `socks5` or `socks5h`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        self.0.scheme
    }

    /// Its URL with user and password, percent-encoded, for the moment of its use. Do not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0.url
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.shown)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.0.shown)
    }
}

/// User and password as they stand in a URL.
struct Credentials {
    /// With the `@` that ends them; empty if there are none.
    text: Wiped,
    suits_socks: bool,
}

/// Encodes each half anew, so that every reader takes it for the same; `None` if it decodes to what no proxy takes.
fn encoded(written: &str) -> Option<Credentials> {
    if written.is_empty() {
        return Some(Credentials { text: Wiped::default(), suits_socks: true });
    }
    let decode = |half: &str| {
        let half = percent_decode_str(half).decode_utf8().ok()?;
        (!half.contains(char::is_control)).then(|| Wiped::new(half.into_owned()))
    };
    let (user, password) = match written.split_once(':') {
        Some((user, password)) => (decode(user)?, Some(decode(password)?)),
        None => (decode(written)?, None),
    };
    let suits = |half: &str| (1..=SOCKS_LIMIT).contains(&half.len());
    let suits_socks = suits(&user) && password.as_ref().is_some_and(|password| suits(password));
    let mut text = Wiped::new(utf8_percent_encode(&user, NON_ALPHANUMERIC).to_string());
    if let Some(password) = password {
        text.push(':');
        text.extend(utf8_percent_encode(&password, NON_ALPHANUMERIC));
    }
    text.push('@');
    Some(Credentials { text, suits_socks })
}

/// Whether this may be shown as a scheme: it has the form of one (RFC 3986 §3.1), and is as short as they are.
fn is_scheme(text: &str) -> bool {
    text.len() <= 16
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// A proxy is named that cannot be used, so that nothing may be sent: which variable names it, and why it cannot.
///
/// It shows the variable and the scheme, and nothing else of the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableProxy {
    variable: &'static str,
    why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Scheme(String),
    SocksCredentials,
    Garbage,
}

impl UnusableProxy {
    /// The variable that names it.
    #[must_use]
    pub const fn variable(&self) -> &'static str {
        self.variable
    }

    /// Its scheme, if that is what is not supported.
    #[must_use]
    pub fn scheme(&self) -> Option<&str> {
        match &self.why {
            Why::Scheme(scheme) => Some(scheme),
            _ => None,
        }
    }
}

impl StdError for UnusableProxy {}

impl fmt::Display for UnusableProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = self.variable;
        match &self.why {
            Why::Scheme(scheme) => write!(
                f,
                "{variable} names a proxy of the scheme `{scheme}`, which is not supported: name an http, \
                 https, socks5 or socks5h proxy; NO_PROXY exempts a host"
            ),
            Why::SocksCredentials => write!(
                f,
                "{variable} names a SOCKS5 proxy whose user and password cannot be sent: both are from 1 to \
                 {SOCKS_LIMIT} bytes long, and neither comes alone"
            ),
            Why::Garbage => write!(
                f,
                "{variable} is not the address of a proxy: write it as `http://proxy.example:3128`, and \
                 percent-encode a user and a password in it"
            ),
        }
    }
}

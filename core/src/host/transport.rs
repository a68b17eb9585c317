//! What keeps an answer away, in the words that every host shares: [`TransportError`]. Core itself never meets it.

use std::error::Error as StdError;
use std::sync::Arc;
use std::{fmt, io};

use http::Uri;

use crate::host::proxy::{Proxy, UnusableProxy};

/// RFC 9110 §15.5.8.
const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;

/// A request that got no whole answer, as a host tells it. Cloning it is cheap.
///
/// It displays what happened, between this program and whom, and the system's error behind it: scheme, host and port of
/// the server and of the proxy, never a path, a query, a user or a password.
#[derive(Clone, Debug)]
pub struct TransportError {
    failure: Arc<Failure>,
    origin: Option<Arc<str>>,
    proxy: Option<Proxy>,
}

#[derive(Debug)]
struct Failure {
    kind: TransportErrorKind,
    source: Option<io::Error>,
}

/// What kept the answer away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// It took longer than the timeouts allow.
    Timeout,
    /// The connection could not be made, or ended before the answer did.
    Connection,
    /// The server's certificate was not accepted, so nothing was sent.
    Certificate(BadCertificate),
    /// The proxy would not pass the request on, with this status if it said one and the HTTP library tells it.
    ProxyRefused(Option<u16>),
    /// A proxy is named that cannot be used, so nothing was sent: [`TransportError::system`] has the [`UnusableProxy`] in it.
    ProxyUnusable,
    /// The answer is larger than its limit.
    TooLarge,
    /// The answer is not HTTP.
    Broken,
    /// The request cannot be sent as it is.
    Request,
    /// The HTTP library cannot be set up with what it was given, or on this system.
    Setup,
}

/// What is wrong with a server's certificate (RFC 5280 §6, RFC 9525 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadCertificate {
    /// It is signed by an authority that is not trusted here, or by itself.
    UnknownIssuer,
    /// It is no longer valid, by this system's clock.
    Expired,
    /// It is not valid yet, by this system's clock.
    NotYetValid,
    /// It is for other names than the server's.
    WrongName,
    /// Its authority has revoked it.
    Revoked,
    /// It is invalid in another way.
    Invalid,
}

impl TransportError {
    /// A failure of this kind.
    #[must_use]
    pub fn new(kind: TransportErrorKind) -> Self {
        Self::with(kind, None)
    }

    /// A failure of this kind, with the system's error behind it. That error must show no secret.
    #[must_use]
    pub fn caused(kind: TransportErrorKind, source: io::Error) -> Self {
        Self::with(kind, Some(source))
    }

    /// The proxy for the request cannot be used.
    #[must_use]
    pub fn unusable_proxy(proxy: UnusableProxy) -> Self {
        Self::caused(TransportErrorKind::ProxyUnusable, io::Error::new(io::ErrorKind::Unsupported, proxy))
    }

    fn with(kind: TransportErrorKind, source: Option<io::Error>) -> Self {
        Self { failure: Arc::new(Failure { kind, source }), origin: None, proxy: None }
    }

    /// The same, of a request of this URI: scheme, host and port are kept, the rest is not.
    #[must_use]
    pub fn of(self, uri: &Uri) -> Self {
        let origin = uri.scheme_str().zip(uri.host()).map(|(scheme, host)| match uri.port_u16() {
            Some(port) => format!("{scheme}://{host}:{port}").into(),
            None => format!("{scheme}://{host}").into(),
        });
        Self { origin, ..self }
    }

    /// The same, of a request that went through this proxy.
    #[must_use]
    pub fn through(self, proxy: &Proxy) -> Self {
        Self { proxy: Some(proxy.clone()), ..self }
    }

    /// What kept the answer away.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.failure.kind
    }

    /// Scheme, host and port of the server that was asked, as in `https://as.example:8443`, if it is known.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The proxy in between, if one is known.
    #[must_use]
    pub const fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// The system's error behind it, if there is one. Its text is a part of this one's.
    #[must_use]
    pub fn system(&self) -> Option<&io::Error> {
        self.failure.source.as_ref()
    }

    /// Whether the same may work later, all by itself.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.kind() {
            TransportErrorKind::Timeout | TransportErrorKind::Connection => true,
            TransportErrorKind::ProxyRefused(status) => status.is_some_and(|status| status >= 500),
            _ => false,
        }
    }
}

/// The text has what the system said in it, so the source is what is behind that: see [`TransportError::system`].
impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.system().and_then(StdError::source)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin.as_deref().unwrap_or("the server");
        let through =
            self.proxy.as_ref().map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default();
        match self.kind() {
            TransportErrorKind::Timeout => write!(f, "no answer came in time from {origin}{through}")?,
            TransportErrorKind::Connection => write!(
                f,
                "the connection to {origin}{through} could not be made, or broke before the answer was \
                 there"
            )?,
            // The library's words for it are less clear, and repeat the names that the certificate is for.
            TransportErrorKind::Certificate(bad) => {
                return write!(f, "the certificate of {origin} was not accepted: {}", bad.words());
            }
            TransportErrorKind::ProxyRefused(status) => {
                write!(f, "the proxy refused")?;
                if let Some(status) = status {
                    write!(f, ": {status}")?;
                }
                write!(f, ", when it was asked for {origin}")?;
                if let Some(proxy) = &self.proxy {
                    write!(f, "; it is {proxy}")?;
                }
                if status == Some(PROXY_AUTHENTICATION_REQUIRED) {
                    f.write_str(
                        ", and wants a user and a password: name it as http://USER:PASSWORD@HOST:PORT",
                    )?;
                }
            }
            TransportErrorKind::ProxyUnusable => write!(f, "nothing was sent to {origin}")?,
            TransportErrorKind::TooLarge => {
                write!(f, "the answer of {origin} is larger than this program takes")?
            }
            TransportErrorKind::Broken => write!(f, "the answer of {origin} is not HTTP")?,
            TransportErrorKind::Request => {
                write!(f, "the request to {origin} cannot be sent as it is: look at its URL and headers")?
            }
            TransportErrorKind::Setup => f.write_str("HTTP cannot be set up")?,
        }
        match &self.failure.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl BadCertificate {
    const fn words(self) -> &'static str {
        match self {
            Self::UnknownIssuer => {
                "UnknownIssuer, the authority that signed it is not trusted here; if that authority is your own, add it \
                 to the system's, or name its file in SSL_CERT_FILE"
            }
            Self::Expired => "it has expired; look at this computer's clock, or have the server renew it",
            Self::NotYetValid => "it is not valid yet; look at this computer's clock",
            Self::WrongName => "it is for another name; look at the URL",
            Self::Revoked => "its authority has revoked it",
            Self::Invalid => "it is not valid for this use, or cannot be read",
        }
    }
}

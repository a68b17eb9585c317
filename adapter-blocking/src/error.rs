//! What can go wrong beside the protocol: [`Error`].

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use valetkey_core as core;

/// Why a conversation ended without its output.
///
/// No variant shows a secret, or the query of a URL.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// What core says: the server refused or broke the protocol, a person must authorize, or the program is at fault.
    Core(core::Error),
    /// No answer, or not a whole one: the network, a timeout, a limit.
    Http(Http),
    /// A loopback port cannot be bound, or none of those that are registered is free.
    Loopback(Arc<io::Error>),
    /// The operating system has no randomness to give.
    Randomness,
}

impl Error {
    /// What core says, if it is behind this error.
    #[must_use]
    pub const fn core(&self) -> Option<&core::Error> {
        match self {
            Self::Core(error) => Some(error),
            _ => None,
        }
    }

    /// Why no whole answer came, if that is behind this error.
    #[must_use]
    pub const fn http(&self) -> Option<&Http> {
        match self {
            Self::Http(http) => Some(http),
            _ => None,
        }
    }

    /// Whether the server refused the grant itself: see [`core::Error::is_invalid_grant`].
    #[must_use]
    pub fn is_invalid_grant(&self) -> bool {
        self.core().is_some_and(core::Error::is_invalid_grant)
    }

    /// Whether a person must authorize again before this can work.
    #[must_use]
    pub fn is_authorization_required(&self) -> bool {
        self.core().is_some_and(core::Error::is_authorization_required)
    }

    /// Whether the same may work later, all by itself.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Core(error) => error.is_transient(),
            Self::Http(http) => matches!(http.0.kind, HttpKind::Timeout | HttpKind::Connection),
            _ => false,
        }
    }
}

impl From<core::Error> for Error {
    fn from(error: core::Error) -> Self {
        Self::Core(error)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Core(error) => Some(error),
            Self::Http(http) => Some(http),
            Self::Loopback(error) => Some(&**error),
            Self::Randomness => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(error) => error.fmt(f),
            Self::Http(http) => http.fmt(f),
            Self::Loopback(error) => write!(f, "no loopback port can be bound: {error}"),
            Self::Randomness => f.write_str("the operating system has no randomness to give"),
        }
    }
}

/// A request that got no whole answer.
#[derive(Clone, Debug)]
pub struct Http(Arc<Failure>);

#[derive(Debug)]
struct Failure {
    kind: HttpKind,
    source: Option<io::Error>,
}

/// What kept the answer away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpKind {
    /// It took longer than the timeouts allow.
    Timeout,
    /// The connection could not be made, or ended before the answer did.
    Connection,
    /// The answer is larger than its limit.
    TooLarge,
    /// The answer is no HTTP.
    Broken,
    /// The request cannot be sent as it is.
    Request,
}

impl Http {
    pub(crate) fn new(kind: HttpKind) -> Self {
        Self(Arc::new(Failure { kind, source: None }))
    }

    pub(crate) fn caused(kind: HttpKind, source: io::Error) -> Self {
        Self(Arc::new(Failure { kind, source: Some(source) }))
    }

    /// What kept the answer away.
    #[must_use]
    pub fn kind(&self) -> HttpKind {
        self.0.kind
    }
}

impl StdError for Http {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|error| error as _)
    }
}

impl fmt::Display for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.kind {
            HttpKind::Timeout => "no answer came in time",
            HttpKind::Connection => "the connection could not be made, or ended before the answer did",
            HttpKind::TooLarge => "the answer is larger than its limit",
            HttpKind::Broken => "the answer is no HTTP",
            HttpKind::Request => "the request cannot be sent as it is",
        })
    }
}

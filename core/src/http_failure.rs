//! What keeps an answer away, in the words that every host shares: [`Http`]. Core itself never meets it.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

/// A request that got no whole answer, as a host tells it. A clone is a counted pointer.
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
    /// A failure of this kind.
    #[must_use]
    pub fn new(kind: HttpKind) -> Self {
        Self(Arc::new(Failure { kind, source: None }))
    }

    /// A failure of this kind, with the system's error behind it. That error must show no secret.
    #[must_use]
    pub fn caused(kind: HttpKind, source: io::Error) -> Self {
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

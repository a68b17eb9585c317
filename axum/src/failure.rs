//! What went wrong, for the program's log: [`Failure`].

use std::error::Error as StdError;
use std::fmt;

use valetkey_async::Error;
use valetkey_async::error::Refused;
use valetkey_async::store::StoreError;

/// What went wrong with a login, a log-out or a request that claims to be one, for
/// [`on_failure`](crate::WebLoginBuilder::on_failure). No page says it, and it has no secret in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// A request was refused by a rule about web applications.
    Refused {
        /// The rule's identifier, such as `LG-4`.
        rule: &'static str,
        /// What was refused.
        what: &'static str,
    },
    /// What the library says: a response was refused, the server said no, no answer came, or the store failed.
    Failed(Error),
    /// Something that should not happen, or is missing.
    Broken(&'static str),
}

impl Failure {
    pub(crate) const fn refused(rule: &'static str, what: &'static str) -> Self {
        Self::Refused { rule, what }
    }

    pub(crate) const fn broken(what: &'static str) -> Self {
        Self::Broken(what)
    }

    /// The rule that was broken, by its identifier, if it was one.
    #[must_use]
    pub fn rule(&self) -> Option<&'static str> {
        match self {
            Self::Refused { rule, .. } => Some(rule),
            Self::Failed(error) => Some(error.core()?.rule()?.id()),
            Self::Broken(_) => None,
        }
    }

    /// Whether the store failed, or something else that passes by itself.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Failed(error) if error.is_transient())
    }

    /// Whether a login that shows nothing failed only because the server would have to show something.
    pub(crate) fn needs_person(&self) -> bool {
        matches!(self, Self::Failed(Error::Core(error)) if error.refused().is_some_and(Refused::needs_person))
    }

    pub(crate) fn is_access_denied(&self) -> bool {
        matches!(self, Self::Failed(Error::Core(error)) if error.is_access_denied())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<valetkey_async::valetkey_core::Error> for Failure {
    fn from(error: valetkey_async::valetkey_core::Error) -> Self {
        Self::Failed(Error::Core(error))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Failed(Error::Core(valetkey_async::valetkey_core::Error::Store(error)))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { rule, what } => write!(f, "{what} ({rule})"),
            Self::Failed(error) => error.fmt(f),
            Self::Broken(what) => f.write_str(what),
        }
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            Self::Refused { .. } | Self::Broken(_) => None,
        }
    }
}

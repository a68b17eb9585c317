//! What can go wrong where core's requests are carried: [`Error`].

use std::error::Error as StdError;
use std::sync::Arc;
use std::{fmt, io};

use crate::ground::error as core;
use crate::ground::quirk::Quirk;
use crate::host::transport::TransportError;

/// Why a conversation ended without its output. Both adapters have it as their `Error`, so that code which is made for either
/// has one error; a host of your own may use it too.
///
/// No variant shows a secret, or the query of a URL. `Debug` shows the same words as `Display`, because that is what a program
/// prints whose `main` returns the error; match on the variants to see which it is.
#[derive(Clone)]
#[non_exhaustive]
pub enum Error {
    /// What core says: the server refused or broke the protocol, a person must authorize, or the program is at fault.
    Core(core::Error),
    /// No answer, or not a whole one: the network, a timeout, a limit.
    Transport(TransportError),
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
    pub const fn transport(&self) -> Option<&TransportError> {
        match self {
            Self::Transport(http) => Some(http),
            _ => None,
        }
    }

    /// The relaxation that would have let through what was refused: see [`core::Error::admitted_by`].
    #[must_use]
    pub fn admitted_by(&self) -> Option<Quirk> {
        self.core().and_then(core::Error::admitted_by)
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
            Self::Transport(http) => http.is_transient(),
            _ => false,
        }
    }
}

impl From<core::Error> for Error {
    fn from(error: core::Error) -> Self {
        Self::Core(error)
    }
}

/// The text has everything that the inner error says, so the source is what is behind that one: a program that prints an
/// error and all its sources prints nothing twice.
impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Core(error) => error.source(),
            Self::Transport(http) => http.source(),
            Self::Loopback(error) => error.source(),
            Self::Randomness => None,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(error) => error.fmt(f),
            Self::Transport(http) => http.fmt(f),
            Self::Loopback(error) => {
                write!(f, "a loopback port for the browser's redirect cannot be bound: {error}")
            }
            Self::Randomness => {
                f.write_str("the operating system gave no randomness, without which nothing is begun")
            }
        }
    }
}

//! That code of the program's own failed, which the library called: [`CallbackError`].

use std::error::Error as StdError;
use std::fmt;

use crate::ground::text;

/// Code that the program gave to the library failed: a [`SecretSource`](crate::client::SecretSource), for example, whose file is
/// missing.
///
/// Its text is the program's own, with what it says is behind it, made fit to be shown: one bounded line, without anything that
/// looks like a token. UUIDs and other long identifiers are hidden too: at some servers that is what tokens are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackError {
    /// What failed, if that is known.
    what: &'static str,
    text: String,
}

impl CallbackError {
    /// An error with its cause: an error of any kind, or a text.
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let cause = cause.into();
        let mut told = cause.to_string();
        let mut behind = cause.source();
        // As many as people read; a chain that leads back to itself ends too.
        for _ in 0..8 {
            let Some(error) = behind else { break };
            let text = error.to_string();
            if !told.contains(&text) {
                told = format!("{told}: {text}");
            }
            behind = error.source();
        }
        Self { what: "code of this program's own", text: text::displayable_to_strangers(&told) }
    }

    /// The same without these secrets.
    pub(crate) fn without(self, secrets: &[&str]) -> Self {
        // Where it was cut there may be the beginning of a secret.
        let whole = match self.text.strip_suffix('…') {
            Some(cut) => cut.rsplit_once(' ').map_or("", |(before, _)| before),
            None => &self.text,
        };
        Self { text: text::displayable(whole, secrets), ..self }
    }

    /// The same, of this thing.
    pub(crate) fn of(self, what: &'static str) -> Self {
        Self { what, ..self }
    }
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.what, self.text)
    }
}

impl StdError for CallbackError {}

//! What a token is allowed to do: [`Scope`] (RFC 6749 §3.3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::short::Short;
use crate::ground::text;

/// The most scope tokens one value may have. A Space application may ask for all 228 rights, in several contexts.
const MAX_TOKENS: usize = 1024;

/// A non-empty set of scope tokens, in the order they were given, each once, compared as the server compares
/// them: case and all.
///
/// ```
/// use valetkey_core::Scope;
///
/// let scope: Scope = "profile calendar profile".parse()?;
/// assert_eq!(scope.as_str(), "profile calendar");
/// assert!(scope.contains("calendar"));
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Scope(String);

impl Scope {
    /// Joins scope tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-11](crate::Rule::Tr11)) if there are no tokens, one is empty, or one has a character outside
    /// RFC 6749's A.4.
    pub fn new<T: AsRef<str>>(tokens: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        Self::join(tokens).ok_or_else(|| {
            misuse_of(
                Rule::Tr11,
                "the scope is empty, or has a token that is not printable ASCII without quotes and backslashes",
            )
        })
    }

    fn join<T: AsRef<str>>(tokens: impl IntoIterator<Item = T>) -> Option<Self> {
        let mut joined = Self(String::new());
        for (count, token) in tokens.into_iter().enumerate() {
            let token = token.as_ref();
            if !text::is_nqchar(token) || count == MAX_TOKENS {
                return None;
            }
            if !joined.contains(token) {
                if count > 0 {
                    joined.0.push(' ');
                }
                joined.0.push_str(token);
            }
        }
        (!joined.0.is_empty()).then_some(joined)
    }

    /// Reads a server's value, which may have more than one space between tokens. `None` if it has no token, or a
    /// bad one.
    pub(crate) fn read(value: &str) -> Option<Self> {
        Self::join(value.split(' ').filter(|token| !token.is_empty()))
    }

    /// The tokens, joined with single spaces: the wire form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tokens.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ')
    }

    /// Whether the token is in the set.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        self.iter().any(|known| known == token)
    }

    /// Whether every token of this scope is in the other too.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.iter().all(|token| other.contains(token))
    }

    /// The tokens of this scope that the other lacks.
    pub fn beyond<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        self.iter().filter(|token| !other.contains(token))
    }
}

/// Whether they are the same set, in whatever order.
impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || (self.is_within(other) && other.is_within(self))
    }
}

impl Eq for Scope {}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text.split(' ').filter(|token| !token.is_empty()))
    }
}

/// A long one by its beginning.
impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&Short(&self.0)).finish()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

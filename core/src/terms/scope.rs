//! What a token is allowed to do: [`Scope`] (RFC 6749 §3.3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ground::among::{Among, FEW, beginning};
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
pub struct Scope {
    text: String,
    /// Whether it asks for a login, which is asked of each scope several times, and found when it is made.
    has_openid: bool,
}

impl Scope {
    /// Joins scope tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-11](crate::Rule::Tr11)) if there are no tokens, one is empty, or one has a character outside
    /// RFC 6749's A.4.
    pub fn new<T: AsRef<str>>(tokens: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let mut joined = Joined::default();
        let fit = tokens.into_iter().all(|token| {
            let token = token.as_ref();
            text::is_nqchar(token) && joined.push(token)
        });
        fit.then(|| joined.finish()).flatten().ok_or_else(unfit)
    }

    /// Reads a server's value, which may have more than one space between tokens. `None` if it has no token, or a
    /// bad one.
    pub(crate) fn read(value: &str) -> Option<Self> {
        if !text::is_nqschar(value) {
            return None;
        }
        if let Some(has_openid) = usual(value) {
            return Some(Self { text: value.to_owned(), has_openid });
        }
        let mut joined = Joined { text: String::with_capacity(value.len()), taken: 0 };
        let mut tokens = value.split(' ').filter(|token| !token.is_empty());
        tokens.all(|token| joined.push(token)).then(|| joined.finish()).flatten()
    }

    /// The tokens, joined with single spaces: the wire form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `openid` is among the tokens.
    pub(crate) const fn has_openid(&self) -> bool {
        self.has_openid
    }

    /// The tokens.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        text::parts(&self.text, b' ')
    }

    /// Whether the token is in the set.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        self.iter().any(|known| known == token)
    }

    /// Whether every token of this scope is in the other too.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.text == other.text || self.beyond(other).next().is_none()
    }

    /// The tokens of this scope that the other lacks.
    pub fn beyond<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        // Each is looked for in the whole of the other, unless there are many of both.
        let known = (self.count() > FEW && other.count() > FEW).then(|| Among::new(other.iter()));
        self.iter().filter(move |token| match &known {
            Some(known) => !known.has(token),
            None => !other.contains(token),
        })
    }

    fn count(&self) -> usize {
        1 + self.text.bytes().filter(|byte| *byte == b' ').count()
    }
}

/// Whether they are the same set, in whatever order.
impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        // No token is twice in either, so as many tokens of which none is beyond the other's are the other's.
        self.text == other.text || (self.count() == other.count() && self.is_within(other))
    }
}

impl Eq for Scope {}

/// Whether `openid` is among a few tokens with single spaces between them, each once: what most scopes are, and then nothing is to
/// be done. `None` for what is not of that kind.
fn usual(value: &str) -> Option<bool> {
    let mut has_openid = false;
    let mut known: [&[u8]; FEW] = [&[]; FEW];
    for (count, token) in value.as_bytes().split(|byte| *byte == b' ').enumerate() {
        let is_new = !token.is_empty() && !known.iter().take(count).any(|one| *one == token);
        match known.get_mut(count).filter(|_| is_new) {
            Some(place) => *place = token,
            None => return None,
        }
        has_openid |= token == OPENID.as_bytes();
    }
    Some(has_openid)
}

/// What asks for a login (OpenID Connect Core §3.1.2.1).
const OPENID: &str = "openid";

/// Tokens that are put together, separated by single spaces.
#[derive(Default)]
struct Joined {
    text: String,
    taken: usize,
}

impl Joined {
    /// Takes one more token; `false` if it is one too many.
    fn push(&mut self, token: &str) -> bool {
        if self.taken == MAX_TOKENS {
            return false;
        }
        if self.taken > 0 {
            self.text.push(' ');
        }
        self.text.push_str(token);
        self.taken += 1;
        true
    }

    fn finish(self) -> Option<Scope> {
        let text = self.text;
        if text.is_empty() {
            return None;
        }
        let (text, has_openid) = match usual(&text) {
            Some(has_openid) => (text, has_openid),
            None => once(text),
        };
        Some(Scope { text, has_openid })
    }
}

/// Leaves out the tokens that were there before. With whether `openid` is among them.
fn once(text: String) -> (String, bool) {
    let tokens = text::parts(&text, b' ').zip(0..);
    let mut sorted: Vec<_> = tokens.map(|(token, place)| (beginning(token), token, place)).collect();
    // By the standard library: a heap is smaller, and takes three quarters of a million instructions for the longest scope.
    sorted.sort_unstable();
    let has_openid = sorted.iter().any(|(_, token, _)| *token == OPENID);
    let again = sorted.windows(2).filter_map(|pair| match pair {
        [(_, one, _), (_, other, place)] if one == other => Some(*place),
        _ => None,
    });
    let again: Vec<usize> = again.collect();
    if again.is_empty() {
        return (text, has_openid);
    }
    let mut is_kept = vec![true; sorted.len()];
    for place in again {
        if let Some(is_kept) = is_kept.get_mut(place) {
            *is_kept = false;
        }
    }
    let mut kept = String::with_capacity(text.len());
    let tokens = text::parts(&text, b' ').zip(is_kept);
    for (place, (token, _)) in tokens.enumerate().filter(|(_, (_, is_kept))| *is_kept) {
        if place > 0 {
            kept.push(' ');
        }
        kept.push_str(token);
    }
    (kept, has_openid)
}

fn unfit() -> Error {
    misuse_of(
        Rule::Tr11,
        "the scope is empty, or has a token that is not printable ASCII without quotes and backslashes",
    )
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::read(text).ok_or_else(unfit)
    }
}

/// A long one by its beginning.
impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&Short(&self.text)).finish()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

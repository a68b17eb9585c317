//! What a server demands of a request: [`Challenge`], the whole grammar of `WWW-Authenticate` (RFC 9110 §11.6.1).

use std::fmt;

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

use crate::echo::HIDDEN;
use crate::error::{Error, malformed};
use crate::short::Short;
use crate::{Rule, echo, error_code, short, text};

/// The most bytes of all `WWW-Authenticate` headers of one answer together.
const MAX_BYTES: usize = 16 * 1024;
/// The most challenges of one answer, and the most parameters of one challenge.
const MAX_ITEMS: usize = 32;

/// One challenge: a scheme, and either parameters or a single token.
///
/// Scheme and parameter names are compared without regard to case (WA-2). `Debug` shows the scheme and the names, made
/// fit for display; values are the server's text and are not for logs as they are.
#[derive(Clone)]
pub struct Challenge {
    scheme: String,
    token68: Option<String>,
    parameters: Vec<(String, String)>,
    /// What is shown in its place, if it holds a secret of the request that it answers.
    shown: Option<Box<Self>>,
}

/// The schemes and the names of parameters that everybody knows (RFC 9110 §16.4.1, RFC 6750 §3, RFC 7616 §3.3, RFC 9449
/// §7.1, RFC 9470 §3, RFC 9728 §5.1), in small letters. None is hidden because a short secret is a part of it.
const KNOWN: &[&str] = &[
    "acr_values",
    "algorithm",
    "algs",
    "basic",
    "bearer",
    "charset",
    "concealed",
    "digest",
    "domain",
    "dpop",
    "error",
    "error_description",
    "error_uri",
    "gnap",
    "hoba",
    "max_age",
    "mutual",
    "negotiate",
    "nonce",
    "oauth",
    "opaque",
    "privatetoken",
    "qop",
    "realm",
    "resource_metadata",
    "scope",
    "stale",
    "userhash",
    "vapid",
];

impl Challenge {
    /// Reads all challenges of an answer, over several header lines and several in a line, in their order.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] (WA-1) if a line departs from the grammar, names a parameter twice in one challenge, or
    /// the headers exceed 16 KiB, 32 challenges or 32 parameters in one.
    pub fn parse(headers: &HeaderMap) -> Result<Vec<Self>, Error> {
        let lines = headers.get_all(WWW_AUTHENTICATE);
        if lines.iter().map(|line| line.len()).sum::<usize>() > MAX_BYTES {
            return Err(malformed(Rule::Wa1, "WWW-Authenticate is larger than 16 KiB"));
        }
        let mut challenges = Vec::new();
        for line in lines {
            Reader { rest: line.as_bytes() }
                .challenges(&mut challenges)
                .ok_or_else(|| malformed(Rule::Wa1, "WWW-Authenticate departs from its grammar"))?;
        }
        Ok(challenges)
    }

    /// The scheme as the server spelled it.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Whether this is the scheme, in any case.
    #[must_use]
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The single token of schemes such as Negotiate.
    #[must_use]
    pub fn token68(&self) -> Option<&str> {
        self.token68.as_deref()
    }

    /// A parameter's value, unquoted, by its name in any case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// All parameters, in their order, names as the server spelled them.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl Challenge {
    /// The same for decisions, and without the secrets of the request for whoever prints it.
    pub(crate) fn without(mut self, secrets: &[&str]) -> Self {
        let mut is_hidden = false;
        let mut hide = |text: &str, is_known: bool| {
            let hides = !is_known && echo::is_in(text, secrets);
            is_hidden |= hides;
            if hides { HIDDEN.to_owned() } else { text.to_owned() }
        };
        let mut shown = Self {
            scheme: hide(&self.scheme, is_known(&self.scheme)),
            token68: self.token68.as_deref().map(|token| hide(token, false)),
            parameters: self
                .parameters()
                .map(|(name, value)| {
                    let is_code = name.eq_ignore_ascii_case("error") && error_code::is_known(value);
                    (hide(name, is_known(name)), hide(value, is_code))
                })
                .collect(),
            shown: None,
        };
        // A secret may have been taken apart by the grammar, and be there when the parts are put together.
        if echo::is_in(&shown.unknown(), secrets) {
            is_hidden = true;
            shown = Self { scheme: HIDDEN.to_owned(), token68: None, parameters: Vec::new(), shown: None };
        }
        self.shown = is_hidden.then(|| Box::new(shown));
        self
    }

    /// The scheme, fit for display.
    pub(crate) fn shown_scheme(&self) -> String {
        text::displayable(&self.shown.as_deref().unwrap_or(self).scheme, &[])
    }

    /// The challenge as it is written, without the words that everybody knows.
    fn unknown(&self) -> String {
        let mut unknown = self.clone();
        let forget = |text: &mut String, is_known: bool| {
            if is_known || text == HIDDEN {
                text.clear();
            }
        };
        for (name, value) in &mut unknown.parameters {
            let is_code = name.eq_ignore_ascii_case("error") && error_code::is_known(value);
            forget(value, is_code);
            let known = is_known(name);
            forget(name, known);
        }
        let known = is_known(&unknown.scheme);
        forget(&mut unknown.scheme, known);
        unknown.to_string()
    }
}

fn is_known(word: &str) -> bool {
    KNOWN.contains(&word.to_ascii_lowercase().as_str())
}

impl PartialEq for Challenge {
    fn eq(&self, other: &Self) -> bool {
        (&self.scheme, &self.token68, &self.parameters) == (&other.scheme, &other.token68, &other.parameters)
    }
}

impl Eq for Challenge {}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown.as_deref().unwrap_or(self);
        let names: Vec<_> = shown.parameters().map(|(name, _)| text::displayable(name, &[])).collect();
        f.debug_struct("Challenge")
            .field("scheme", &Short(&self.shown_scheme()))
            .field("parameters", &short::list(&names))
            .finish_non_exhaustive()
    }
}

/// Writes the challenge in the form that [`Challenge::parse`] reads, every value quoted. One of a [`Refused`](crate::Refused) that repeats
/// a secret of its request is written without it.
impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(shown) = &self.shown {
            return shown.fmt(f);
        }
        f.write_str(&self.scheme)?;
        if let Some(token) = &self.token68 {
            return write!(f, " {token}");
        }
        for (place, (name, value)) in self.parameters.iter().enumerate() {
            let comma = if place == 0 { " " } else { ", " };
            write!(f, "{comma}{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))?;
        }
        Ok(())
    }
}

/// A header line, read from the left. Every method returns `None` for what is outside the grammar.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// `[ challenge *( OWS "," OWS challenge ) ]`, with the empty list items that RFC 9110 §5.6.1 lets through.
    fn challenges(&mut self, challenges: &mut Vec<Challenge>) -> Option<()> {
        loop {
            self.separators();
            if self.rest.is_empty() {
                return Some(());
            }
            if challenges.len() == MAX_ITEMS {
                return None;
            }
            let challenge = self.challenge()?;
            challenges.push(challenge);
            self.spaces();
            if !self.rest.is_empty() && self.peek() != Some(b',') {
                return None;
            }
        }
    }

    fn challenge(&mut self) -> Option<Challenge> {
        let mut challenge =
            Challenge { scheme: self.token()?, token68: None, parameters: Vec::new(), shown: None };
        if self.peek() != Some(b' ') {
            return Some(challenge);
        }
        // `challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]`: spaces and no tabs, which may stand before a comma
        // or the line's end alone.
        self.take_while(|byte| byte == b' ');
        if self.peek() == Some(b'\t') {
            self.spaces();
            if !matches!(self.peek(), None | Some(b',')) {
                return None;
            }
        }
        if let Some(token) = self.token68() {
            challenge.token68 = Some(token);
            return Some(challenge);
        }
        // A comma separates this challenge's parameters as well as the next challenge. What follows is a parameter
        // if it reads as `token BWS "=" …`; otherwise it is the next challenge, and the comma is left for it.
        while let Some((name, value)) = self.parameter(challenge.parameters.is_empty())? {
            if challenge.parameters.len() == MAX_ITEMS || challenge.parameter(&name).is_some() {
                return None;
            }
            challenge.parameters.push((name, value));
        }
        Some(challenge)
    }

    /// The next parameter with the commas before it, of which all but the first have one; `Some(None)`, and nothing
    /// read, if there is none.
    fn parameter(&mut self, first: bool) -> Option<Option<(String, String)>> {
        let start = self.rest;
        let separated = self.separators() || first;
        let name = self.token();
        self.spaces();
        let (Some(name), Some(b'='), true) = (name, self.peek(), separated) else {
            self.rest = start;
            return Some(None);
        };
        self.skip();
        self.spaces();
        let value = if self.peek() == Some(b'"') { self.quoted()? } else { self.token()? };
        // The value ends at a space, a comma or the line's end: `a=b"c"` is outside the grammar.
        if !matches!(self.peek(), None | Some(b' ' | b'\t' | b',')) {
            return None;
        }
        Some(Some((name, value)))
    }

    /// `token68`, if it is one and nothing but a comma or the end follows: `a=b` is a parameter.
    fn token68(&mut self) -> Option<String> {
        let start = self.rest;
        let token = self.take_while(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
        let padding = self.take_while(|byte| byte == b'=');
        self.spaces();
        if token.is_empty() || !matches!(self.peek(), None | Some(b',')) {
            self.rest = start;
            return None;
        }
        Some(token + &padding)
    }

    fn token(&mut self) -> Option<String> {
        let token =
            self.take_while(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        (!token.is_empty()).then_some(token)
    }

    fn quoted(&mut self) -> Option<String> {
        self.skip();
        let mut value = Vec::new();
        loop {
            let byte = self.peek()?;
            self.skip();
            match byte {
                b'"' => return String::from_utf8(value).ok(),
                b'\\' => {
                    let escaped = self.peek()?;
                    self.skip();
                    value.push(escaped);
                }
                _ => value.push(byte),
            }
        }
    }

    fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> String {
        let length = self.rest.iter().position(|&byte| !keep(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken.iter().copied().map(char::from).collect()
    }

    /// Skips commas and the spaces around them, and says whether there was a comma.
    fn separators(&mut self) -> bool {
        let mut comma = false;
        while let Some(byte @ (b' ' | b'\t' | b',')) = self.peek() {
            comma |= byte == b',';
            self.skip();
        }
        comma
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.skip();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }
}

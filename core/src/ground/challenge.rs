//! What a server demands of a request: [`Challenge`], the whole grammar of `WWW-Authenticate` (RFC 9110 §11.6.1).

use std::fmt;

use crate::ground::echo::HIDDEN;
use crate::ground::short::Short;
use crate::ground::{echo, error_code, short, text};

/// One challenge: a scheme, and either parameters or a single token.
///
/// Scheme and parameter names are compared without regard to case ([WA-2](crate::Rule::Wa2)). `Debug` shows the scheme and
/// the names, made fit for display; values are the server's text and are not for logs as they are.
#[derive(Clone)]
pub struct Challenge {
    pub(crate) scheme: String,
    pub(crate) token68: Option<String>,
    pub(crate) parameters: Vec<(String, String)>,
    /// What is shown in its place, if it holds a secret of the request that it answers.
    pub(crate) shown: Option<Box<Self>>,
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
    /// The same for decisions, and without the secrets of the request for printing.
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

/// Writes the challenge in the form that [`Challenge::parse`] reads, every value quoted. One of a [`Refused`](crate::error::Refused) that repeats
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

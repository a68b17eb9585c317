//! The parameters of a query or a form body, read once and strictly.

use std::fmt;

/// More than any OAuth request needs.
const MAX_PARAMETERS: usize = 100;

/// What may be given more than once: `resource` (RFC 8707 §2).
const REPEATABLE: [&str; 1] = ["resource"];

/// Parameters by name, each at most once but for those few that may be repeated.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads form-urlencoded bytes, keeping what can be read even if something is wrong with it, together with what
    /// is wrong: a parameter given twice (RFC 6749 §3.1), bytes that are not UTF-8, or too many of them.
    pub(crate) fn read(bytes: &[u8]) -> (Self, Result<(), &'static str>) {
        let mut parameters = Vec::new();
        let mut verdict = Ok(());
        for (name, value) in form_urlencoded::parse(bytes) {
            if parameters.len() == MAX_PARAMETERS {
                verdict = Err("There are too many parameters");
                break;
            }
            if name.contains('\u{FFFD}') || value.contains('\u{FFFD}') {
                verdict = Err("A parameter is not UTF-8");
            } else if !REPEATABLE.contains(&&*name) && parameters.iter().any(|(known, _)| *known == name) {
                verdict = Err("A parameter is given more than once");
            }
            parameters.push((name.into_owned(), value.into_owned()));
        }
        (Self(parameters), verdict)
    }

    /// Parameters that were read from elsewhere.
    pub(crate) fn of(parameters: impl Iterator<Item = (String, String)>) -> Self {
        Self(parameters.take(MAX_PARAMETERS).collect())
    }

    /// The same where a server knows what is `usual` under another name: what came under the usual one is unknown to it.
    pub(crate) fn renamed(self, name: &str, usual: &str) -> Self {
        if name == usual {
            return self;
        }
        let others = self.0.into_iter().filter(|(known, _)| known != usual);
        let rename = |known: String| if known == name { usual.to_owned() } else { known };
        Self(others.map(|(known, value)| (rename(known), value)).collect())
    }

    /// The value of a parameter. One sent without a value counts as omitted (RFC 6749 §3.1), and so does one that
    /// was given twice: nobody can say which was meant.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let value = values.next().filter(|value| !value.is_empty())?;
        values.next().is_none().then_some(value)
    }

    /// Every value of a parameter that may be repeated.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter().filter(move |(known, value)| *known == name && !value.is_empty()).map(|(_, value)| value)
    }

    /// The same with one of them set.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let others = self.0.iter().filter(|(known, _)| known != name).cloned();
        Self(others.chain([(name.to_owned(), value.to_owned())]).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The names alone: the values may be secrets.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

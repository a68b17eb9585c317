//! The parameters of a query or a form that somebody sends to the program, each once: [`Form`].

use std::borrow::Cow;

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::wire::form;

/// The most parameters that are read.
const MOST: usize = 64;

/// Parameters, each once.
pub(crate) struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// Why they are not read.
pub(crate) enum Unfit {
    Twice,
    TooMany,
}

impl<'a> Form<'a> {
    /// Reads them; `None` if one comes twice, or there are more than anybody sends.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        Self::read_or_say(text).ok()
    }

    /// The same with the reason why not.
    pub(crate) fn read_or_say(text: &'a str) -> Result<Self, Unfit> {
        let mut form = Self(Vec::with_capacity(4));
        for (name, value) in form::pairs(text) {
            if form.0.len() == MOST {
                return Err(Unfit::TooMany);
            }
            form.add(name, value).ok_or(Unfit::Twice)?;
        }
        Ok(form)
    }

    /// Parameters that are known to be there once each.
    pub(crate) fn of(pairs: &'a [(String, String)]) -> Self {
        Self(pairs.iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// One more, from elsewhere; `None` if it is there.
    pub(crate) fn add(&mut self, name: impl Into<Cow<'a, str>>, value: Cow<'a, str>) -> Option<()> {
        let name = name.into();
        if self.get(&name).is_some() {
            return None;
        }
        self.0.push((name, value));
        Some(())
    }

    /// The value of this name, and nothing else.
    pub(crate) fn into_value(self, name: &str) -> Option<Cow<'a, str>> {
        self.0.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// Whether all of these are among the others, with the same values.
    pub(crate) fn are_within(&self, others: &Self) -> bool {
        self.0.iter().all(|(name, value)| others.get(name) == Some(value))
    }
}

/// Whether a body is said to be a form, once and not several times.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(one), None) = (types.next(), types.next()) else { return false };
    let essence = one.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

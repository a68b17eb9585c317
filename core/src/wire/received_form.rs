//! The parameters of a query or a form that somebody sends to the program, each once: [`Form`].

use std::borrow::Cow;

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The most parameters that are read.
const MOST: usize = 64;

/// Parameters, each once.
pub(crate) struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    /// Reads them; `None` if one comes twice, or there are more than anybody sends.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let mut form = Self(Vec::with_capacity(4));
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if form.0.len() == MOST || form.get(&name).is_some() {
                return None;
            }
            form.0.push((name, value));
        }
        Some(form)
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

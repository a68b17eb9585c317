//! The parameters of an authorization response, each once ([AR-1](crate::Rule::Ar1), [AR-8](crate::Rule::Ar8)).

use std::borrow::Cow;

use crate::ground::error::{Error, response_refused};
use crate::ground::rule::Rule;
use crate::wire::form;

/// What has no place in a response of the code flow.
pub(crate) const TOKENS: [&str; 3] = ["access_token", "id_token", "token_type"];

/// What makes a response one, unless it is signed.
pub(crate) const PLAIN: [&str; 4] = ["code", "state", "error", "iss"];

/// The parameters of a response: few, each once.
pub(crate) struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    pub(crate) fn read(text: &'a str) -> Result<Self, Error> {
        let mut parameters = Self(Vec::with_capacity(4));
        for (name, value) in form::pairs(text) {
            if parameters.0.len() == MAX_PARAMETERS {
                return Err(response_refused(
                    Rule::Ar8,
                    "the authorization response has too many parameters",
                ));
            }
            if parameters.get(&name).is_some() {
                return Err(twice());
            }
            parameters.0.push((name, value));
        }
        Ok(parameters)
    }

    /// Parameters that are known to be there once each.
    pub(crate) fn of(pairs: &'a [(String, String)]) -> Self {
        let borrowed = |text: &'a String| Cow::Borrowed(text.as_str());
        Self(pairs.iter().map(|(name, value)| (borrowed(name), borrowed(value))).collect())
    }

    /// One more, from elsewhere in the response.
    pub(crate) fn add(&mut self, name: &'a str, value: Cow<'a, str>) -> Result<(), Error> {
        if self.get(name).is_some() {
            return Err(twice());
        }
        self.0.push((Cow::Borrowed(name), value));
        Ok(())
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

pub(crate) fn require_no_token(parameters: &Parameters<'_>) -> Result<(), Error> {
    if TOKENS.iter().any(|name| parameters.get(name).is_some()) {
        return Err(response_refused(
            Rule::Ar9,
            "a token came in the front channel, where only a code was asked for",
        ));
    }
    Ok(())
}

pub(crate) fn split(text: &str, at: u8) -> (&str, Option<&str>) {
    form::split_once(text, at).map_or((text, None), |(head, tail)| (head, Some(tail)))
}

fn twice() -> Error {
    response_refused(Rule::Ar1, "a parameter of the authorization response comes twice")
}

const MAX_PARAMETERS: usize = 64;

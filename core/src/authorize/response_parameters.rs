//! The parameters of an authorization response, each once ([AR-1](crate::Rule::Ar1), [AR-8](crate::Rule::Ar8)).

use crate::ground::error::{Error, response_refused};
use crate::ground::rule::Rule;
use crate::wire::form;
use crate::wire::received_form::{Form, Unfit};

/// What has no place in a response of the code flow.
pub(crate) const TOKENS: [&str; 3] = ["access_token", "id_token", "token_type"];

/// What makes a response one, unless it is signed.
pub(crate) const PLAIN: [&str; 4] = ["code", "state", "error", "iss"];

/// The parameters of a response: few, each once.
pub(crate) type Parameters<'a> = Form<'a>;

/// Reads them.
pub(crate) fn read(text: &str) -> Result<Parameters<'_>, Error> {
    Form::read_or_say(text).map_err(|refused| match refused {
        Unfit::Twice => twice(),
        Unfit::TooMany => response_refused(Rule::Ar8, "the authorization response has too many parameters"),
    })
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

pub(crate) fn twice() -> Error {
    response_refused(Rule::Ar1, "a parameter of the authorization response comes twice")
}

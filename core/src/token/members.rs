//! A token response's envelope and the members that it shares with the implicit flow's fragment, each held to its rule.

use std::time::Duration;

use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};

use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::ground::text::displayable;
use crate::ground::token_type::TokenType;
use crate::terms::scope::Scope;
use crate::terms::secret::AccessToken;
use crate::wire::answer;
use crate::wire::answer::Reader;
use crate::wire::json::{Object, Value};
use crate::wire::pointer;

impl Reader {
    /// Status and headers, before the body is believed.
    pub(crate) fn envelope(&mut self, response: &Response) -> Result<(), Error> {
        let status = response.status();
        if status == StatusCode::OK {
            self.checks.pass(Rule::Tr1);
        } else {
            let what =
                format!("the token response has status {}, and status 200 was expected", status.as_u16());
            self.admit(Quirk::AnySuccessStatus, || malformed(Rule::Tr1, what))?;
        }
        if self.seen.contains(Quirk::FormEncodedAnswer) {
            // It is called whatever such servers call it.
        } else if answer::is_json(response.headers()) {
            self.checks.pass(Rule::Tr3);
        } else {
            self.admit(Quirk::AnyContentType, || {
                malformed(Rule::Tr3, "the content type of the token response is not application/json")
            })?;
        }
        self.packed(response);
        if forbids_caching(response.headers()) {
            self.checks.pass(Rule::Tr19);
        } else {
            self.admit(Quirk::Cacheable, || {
                malformed(Rule::Tr19, "the token response has no Cache-Control: no-store")
            })?;
        }
        Ok(())
    }

    /// Whether a success is an error after all ([TR-4](crate::Rule::Tr4)): in a code, or in words. Another value there says
    /// neither, unless words are beside it.
    pub(crate) fn tells_error(&mut self, object: &mut Object<'_>) -> Result<bool, Error> {
        match self.filled(object.take("error"), Rule::Er1, "error")? {
            None => Ok(false),
            Some(Value::Text(_) | Value::Object(_)) => Ok(true),
            Some(Value::Whole(0)) => {
                self.admit(Quirk::NullMember, || malformed(Rule::Er1, "error of a success is 0"))?;
                Ok(false)
            }
            Some(Value::Array(values)) if values.iter().any(|value| value.as_text().is_some()) => Ok(true),
            Some(_) if object.get("message").and_then(Value::as_text).is_some() => Ok(true),
            Some(_) => Err(malformed(
                Rule::Er1,
                "error of a success is neither a code nor words, so whether it is one cannot be told: say what it means \
                 by `AuthorizationServer::refusal_means`",
            )),
        }
    }

    /// The lifetime; none where that is not said, or 0 stands for that.
    pub(crate) fn lifetime(&mut self, member: Option<Value<'_>>) -> Result<Option<Duration>, Error> {
        if member.as_ref().is_some_and(is_minus_one) {
            let never = || {
                malformed(Rule::Tr9, "expires_in is -1, and a whole number of seconds from 0 was expected")
            };
            self.admit(Quirk::ZeroLifetime, never)?;
            return Ok(None);
        }
        // Less than a second is a short lifetime, and not 0.
        let is_part = match &member {
            Some(Value::Fraction(seconds)) => *seconds > 0.0,
            Some(Value::Text(seconds)) => answer::number(seconds).is_some_and(|(whole, fraction)| {
                [whole, fraction.unwrap_or_default()]
                    .iter()
                    .any(|digits| digits.contains(|digit| digit != '0'))
            }),
            _ => false,
        };
        let lifetime = self.seconds(member, Rule::Tr9, "expires_in")?;
        let is_zero = !is_part && lifetime.is_some_and(|lifetime| lifetime.is_zero());
        if is_zero && self.admitted.contains(Quirk::ZeroLifetime) {
            self.seen = self.seen.with(Quirk::ZeroLifetime);
            return Ok(None);
        }
        Ok(lifetime)
    }

    pub(crate) fn access_token(&mut self, member: Option<Value<'_>>) -> Result<AccessToken, Error> {
        let token = match member {
            Some(Value::Text(token)) => AccessToken::admit(token.into_owned())?,
            Some(_) => return Err(malformed(Rule::Tr5, "access_token is not a string")),
            None => return Err(malformed(Rule::Tr5, "access_token is missing")),
        };
        self.checks.pass(Rule::Tr5);
        Ok(token)
    }

    /// `bound` says that a token bound to a key was asked for.
    pub(crate) fn token_type(
        &mut self,
        member: Option<Value<'_>>,
        exchange: bool,
        bound: bool,
    ) -> Result<TokenType, Error> {
        let unknown = || malformed(Rule::Tr6, "token_type is of an unknown type, and Bearer was expected");
        match self.filled(member, Rule::Tr6, "token_type")? {
            Some(Value::Text(name)) if name.eq_ignore_ascii_case("Bearer") => {
                self.checks.pass(Rule::Tr6);
                if !bound {
                    self.checks.pass(Rule::Tr8);
                }
            }
            Some(Value::Text(name)) if exchange && name.eq_ignore_ascii_case("N_A") => {
                self.checks.pass(Rule::Tr6);
                return Ok(TokenType::NotApplicable);
            }
            Some(Value::Text(name)) if bound && name.eq_ignore_ascii_case("DPoP") => {
                self.checks.pass(Rule::Tr6);
                self.checks.pass(Rule::Tr7);
                return Ok(TokenType::Dpop);
            }
            Some(Value::Text(name)) if name.eq_ignore_ascii_case("DPoP") => {
                return Err(malformed(Rule::Tr8, "a bearer token was asked for, and a DPoP token came"));
            }
            Some(Value::Text(name)) if ["bot", "user"].contains(&&*name) => {
                let subject = self.admitted.contains(Quirk::SubjectAsTokenType);
                let any = !subject && self.admitted.contains(Quirk::AnyTokenType);
                let quirk = if any { Quirk::AnyTokenType } else { Quirk::SubjectAsTokenType };
                let what = "token_type says for whom the token is, not its type";
                self.admit(quirk, || malformed(Rule::Tr6, what))?;
            }
            // Only an exchange may issue what is of no use at an API.
            Some(Value::Text(name)) if is_of_another_type(&name) => {
                self.admit(Quirk::AnyTokenType, unknown)?;
            }
            Some(_) => return Err(unknown()),
            None => self.admit(Quirk::NoTokenType, || {
                malformed(Rule::Tr6, "token_type is missing from the token response")
            })?,
        }
        if bound {
            self.admit(Quirk::BearerForDpop, || {
                malformed(
                    Rule::Tr7,
                    "a token bound to the client's DPoP key was asked for, and a bearer token came",
                )
            })?;
        }
        Ok(TokenType::Bearer)
    }

    pub(crate) fn scope(&mut self, member: Option<Value<'_>>) -> Result<Option<Scope>, Error> {
        let no = || malformed(Rule::Tr11, "scope is not a list of scope tokens");
        let member = self.present(member, Rule::Tr11, "scope")?;
        let is_array = matches!(member, Some(Value::Array(_)));
        let Some(mut text) = self.one_text(member, Rule::Tr11)? else { return Ok(None) };
        // A comma is a character of scope tokens, so it separates them only at a server that is known for it.
        let has_commas = self.admitted.contains(Quirk::ScopeWithCommas) && text.contains(',');
        if has_commas {
            self.admit(Quirk::ScopeWithCommas, no)?;
            text = text.replace(',', " ").into();
        }
        if text.trim().is_empty() {
            self.admit(Quirk::EmptyScope, || malformed(Rule::Tr11, "scope has no scope token"))?;
            return Ok(None);
        }
        let scope = Some(Scope::read(&text).ok_or_else(no)?);
        Ok(if is_array || has_commas { scope } else { self.checked(Rule::Tr11, scope) })
    }
}

/// What stands for "no end" at some servers.
fn is_minus_one(value: &Value<'_>) -> bool {
    match value {
        Value::Negative(seconds) => *seconds == -1,
        Value::Text(seconds) => seconds == "-1",
        _ => false,
    }
}

/// Whether it may stand for a bearer token: it names neither of the types that are none, with whatever beside it.
fn is_of_another_type(name: &str) -> bool {
    let mut words = name.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    !name.contains(char::is_control)
        && !words.any(|word| ["DPoP", "N_A"].iter().any(|kind| word.eq_ignore_ascii_case(kind)))
}

fn forbids_caching(headers: &HeaderMap) -> bool {
    headers.get_all(CACHE_CONTROL).iter().any(|value| {
        // Alone, as it mostly is, or among others.
        if value.as_bytes().eq_ignore_ascii_case(b"no-store") {
            return true;
        }
        value
            .to_str()
            .is_ok_and(|value| value.split(',').any(|word| word.trim().eq_ignore_ascii_case("no-store")))
    })
}

/// Refuses an answer without a token ([TR-5](crate::Rule::Tr5)), with what helps: where there is one further down, or what the
/// answer has in its place.
pub(super) fn tell_what_is_there(object: &Object<'_>, secrets: &[&str]) -> Result<(), Error> {
    if let Some(place) = pointer::to_text(object, "access_token") {
        let what = format!(
            "access_token is missing at the top of the answer; there is one at `{}`: say so by \
             `AuthorizationServer::tokens_at`",
            displayable(&place, secrets)
        );
        return Err(malformed(Rule::Tr5, what));
    }
    let names = pointer::names(object);
    if names.is_empty() {
        return Ok(());
    }
    let what = format!(
        "access_token is missing from the answer, which has {}: if that is a refusal in the server's own words, say what \
         it means by `AuthorizationServer::refusal_means`",
        // A server may echo a secret in the place of a name.
        displayable(&names.join(", "), secrets)
    );
    Err(malformed(Rule::Tr5, what))
}

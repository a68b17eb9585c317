//! A token response's envelope and the members that it shares with the implicit flow's fragment, each held to its rule.

use std::time::Duration;

use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};

use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
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
    /// neither.
    pub(crate) fn tells_error(&mut self, object: &mut Object<'_>) -> Result<bool, Error> {
        match self.filled(object.take("error"), Rule::Er1, "error")? {
            None => Ok(false),
            Some(Value::Text(_) | Value::Object(_)) => Ok(true),
            Some(_) => Err(malformed(
                Rule::Er1,
                "error of a success is neither a code nor words, so whether it is one cannot be told",
            )),
        }
    }

    /// The lifetime; none where that is not said, or 0 stands for that.
    pub(crate) fn lifetime(&mut self, member: Option<Value<'_>>) -> Result<Option<Duration>, Error> {
        let lifetime = self.seconds(member, Rule::Tr9, "expires_in")?;
        if lifetime.is_some_and(|lifetime| lifetime.is_zero()) && self.admitted.contains(Quirk::ZeroLifetime)
        {
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
            Some(Value::Text(name)) if !name.eq_ignore_ascii_case("N_A") => {
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
        let empty = || malformed(Rule::Tr11, "scope is an empty string");
        let array = || malformed(Rule::Tr11, "scope is an array, and one string was expected");
        match self.present(member, Rule::Tr11, "scope")? {
            None => Ok(None),
            Some(Value::Text(text)) if text.is_empty() => {
                self.admit(Quirk::EmptyScope, empty)?;
                Ok(None)
            }
            // A comma is a character of scope tokens, so it separates them only at a server that is known for it.
            Some(Value::Text(text))
                if text.contains(',') && self.admitted.contains(Quirk::ScopeWithCommas) =>
            {
                self.admit(Quirk::ScopeWithCommas, no)?;
                Scope::read(&text.replace(',', " ")).map(Some).ok_or_else(no)
            }
            Some(Value::Text(text)) => {
                let scope = Scope::read(&text).ok_or_else(no)?;
                Ok(self.checked(Rule::Tr11, Some(scope)))
            }
            Some(Value::Array(values)) => {
                self.admit(Quirk::ScopeAsArray, array)?;
                let texts: Option<Vec<&str>> = values.iter().map(Value::as_text).collect();
                Scope::new(texts.ok_or_else(no)?).map(Some).map_err(|_| no())
            }
            Some(_) => Err(no()),
        }
    }
}

fn forbids_caching(headers: &HeaderMap) -> bool {
    headers.get_all(CACHE_CONTROL).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.split(',').any(|word| word.trim().eq_ignore_ascii_case("no-store")))
    })
}

/// Refuses an answer that has its token further down, with where that is ([TR-5](crate::Rule::Tr5)).
pub(super) fn require_token(object: &Object<'_>) -> Result<(), Error> {
    if object.has("access_token") {
        return Ok(());
    }
    pointer::to_text(object, "access_token").map_or(Ok(()), |place| {
        let what = format!(
            "access_token is missing at the top of the answer; there is one at `{place}`: say so by \
             `AuthorizationServer::tokens_at`"
        );
        Err(malformed(Rule::Tr5, what))
    })
}

//! What an introspection came to: [`Introspected`].

use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::quirk::Quirks;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::server::AuthorizationServer;
use crate::status::active_token::ActiveToken;
use crate::status::expectations::Expectations;
use crate::status::inactive::Inactive;
use crate::wire::answer::Reader;
use crate::wire::encoding;
use crate::wire::json::{Object, Value, unmarked};

/// What a token is worth.
#[derive(Debug)]
#[non_exhaustive]
pub enum Introspected {
    /// It is good now, for what the API expects.
    Active(Box<ActiveToken>),
    /// It is not, and nothing may be done in its name.
    Inactive(Inactive),
}

impl Introspected {
    /// Reads the answer of this server to a question, at `now`.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([IN-1](crate::Rule::In1), [TR-2](crate::Rule::Tr2)) if the answer is not status 200 with one
    /// JSON object under `application/json`, if `active` is not `true` or `false`, or a member of an active token is not of
    /// its type.
    pub fn parse(
        response: Response,
        expected: &Expectations,
        server: &AuthorizationServer,
        now: UnixTime,
    ) -> Result<Self, Error> {
        Self::read(&encoding::unpacked(response)?, expected, server, Quirks::default(), now)
    }

    /// The same of an answer that has been unpacked, at which these were seen already.
    pub(crate) fn read(
        response: &Response,
        expected: &Expectations,
        server: &AuthorizationServer,
        seen: Quirks,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let mut reader = Reader::new(server.quirks());
        reader.seen = seen;
        let object = reader.object(response, Rule::In1)?;
        Self::judge(&mut reader, object, unmarked(response.body()), expected, now)
    }

    /// Whether it says nothing of the token and tells an error, whatever its status.
    pub(crate) fn is_refusal(response: &Response) -> bool {
        Object::read(unmarked(response.body())).is_ok_and(|object| {
            let has_error = matches!(object.get("error"), Some(Value::Text(_) | Value::Object(_)));
            !object.has("active") && has_error
        })
    }

    /// What is made of the object, which `body` is the text of.
    pub(crate) fn judge(
        reader: &mut Reader,
        mut object: Object<'_>,
        body: &[u8],
        expected: &Expectations,
        now: UnixTime,
    ) -> Result<Self, Error> {
        match object.take("active") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Ok(Self::Inactive(Inactive::Told)),
            _ => return Err(malformed(Rule::In1, "active is neither true nor false")),
        }
        let token = ActiveToken::read(reader, object, body)?;
        match expected.unmet(&token, now) {
            Some(reason) => Ok(Self::Inactive(reason)),
            None => Ok(Self::Active(Box::new(token))),
        }
    }

    /// The token, if it is active.
    #[must_use]
    pub fn active(self) -> Option<ActiveToken> {
        match self {
            Self::Active(token) => Some(*token),
            Self::Inactive(_) => None,
        }
    }
}

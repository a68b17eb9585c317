//! What a server says of a token that is active: [`ActiveToken`] (RFC 7662 §2.2).

use std::fmt;

use serde::Deserialize;

use crate::ground::error::{Error, malformed};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::ground::time::UnixTime;
use crate::terms::confirmation::Confirmation;
use crate::terms::scope::Scope;
use crate::wire::answer::Reader;
use crate::wire::json;
use crate::wire::json::{Object, Value};

/// An active token: what its server says of it (RFC 7662 §2.2).
#[derive(Clone)]
pub struct ActiveToken {
    audience: Vec<String>,
    client_id: Option<String>,
    confirmation: Option<Confirmation>,
    expires_at: Option<UnixTime>,
    issued_at: Option<UnixTime>,
    issuer: Option<String>,
    not_before: Option<UnixTime>,
    scope: Option<Scope>,
    subject: Option<String>,
    token_type: Option<String>,
    username: Option<String>,
    quirks: Quirks,
    body: Vec<u8>,
}

impl ActiveToken {
    /// Reads an object of which `active` has been taken; `body` is where it comes from.
    pub(crate) fn read(reader: &mut Reader, mut object: Object<'_>, body: &[u8]) -> Result<Self, Error> {
        let mut text = |object: &mut Object<'_>, name| reader.text(object.take(name), Rule::In1, name);
        let client_id = text(&mut object, "client_id")?;
        let issuer = text(&mut object, "iss")?;
        let subject = text(&mut object, "sub")?;
        let token_type = text(&mut object, "token_type")?;
        let username = text(&mut object, "username")?;
        let scope = reader.present(object.take("scope"), Rule::In1, "scope")?;
        let scope = match reader.one_text(scope, Rule::In1)? {
            Some(scope) if !scope.trim().is_empty() => Some(
                Scope::read(&scope)
                    .ok_or_else(|| malformed(Rule::In1, "scope is not a list of scope tokens"))?,
            ),
            _ => None,
        };
        let audience = match object.take("aud") {
            Some(Value::Text(one)) => vec![one.into_owned()],
            several => reader.list(several, Rule::In1, "aud")?.unwrap_or_default(),
        };
        let confirmation = match reader.present(object.take("cnf"), Rule::In1, "cnf")? {
            None => None,
            Some(Value::Object(members)) => Some(Confirmation::read(reader, members)?),
            Some(_) => return Err(malformed(Rule::In1, "cnf is not an object")),
        };
        let exp = object.take("exp");
        let is_part = matches!(exp, Some(Value::Fraction(seconds)) if seconds > 0.0);
        let is_minus_one = matches!(exp, Some(Value::Negative(-1)));
        if is_minus_one {
            let never = || malformed(Rule::In1, "exp is -1, and a number of seconds since 1970 was expected");
            reader.admit(Quirk::ZeroLifetime, never)?;
        }
        let expires_at = match reader.date(exp.filter(|_| !is_minus_one), Rule::In1, "exp")? {
            Some(never)
                if !is_part && never.as_secs() == 0 && reader.admitted.contains(Quirk::ZeroLifetime) =>
            {
                reader.seen = reader.seen.with(Quirk::ZeroLifetime);
                None
            }
            expires_at => expires_at,
        };
        Ok(Self {
            audience,
            client_id,
            confirmation,
            expires_at,
            issued_at: reader.date(object.take("iat"), Rule::In1, "iat")?,
            issuer,
            not_before: reader.date(object.take("nbf"), Rule::In1, "nbf")?,
            scope,
            subject,
            token_type,
            username,
            quirks: reader.seen,
            body: body.to_vec(),
        })
    }

    /// Whom it is for (`aud`).
    #[must_use]
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// Which client it was issued to.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// What its sender must prove to have; `None` for a bearer token.
    #[must_use]
    pub const fn confirmation(&self) -> Option<&Confirmation> {
        self.confirmation.as_ref()
    }

    /// When it expires (`exp`).
    #[must_use]
    pub const fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }

    /// When it was issued (`iat`).
    #[must_use]
    pub const fn issued_at(&self) -> Option<UnixTime> {
        self.issued_at
    }

    /// Who issued it (`iss`).
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// From when on it is good (`nbf`).
    #[must_use]
    pub const fn not_before(&self) -> Option<UnixTime> {
        self.not_before
    }

    /// What it may be used for.
    #[must_use]
    pub const fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// On whose behalf it acts (`sub`).
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// How it is used, as the server spells it.
    #[must_use]
    pub fn token_type(&self) -> Option<&str> {
        self.token_type.as_deref()
    }

    /// The person's name, for people to read.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// What departed from the RFC and was let through, by name.
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// Any member of the answer, read into a type of yours; `None` if it has no such member.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([TR-2](crate::Rule::Tr2)) if the member is not of that type.
    pub fn member<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Result<Option<T>, Error> {
        json::member(&self.body, name)
    }
}

/// Shows what the token is for, and neither the person nor other members.
impl fmt::Debug for ActiveToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveToken")
            .field("audience", &short::list(&self.audience))
            .field("client_id", &short::option(self.client_id.as_deref()))
            .field("expires_at", &self.expires_at)
            .field("scope", &self.scope)
            .field("quirks", &self.quirks)
            .finish_non_exhaustive()
    }
}

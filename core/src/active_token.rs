//! What a server says of a token that is active: [`ActiveToken`] (RFC 7662 §2.2).

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::answer::Reader;
use crate::error::{Error, malformed};
use crate::json::{self, Object, Value};
use crate::{Rule, Scope, UnixTime, short};

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
    body: Vec<u8>,
}

/// What the sender of a bound token must prove to have (`cnf`, RFC 7800): whoever accepts the token compares it. It is
/// told by an introspection, and read from the claims of a token that is a JWT.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Members")]
pub struct Confirmation {
    /// The thumbprint of the DPoP key (`jkt`, RFC 9449 §6.2).
    pub jkt: Option<String>,
    /// The thumbprint of the client's certificate (`x5t#S256`, RFC 8705 §3.2).
    pub x5t_s256: Option<String>,
    /// Whether the token is bound to something else, or something more, than these two.
    pub is_unknown: bool,
}

impl Confirmation {
    /// Whether a token is bound to exactly these, and to nothing else that would have to be proven too.
    pub(crate) fn is_exactly(&self, jkt: Option<&str>, x5t_s256: Option<&str>) -> bool {
        self.jkt.as_deref() == jkt && self.x5t_s256.as_deref() == x5t_s256 && !self.is_unknown
    }
}

impl ActiveToken {
    /// Reads an object of which `active` has been taken; `body` is where it comes from.
    pub(crate) fn read(reader: &mut Reader, mut object: Object<'_>, body: &[u8]) -> Result<Self, Error> {
        let mut text = |object: &mut Object<'_>, name| {
            reader.text(object.take(name), Rule::In1, "a member of an active token is not a string")
        };
        let client_id = text(&mut object, "client_id")?;
        let issuer = text(&mut object, "iss")?;
        let subject = text(&mut object, "sub")?;
        let token_type = text(&mut object, "token_type")?;
        let username = text(&mut object, "username")?;
        let scope = match text(&mut object, "scope")? {
            Some(scope) if !scope.is_empty() => Some(
                Scope::read(&scope)
                    .ok_or_else(|| malformed(Rule::In1, "scope is not a list of scope tokens"))?,
            ),
            _ => None,
        };
        let audience = match object.take("aud") {
            Some(Value::Text(one)) => vec![one.into_owned()],
            several => reader.list(several, Rule::In1, "aud")?.unwrap_or_default(),
        };
        let confirmation = match reader.present(object.take("cnf"), Rule::In1)? {
            None => None,
            Some(Value::Object(members)) => Some(Confirmation::read(reader, members)?),
            Some(_) => return Err(malformed(Rule::In1, "cnf is not an object")),
        };
        Ok(Self {
            audience,
            client_id,
            confirmation,
            expires_at: reader.date(object.take("exp"), Rule::In1, "exp")?,
            issued_at: reader.date(object.take("iat"), Rule::In1, "iat")?,
            issuer,
            not_before: reader.date(object.take("nbf"), Rule::In1, "nbf")?,
            scope,
            subject,
            token_type,
            username,
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

    /// Any member of the answer, read into a type of yours; `None` if there is none of that name.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] (TR-2) if the member is not of that type.
    pub fn member<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Result<Option<T>, Error> {
        json::member(&self.body, name)
    }
}

impl Confirmation {
    fn read(reader: &mut Reader, mut object: Object<'_>) -> Result<Self, Error> {
        let jkt = reader.text(object.take("jkt"), Rule::In1, "jkt is not a string")?;
        let x5t_s256 = reader.text(object.take("x5t#S256"), Rule::In1, "x5t#S256 is not a string")?;
        // A `cnf` without any member binds to nothing that could be checked.
        let is_unknown = !object.is_empty() || (jkt.is_none() && x5t_s256.is_none());
        Ok(Self { jkt, x5t_s256, is_unknown })
    }
}

/// The members of a `cnf`, wherever it is.
#[derive(Deserialize)]
struct Members {
    jkt: Option<String>,
    #[serde(rename = "x5t#S256")]
    x5t_s256: Option<String>,
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
}

impl From<Members> for Confirmation {
    fn from(members: Members) -> Self {
        let Members { jkt, x5t_s256, others } = members;
        let is_unknown = !others.is_empty() || (jkt.is_none() && x5t_s256.is_none());
        Self { jkt, x5t_s256, is_unknown }
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
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation")
            .field("jkt", &short::option(self.jkt.as_deref()))
            .field("x5t_s256", &short::option(self.x5t_s256.as_deref()))
            .field("is_unknown", &self.is_unknown)
            .finish()
    }
}

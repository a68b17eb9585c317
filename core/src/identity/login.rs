//! Who logged in: [`Identity`] and [`Login`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ground::error::{Error, malformed};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::{Checks, Rule};
use crate::ground::short::Short;
use crate::ground::time::UnixTime;
use crate::identity::standard_claims::StandardClaims;
use crate::terms::secret::Nonce;
use crate::wire::json::Value;
use crate::wire::places::Places;

/// A person, as their issuer names them: the pair of issuer and subject, compared byte for byte
/// ([ID-37](crate::Rule::Id37), OpenID Connect Core §5.7). This is what an account is found by.
///
/// Neither half is anything alone. A subject is unique at its issuer only, and never given to another person. An email address
/// is neither: people change them, providers hand them on, and some let anyone claim any.
///
/// So nothing here joins accounts of two issuers ([ID-59](crate::Rule::Id59)). A program that wants one person to log in at both asks
/// the person, who is logged in at the one, to log in at the other too, and then keeps both identities for the one account. It
/// never takes a [verified email address](crate::identity::StandardClaims::verified_email) that is the same at both for a proof.
///
/// Its `Debug` shows the issuer alone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    #[serde(rename = "iss")]
    pub(super) issuer: String,
    #[serde(rename = "sub")]
    pub(super) subject: String,
}

impl Identity {
    /// The issuer, `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The subject, `sub`: 1 to 255 ASCII characters that mean nothing.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("issuer", &Short(&self.issuer)).finish_non_exhaustive()
    }
}

/// A login, proven by an ID token that has passed every check (OpenID Connect Core §3.1.3.7). Nothing else makes one.
///
/// Its `Debug` shows nothing about the person.
#[derive(Clone)]
pub struct Login {
    pub(super) identity: Identity,
    pub(super) audience: Vec<String>,
    pub(super) authorized_party: Option<String>,
    pub(super) issued_at: UnixTime,
    pub(super) expires_at: UnixTime,
    pub(super) auth_time: Option<UnixTime>,
    pub(super) acr: Option<String>,
    pub(super) amr: Vec<String>,
    pub(super) session_id: Option<String>,
    pub(super) nonce: Option<Nonce>,
    pub(super) payload: Vec<u8>,
    pub(super) places: Places,
    /// What the claims are met with.
    pub(super) admitted: Quirks,
    pub(super) quirks: Quirks,
    pub(super) checks: Checks,
}

impl Login {
    /// Who it is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// When the person proved who they are, `auth_time`; a server says it where `max_age` was asked for, and may otherwise.
    #[must_use]
    pub const fn auth_time(&self) -> Option<UnixTime> {
        self.auth_time
    }

    /// How well they proved it, by a name that the server gives to its ways, `acr`.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// By which means, `amr` (RFC 8176): `pwd`, `otp` and the like.
    #[must_use]
    pub fn amr(&self) -> &[String] {
        &self.amr
    }

    /// The session at the server, `sid`: a log-out names it (OpenID Connect Front-Channel Logout §3).
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// For whom the ID token is, `aud`: this client, and others that were said to be trusted.
    #[must_use]
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// When the ID token was issued, `iat`.
    #[must_use]
    pub const fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// From when on the ID token is not to be accepted, `exp`. That is about the token, and says nothing of how long the
    /// person stays logged in at the program.
    #[must_use]
    pub const fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// What the ID token says about the person, in the types of OpenID Connect Core §5.1. UserInfo's claims are
    /// elsewhere ([UI-9](crate::Rule::Ui9)).
    #[must_use]
    pub fn standard_claims(&self) -> StandardClaims {
        StandardClaims::read(&self.payload, self.admitted)
    }

    /// Any claim of the ID token, as a type of the caller's; `None` if it is absent.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([TR-2](crate::Rule::Tr2)) if it is of another type.
    pub fn claim<'de, T: Deserialize<'de>>(&'de self, name: &str) -> Result<Option<T>, Error> {
        self.places.member(&self.payload, name)
    }

    /// A claim that is true or false, such as `is_private_email`; `None` if it is absent, `null` or empty. A text, `"true"`, is taken
    /// for one where [`Quirk::BooleanAsText`](crate::Quirk::BooleanAsText) is admitted ([ID-58](crate::Rule::Id58)), which
    /// [`quirks`](Self::quirks) then has.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([ID-58](crate::Rule::Id58)) if it is anything else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        let no =
            || malformed(Rule::Id58, format!("the claim {name} of the ID token is neither true nor false"));
        match self.places.member(&self.payload, name)? {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(Value::Text(text)) if text.is_empty() => Ok(None),
            Some(Value::Text(text)) => {
                let flag = text.parse().map_err(|_| no())?;
                self.admitted.require(Quirk::BooleanAsText, no).map(|()| Some(flag))
            }
            Some(_) => Err(no()),
        }
    }

    /// All claims of the ID token, as the JSON object that was signed.
    #[must_use]
    pub fn claims(&self) -> &[u8] {
        &self.payload
    }

    /// What departed from the rules in the ID token and was let through, by name.
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// The checks that the ID token passed.
    #[must_use]
    pub const fn checks(&self) -> Checks {
        self.checks
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("identity", &self.identity)
            .field("auth_time", &self.auth_time)
            .field("quirks", &self.quirks)
            .finish_non_exhaustive()
    }
}

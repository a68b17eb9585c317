//! What a session keeps of a login, for the ID tokens that come with renewals: [`KnownLogin`]
//! ([ID-54](crate::Rule::Id54), OpenID Connect Core §12.2).

use serde::{Deserialize, Serialize};

use crate::ground::error::{Error, malformed};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::identity::login::{Identity, Login};
use crate::terms::secret::{Nonce, exposed};

/// What is kept of a login: what the ID token of a renewal is compared with, and no more.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KnownLogin {
    #[serde(flatten)]
    pub(crate) identity: Identity,
    #[serde(rename = "aud")]
    audience: Vec<String>,
    #[serde(default, rename = "azp", skip_serializing_if = "Option::is_none")]
    authorized_party: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth_time: Option<UnixTime>,
    #[serde(default, with = "exposed", skip_serializing_if = "Option::is_none")]
    nonce: Option<Nonce>,
    #[serde(default, rename = "sid", skip_serializing_if = "Option::is_none")]
    pub(crate) session_id: Option<String>,
}

impl KnownLogin {
    pub(crate) fn of(login: &Login) -> Self {
        Self {
            identity: login.identity.clone(),
            audience: login.audience.clone(),
            authorized_party: login.authorized_party.clone(),
            auth_time: login.auth_time,
            nonce: login.nonce.clone(),
            session_id: login.session_id.clone(),
        }
    }

    /// Whether an ID token that came with a renewal tells of this login ([ID-22](crate::Rule::Id22)); and what was let through.
    pub(crate) fn require(&self, renewed: &Login, admitted: Quirks) -> Result<Option<Quirk>, Error> {
        let no = |what: &'static str| Err(malformed(Rule::Id22, what));
        if renewed.identity.issuer() != self.identity.issuer() {
            return no("the ID token of the renewal is by another issuer than that of the login");
        }
        if renewed.identity.subject() != self.identity.subject() {
            return no("the ID token of the renewal is about another person than that of the login");
        }
        if !self.audience.iter().all(|audience| renewed.audience.contains(audience)) {
            return no("the ID token of the renewal is for another audience than that of the login");
        }
        if renewed.authorized_party != self.authorized_party {
            return no("the azp of the ID token of the renewal is another than that of the login");
        }
        if renewed.nonce.is_some() && renewed.nonce != self.nonce {
            return no("the ID token of the renewal has another nonce than that of the login");
        }
        if renewed.auth_time.is_none() || renewed.auth_time == self.auth_time {
            return Ok(None);
        }
        admitted.require(Quirk::OtherAuthTime, || {
            malformed(
                Rule::Id22,
                "the auth_time of the ID token of the renewal is another than that of the login: the person has logged \
                 in again meanwhile, perhaps",
            )
        })?;
        Ok(Some(Quirk::OtherAuthTime))
    }
}

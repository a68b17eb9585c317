//! A session as it is stored: [`SessionRecord`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::secret::{AccessToken, RefreshToken, exposed};
use crate::version::Version;
use crate::{Client, Credential, Resource, Scope, Subject, UnixTime};

/// What a [`Session`](crate::Session) is worth storing of: written and read with any serde format.
///
/// Version 1 has the members `version` (1), `client_id`, `issuer`, `token_endpoint`, `subject` (`application` or
/// `user`), `scope`, `resources` (a list), `access_token`, `expires_at` and `fresh_until` (milliseconds since 1970), `refresh_token`; all but
/// the first two may be absent. It holds secrets: keep it where only its owner reads it.
#[derive(Clone, Serialize, Deserialize)]
pub struct SessionRecord {
    version: Version,
    client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<Subject>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<Resource>,
    #[serde(default, with = "exposed", skip_serializing_if = "Option::is_none")]
    pub(crate) access_token: Option<AccessToken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<UnixTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fresh_until: Option<UnixTime>,
    #[serde(default, with = "exposed", skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<RefreshToken>,
}

impl SessionRecord {
    pub(crate) fn new(
        client: &Client,
        subject: Option<Subject>,
        scope: Option<Scope>,
        resources: Vec<Resource>,
        credential: Option<&Credential>,
        refresh_token: Option<RefreshToken>,
    ) -> Self {
        Self {
            version: Version,
            client_id: client.id().to_owned(),
            issuer: client.server().issuer.clone(),
            token_endpoint: client.server().token_endpoint.as_ref().map(ToString::to_string),
            subject,
            scope,
            resources,
            access_token: credential.map(|credential| credential.access_token().clone()),
            expires_at: credential.and_then(Credential::expires_at),
            fresh_until: credential.and_then(Credential::fresh_until),
            refresh_token,
        }
    }

    /// Whether it was stored for this client at this server (ST-1).
    #[must_use]
    pub fn belongs_to(&self, client: &Client) -> bool {
        self.client_id == client.id()
            && self.issuer == client.server().issuer
            && self.token_endpoint == client.server().token_endpoint.as_ref().map(ToString::to_string)
    }
}

impl fmt::Debug for SessionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRecord")
            .field("client_id", &self.client_id)
            .field("subject", &self.subject)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

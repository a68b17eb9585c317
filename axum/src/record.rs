//! What a web session is in the store beside its tokens: [`Record`].

use serde::{Deserialize, Serialize};
use valetkey_async::identity::{Identity, Login};
use valetkey_async::store::{AsyncStore, Entry, StoreKey, StoredBytes};
use valetkey_async::terms::IdToken;
use valetkey_async::{UnixTime, now};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// Who is logged in. The JSON form has the members `version` (1), `provider`, `identity`, `name`, `sid`, `id_token`, `until`
/// (milliseconds since 1970).
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    version: u8,
    pub(crate) provider: String,
    pub(crate) identity: Identity,
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sid: Option<String>,
    /// For the hint of a log-out at the server; wiped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<Zeroizing<String>>,
    until: UnixTime,
}

const VERSION: u8 = 1;

impl Record {
    pub(crate) fn new(provider: &str, login: &Login, id_token: Option<&IdToken>, until: UnixTime) -> Self {
        let claims = login.standard_claims();
        let name = claims.name().or_else(|| claims.preferred_username());
        Self {
            version: VERSION,
            provider: provider.to_owned(),
            identity: login.identity().clone(),
            name: name.unwrap_or_else(|| login.identity().subject()).to_owned(),
            sid: login.session_id().map(str::to_owned),
            id_token: id_token.map(|token| Zeroizing::new(token.expose().to_owned())),
            until,
        }
    }

    pub(crate) fn id_token(&self) -> Option<IdToken> {
        IdToken::new(self.id_token.as_ref()?.as_str()).ok()
    }

    /// Writes it under a session's new name.
    pub(crate) async fn put(&self, store: &dyn AsyncStore, session: &str) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(self).map_err(|_| Failure::broken("a session cannot be written"))?;
        let time = now();
        let entry = Entry::new(StoredBytes::new(bytes)).kept_for(self.until.since(time), time);
        match store.insert_if_absent(&Self::key(session), &entry).await? {
            true => Ok(()),
            false => Err(Failure::broken("a session of this name is there already")),
        }
    }

    /// Takes it out: from now on nobody is logged in by this name.
    pub(crate) async fn take(store: &dyn AsyncStore, session: &str) -> Result<Option<Self>, Failure> {
        let record = store.take(&Self::key(session)).await?.and_then(|bytes| Self::read(&bytes));
        Ok(record.filter(|record| record.is_on(now())))
    }

    /// What a store has, if it can be read.
    pub(crate) fn read(bytes: &StoredBytes) -> Option<Self> {
        let record: Self = serde_json::from_slice(bytes.expose()).ok()?;
        (record.version == VERSION).then_some(record)
    }

    /// Whether its time is not over.
    pub(crate) fn is_on(&self, now: UnixTime) -> bool {
        now < self.until
    }

    pub(crate) fn without_id_token(self) -> Self {
        Self { id_token: None, ..self }
    }

    /// The store knows a digest of the session's name.
    pub(crate) fn key(session: &str) -> StoreKey {
        StoreKey::of_mark(&["valetkey-axum session", session])
    }
}

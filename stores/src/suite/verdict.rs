//! Whether a sentence of the contract is kept, and what every sentence is tried with.

use std::fmt;

use valetkey_core::store::{
    AsyncStore, Lease, Replaced, StoreError, StoreKey, StoreVersion, Stored, StoredBytes,
};
use valetkey_core::{AuthorizationServer, Client};

use crate::name;

/// A sentence of the contract that a store does not keep, or an error that it gave.
#[derive(Clone)]
pub struct Violation(pub(super) String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As it is displayed, for `unwrap`.
impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Violation {}

impl From<StoreError> for Violation {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<valetkey_core::Error> for Violation {
    fn from(error: valetkey_core::Error) -> Self {
        Self(error.to_string())
    }
}

pub(super) type Verdict = Result<(), Violation>;

pub(super) fn check(kept: bool, sentence: &str) -> Verdict {
    if kept { Ok(()) } else { Err(Violation(format!("not kept: {sentence}"))) }
}

pub(super) fn written(replaced: Option<Replaced>) -> Result<StoreVersion, Violation> {
    match replaced {
        Some(Replaced::Written(version)) => Ok(version),
        _ => Err(Violation("not kept: who expects the right version writes".to_owned())),
    }
}

pub(super) fn held(lease: Option<Lease>) -> Result<Lease, Violation> {
    lease.ok_or_else(|| Violation("not kept: a key that nobody has can be leased".to_owned()))
}

pub(super) async fn there(store: &dyn AsyncStore, key: &StoreKey) -> Result<Stored, Violation> {
    store.load(key).await?.ok_or_else(|| Violation("not kept: what was written is there".to_owned()))
}

pub(super) async fn delete(store: &dyn AsyncStore, key: &StoreKey) -> Verdict {
    let version = there(store, key).await?.version;
    let deleted = store.replace(key, Some(&version), None).await?;
    check(deleted == Some(Replaced::Deleted), "who expects the right version deletes")
}

/// A key that nobody has used, in whatever store.
pub(super) fn key(what: &str) -> Result<StoreKey, Violation> {
    let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
    let user = format!("{what} {}", name::fresh()?);
    Ok(StoreKey::of_user(&Client::new(server, "valetkey-stores suite"), &user))
}

pub(super) fn record(number: usize) -> StoredBytes {
    StoredBytes::new(format!("record {number}").into_bytes())
}

//! Whether a sentence of the contract is kept, and what every sentence is tried with.

use std::fmt;
use std::time::Duration;

use valetkey_core::store::{
    AsyncStore, Entry, Lease, Replaced, StoreError, StoreKey, StoreVersion, Stored, StoredBytes,
};
use valetkey_core::{AuthorizationServer, Client, UnixTime};

use crate::name;

/// How many race for the same.
pub(super) const RACERS: usize = 8;

/// A record that is large for a session, in bytes: what the tokens of no server need.
pub(super) const LARGE: usize = 256 * 1024;

/// When the suite happens, for stores without a clock.
pub(super) const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

/// A lease that does not end while it is tested, and one that does.
pub(super) const LONG: Duration = Duration::from_secs(600);
pub(super) const SHORT: Duration = Duration::from_millis(50);

/// How often a lease that ends by a store's own clock is asked for.
pub(super) const TRIES: u32 = 1_000_000;

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

pub(super) fn written(replaced: Replaced) -> Result<StoreVersion, Violation> {
    let version = replaced.written();
    version.ok_or_else(|| Violation("not kept: who expects the right version writes".to_owned()))
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
    check(deleted == Replaced::Deleted, "who expects the right version deletes")
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

pub(super) fn entry(number: usize) -> Entry {
    Entry::new(record(number))
}

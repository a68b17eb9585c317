//! Where sessions are kept between processes: the contract of a [`Store`], in a blocking and an async form.
//!
//! A store keeps bytes under keys, and has four operations. Nothing else is asked of it: what the bytes are, and when
//! which operation is due, is decided by a [`Renewal`](crate::session::Renewal).
//!
//! | operation | what it promises |
//! |---|---|
//! | `load` | the record and the version it has now, as one; nothing if there is none |
//! | `replace` | writes if the version is still the expected one, and is durable when it returns; else changes nothing |
//! | `lease` | gives the key to one holder at a time, until it is released, its holder dies, or its time is over |
//! | `release` | gives the key back, if this lease still holds it |
//!
//! What a session is kept under is its [`StoreKey`], which says whose it is; what is loaded is compared with what the
//! session is for, and refused where it is another's (ST-4).
//!
//! A lease is a courtesy that keeps others from asking for a token at the same time; `replace` is what keeps tokens
//! from being lost. So a lease may end under its holder, and where leases do, [taking one makes the versions that were
//! loaded before stale](Store::lease): the former holder then finds out at its next `replace`.

pub(crate) mod key;
pub(crate) mod memory;
pub(crate) mod origin;
pub(crate) mod owner;

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use zeroize::Zeroizing;

pub use crate::ground::store_error::StoreError;
pub use crate::store::key::StoreKey;
pub use crate::store::memory::MemoryStore;

use crate::ground::time::UnixTime;

/// A session as a store keeps it: bytes that hold secrets. `Debug` shows their number.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredBytes(Zeroizing<Vec<u8>>);

impl StoredBytes {
    /// Takes what was read.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, to be written.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for StoredBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredBytes({} bytes)", self.0.len())
    }
}

/// Which state of a record this is: a text of the store's own making, compared for equality and nothing else.
///
/// Two different states of one key never have the same version, not even after the record was deleted and made anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreVersion(String);

impl StoreVersion {
    /// Names a state.
    #[must_use]
    pub fn new(version: impl Into<String>) -> Self {
        Self(version.into())
    }

    /// The store's name for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names who holds a key: a text of the store's own making, never given out twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease(String);

impl Lease {
    /// Names a holder.
    #[must_use]
    pub fn new(holder: impl Into<String>) -> Self {
        Self(holder.into())
    }

    /// The store's name for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A record with the version it had when it was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The record.
    pub bytes: StoredBytes,
    /// Its version.
    pub version: StoreVersion,
}

/// A place where sessions outlive their process, for programs that may wait in place.
///
/// Implementations are shared between threads, and several processes may use one place at once.
pub trait Store: Send + Sync {
    /// Reads a record and its version, as one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be known what there is.
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError>;

    /// Writes a record if the key still has the expected version (`None`: no record); returns the new version, or
    /// `None` if the version is another and nothing was changed. A new record of `None` deletes. What was written is
    /// durable, as far as the place can promise it, when this returns.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether it was written.
    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        record: Option<&StoredBytes>,
    ) -> Result<Option<Replaced>, StoreError>;

    /// Takes a key for this long, or returns `None` if somebody else has it. `now` is the caller's clock, for stores
    /// that have none of their own.
    ///
    /// A store whose leases can end under their holder counts the taking of a lease as a change of the version.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known who has the key.
    fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Result<Option<Lease>, StoreError>;

    /// Gives a key back, if this lease still holds it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if that is not known; the lease then ends by itself.
    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError>;
}

/// What a successful [`Store::replace`] left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// A record of this version.
    Written(StoreVersion),
    /// No record.
    Deleted,
}

/// What an [`AsyncStore`] returns.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// [`Store`] for programs that must not wait in place; the promises are the same.
pub trait AsyncStore: Send + Sync {
    /// As [`Store::load`].
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>>;

    /// As [`Store::replace`].
    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        record: Option<&'a StoredBytes>,
    ) -> StoreFuture<'a, Option<Replaced>>;

    /// As [`Store::lease`].
    fn lease<'a>(&'a self, key: &'a StoreKey, ttl: Duration, now: UnixTime)
    -> StoreFuture<'a, Option<Lease>>;

    /// As [`Store::release`].
    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()>;
}

/// What a [`Renewal`](crate::session::Renewal) wants done with the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreStep {
    /// [`Store::load`].
    Load,
    /// [`Store::replace`].
    Replace {
        /// The version that the record must still have.
        expected: Option<StoreVersion>,
        /// What is to be written.
        record: StoredBytes,
    },
    /// [`Store::lease`], for this long.
    Lease(Duration),
    /// [`Store::release`].
    Release(Lease),
}

/// What came of a [`StoreStep`].
#[derive(Clone, Debug)]
pub enum StoreAnswer {
    /// To [`StoreStep::Load`].
    Loaded(Option<Stored>),
    /// To [`StoreStep::Replace`].
    Replaced(Option<Replaced>),
    /// To [`StoreStep::Lease`].
    Leased(Option<Lease>),
    /// To [`StoreStep::Release`].
    Released,
    /// To any of them.
    Failed(StoreError),
}

impl StoreStep {
    /// Carries the step out on a store.
    #[must_use]
    pub fn on(self, store: &dyn Store, key: &StoreKey, now: UnixTime) -> StoreAnswer {
        let answer = match self {
            Self::Load => store.load(key).map(StoreAnswer::Loaded),
            Self::Replace { expected, record } => {
                store.replace(key, expected.as_ref(), Some(&record)).map(StoreAnswer::Replaced)
            }
            Self::Lease(ttl) => store.lease(key, ttl, now).map(StoreAnswer::Leased),
            Self::Release(lease) => store.release(key, &lease).map(|()| StoreAnswer::Released),
        };
        answer.unwrap_or_else(StoreAnswer::Failed)
    }

    /// Carries the step out on an async store.
    pub async fn on_async(self, store: &dyn AsyncStore, key: &StoreKey, now: UnixTime) -> StoreAnswer {
        let answer = match self {
            Self::Load => store.load(key).await.map(StoreAnswer::Loaded),
            Self::Replace { expected, record } => {
                store.replace(key, expected.as_ref(), Some(&record)).await.map(StoreAnswer::Replaced)
            }
            Self::Lease(ttl) => store.lease(key, ttl, now).await.map(StoreAnswer::Leased),
            Self::Release(lease) => store.release(key, &lease).await.map(|()| StoreAnswer::Released),
        };
        answer.unwrap_or_else(StoreAnswer::Failed)
    }
}

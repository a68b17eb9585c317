//! What is put into a store, and what comes out of it: [`Entry`], [`Stored`], and their parts.

use std::fmt;
use std::time::Duration;

use crate::ground::time::UnixTime;
use crate::ground::wiped::Wiped;
use crate::store::index::Index;

/// A record as a store keeps it: bytes that hold secrets. `Debug` shows their number.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredBytes(Wiped<Vec<u8>>);

impl StoredBytes {
    /// Takes what was read.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Wiped::new(bytes))
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

/// What [`Store::replace`](crate::store::Store::replace) writes: a record, and what the store is to know of it beside its bytes.
///
/// ```
/// # use std::time::Duration;
/// # use valetkey_core::UnixTime;
/// use valetkey_core::store::{Entry, StoredBytes};
///
/// let now = UnixTime::from_secs(1_700_000_000);
/// let entry = Entry::new(StoredBytes::new(b"seen".to_vec())).kept_for(Duration::from_secs(600), now);
/// assert_eq!(entry.lifetime().unwrap().until(), UnixTime::from_secs(1_700_000_600));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    bytes: StoredBytes,
    lifetime: Option<Lifetime>,
    indexed: Vec<Index>,
}

/// The most [indexes](Index) that a record is found by.
pub const MOST_INDEXES: usize = 4;

impl Entry {
    /// A record that is kept until it is replaced, and is found by its key alone.
    #[must_use]
    pub const fn new(bytes: StoredBytes) -> Self {
        Self { bytes, lifetime: None, indexed: Vec::new() }
    }

    /// Is of no use any more after this time, counted from the caller's clock: the store may then drop it.
    #[must_use]
    pub fn kept_for(self, time: Duration, now: UnixTime) -> Self {
        Self { lifetime: Some(Lifetime { time, now }), ..self }
    }

    /// Is found by these indexes too ([`Store::find`](crate::store::Store::find)): the first [`MOST_INDEXES`] of them.
    #[must_use]
    pub fn indexed(self, indexes: impl IntoIterator<Item = Index>) -> Self {
        let mut indexed = Vec::new();
        for index in indexes {
            if !indexed.contains(&index) && indexed.len() < MOST_INDEXES {
                indexed.push(index);
            }
        }
        Self { indexed, ..self }
    }

    /// The record.
    #[must_use]
    pub const fn bytes(&self) -> &StoredBytes {
        &self.bytes
    }

    /// How long it is of use; `None` for ever.
    #[must_use]
    pub const fn lifetime(&self) -> Option<Lifetime> {
        self.lifetime
    }

    /// What it is found by beside its key.
    #[must_use]
    pub fn indexes(&self) -> &[Index] {
        &self.indexed
    }

    /// The same with other bytes, for a store that encrypts what another one keeps.
    #[must_use]
    pub fn with_bytes(&self, bytes: StoredBytes) -> Self {
        Self { bytes, lifetime: self.lifetime, indexed: self.indexed.clone() }
    }
}

impl From<StoredBytes> for Entry {
    fn from(bytes: StoredBytes) -> Self {
        Self::new(bytes)
    }
}

/// How long a record is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    time: Duration,
    now: UnixTime,
}

impl Lifetime {
    /// How long, for a store that has a clock of its own.
    #[must_use]
    pub const fn time(self) -> Duration {
        self.time
    }

    /// Until when by the caller's clock, for a store that has none.
    #[must_use]
    pub fn until(self) -> UnixTime {
        self.now.after(self.time)
    }

    /// The caller's clock: what a store may drop whose time is over by then.
    #[must_use]
    pub const fn now(self) -> UnixTime {
        self.now
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
#[non_exhaustive]
pub struct Stored {
    /// The record.
    pub bytes: StoredBytes,
    /// Its version.
    pub version: StoreVersion,
}

impl Stored {
    /// What was found.
    #[must_use]
    pub const fn new(bytes: StoredBytes, version: StoreVersion) -> Self {
        Self { bytes, version }
    }
}

/// What came of a [`Store::replace`](crate::store::Store::replace).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "a conflict changed nothing"]
pub enum Replaced {
    /// The record is there, as this version.
    Written(StoreVersion),
    /// There is no record any more.
    Deleted,
    /// Somebody wrote since: the version is not the expected one, and nothing was changed.
    Conflict,
}

impl Replaced {
    /// Whether it was done: the record was written, or deleted.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        !matches!(self, Self::Conflict)
    }

    /// The version of the record that was written.
    #[must_use]
    pub fn written(self) -> Option<StoreVersion> {
        match self {
            Self::Written(version) => Some(version),
            Self::Deleted | Self::Conflict => None,
        }
    }
}

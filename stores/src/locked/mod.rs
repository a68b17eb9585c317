//! Makes a store of any place that can do no more than keep bytes under names: [`Locked`].
//!
//! ```text
//!  load      lock ─ read ─ unlock
//!  replace   lock ─ read: still that version? ─ write, under a new version ─ unlock
//!  lease     lock ─ is there one whose holder lives, and whose time is not over? ─ no: a new version, a new lease ─ unlock
//!  release   lock ─ is it still that lease? ─ yes: remove it ─ unlock
//! ```
//!
//! The lock is an operating system's file lock, held for the moment of one operation, against threads and other
//! processes alike. It ends with its process, however that ends. The lease is something else: see [`Leases`].

#[cfg(not(unix))]
mod elsewhere;
mod folder;
mod leases;
mod open;
#[cfg(unix)]
mod owner;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod way;

use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{Lease, Replaced, StoreError, StoreKey, StoreVersion, Stored, StoredBytes};
use zeroize::Zeroizing;

#[cfg(not(unix))]
use elsewhere as sys;
pub(crate) use folder::Folder;
use leases::Leases;
#[cfg(unix)]
use unix as sys;

use crate::{name, record};

/// The version's length, which comes before the record, with a line feed between.
const VERSION: usize = 32;

/// A place that keeps bytes under keys. It is asked by one process at a time for each key.
pub(crate) trait Place: Send + Sync {
    /// What the place must know of the bytes that are there, when it writes others or removes them.
    type Mark;

    fn read(&self, key: &StoreKey) -> Result<Found<Self::Mark>, StoreError>;
    /// Whole or not at all, and durable when it returns.
    fn write(&self, key: &StoreKey, bytes: &[u8], former: Self::Mark) -> Result<(), StoreError>;
    fn remove(&self, key: &StoreKey, former: Self::Mark) -> Result<(), StoreError>;
}

/// The bytes that are there, and what the place must know of them.
pub(crate) type Found<M> = (Option<Zeroizing<Vec<u8>>>, M);

/// A place with the locks that make it a store.
pub(crate) struct Locked<P> {
    place: P,
    folder: Folder,
    leases: Leases,
}

impl<P: Place> Locked<P> {
    pub(crate) fn new(place: P, folder: Folder) -> Self {
        Self { place, folder, leases: Leases::default() }
    }

    #[cfg(feature = "keyring")]
    pub(crate) fn map(self, change: impl FnOnce(P) -> P) -> Self {
        Self { place: change(self.place), ..self }
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(crate) fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let _lock = self.folder.lock(key)?;
        self.read(key).map(|(stored, _)| stored)
    }

    pub(crate) fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        record: Option<&StoredBytes>,
    ) -> Result<Option<Replaced>, StoreError> {
        record::check_size(record)?;
        let _lock = self.folder.lock(key)?;
        let (stored, former) = self.read(key)?;
        if stored.map(|stored| stored.version).as_ref() != expected {
            return Ok(None);
        }
        match record {
            Some(record) => self.write(key, record, former).map(|version| Some(Replaced::Written(version))),
            None => self.place.remove(key, former).map(|()| Some(Replaced::Deleted)),
        }
    }

    pub(crate) fn lease(
        &self,
        key: &StoreKey,
        ttl: Duration,
        now: UnixTime,
    ) -> Result<Option<Lease>, StoreError> {
        let _lock = self.folder.lock(key)?;
        if !self.leases.is_free(&self.folder, key, now)? {
            return Ok(None);
        }
        // Whoever had it before, and may live on, finds out by the version.
        if let (Some(stored), former) = self.read(key)? {
            self.write(key, &stored.bytes, former)?;
        }
        self.leases.take(&self.folder, key, ttl, now).map(Some)
    }

    pub(crate) fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        let _lock = self.folder.lock(key)?;
        self.leases.release(&self.folder, key, lease)
    }

    fn read(&self, key: &StoreKey) -> Result<(Option<Stored>, P::Mark), StoreError> {
        let (bytes, mark) = self.place.read(key)?;
        let Some(bytes) = bytes else { return Ok((None, mark)) };
        let foreign = || StoreError::new("the stored record was not written by this store");
        let (version, rest) = bytes.split_at_checked(VERSION).ok_or_else(foreign)?;
        let record = rest.strip_prefix(b"\n").ok_or_else(foreign)?;
        let version = std::str::from_utf8(version).map_err(|_| foreign())?;
        let stored = Stored { bytes: StoredBytes::new(record.to_vec()), version: StoreVersion::new(version) };
        Ok((Some(stored), mark))
    }

    fn write(
        &self,
        key: &StoreKey,
        record: &StoredBytes,
        former: P::Mark,
    ) -> Result<StoreVersion, StoreError> {
        let record = record.expose();
        let version = name::fresh()?;
        // Of its whole size at once, so that no copy of the secrets is left behind where it grew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(VERSION + 1 + record.len()));
        bytes.extend_from_slice(version.as_bytes());
        bytes.push(b'\n');
        bytes.extend_from_slice(record);
        self.place.write(key, &bytes, former)?;
        Ok(StoreVersion::new(version))
    }
}

/// Implements [`Store`](valetkey_core::store::Store) by the field of this type.
macro_rules! store_of_locked {
    ($store:ty) => {
        impl valetkey_core::store::Store for $store {
            fn load(
                &self,
                key: &valetkey_core::store::StoreKey,
            ) -> Result<Option<valetkey_core::store::Stored>, valetkey_core::store::StoreError> {
                self.0.load(key)
            }

            fn replace(
                &self,
                key: &valetkey_core::store::StoreKey,
                expected: Option<&valetkey_core::store::StoreVersion>,
                record: Option<&valetkey_core::store::StoredBytes>,
            ) -> Result<Option<valetkey_core::store::Replaced>, valetkey_core::store::StoreError> {
                self.0.replace(key, expected, record)
            }

            fn lease(
                &self,
                key: &valetkey_core::store::StoreKey,
                ttl: std::time::Duration,
                now: valetkey_core::UnixTime,
            ) -> Result<Option<valetkey_core::store::Lease>, valetkey_core::store::StoreError> {
                self.0.lease(key, ttl, now)
            }

            fn release(
                &self,
                key: &valetkey_core::store::StoreKey,
                lease: &valetkey_core::store::Lease,
            ) -> Result<(), valetkey_core::store::StoreError> {
                self.0.release(key, lease)
            }
        }
    };
}
pub(crate) use store_of_locked;

//! Makes a store of any place that can do no more than keep bytes under names: [`Locked`].
//!
//! ```text
//!  load      lock ─ read ─ unlock
//!  replace   lock ─ read: still that version? ─ its indexes ─ write, under a new version ─ unlock ─ drop what is over
//!  find      lock ─ read the index: a page of it ─ unlock
//!  lease     lock ─ is there one whose holder lives, and whose time is not over? ─ no: a new version, a new lease ─ unlock
//!  release   lock ─ is it still that lease? ─ yes: remove it ─ unlock
//! ```
//!
//! The lock is an operating system's file lock, held for the moment of one operation, against threads and other
//! processes alike. It ends with its process, however that ends. The lease is something else: see [`Leases`].

#[cfg(not(unix))]
mod elsewhere;
mod folder;
mod head;
mod indexes;
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
use valetkey_core::store::{
    Entry, Found, Index, Lease, Lifetime, Replaced, StoreError, StoreKey, StoreVersion, Stored, StoredBytes,
};
use zeroize::Zeroizing;

#[cfg(not(unix))]
use elsewhere as sys;
pub(crate) use folder::Folder;
use folder::lock_name;
use head::Head;
use indexes::Indexes;
use leases::Leases;
#[cfg(unix)]
use unix as sys;

use crate::record;

/// The most records that are looked at for whether they are over, at each write of one that ends some day.
const LOOKED_AT: usize = 256;

/// A place that keeps bytes under keys. It is asked by one process at a time for each key.
pub(crate) trait Place: Send + Sync {
    /// What the place must know of the bytes that are there, when it writes others or removes them.
    type Mark;

    fn read(&self, key: &StoreKey) -> Result<There<Self::Mark>, StoreError>;
    /// Whole or not at all, and durable when it returns.
    fn write(&self, key: &StoreKey, bytes: &[u8], former: Self::Mark) -> Result<(), StoreError>;
    fn remove(&self, key: &StoreKey, former: Self::Mark) -> Result<(), StoreError>;
    /// The keys of the records that may be over, of the same kind as this one; none where that cannot be asked.
    fn others(&self, key: &StoreKey) -> Result<Vec<StoreKey>, StoreError>;
}

/// The bytes that are there, and what the place must know of them.
pub(crate) type There<M> = (Option<Zeroizing<Vec<u8>>>, M);

/// The record that is there, with its head, and what the place must know of it.
type Known<M> = (Option<(Head, Stored)>, M);

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
        let _lock = self.folder.lock(&lock_name(key))?;
        Ok(self.read(key)?.0.map(|(_, stored)| stored))
    }

    pub(crate) fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        record::check_size(entry)?;
        let _lock = self.folder.lock(&lock_name(key))?;
        let (there, former) = self.read(key)?;
        if there.as_ref().map(|(head, _)| &head.version) != expected {
            return Ok(Replaced::Conflict);
        }
        let before = there.map(|(head, _)| head.indexes).unwrap_or_default();
        let head = entry.map(Head::of).transpose()?;
        let after = head.as_ref().map(|head| head.indexes.clone()).unwrap_or_default();
        let indexes = Indexes(&self.folder);
        let held = indexes.lock(before.iter().chain(&after))?;
        // Before the record, so that one which is there is found.
        for index in &after {
            indexes.add(index, key, |other| self.is_indexed(other, index))?;
        }
        let replaced = match (head, entry) {
            (Some(head), Some(entry)) => {
                self.write(key, &head, entry.bytes(), former)?;
                Replaced::Written(head.version)
            }
            _ => {
                self.place.remove(key, former)?;
                Replaced::Deleted
            }
        };
        // The record is what was asked for, whatever becomes of an index that no longer leads to it.
        for index in before.iter().filter(|index| !after.contains(index)) {
            let _ = indexes.remove(index, key);
        }
        drop(held);
        if let (Some(lifetime), Replaced::Written(version)) = (entry.and_then(Entry::lifetime), &replaced) {
            // Nobody waits for it, and the next write does it if this cannot.
            let _ = self.tidy(key, lifetime, version);
        }
        Ok(replaced)
    }

    pub(crate) fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        let index = index.as_str().to_owned();
        let indexes = Indexes(&self.folder);
        let _held = indexes.lock([&index])?;
        indexes.page(&index, after)
    }

    pub(crate) fn lease(
        &self,
        key: &StoreKey,
        ttl: Duration,
        now: UnixTime,
    ) -> Result<Option<Lease>, StoreError> {
        let _lock = self.folder.lock(&lock_name(key))?;
        if !self.leases.is_free(&self.folder, key.as_str(), now)? {
            return Ok(None);
        }
        // A former holder that lives on finds out by the version.
        if let (Some((head, stored)), former) = self.read(key)? {
            self.write(key, &head.renamed()?, &stored.bytes, former)?;
        }
        self.leases.take(&self.folder, key.as_str(), ttl, now).map(Some)
    }

    pub(crate) fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        let _lock = self.folder.lock(&lock_name(key))?;
        self.leases.release(&self.folder, key.as_str(), lease)
    }

    /// Drops records of the same kind that are over. One that somebody is at is left alone. It begins anywhere among them, by
    /// the version, which is random, so that all have their turn. The names by which it was found go with it.
    fn tidy(&self, key: &StoreKey, lifetime: Lifetime, version: &StoreVersion) -> Result<(), StoreError> {
        let ours = lock_name(key);
        let others = self.place.others(key)?;
        let number = version.as_str().get(..8).and_then(|digits| usize::from_str_radix(digits, 16).ok());
        let start = number.unwrap_or(0) % others.len().max(1);
        let turn = others.iter().cycle().skip(start).take(others.len().min(LOOKED_AT));
        for other in turn.filter(|other| *other != key) {
            let lock = lock_name(other);
            let _lock = match lock == ours {
                true => None,
                false => match self.folder.try_lock(&lock)? {
                    Some(lock) => Some(lock),
                    None => continue,
                },
            };
            let (there, former) = self.read(other)?;
            let Some((head, _)) = there.filter(|(head, _)| head.is_over(lifetime.now())) else { continue };
            // In the order of a write: nobody who has an index locked waits for a record.
            let indexes = Indexes(&self.folder);
            let _held = indexes.lock(&head.indexes)?;
            self.place.remove(other, former)?;
            for index in &head.indexes {
                indexes.remove(index, other)?;
            }
        }
        Ok(())
    }

    /// Whether a record is there that is found by this index.
    fn is_indexed(&self, key: &StoreKey, index: &String) -> bool {
        match self.place.read(key) {
            Ok((Some(bytes), _)) => Head::split(&bytes).is_some_and(|(head, _)| head.indexes.contains(index)),
            Ok((None, _)) => false,
            // It may be being written.
            Err(_) => true,
        }
    }

    fn read(&self, key: &StoreKey) -> Result<Known<P::Mark>, StoreError> {
        let (bytes, mark) = self.place.read(key)?;
        let Some(bytes) = bytes else { return Ok((None, mark)) };
        let (head, record) = Head::split(&bytes)
            .ok_or_else(|| StoreError::new("the stored record was not written by this store"))?;
        let stored = Stored::new(StoredBytes::new(record.to_vec()), head.version.clone());
        Ok((Some((head, stored)), mark))
    }

    fn write(
        &self,
        key: &StoreKey,
        head: &Head,
        record: &StoredBytes,
        former: P::Mark,
    ) -> Result<(), StoreError> {
        let (head, record) = (head.to_text(), record.expose());
        // Of its whole size at once, so that no copy of the secrets is left behind where it grew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(head.len() + record.len()));
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(record);
        self.place.write(key, &bytes, former)
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
                entry: Option<&valetkey_core::store::Entry>,
            ) -> Result<valetkey_core::store::Replaced, valetkey_core::store::StoreError> {
                self.0.replace(key, expected, entry)
            }

            fn find(
                &self,
                index: &valetkey_core::store::Index,
                after: Option<&valetkey_core::store::StoreKey>,
            ) -> Result<valetkey_core::store::Found, valetkey_core::store::StoreError> {
                self.0.find(index, after)
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

//! Leases as files: [`Leases`].

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{Lease, StoreError};

use super::folder::{Folder, Lock};
use crate::name;

/// The leases that this store has given out.
///
/// A lease is two files: one says whose it is and until when, the other is locked for as long as its holder lives. Two,
/// because where locks are mandatory nobody else could read a file that is locked. A key is free if there is no lease, if
/// the lock is gone, which the operating system sees to when a process ends, or if the time is over. All of this is asked
/// and changed under the key's own lock.
#[derive(Default)]
pub(super) struct Leases(Mutex<HashMap<String, (Lease, Lock)>>);

/// The lease, and the file that is locked.
const LEASE: &str = "lease";
const HOLDER: &str = "holder";

impl Leases {
    pub(super) fn is_free(&self, folder: &Folder, key: &str, now: UnixTime) -> Result<bool, StoreError> {
        let Some(written) = Written::read(folder, key)? else { return Ok(true) };
        // Who asks read the clock before waiting for the key's lock, and the holder's lease may be younger than that. Only a
        // clock that was set back by more than a lease's length makes no lease longer.
        let length = written.until.since(written.at);
        let is_over = now >= written.until || now.after(length) < written.at;
        Ok(is_over || !folder.is_locked(key, HOLDER)?)
    }

    /// Takes a key that is free.
    pub(super) fn take(
        &self,
        folder: &Folder,
        key: &str,
        ttl: Duration,
        now: UnixTime,
    ) -> Result<Lease, StoreError> {
        let lease = Lease::new(name::fresh()?);
        // A holder whose time is over keeps its lock, on a file that has no name any more.
        folder.remove(key, LEASE)?;
        folder.remove(key, HOLDER)?;
        let lock = folder.create_locked(key, HOLDER)?;
        Written { lease: lease.clone(), at: now, until: now.after(ttl) }.write(folder, key)?;
        // One that was given out before and never given back goes with this.
        self.held().insert(key.to_owned(), (lease.clone(), lock));
        Ok(lease)
    }

    pub(super) fn release(&self, folder: &Folder, key: &str, lease: &Lease) -> Result<(), StoreError> {
        let mut held = self.held();
        if held.get(key).is_some_and(|(ours, _)| ours == lease) {
            held.remove(key);
        }
        drop(held);
        if Written::read(folder, key)?.is_some_and(|written| written.lease == *lease) {
            folder.remove(key, LEASE)?;
            folder.remove(key, HOLDER)?;
        }
        Ok(())
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, (Lease, Lock)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lease as it is written: its name, and from when until when it is held, in milliseconds since 1970.
struct Written {
    lease: Lease,
    at: UnixTime,
    until: UnixTime,
}

impl Written {
    /// The lease that is written, if it can be read: it is no loss if not, since it only spares a token request.
    fn read(folder: &Folder, key: &str) -> Result<Option<Self>, StoreError> {
        let Some(bytes) = folder.read(key, LEASE)? else { return Ok(None) };
        let parse = || {
            let mut words = std::str::from_utf8(&bytes).ok()?.split_ascii_whitespace();
            let mut next = || words.next();
            let lease = Lease::new(next()?);
            let at = UnixTime::from_millis(next()?.parse().ok()?);
            Some(Self { lease, at, until: UnixTime::from_millis(next()?.parse().ok()?) })
        };
        Ok(parse())
    }

    fn write(&self, folder: &Folder, key: &str) -> Result<(), StoreError> {
        let (at, until) = (self.at.as_millis(), self.until.as_millis());
        folder.write(key, LEASE, format!("{} {at} {until}\n", self.lease.as_str()).as_bytes())
    }
}

//! What was read of a session's record, for all who ask: [`Lookup`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use valetkey_core::session::{LoginLookup, SessionRecord};
use valetkey_core::store::{StoreKey, Stored};
use valetkey_core::{Error, UnixTime};

/// A [`LoginLookup`] of many tasks. A clone is the same one.
#[derive(Clone)]
pub(crate) struct Lookup(Arc<Mutex<LoginLookup>>);

impl Lookup {
    pub(crate) fn new(lookup: LoginLookup) -> Self {
        Self(Arc::new(Mutex::new(lookup)))
    }

    /// What to load.
    pub(crate) fn key(&self) -> Arc<StoreKey> {
        Arc::clone(self.get().key())
    }

    /// The record of somebody who is logged in by what was loaded.
    pub(crate) fn logged_in(
        &self,
        stored: Option<&Stored>,
        now: UnixTime,
    ) -> Result<Option<Arc<SessionRecord>>, Error> {
        self.get().logged_in(stored, now)
    }

    /// A panic elsewhere leaves what was read as it was.
    fn get(&self) -> MutexGuard<'_, LoginLookup> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

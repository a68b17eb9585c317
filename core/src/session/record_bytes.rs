//! A session's record as the bytes that a store keeps.

use crate::ground::store_error::StoreError;
use crate::ground::time::UnixTime;
use crate::session::record::SessionRecord;
use crate::store::TOMBSTONE_LIFETIME;
use crate::store::entry::{Entry, StoredBytes};

impl SessionRecord {
    /// What a store is given at this time: JSON, for as long as it is of use.
    pub(crate) fn to_entry(&self, now: UnixTime) -> Result<Entry, StoreError> {
        let bytes = serde_json::to_vec(self)
            .map_err(|_| StoreError::new("the session cannot be written as a record"))?;
        let entry = Entry::new(StoredBytes::new(bytes)).indexed(self.indexes.iter().cloned());
        Ok(match (self.ended_at, self.kept) {
            (Some(ended_at), _) => entry.kept_for(TOMBSTONE_LIFETIME, ended_at),
            (None, Some(kept)) => entry.kept_for(kept.left(now), now),
            (None, None) => entry,
        })
    }

    /// Reads what a store has.
    pub(crate) fn from_bytes(bytes: &StoredBytes) -> Result<Self, StoreError> {
        // serde_json's message may quote the input.
        serde_json::from_slice(bytes.expose())
            .map_err(|_| StoreError::new("the stored record cannot be read, or has an unknown version"))
    }
}

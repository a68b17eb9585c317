//! What is kept in a store between two calls: written, and read again. A pending authorization is out of its store then.

#![expect(deprecated, reason = "the deprecated kind is stored too")]

use serde::Serialize;
use valetkey_core::PendingAuthorization;
use valetkey_core::authorize::{PendingImplicit, StoredAuthorization, StoredImplicit};
use valetkey_core::session::SessionRecord;

/// A value that is written, and read again.
pub trait Record: Serialize + Sized {
    /// Reads it from JSON.
    ///
    /// # Errors
    ///
    /// Why it is no such record.
    fn read(json: &str) -> serde_json::Result<Self>;
}

impl Record for PendingAuthorization {
    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str::<StoredAuthorization>(json).map(|stored| stored.taken_out(true).unwrap())
    }
}

impl Record for PendingImplicit {
    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str::<StoredImplicit>(json).map(|stored| stored.taken_out(true).unwrap())
    }
}

impl Record for SessionRecord {
    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }
}

/// Takes a record up that is known to be one.
#[must_use]
pub fn taken_out<R: Record>(json: &str) -> R {
    R::read(json).unwrap()
}

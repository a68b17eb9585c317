//! Where tokens are kept between two calls: [`Place`].

use std::path::Path;
use std::time::Duration;

use valetkey_blocking::UnixTime;
use valetkey_blocking::store::{
    Lease, Replaced, Store, StoreError, StoreKey, StoreVersion, Stored, StoredBytes,
};
use valetkey_stores::{FileStore, KeyringStore};

use super::failure::Failure;
use super::folders::{SERVICE, at, folder};

/// A store that a profile names.
pub(crate) enum Place {
    File(FileStore),
    Keyring(KeyringStore),
}

impl Place {
    /// Opens what `store` names: `keyring`, `file`, or `file:PATH` with a path from the configuration file's folder.
    pub(crate) fn open(name: &str, config: &Path) -> Result<Self, Failure> {
        match name.split_once(':') {
            None if name == "keyring" => Ok(Self::Keyring(KeyringStore::open(SERVICE, folder("locks")?)?)),
            None if name == "file" => Ok(Self::File(FileStore::open(folder("sessions")?)?)),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(FileStore::open(at(path, config)?)?)),
            _ => Err(Failure::usage(format!(
                "`store` is {name:?}, and may be \"keyring\", \"file\" or \"file:PATH\""
            ))),
        }
    }

    fn store(&self) -> &dyn Store {
        match self {
            Self::File(store) => store,
            Self::Keyring(store) => store,
        }
    }
}

impl Store for Place {
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.store().load(key)
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        record: Option<&StoredBytes>,
    ) -> Result<Option<Replaced>, StoreError> {
        self.store().replace(key, expected, record)
    }

    fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Result<Option<Lease>, StoreError> {
        self.store().lease(key, ttl, now)
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        self.store().release(key, lease)
    }
}

//! Where tokens are kept between two calls: [`Place`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy as _;
use valetkey_blocking::UnixTime;
use valetkey_blocking::store::{
    Lease, Replaced, Store, StoreError, StoreKey, StoreVersion, Stored, StoredBytes,
};
use valetkey_stores::{FileStore, KeyringStore};

use super::config::folders;
use super::failure::Failure;

/// What the keyring knows this program by.
pub(crate) const SERVICE: &str = "valetkey";

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

/// A folder of this program's own, for what it keeps.
pub(crate) fn folder(name: &str) -> Result<PathBuf, Failure> {
    Ok(folders()?.data_dir().join("valetkey").join(name))
}

/// A path as a person writes it.
pub(crate) fn at(path: &str, config: &Path) -> Result<PathBuf, Failure> {
    match path.strip_prefix("~/") {
        Some(rest) => Ok(folders()?.home_dir().join(rest)),
        None => Ok(config.join(path)),
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

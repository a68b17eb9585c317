//! Sessions in the operating system's keyring: [`KeyringStore`].

use std::fmt;
use std::path::Path;

use keyring::Error;
use keyring::v1::Entry;
use valetkey_core::store::{StoreError, StoreKey};
use zeroize::Zeroizing;

use crate::locked::{Folder, Locked, Place, store_of_locked};

/// Keeps each session in the keyring of the person who runs the program: the Keychain of macOS, the Credential Manager
/// of Windows, and elsewhere the Secret Service (GNOME Keyring, KWallet), over D-Bus.
///
/// A keyring can neither compare nor lock, so a folder beside it does: see [`FileStore`](crate::FileStore) for what is
/// true of that. All programs that share a session must name the same service and the same folder. How durable a record
/// is, and who else may read it, is up to the keyring. Windows takes no more than 2560 bytes, which the tokens of some
/// servers exceed; a keyring that is locked may ask the person. Operations wait for both: tasks use
/// [`Blocking`](crate::Blocking).
pub struct KeyringStore(Locked<Keyring>);

impl KeyringStore {
    /// A store in the keyring, under the name of a service, with its locks in this folder, which is made if it is not
    /// there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if there is no keyring, or no such folder can be made, or others may write to it.
    pub fn open(service: &str, locks: impl AsRef<Path>) -> Result<Self, StoreError> {
        if let Err(error) = Entry::store_status() {
            return Err(failed(error));
        }
        Ok(Self(Locked::new(Keyring { service: service.to_owned() }, Folder::open(locks.as_ref())?)))
    }
}

store_of_locked!(KeyringStore);

struct Keyring {
    service: String,
}

impl Keyring {
    fn entry(&self, key: &StoreKey) -> Result<Entry, StoreError> {
        Entry::new(&self.service, key.as_str()).map_err(|error| failed(&error))
    }
}

impl Place for Keyring {
    fn read(&self, key: &StoreKey) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        match self.entry(key)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    fn write(&self, key: &StoreKey, bytes: &[u8]) -> Result<(), StoreError> {
        self.entry(key)?.set_secret(bytes).map_err(|error| failed(&error))
    }

    fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
        match self.entry(key)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// In our words: some of the keyring's errors carry the secret that they are about, and would print it.
fn failed(error: &Error) -> StoreError {
    StoreError::new(match error {
        Error::NoStorageAccess(_) => "the keyring is locked, or cannot be reached",
        Error::NoDefaultStore => "there is no keyring here",
        Error::TooLong(..) => "the record is longer than the keyring takes",
        Error::Ambiguous(_) => "the keyring has several entries for the record",
        Error::PlatformFailure(_) => "the keyring failed",
        _ => "the keyring did not do what it was asked",
    })
}

impl fmt::Debug for KeyringStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyringStore").field(&self.0.folder().path()).finish()
    }
}

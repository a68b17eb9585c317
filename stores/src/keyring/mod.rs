//! Sessions in the operating system's keyring: [`KeyringStore`].

mod parts;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use keyring::v1::Entry;
use keyring_core::{CredentialStore, Error};
use valetkey_core::store::{StoreError, StoreKey};
use zeroize::Zeroizing;

use crate::locked::{Folder, Locked, Place, There, store_of_locked};
use parts::{Entries, Parts};

/// Keeps each session in the keyring of the person who runs the program: the Keychain of macOS, the Credential Manager
/// of Windows, and elsewhere the Secret Service (GNOME Keyring, KWallet), over D-Bus.
///
/// A keyring can neither compare nor lock, so a folder beside it does: see [`FileStore`](crate::FileStore) for what is
/// true of that. All programs that share a session must name the same service and the same folder. How durable a record
/// is, and who else may read it, is up to the keyring. One that is locked may ask the person. Operations wait for both:
/// tasks use [`Blocking`](crate::Blocking). What is over stays in the keyring until the same key is written again.
///
/// Windows takes no more than 2560 bytes in an entry, which the tokens of some servers exceed. A record that is longer than
/// an entry takes is kept in [several](Self::with_entry_size): its parts are written first, under names of their own, then
/// the entry of the session, which names them, and then those that it named before are deleted. So a process that is
/// killed in between leaves the old record or the new one, whole, and what it left behind goes with the next operation
/// that writes or deletes. A record has at most [`LARGEST_RECORD`](crate::LARGEST_RECORD) bytes here as well.
pub struct KeyringStore(Locked<Parts<Keyring>>);

/// The largest entry, in bytes, if the program does not say: `CRED_MAX_CREDENTIAL_BLOB_SIZE` of Windows. Others have no
/// limit that a session meets, and may ask the person about each entry.
const ENTRY: usize = if cfg!(windows) { 2560 } else { usize::MAX };

impl KeyringStore {
    /// A store in the keyring, under the name of a service, with its locks in this folder, which is made if it is not
    /// there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if there is no keyring, or no such folder can be made, or others may change it: see
    /// [`FileStore::open`](crate::FileStore::open).
    pub fn open(service: &str, locks: impl AsRef<Path>) -> Result<Self, StoreError> {
        if let Err(error) = Entry::store_status() {
            return Err(failed(error));
        }
        let keyring = keyring_core::get_default_store().ok_or_else(|| failed(&Error::NoDefaultStore))?;
        Self::over(keyring, service, locks)
    }

    /// The same in another keyring than the system's: any that the crate `keyring-core` knows, such as that of the Linux
    /// kernel, or one of a test's own.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if no such folder can be made, or others may change it.
    pub fn over(
        keyring: Arc<CredentialStore>,
        service: &str,
        locks: impl AsRef<Path>,
    ) -> Result<Self, StoreError> {
        let keyring = Keyring { keyring, service: service.to_owned() };
        Ok(Self(Locked::new(Parts::new(keyring, ENTRY), Folder::open(locks.as_ref())?)))
    }

    /// Lets an entry of the keyring have this many bytes at most. Longer records are kept in several. Without this it is
    /// 2560 on Windows, and elsewhere a record is always one entry. Programs that share a session need not agree.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is less than 256, which is not enough to name the parts.
    pub fn with_entry_size(self, bytes: usize) -> Result<Self, StoreError> {
        if bytes < parts::SMALLEST {
            return Err(StoreError::new(format!(
                "an entry of a keyring must take {} bytes at least: give KeyringStore::with_entry_size more",
                parts::SMALLEST
            )));
        }
        Ok(Self(self.0.map(|parts| parts.with_size(bytes))))
    }
}

store_of_locked!(KeyringStore);

/// The entries of a service.
struct Keyring {
    keyring: Arc<CredentialStore>,
    service: String,
}

impl Keyring {
    fn entry(&self, name: &str) -> Result<keyring_core::Entry, StoreError> {
        self.keyring.build(&self.service, name, None).map_err(|error| failed(&error))
    }
}

impl Entries for Keyring {
    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        match self.entry(name)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.entry(name)?.set_secret(bytes).map_err(|error| failed(&error))
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        match self.entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }
}

impl Place for Parts<Keyring> {
    type Mark = Option<usize>;

    fn read(&self, key: &StoreKey) -> Result<There<Self::Mark>, StoreError> {
        self.read(key.as_str())
    }

    fn write(&self, key: &StoreKey, bytes: &[u8], former: Self::Mark) -> Result<(), StoreError> {
        self.write(key.as_str(), bytes, former)
    }

    fn remove(&self, key: &StoreKey, former: Self::Mark) -> Result<(), StoreError> {
        self.remove(key.as_str(), former)
    }

    /// A keyring is not asked for all that it has: it may ask the person about each.
    fn others(&self, _: &StoreKey) -> Result<Vec<StoreKey>, StoreError> {
        Ok(Vec::new())
    }
}

/// In our words: some of the keyring's errors carry the secret that they are about, and would print it.
fn failed(error: &Error) -> StoreError {
    StoreError::new(match error {
        Error::NoStorageAccess(_) => {
            "the keyring is locked or cannot be reached: unlock it; where nobody can, use a FileStore"
        }
        Error::NoDefaultStore => {
            "this system has no keyring that runs: start one (on Linux a Secret Service: GNOME Keyring, \
             KWallet), or use a FileStore"
        }
        Error::TooLong(..) => {
            "the keyring takes less in an entry than was written: say how much by \
             KeyringStore::with_entry_size"
        }
        Error::Ambiguous(_) => {
            "the keyring has several entries for the record: delete all but one of them in the keyring's own program"
        }
        Error::PlatformFailure(_) => {
            "the keyring failed: look whether it runs and is unlocked, or use a FileStore"
        }
        _ => "the keyring did not do what it was asked: look at its own messages, or use a FileStore",
    })
}

impl fmt::Debug for KeyringStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyringStore").field(&self.0.folder().path()).finish()
    }
}

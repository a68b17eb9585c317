//! Sessions in a folder: [`FileStore`].

use std::fmt;
use std::path::Path;

use valetkey_core::store::{StoreError, StoreKey};
use zeroize::Zeroizing;

use crate::locked::{Folder, Locked, Place, store_of_locked};

/// Keeps each session in a file of a folder, safely for as many processes of one machine as share the folder.
///
/// The folder is made with mode 0700 and its files with 0600; a file that others may read is refused. A record is
/// written to a file beside it, synced, renamed, and the folder synced: after a crash there is the old one or the new
/// one. A lease ends with its process, so that whoever comes after one that was killed need not wait.
///
/// The folder must be on a file system whose locks reach all who use it: a local one does; a network's may not.
/// Operations wait for the disk. The tokens are as safe as the disk is: see [`Sealed`](crate::Sealed).
pub struct FileStore(Locked<Files>);

const RECORD: &str = "session";

impl FileStore {
    /// A store in this folder, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be made, or if others may write to it.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        let folder = folder.as_ref();
        Ok(Self(Locked::new(Files(Folder::open(folder)?), Folder::open(folder)?)))
    }
}

store_of_locked!(FileStore);

struct Files(Folder);

impl Place for Files {
    fn read(&self, key: &StoreKey) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.0.read(key, RECORD)
    }

    fn write(&self, key: &StoreKey, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.write(key, RECORD, bytes)
    }

    fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
        self.0.remove(key, RECORD)
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileStore").field(&self.0.folder().path()).finish()
    }
}

//! Sessions in a folder: [`FileStore`].

use std::fmt;
use std::path::Path;

use valetkey_core::store::{StoreError, StoreKey};

use crate::locked::{Folder, Locked, Place, There, store_of_locked};

/// Keeps each session in a file of a folder, safely for as many processes of one machine as share the folder.
///
/// The folder is made with mode 0700 and its files with 0600. A record is written to a file beside it, synced, renamed, and
/// the folder synced: after a crash there is the old one or the new one. A lease ends with its process, so nobody waits for
/// one that was killed. A record that is over is dropped when another with a lifetime is written. A record has at most [`LARGEST_RECORD`](crate::LARGEST_RECORD) bytes.
///
/// # What is refused
///
/// A user who may write to the folder could put one person's session in the place of another's. So on Unix the store looks
/// at the folder when it opens that, and at each file when it opens one:
///
/// | what | is refused if |
/// |---|---|
/// | the folder | it belongs to another user, others may write to it, or it is a link |
/// | a folder or link on the way to it | it belongs to another user, or anybody may write there and the sticky bit is not set |
/// | a file in it | it belongs to another user, others may read or write it, or it is a link, a FIFO, a socket or a device |
///
/// "Another user" is anybody but the process's effective user and root. Root may read and change everything anyway, and
/// prepares the folders of services. A group may write to a folder on the way: many systems give each user a group of
/// their own, and the folder's owner chose the group. A file may have several names, as a backup by hard links gives it:
/// a second name lets nobody in, and the store never writes by it.
///
/// The store opens the folder once, and opens each file below that open folder, by no link and without waiting for a FIFO.
/// It looks at the open file, so nothing can be swapped between the look and the use. If the folder is moved or made anew
/// later, each operation is an error until the store is opened again: otherwise two processes would use two folders. Access
/// lists are seen as far as the mode shows them.
///
/// On Windows the store refuses a link in the place of the folder or of a file, and whatever is not a file. It looks at
/// neither owners nor access lists there: choose a folder below the user's profile, which is theirs alone.
///
/// The folder must be on a file system whose locks reach all who use it: a local one does; a network's may not.
/// Operations wait for the disk. The tokens are as safe as the disk is: see [`Sealed`](crate::Sealed).
pub struct FileStore(Locked<Files>);

const RECORD: &str = "session";

impl FileStore {
    /// A store in this folder, which is made if it is not there, with what is missing of the way to it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be made, or if [it is refused](Self#what-is-refused): with the path that it is about, the
    /// owner or the mode that was found, and what to do.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        let folder = Folder::open(folder.as_ref())?;
        Ok(Self(Locked::new(Files(folder.clone()), folder)))
    }
}

store_of_locked!(FileStore);

struct Files(Folder);

impl Place for Files {
    type Mark = ();

    fn read(&self, key: &StoreKey) -> Result<There<()>, StoreError> {
        Ok((self.0.read(key.as_str(), RECORD)?, ()))
    }

    fn write(&self, key: &StoreKey, bytes: &[u8], (): ()) -> Result<(), StoreError> {
        self.0.write(key.as_str(), RECORD, bytes)
    }

    fn remove(&self, key: &StoreKey, (): ()) -> Result<(), StoreError> {
        self.0.remove(key.as_str(), RECORD)
    }

    fn others(&self, key: &StoreKey) -> Result<Vec<StoreKey>, StoreError> {
        let keys = self.0.keys(RECORD)?;
        let keys = keys.iter().filter_map(|name| StoreKey::from_name(name));
        Ok(keys.filter(|other| other.kind() == key.kind()).collect())
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileStore").field(&self.0.folder().path()).finish()
    }
}

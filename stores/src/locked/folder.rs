//! A folder that only its owner uses: [`Folder`].

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use valetkey_core::store::{RecordKind, StoreError, StoreKey};
use zeroize::Zeroizing;

use super::open::{Open, failed};
use super::sys::Dir;
use crate::LARGEST_RECORD;

/// A folder for the files of records, each of which is named by its record's key and its kind. Clones share it.
#[derive(Clone)]
pub(crate) struct Folder(Arc<Dir>);

/// Says that a file is locked, until it is dropped or its process ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "it is held, not used")] File);

/// The most that a file has: a record with its version, or a lease.
const LARGEST_FILE: usize = LARGEST_RECORD + 1024;

impl Folder {
    /// Makes the folder for its owner alone, or takes one that is there and that no other user may change.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(Dir::open(path)?)))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Waits until nobody else is at this key.
    pub(crate) fn lock(&self, key: &str) -> Result<Lock, StoreError> {
        self.0.check_place().map_err(|error| failed("use the folder", self.path(), &error))?;
        // The file stays: one that was removed could be locked by two, each with a file of that name.
        let name = name(key, "lock");
        let locked = self.0.file(&name, Open::MakeOrLock).and_then(|file| file.lock().map(|()| file));
        locked.map(Lock).map_err(|error| failed("lock", &self.at(&name), &error))
    }

    /// The same if nobody is there; nothing if somebody is.
    pub(super) fn try_lock(&self, key: &str) -> Result<Option<Lock>, StoreError> {
        let name = name(key, "lock");
        let failed = |error: io::Error| failed("lock", &self.at(&name), &error);
        let file = self.0.file(&name, Open::MakeOrLock).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The keys that have a file of this kind.
    pub(crate) fn keys(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        let names = self.0.names().map_err(|error| failed("read", self.path(), &error))?;
        let suffix = format!(".{kind}");
        Ok(names.iter().filter_map(|name| name.strip_suffix(&suffix)).map(str::to_owned).collect())
    }

    /// Makes a file and locks it; an error if it is there.
    pub(super) fn create_locked(&self, key: &str, kind: &str) -> Result<Lock, StoreError> {
        let name = name(key, kind);
        let file = self.0.file(&name, Open::Make);
        let locked = file.and_then(|file| Ok(file.try_lock().map(|()| file)?));
        locked.map(Lock).map_err(|error| failed("make", &self.at(&name), &error))
    }

    /// Whether somebody who lives has this file locked.
    pub(super) fn is_locked(&self, key: &str, kind: &str) -> Result<bool, StoreError> {
        let name = name(key, kind);
        match self.0.file(&name, Open::Lock) {
            Ok(file) => match file.try_lock() {
                Ok(()) => Ok(false),
                Err(TryLockError::WouldBlock) => Ok(true),
                Err(TryLockError::Error(error)) => Err(failed("lock", &self.at(&name), &error)),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed("open", &self.at(&name), &error)),
        }
    }

    /// What the file holds, unless others may read it too.
    pub(crate) fn read(&self, key: &str, kind: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let name = name(key, kind);
        let failed = |error: io::Error| failed("read", &self.at(&name), &error);
        let file = match self.0.file(&name, Open::Read) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let metadata = file.metadata().map_err(failed)?;
        let length = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        if length > LARGEST_FILE {
            return Err(failed(io::Error::other(format!(
                "it has {length} bytes, and no file of a session has more than {LARGEST_FILE}: remove it"
            ))));
        }
        // Room for all of it, so that no copy of the secrets is left behind where the buffer grew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
        file.take(metadata.len()).read_to_end(&mut bytes).map_err(failed)?;
        Ok(Some(bytes))
    }

    /// Writes a file beside it and renames that, so that a reader finds the old or the new one, whole.
    pub(crate) fn write(&self, key: &str, kind: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let (new, name) = (name(key, "new"), name(key, kind));
        let write = || {
            // One that a dead process left behind may have another mode, or be a link.
            allow_absent(self.0.remove(&new))?;
            let mut file = self.0.file(&new, Open::Make)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            self.0.rename(&new, &name)?;
            self.0.sync()
        };
        write().map_err(|error| failed("write", &self.at(&name), &error))
    }

    /// Removes the file, if it is there.
    pub(crate) fn remove(&self, key: &str, kind: &str) -> Result<(), StoreError> {
        let name = name(key, kind);
        let removed = allow_absent(self.0.remove(&name)).and_then(|()| self.0.sync());
        removed.map_err(|error| failed("remove", &self.at(&name), &error))
    }

    fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }
}

/// What is locked for a key. A lock's file stays for ever, so records that come and go in numbers share a few.
pub(super) fn lock_name(key: &StoreKey) -> String {
    match key.kind() {
        RecordKind::Session => key.as_str().to_owned(),
        kind => {
            let digest = key.as_str().strip_prefix(kind.name()).unwrap_or_default();
            format!("{}-{}", kind.name(), digest.get(1..2).unwrap_or_default().to_ascii_lowercase())
        }
    }
}

fn name(key: &str, kind: &str) -> String {
    format!("{key}.{kind}")
}

fn allow_absent(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

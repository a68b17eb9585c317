//! A folder that only its owner uses: [`Folder`].

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use valetkey_core::store::{StoreError, StoreKey};
use zeroize::Zeroizing;

use super::LARGEST;

/// A folder for the files of sessions, each of which is named by its session's key and its kind.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

/// Says that a file is locked, until it is dropped or its process ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "it is held, not used")] File);

impl Folder {
    /// Makes the folder for its owner alone, or takes one that is there and that no other user may write to.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(|error| failed("make the folder", path, &error))?;
        let metadata = fs::metadata(path).map_err(|error| failed("look at the folder", path, &error))?;
        if is_allowed_others(&metadata, 0o022) {
            return Err(StoreError::new(format!("others may write to the folder {}", path.display())));
        }
        Ok(Self(path.to_owned()))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Waits until nobody else is at this key.
    pub(crate) fn lock(&self, key: &StoreKey) -> Result<Lock, StoreError> {
        // The file stays: one that was removed could be locked by two, each with a file of that name.
        let path = self.file(key, "lock");
        let locked = options().write(true).create(true).truncate(false).open(&path);
        let locked = locked.and_then(|file| file.lock().map(|()| file));
        locked.map(Lock).map_err(|error| failed("lock", &path, &error))
    }

    /// Makes a file and locks it; `None` if it is there.
    pub(super) fn create_locked(&self, key: &StoreKey, kind: &str) -> Result<Lock, StoreError> {
        let path = self.file(key, kind);
        let file = options().write(true).create_new(true).open(&path);
        let locked = file.and_then(|file| Ok(file.try_lock().map(|()| file)?));
        locked.map(Lock).map_err(|error| failed("make", &path, &error))
    }

    /// Whether somebody who lives has this file locked.
    pub(super) fn is_locked(&self, key: &StoreKey, kind: &str) -> Result<bool, StoreError> {
        let path = self.file(key, kind);
        match options().write(true).open(&path) {
            Ok(file) => match file.try_lock() {
                Ok(()) => Ok(false),
                Err(fs::TryLockError::WouldBlock) => Ok(true),
                Err(fs::TryLockError::Error(error)) => Err(failed("lock", &path, &error)),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed("open", &path, &error)),
        }
    }

    /// What the file holds, unless others may read it too.
    pub(crate) fn read(&self, key: &StoreKey, kind: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let path = self.file(key, kind);
        let failed = |error: io::Error| failed("read", &path, &error);
        let file = match options().read(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let metadata = file.metadata().map_err(failed)?;
        if is_allowed_others(&metadata, 0o077) {
            return Err(StoreError::new(format!(
                "others may read or write {}, which holds secrets: it is not used until its mode is 0600",
                path.display()
            )));
        }
        let length = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        if !metadata.is_file() || length > LARGEST + 1024 {
            return Err(StoreError::new(format!("{} is no file of a session", path.display())));
        }
        // Room for all of it, so that no copy of the secrets is left behind where the buffer grew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
        file.take(metadata.len()).read_to_end(&mut bytes).map_err(failed)?;
        Ok(Some(bytes))
    }

    /// Writes a file beside it and renames that, so that whoever reads finds the old or the new one, whole.
    pub(crate) fn write(&self, key: &StoreKey, kind: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let (new, path) = (self.file(key, "new"), self.file(key, kind));
        let write = || {
            // One that a dead process left behind may have another mode, or be a link.
            allow_absent(fs::remove_file(&new))?;
            let mut file = options().write(true).create_new(true).open(&new)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            self.sync()
        };
        write().map_err(|error| failed("write", &path, &error))
    }

    /// Removes the file, if it is there.
    pub(crate) fn remove(&self, key: &StoreKey, kind: &str) -> Result<(), StoreError> {
        let path = self.file(key, kind);
        let removed = allow_absent(fs::remove_file(&path)).and_then(|()| self.sync());
        removed.map_err(|error| failed("remove", &path, &error))
    }

    /// Makes names durable, where a folder can be asked to.
    #[cfg_attr(unix, expect(clippy::disallowed_methods, reason = "a store is what opens files for core"))]
    fn sync(&self) -> io::Result<()> {
        #[cfg(unix)]
        File::open(&self.0)?.sync_all()?;
        Ok(())
    }

    fn file(&self, key: &StoreKey, kind: &str) -> PathBuf {
        self.0.join(format!("{}.{kind}", key.as_str()))
    }
}

/// For files that their owner alone may read and write.
fn options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has a mode to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Whether users other than the owner may do any of this. Where there are no modes, the folder's own rights are all.
fn is_allowed_others(metadata: &fs::Metadata, mode: u32) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::mode(metadata) & mode != 0;
    #[cfg(not(unix))]
    {
        let _ = (metadata, mode);
        false
    }
}

fn allow_absent(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn failed(what: &str, path: &Path, error: &io::Error) -> StoreError {
    StoreError::new(format!("cannot {what} {}: {error}", path.display()))
}

//! A folder by its descriptor, on Unix: [`Dir`].
//!
//! A path says a name, and the name may be another file a moment later. So the folder is opened once, each file is opened
//! below that descriptor, and what is asked about a file is asked of the open file.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;
use valetkey_core::store::StoreError;

use super::open::{Open, failed};
use super::owner::check_owner;
use super::way::walk;

/// An open folder.
pub(super) struct Dir {
    path: PathBuf,
    folder: File,
    identity: (u64, u64),
}

impl Dir {
    /// Makes the folder for its owner alone, or takes one that is there, is this user's, and that nobody else may write to.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let path = std::path::absolute(path).map_err(|error| failed("find", path, &error))?;
        let real = walk(&path)?;
        let open = || {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let folder = File::from(rustix::fs::open(&real, flags, Mode::empty())?);
            let metadata = folder.metadata()?;
            check_owner(&metadata)?;
            if metadata.mode() & 0o022 != 0 {
                return Err(io::Error::other(format!(
                    "others may write to it, since its mode is {:04o}: it is used once that is 0700 (chmod 700)",
                    metadata.mode() & 0o7777
                )));
            }
            Ok((identity(&metadata), folder))
        };
        let (identity, folder) = open().map_err(|error| failed("use the folder", &path, &error))?;
        Ok(Self { path, folder, identity })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Says so if the path is another folder's by now. Otherwise this process and those that come after it would each
    /// have sessions and leases of their own.
    pub(super) fn check_place(&self) -> io::Result<()> {
        if identity(&fs::metadata(&self.path)?) == self.identity {
            return Ok(());
        }
        Err(io::Error::other(
            "the folder is another one than this store opened, because it was moved or made anew: open the store again",
        ))
    }

    /// Opens a file if it is one, and this user's alone. Follows no link, and waits for nothing.
    pub(super) fn file(&self, name: &str, open: Open) -> io::Result<File> {
        let flags = match open {
            Open::Read => OFlags::RDONLY,
            Open::Lock => OFlags::RDWR,
            Open::MakeOrLock => OFlags::RDWR | OFlags::CREATE,
            Open::Make => OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL,
        };
        // Without NONBLOCK, opening a FIFO waits until somebody opens its other end.
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match openat(&self.folder, name, flags, Mode::from_raw_mode(0o600)) {
            Ok(file) => File::from(file),
            Err(Errno::LOOP | Errno::MLINK) => {
                return Err(io::Error::other("it is a link, and no link is followed: remove it"));
            }
            Err(Errno::ISDIR) => return Err(io::Error::other("it is a folder, not a file: remove it")),
            Err(Errno::NXIO) => {
                return Err(io::Error::other("it is a socket or a device, not a file: remove it"));
            }
            Err(error) => return Err(error.into()),
        };
        check_file(&file.metadata()?)?;
        Ok(file)
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(renameat(&self.folder, from, &self.folder, to)?)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.folder, name, AtFlags::empty())?)
    }

    /// What is in it.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.folder)? {
            // Ours are of one alphabet.
            names.extend(entry?.file_name().to_str().ok().map(str::to_owned));
        }
        Ok(names)
    }

    /// Makes names durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.folder.sync_all()
    }
}

/// Which folder it is, whatever it is called.
fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// A file of this user's alone. It may have several names: a backup by hard links gives it a second one, which lets nobody
/// else read or write it, and the store always writes a new file.
fn check_file(metadata: &Metadata) -> io::Result<()> {
    let kind = metadata.file_type();
    if !kind.is_file() {
        let kind = match () {
            () if kind.is_dir() => "a folder",
            () if kind.is_fifo() => "a FIFO",
            // A socket cannot be opened, so nothing of one is asked.
            () => "a device",
        };
        return Err(io::Error::other(format!("it is {kind}, not a file: remove it")));
    }
    check_owner(metadata)?;
    if metadata.mode() & 0o077 != 0 {
        return Err(io::Error::other(format!(
            "others may read or write it, since its mode is {:04o}: it is used once that is 0600 (chmod 600)",
            metadata.mode() & 0o7777
        )));
    }
    Ok(())
}

//! A folder by its path, where there are neither Unix's owners nor its modes: [`Dir`].

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use valetkey_core::store::StoreError;

use super::open::{Open, failed};

/// A folder.
pub(super) struct Dir {
    path: PathBuf,
}

impl Dir {
    /// Makes the folder, or takes one that is there. Who may use it is up to the rights that it has by its parent.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let open = || {
            let path = std::path::absolute(path)?;
            fs::create_dir_all(&path)?;
            check_link(&path)?;
            Ok(Self { path })
        };
        open().map_err(|error| failed("use the folder", path, &error))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn check_place(&self) -> io::Result<()> {
        check_link(&self.path)
    }

    /// Opens a file. Refuses a link in its place.
    pub(super) fn file(&self, name: &str, open: Open) -> io::Result<File> {
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        match open {
            Open::Read => options.read(true),
            Open::Lock => options.write(true),
            Open::MakeOrLock => options.write(true).create(true).truncate(false),
            Open::Make => options.write(true).create_new(true),
        };
        if !matches!(open, Open::Make) {
            check_link(&path)?;
        }
        let file = options.open(&path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is not a file: remove it"));
        }
        Ok(file)
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            names.extend(entry?.file_name().into_string().ok());
        }
        Ok(names)
    }

    /// A folder cannot be asked to make its names durable.
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "it is what Unix can do")]
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Refuses a link. Something that is not there is fine.
fn check_link(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Err(io::Error::other("it is a link, and no link is followed: remove it"));
    }
    Ok(())
}

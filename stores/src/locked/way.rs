//! The way to a folder, on Unix: [`walk`].

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Component, Path, PathBuf};

use valetkey_core::store::StoreError;

use super::open::failed;
use super::owner::check_owner;

/// How many links a way may have, as with Linux.
const LINKS: u32 = 40;

/// Anybody may write to it, and the sticky bit, by which nobody moves what is another's.
const ANYBODY: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// Goes to a folder by hand, makes what is missing of the way with mode 0700, and returns the way without links.
///
/// A user who may change a folder on the way could put another one in the place of the last, or plant a link by which folders
/// are made anywhere. So each folder and each link on the way must belong to this user or to root, and others must not be
/// able to write there. A sticky folder such as `/tmp` is good: others write to it but cannot move what is not theirs. From
/// the root down, then, nobody else can change what was looked at, and the looks need not be one step with the use.
///
/// A group may write there: many systems give each user a group of their own, and the folder's owner, who is this user or
/// root, chose the group.
pub(super) fn walk(path: &Path) -> Result<PathBuf, StoreError> {
    let (mut real, mut ahead, mut links) = (PathBuf::from("/"), Vec::new(), 0);
    push(&mut ahead, path);
    let refused = |at: &Path, error: io::Error| {
        let error = if at == path {
            error
        } else {
            io::Error::other(format!("on the way to it, {}: {error}", at.display()))
        };
        failed("use the folder", path, &error)
    };
    pass(&real).map_err(|error| refused(&real, error))?;
    while let Some(part) = ahead.pop() {
        if part == ".." {
            real.pop();
            continue;
        }
        let next = real.join(part);
        let is_last = ahead.is_empty();
        match step(&next, is_last).map_err(|error| refused(&next, error))? {
            None => real = next,
            Some(target) => {
                links += 1;
                if links > LINKS {
                    return Err(refused(path, io::Error::other("too many links are on the way to it")));
                }
                if target.is_absolute() {
                    real = PathBuf::from("/");
                }
                push(&mut ahead, &target);
            }
        }
    }
    Ok(real)
}

/// Puts the parts of a path before those that are still ahead, the next one last.
fn push(ahead: &mut Vec<OsString>, path: &Path) {
    let parts = path.components().rev();
    ahead.extend(parts.filter_map(|part| match part {
        Component::Normal(_) | Component::ParentDir => Some(part.as_os_str().to_owned()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    }));
}

/// Makes the folder if it is not there. Returns where it leads if it is a link.
fn step(path: &Path, is_last: bool) -> io::Result<Option<PathBuf>> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            match DirBuilder::new().mode(0o700).create(path) {
                // Somebody was faster; whose it is, is asked below.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => made?,
            }
            fs::symlink_metadata(path)?
        }
        metadata => metadata?,
    };
    if metadata.is_symlink() {
        if is_last {
            return Err(io::Error::other(
                "it is a link, which may lead elsewhere tomorrow: name the folder that it leads to",
            ));
        }
        check_owner(&metadata)?;
        return fs::read_link(path).map(Some);
    }
    if !metadata.is_dir() {
        return Err(io::Error::other("it is not a folder: name a folder"));
    }
    // The last one is asked once it is open.
    if !is_last {
        pass(path)?;
    }
    Ok(None)
}

/// Whether a folder on the way is one where nobody else moves anything.
fn pass(path: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    check_owner(&metadata)?;
    if metadata.mode() & ANYBODY != 0 && metadata.mode() & STICKY == 0 {
        return Err(io::Error::other(format!(
            "anybody may move what is in it, since its mode is {:04o}: choose another place, or forbid that \
             (`chmod o-w`)",
            metadata.mode() & 0o7777
        )));
    }
    Ok(())
}

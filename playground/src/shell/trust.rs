//! Whether somebody else could have written the configuration file: it says where secrets go. [`require`].
//!
//! Looked at are the file itself and its folder; of a link, the link's folder too, and what it leads to. Each belongs to the
//! one who runs the program or to root, and nobody else may write to it. A folder that everybody may write to is good
//! where only a file's owner may replace the file, as in `/tmp`. A file that others may read is good too, but warned about:
//! it has no secrets, and yet says where they are.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::terminal::tell;

/// What the group and everybody may do, and the bit by which a folder's files are their owners'.
const OTHERS_READ: u32 = 0o044;
const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// Refuses a file, which was opened at this path, that others may write to, or put another in the place of.
pub(crate) fn require(path: &Path, file: &File) -> Result<(), Failure> {
    let unknown =
        |error: io::Error| Failure::usage(format!("{} cannot be looked at: {error}", path.display()));
    let opened = file.metadata().map_err(unknown)?;
    // Nobody finds in a device what somebody wrote to it: /dev/null is an empty file.
    if opened.file_type().is_char_device() {
        return Ok(());
    }
    // A pipe is in no folder.
    let is_pipe = opened.file_type().is_fifo();
    let target = if is_pipe { path.to_owned() } else { fs::canonicalize(path).map_err(unknown)? };
    Looked { what: "the configuration file", path: &target, at: &opened, is_good_if_sticky: false }
        .require()?;
    if is_pipe {
        return Ok(());
    }
    let link = fs::symlink_metadata(path).map_err(unknown)?;
    if link.is_symlink() {
        Looked { what: "the link to the configuration file", path, at: &link, is_good_if_sticky: false }
            .require_owner()?;
    }
    for path in [target.as_path(), path] {
        let Some(folder) = path.parent() else { continue };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let at = fs::metadata(folder).map_err(unknown)?;
        let what = "the configuration file's folder";
        Looked { what, path: folder, at: &at, is_good_if_sticky: true }.require()?;
    }
    if opened.mode() & OTHERS_READ != 0 {
        let (path, mode) = (target.display(), opened.mode() & 0o7777);
        tell(&format!(
            "valetkey: others may read the configuration file, {path} (mode {mode:04o}): `chmod 600 {path}` ends that"
        ));
    }
    Ok(())
}

/// Something that is looked at.
struct Looked<'a> {
    what: &'static str,
    path: &'a Path,
    at: &'a Metadata,
    is_good_if_sticky: bool,
}

impl Looked<'_> {
    fn require(&self) -> Result<(), Failure> {
        self.require_owner()?;
        let mode = self.at.mode();
        if mode & OTHERS_WRITE == 0 || (self.is_good_if_sticky && mode & STICKY != 0) {
            return Ok(());
        }
        let (what, path, mode) = (self.what, self.path.display(), mode & 0o7777);
        Err(Failure::new(
            Exit::Store,
            format!("{what}, {path}, may be written by others (mode {mode:04o}), who could say where your secrets go"),
        )
        .next(format!("look at what it says, and then `chmod go-w {path}`")))
    }

    fn require_owner(&self) -> Result<(), Failure> {
        let (owner, own) = (self.at.uid(), rustix::process::geteuid().as_raw());
        if owner == own || owner == 0 {
            return Ok(());
        }
        let (what, path) = (self.what, self.path.display());
        Err(Failure::new(
            Exit::Store,
            format!("{what}, {path}, belongs to another user (number {owner}), who could say where your secrets go"),
        )
        .next("look at what it says, and then copy it to a folder and a file of your own, of mode 0600: `chmod 600`"))
    }
}

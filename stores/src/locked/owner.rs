//! Whose a file or a folder may be, on Unix.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;

use rustix::process::geteuid;

/// The user who may do everything: it adds nothing to that if a folder or a file is root's.
const ROOT: u32 = 0;

/// This process's effective user, or root.
pub(super) fn check_owner(metadata: &Metadata) -> io::Result<()> {
    let (owner, user) = (metadata.uid(), geteuid().as_raw());
    if owner == user || owner == ROOT {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "it belongs to uid {owner}, who may change it at any time, and this process is uid {user}: \
         choose another place, or give it to uid {user} (chown)"
    )))
}

//! How a file is opened, and what is said where that fails.

use std::io;
use std::path::Path;

use valetkey_core::store::StoreError;

/// How a file is opened.
#[derive(Clone, Copy)]
pub(super) enum Open {
    /// To be read, if it is there.
    Read,
    /// To be locked, if it is there.
    Lock,
    /// To be locked, and made if it is not there.
    MakeOrLock,
    /// To be written, if it is not there.
    Make,
}

/// What could not be done with a path, and why.
pub(super) fn failed(what: &str, path: &Path, error: &io::Error) -> StoreError {
    StoreError::new(format!("cannot {what} {}: {error}", path.display()))
}

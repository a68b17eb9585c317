//! What every store here keeps to: [`LARGEST_RECORD`].

#[cfg(any(feature = "file", feature = "redis", feature = "sealed"))]
use valetkey_core::store::{Entry, StoreError};

/// The largest record that a store of this crate keeps, in bytes: 16 MiB, far more than any server's tokens.
///
/// A larger one is [`StoreError`] from `replace`, before anything is written. A larger one that is in the place already
/// was not written by this crate: it is [`StoreError`] from `load`, and is not read. [`Sealed`](crate::Sealed) adds 44
/// bytes to a record, so the largest that fits through it is smaller by these.
pub const LARGEST_RECORD: usize = 16 * 1024 * 1024;

/// Refuses a record that is too large to be kept.
#[cfg(any(feature = "file", feature = "redis", feature = "sealed"))]
pub(crate) fn check_size(entry: Option<&Entry>) -> Result<(), StoreError> {
    let length = entry.map_or(0, |entry| entry.bytes().expose().len());
    if length > LARGEST_RECORD {
        return Err(StoreError::new(format!(
            "the record has {length} bytes, and a store keeps {LARGEST_RECORD} at most: no session is that large"
        )));
    }
    Ok(())
}

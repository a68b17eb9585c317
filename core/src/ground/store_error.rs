//! That a store failed: [`StoreError`].

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// A store did not do what it was asked, or it is not known whether it did: the disk, the network, a permission.
///
/// The cause must show no secret. Cloning is cheap (an `Arc`).
#[derive(Clone)]
pub struct StoreError(Arc<dyn StdError + Send + Sync>);

impl StoreError {
    /// An error with its cause.
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(Arc::from(cause.into()))
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreError({})", self.0)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the token store failed: {}", self.0)
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // The text has the cause's in it.
        self.0.source()
    }
}

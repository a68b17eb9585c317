//! The APIs that take a token: [`Apis`] (WA-5).

use crate::ground::error::{Error, misuse};
use crate::ground::quirk::Quirks;
use crate::wire::uri::Origin;
use crate::wire::uri::endpoint;
use http::Uri;
use std::sync::Arc;

/// The APIs that take a token, by their origins: what WA-5 compares with. A clone is a counted pointer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apis(Arc<[Origin]>);

impl Apis {
    /// These and the API at `url`, which is held to the same rules as an endpoint.
    pub(crate) fn and(self, url: &str, quirks: Quirks) -> Result<Self, Error> {
        let uri = endpoint(url, quirks)?;
        let origin = Origin::of(&uri).ok_or_else(|| misuse("an API's address has no port"))?;
        Ok(Self(self.0.iter().cloned().chain([origin]).collect()))
    }

    /// Whether a token may go there.
    pub(crate) fn contain(&self, uri: &Uri) -> bool {
        Origin::of(uri).is_some_and(|origin| self.0.contains(&origin))
    }
}

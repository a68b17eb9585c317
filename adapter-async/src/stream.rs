//! An API's answer as it comes: [`Download`].

use std::fmt;

use bytes::Bytes;
use valetkey_core::host::{TransportError, TransportErrorKind};

use crate::Error;
use crate::failure::{Route, failed};

/// The body of a streamed answer, read piece by piece; nothing of it is kept. Dropping it closes its connection.
///
/// The timeout of the HTTP client goes on until the body has been read: see [`ApiClient::stream`](crate::ApiClient::stream).
pub struct Download {
    pub(crate) answer: reqwest::Response,
    pub(crate) route: Route,
}

impl Download {
    /// The next piece of the body, as large as it came over the wire; `None` at its end.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] if the rest did not come: a timeout, or a connection that ended too early.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        self.answer.chunk().await.map_err(|error| self.route.told(failed(&error), error.is_connect()))
    }

    /// The whole body, if it has at most this many bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] if it is larger (`TooLarge`), and as for [`chunk`](Self::chunk).
    pub async fn bytes(mut self, limit: usize) -> Result<Vec<u8>, Error> {
        let said = self.answer.content_length().and_then(|length| usize::try_from(length).ok());
        // A body that grows is copied each time, and what holds a token leaves copies of it behind.
        let mut body = Vec::with_capacity(said.unwrap_or(0).min(limit).min(ROOM));
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > limit.saturating_sub(body.len()) {
                return Err(self.route.told(TransportError::new(TransportErrorKind::TooLarge), false));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// The most room in bytes that is made for a body before it has come, whatever length it says.
const ROOM: usize = 64 << 10;

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").finish_non_exhaustive()
    }
}

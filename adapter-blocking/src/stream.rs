//! Bodies as they come and go: [`Upload`], [`Download`].

use std::fmt;
use std::io::{self, Read};

use http::Uri;
use ureq::BodyReader;
use valetkey_core::host::{TransportError, TransportErrorKind};

use crate::Error;
use crate::failure::failed;
use crate::network::Route;

/// The body of a streamed request: bytes, which are sent again if the request is repeated, or [what a reader
/// has](Self::from_reader), which is sent once.
pub struct Upload<'a>(Source<'a>);

enum Source<'a> {
    Bytes(Vec<u8>),
    Reader(Box<dyn Read + 'a>),
    /// The reader has been read.
    Used,
}

impl<'a> Upload<'a> {
    /// What a reader has, until its end, such as a file. It is sent in chunks (RFC 9112 §7.1), or with its length if the
    /// request says that in its `Content-Length`.
    pub fn from_reader(reader: impl Read + 'a) -> Self {
        Self(Source::Reader(Box::new(reader)))
    }

    /// Its length in bytes, if it is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.0 {
            Source::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Source::Reader(_) | Source::Used => None,
        }
    }

    /// Hands the body over to be sent, if it can be had once more.
    pub(crate) fn send<T>(&mut self, send: impl FnOnce(Content<'_, '_>) -> T) -> Option<T> {
        match &mut self.0 {
            Source::Bytes(bytes) => Some(send(Content::Bytes(bytes))),
            Source::Used => None,
            Source::Reader(reader) => {
                let answer = send(Content::Reader(&mut **reader));
                self.0 = Source::Used;
                Some(answer)
            }
        }
    }

    /// Whether the body can be had once more.
    pub(crate) const fn is_there(&self) -> bool {
        !matches!(self.0, Source::Used)
    }
}

impl<B: Into<Vec<u8>>> From<B> for Upload<'_> {
    fn from(bytes: B) -> Self {
        Self(Source::Bytes(bytes.into()))
    }
}

/// The body of a streamed answer, read piece by piece by [`Read`]; nothing of it is kept. Dropping it closes its connection.
/// An [`io::Error`] of it has the [`Error`] in it that tells why the rest did not come.
///
/// The timeout of the HTTP client goes on until the body has been read: see [`ApiClient::stream`](crate::ApiClient::stream).
pub struct Download {
    pub(crate) reader: BodyReader<'static>,
    /// How long its answer says that it is, in bytes.
    pub(crate) length: Option<u64>,
    pub(crate) uri: Uri,
    pub(crate) route: Route,
}

impl Download {
    /// The whole body, if it has at most this many bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] if it is larger (`TooLarge`), or the rest did not come: a timeout, or a connection that ended too
    /// early.
    pub fn bytes(mut self, limit: usize) -> Result<Vec<u8>, Error> {
        let said = self.length.and_then(|length| usize::try_from(length).ok());
        // A body that grows is copied each time, and what holds a token leaves copies of it behind.
        let mut body = Vec::with_capacity(said.unwrap_or(0).min(limit).min(ROOM));
        // One byte more than is wanted shows that there is more.
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let read = self.reader.by_ref().take(most).read_to_end(&mut body);
        read.map_err(|error| self.failed(error))?;
        match body.len() > limit {
            true => Err(Error::Transport(self.told(TransportError::new(TransportErrorKind::TooLarge)))),
            false => Ok(body),
        }
    }

    fn failed(&self, error: io::Error) -> Error {
        failed(error.into(), &self.uri, &self.route)
    }

    fn told(&self, http: TransportError) -> TransportError {
        let http = http.of(&self.uri);
        match self.route.proxy() {
            Some(proxy) => http.through(proxy),
            None => http,
        }
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(io::Error::new(error.kind(), self.failed(error))),
            read => read,
        }
    }
}

impl fmt::Debug for Upload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").finish_non_exhaustive()
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").finish_non_exhaustive()
    }
}

/// The most room in bytes that is made for a body before it has come, whatever length it says.
const ROOM: usize = 64 << 10;

/// What a request has for a body, this time.
pub(crate) enum Content<'c, 'r> {
    Bytes(&'c [u8]),
    Reader(&'c mut (dyn Read + 'r)),
}

//! One connection to a loopback port, as its host reads it: [`Incoming`].

use std::fmt;
use std::io::{self, ErrorKind};

use crate::authorize::receiver::{Heard, Receiver};
use crate::ground::time::UnixTime;

/// What a connection has brought so far. The host reads from its socket without blocking, and does what
/// [`hear`](Self::hear) says.
#[derive(Default)]
pub struct Incoming {
    bytes: Vec<u8>,
}

/// What a host does next with a connection.
///
/// It has no more arms than these: a host that handles each of them handles all.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a connection that is not closed stays open"]
pub enum Next {
    /// Read once more.
    Read,
    /// Keep it: nothing more is there yet.
    Wait,
    /// Write these bytes and close it. They fit a socket's buffer; a browser that does not take them goes without.
    Answer(Vec<u8>),
    /// Close it without a word.
    Close,
}

impl Incoming {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Hears what one read of the socket brought: bytes, none at the connection's end, or the system's error.
    pub fn hear(&mut self, read: io::Result<&[u8]>, receiver: &mut Receiver, now: UnixTime) -> Next {
        match read {
            Ok([]) => Next::Close,
            Ok(bytes) => {
                self.bytes.extend_from_slice(bytes);
                // A head that grows too long is answered too, so that this ends.
                match receiver.hear(&self.bytes, now) {
                    Heard::More => Next::Read,
                    Heard::Answer(answer) => Next::Answer(answer),
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Next::Wait,
            Err(error) if error.kind() == ErrorKind::Interrupted => Next::Read,
            Err(_) => Next::Close,
        }
    }

    /// All that it has brought: what [`Receiver::one_too_many`] compares.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Without the bytes, which may have an authorization code in them.
impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("length", &self.bytes.len()).finish_non_exhaustive()
    }
}

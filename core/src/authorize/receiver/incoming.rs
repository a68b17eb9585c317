//! One connection to a loopback port, as its host reads it: [`Incoming`].

use std::fmt;
use std::io::{self, ErrorKind};

use crate::authorize::receiver::{Heard, MAX_HEAD, Receiver};
use crate::ground::time::UnixTime;

/// What a connection has brought so far. The host reads from its socket without blocking, and does what
/// [`hear`](Self::hear) says.
#[derive(Default)]
pub struct Incoming {
    bytes: Vec<u8>,
    /// How many of them are empty lines before the head (RFC 9112 §2.2).
    blank: usize,
    /// How many of them the receiver has heard.
    heard: usize,
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
        Self { bytes: Vec::new(), blank: 0, heard: 0 }
    }

    /// Hears what one read of the socket brought: bytes, none at the connection's end, or the system's error.
    pub fn hear(&mut self, read: io::Result<&[u8]>, receiver: &mut Receiver, now: UnixTime) -> Next {
        match read {
            Ok([]) => Next::Close,
            Ok(bytes) => {
                let before = self.bytes.len();
                self.bytes.extend_from_slice(bytes);
                // The receiver reads a head from its start. One that comes byte by byte is shown to it when it is complete, or
                // has grown to twice its size, in which it may be seen to be none: so it is not read once for each byte.
                let has_doubled = self.bytes.len() >= 2 * self.heard;
                let is_long = self.bytes.len() >= MAX_HEAD;
                if !has_doubled && !is_long && !self.ends_from(before) {
                    return Next::Read;
                }
                self.heard = self.bytes.len();
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

    /// Whether the empty line at which a head ends is among the bytes from there on.
    fn ends_from(&mut self, from: usize) -> bool {
        let is_blank = |place: usize| self.bytes.get(place).is_some_and(|byte| matches!(byte, b'\r' | b'\n'));
        while is_blank(self.blank) {
            self.blank += 1;
        }
        // It may have begun before: a line is empty after `\n`, or after `\n\r`.
        let from = from.saturating_sub(2).max(self.blank);
        let new = self.bytes.get(from..).unwrap_or_default();
        new.windows(2).any(|end| end == b"\n\n") || new.windows(3).any(|end| end == b"\n\r\n")
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

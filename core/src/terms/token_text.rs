//! The text of an access token: [`TokenText`].
//!
//! Who holds a token has its record, which is stored, its credential, which requests are authorized with, and the header that
//! goes out. A token is often more than a kilobyte, so it is in memory once, at the end of the header's value, and the
//! others point there. It is wiped when the last of them is gone.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;

use crate::ground::wiped::Wiped;

#[derive(Clone)]
pub(crate) enum TokenText {
    /// As it came.
    Own(Wiped),
    /// At the end of a header's value, which its clones share.
    InHeader(Arc<Header>),
}

/// The value of an `Authorization`: a scheme, a space and a token.
pub(crate) struct Header {
    value: Wiped,
    /// Where the token begins.
    token: usize,
}

impl TokenText {
    /// The same at the end of a header's value, and that value, marked as sensitive. `None` if it does not fit a header.
    pub(crate) fn in_header(&self, scheme: &str) -> Option<(Self, HeaderValue)> {
        let header = match self {
            Self::InHeader(header) if header.scheme() == Some(scheme) => Arc::clone(header),
            _ => Arc::new(Header::of(scheme, self)),
        };
        let mut value =
            HeaderValue::from_maybe_shared(Bytes::from_owner(Shared(Arc::clone(&header)))).ok()?;
        value.set_sensitive(true);
        Some((Self::InHeader(header), value))
    }
}

impl From<Wiped> for TokenText {
    fn from(text: Wiped) -> Self {
        Self::Own(text)
    }
}

impl Deref for TokenText {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Own(text) => text,
            Self::InHeader(header) => header.value.get(header.token..).unwrap_or_default(),
        }
    }
}

impl Header {
    fn of(scheme: &str, token: &str) -> Self {
        // All the room beforehand: text that grows leaves copies of itself behind.
        let mut value = String::with_capacity(scheme.len() + 1 + token.len());
        value.extend([scheme, " ", token]);
        Self { token: value.len() - token.len(), value: Wiped::from(value) }
    }

    fn scheme(&self) -> Option<&str> {
        self.value.get(..self.token)?.strip_suffix(' ')
    }
}

/// What the bytes of a header's value are kept by.
struct Shared(Arc<Header>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.value.as_bytes()
    }
}

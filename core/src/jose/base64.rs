//! A short value in base64url, of a length that is known beforehand: [`Base64`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Serialize, Serializer};

/// A value in base64url without padding, in memory of its own size: 22 characters for 16 bytes, 43 for 32. It is a part of a JWT
/// that is written for one request, so that it is written where it is used.
pub(crate) struct Base64<const N: usize>([u8; N]);

impl<const N: usize> Base64<N> {
    pub(crate) fn of(value: &[u8]) -> Self {
        let mut text = [0; N];
        let length = URL_SAFE_NO_PAD.encode_slice(value, &mut text);
        debug_assert_eq!(length, Ok(N));
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl<const N: usize> Serialize for Base64<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

//! A secret's text, which is wiped from memory at once: [`Wiped`].

use std::mem;
use std::ops::Deref;

use zeroize::zeroize_bytes;

/// A text that is wiped when it is dropped, as [`zeroize::Zeroizing`] does it, but in one piece: byte by byte, a token of a
/// kilobyte takes longer to wipe than to read.
#[derive(Clone, Default)]
pub(crate) struct Wiped(String);

impl From<String> for Wiped {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Deref for Wiped {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.0).into_bytes();
        // What was cut off the text may still stand behind it.
        bytes.resize(bytes.capacity(), 0);
        zeroize_bytes(&mut bytes);
    }
}

//! Secrets in memory, which are wiped from it at once: [`Wiped`].

use std::mem;
use std::ops::{Deref, DerefMut};

use zeroize::zeroize_bytes;

/// A text or bytes that are wiped when they are dropped, as [`zeroize::Zeroizing`] does it, but in one piece: byte by byte, a
/// token of a kilobyte takes longer to wipe than to read.
///
/// The guarantee is the same, and from the same crate. `Zeroizing` writes a zero, keeps the compiler from leaving it out though
/// nobody reads it any more, and goes on to the next byte. [`zeroize_bytes`] does so once for all of them: it writes the zeros
/// and then shows the memory to an empty piece of assembly, which the compiler must take for a reader of every byte, or, where
/// that is missing, writes them as volatile. In both cases the whole allocation is wiped, also what was cut off its content. And
/// neither reaches what a growing text leaves behind where it was before: make the room beforehand.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Wiped<T: Wipeable = String>(T);

/// How many bytes are wiped at once. For some kilobytes, C libraries have an instruction of the processor's repeat itself, which begins slowly.
const AT_ONCE: usize = 1024;

/// What is made of bytes, and can be taken apart into them.
pub(crate) trait Wipeable: Default {
    fn into_bytes(self) -> Vec<u8>;
}

impl Wipeable for String {
    fn into_bytes(self) -> Vec<u8> {
        self.into_bytes()
    }
}

impl Wipeable for Vec<u8> {
    fn into_bytes(self) -> Vec<u8> {
        self
    }
}

impl<T: Wipeable> Wiped<T> {
    /// Takes over what is to be wiped.
    pub(crate) const fn new(secret: T) -> Self {
        Self(secret)
    }
}

impl<T: Wipeable> From<T> for Wiped<T> {
    fn from(secret: T) -> Self {
        Self(secret)
    }
}

impl<T: Wipeable> Deref for Wiped<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Wipeable> DerefMut for Wiped<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// For [`bytes::Bytes::from_owner`].
impl AsRef<[u8]> for Wiped<Vec<u8>> {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl<T: Wipeable> Drop for Wiped<T> {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.0).into_bytes();
        // What was cut off the content may still stand behind it. The length never exceeds the room, so nothing moves.
        bytes.resize(bytes.capacity(), 0);
        bytes.chunks_mut(AT_ONCE).for_each(zeroize_bytes);
    }
}

//! A message that is encrypted or not, as was agreed: [`Decryption`], [`Opened`].

use std::fmt;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::jose::jwe::algorithm::Encryption;
use crate::jose::jwe::decrypted::Decrypted;
use crate::jose::jwe::keys::DecryptionKeys;
use crate::jose::jwe::message::Jwe;
use crate::jose::jws::Jws;

/// What was agreed on for one kind of message, such as ID tokens: that it is encrypted, how, and to which keys.
#[derive(Clone, Debug)]
pub struct Decryption {
    keys: DecryptionKeys,
    encryption: Encryption,
}

impl Decryption {
    /// Messages that are encrypted so, to one of these keys.
    #[must_use]
    pub const fn new(keys: DecryptionKeys, encryption: Encryption) -> Self {
        Self { keys, encryption }
    }

    /// The keys.
    #[must_use]
    pub const fn keys(&self) -> &DecryptionKeys {
        &self.keys
    }

    /// The algorithms that were registered.
    #[must_use]
    pub const fn encryption(&self) -> Encryption {
        self.encryption
    }

    /// Opens a message as was agreed: with `Some` it is encrypted, with `None` it is not, and never the other way
    /// ([ID-43](crate::Rule::Id43)).
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [ID-43](crate::Rule::Id43) if it is encrypted and that was not agreed on, or not encrypted
    /// though that was; and as [`Jwe::parse`] and [`Jwe::decrypt`].
    pub fn open<'a>(agreed: Option<&Self>, text: &'a str) -> Result<Opened<'a>, Error> {
        match agreed {
            Some(agreed) => agreed.decrypt(text).map(Opened::Decrypted),
            None if text.bytes().filter(|byte| *byte == b'.').count() == 4 => Err(malformed(
                Rule::Id43,
                "the JWT is encrypted, and no encryption was registered for it: register it, with a key of this client's",
            )),
            None => Ok(Opened::Plain(text)),
        }
    }

    pub(crate) fn decrypt(&self, text: &str) -> Result<Decrypted, Error> {
        Jwe::parse(text)?.decrypt(&self.keys, self.encryption)
    }
}

/// A message that was opened as was agreed. Who wrote it, only [`jws`](Self::jws) can tell.
pub enum Opened<'a> {
    /// It was not encrypted.
    Plain(&'a str),
    /// It was.
    Decrypted(Decrypted),
}

impl Opened<'_> {
    /// The signed JWT, not verified yet.
    ///
    /// # Errors
    ///
    /// As [`Jws::parse`], and as [`Decrypted::jws`].
    pub fn jws(&self) -> Result<Jws<'_>, Error> {
        match self {
            Self::Plain(text) => Jws::parse(text),
            Self::Decrypted(decrypted) => decrypted.jws(),
        }
    }

    /// Whether it was encrypted.
    #[must_use]
    pub const fn was_encrypted(&self) -> bool {
        matches!(self, Self::Decrypted(_))
    }
}

impl fmt::Debug for Opened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.was_encrypted() { "Decrypted(<secret>)" } else { "Plain(<secret>)" })
    }
}

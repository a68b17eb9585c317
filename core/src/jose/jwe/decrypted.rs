//! What came out of a JWE: [`Decrypted`]; and a message that is encrypted or not, as was agreed: [`Decryption`],
//! [`Opened`].

use std::fmt;

use zeroize::Zeroizing;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::jose::jwe::algorithm::Encryption;
use crate::jose::jwe::keys::DecryptionKeys;
use crate::jose::jwe::message::Jwe;
use crate::jose::jws::Jws;

/// What came out of a JWE. It proves nothing yet: anybody can encrypt to a public key. [`jws`](Self::jws) is what can be
/// verified. Wiped when dropped, and prints nothing of itself. Only [`Jwe::decrypt`] makes one.
pub struct Decrypted {
    header: Vec<u8>,
    content_type: Option<String>,
    plaintext: Zeroizing<Vec<u8>>,
}

impl Decrypted {
    pub(crate) const fn new(
        header: Vec<u8>,
        content_type: Option<String>,
        plaintext: Zeroizing<Vec<u8>>,
    ) -> Self {
        Self { header, content_type, plaintext }
    }

    /// The signed JWT inside. When it is verified, each claim that the header of the JWE has too must be the same
    /// ([ID-52](crate::Rule::Id52)).
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [ID-51](crate::Rule::Id51) if what is inside is no signed JWT, or the header's `cty` says that
    /// it is something else than `JWT`; and as [`Jws::parse`].
    pub fn jws(&self) -> Result<Jws<'_>, Error> {
        if self.content_type.as_deref().is_some_and(|cty| !cty.eq_ignore_ascii_case("JWT")) {
            return Err(malformed(Rule::Id51, "the content of the JWE is not a JWT (cty)"));
        }
        let text = std::str::from_utf8(&self.plaintext).ok();
        let text = text.filter(|text| text.bytes().filter(|byte| *byte == b'.').count() == 2);
        let Some(text) = text else {
            return Err(malformed(
                Rule::Id51,
                "the content of the JWE is not a signed JWT: what is encrypted only is by nobody",
            ));
        };
        Ok(Jws::parse(text)?.inside(&self.header))
    }

    /// The content as it is, signed or not. Nothing says who wrote it, and it may tell of a person: do not log it.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.plaintext
    }
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decrypted(<secret>)")
    }
}

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
            Some(agreed) => Jwe::parse(text)?.decrypt(&agreed.keys, agreed.encryption).map(Opened::Decrypted),
            None if text.bytes().filter(|byte| *byte == b'.').count() == 4 => Err(malformed(
                Rule::Id43,
                "the JWT is encrypted, and no encryption was registered for it: register it, with a key of this client's",
            )),
            None => Ok(Opened::Plain(text)),
        }
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

//! What came out of a JWE: [`Decrypted`].

use std::fmt;

use zeroize::Zeroizing;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::jose::jws::Jws;

/// What came out of a JWE. It proves nothing yet: anybody can encrypt to a public key. [`jws`](Self::jws) is what can be
/// verified. It is wiped when dropped and prints nothing of itself. Only [`Jwe::decrypt`](crate::jose::jwe::Jwe::decrypt)
/// makes one.
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
        Ok(Jws::parse(self.signed()?)?.inside(&self.header))
    }

    /// The text inside, which looks like a signed JWT.
    pub(crate) fn signed(&self) -> Result<&str, Error> {
        if self.content_type.as_deref().is_some_and(|cty| !cty.eq_ignore_ascii_case("JWT")) {
            return Err(malformed(Rule::Id51, "the content of the JWE is not a JWT (cty)"));
        }
        let text = std::str::from_utf8(&self.plaintext).ok();
        // The claims themselves may have two dots too.
        let text = text
            .filter(|text| !text.starts_with('{') && text.bytes().filter(|byte| *byte == b'.').count() == 2);
        text.ok_or_else(|| {
            malformed(
                Rule::Id51,
                "the content of the JWE is not a signed JWT: nothing says who wrote what is only encrypted",
            )
        })
    }

    /// The header of the JWE.
    pub(crate) fn header(&self) -> &[u8] {
        &self.header
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

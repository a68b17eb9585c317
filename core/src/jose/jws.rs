//! A signed JWT that came from elsewhere: [`Jws`], and what its signature makes of it: [`Verified`].

use std::fmt;
use std::sync::Arc;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::{Checks, Rule};
use crate::ground::short;
use crate::ground::short::Short;
use crate::jose::algorithm::Algorithm;
use crate::jose::claims::Claims;
use crate::jose::jwk::Jwk;
use crate::jose::jwt_type::JwtType;
use crate::jose::parts::{self, Parts};
use crate::jose::verification_keys::VerificationKeys;
use crate::wire::json::{Object, Value};

/// A JWS in compact form, taken apart and not verified yet (RFC 7515 §7.1). It shows its header alone: the payload
/// comes out of [`verify`](Self::verify) only.
pub struct Jws<'a> {
    text: &'a str,
    parts: Parts,
    /// The header of the JWE that it was in.
    outer: Option<&'a [u8]>,
}

impl<'a> Jws<'a> {
    /// Takes a JWS apart.
    ///
    /// Keys and addresses of keys in the header (`jwk`, `jku`, `x5c`, `x5u`) are ignored ([ID-5](crate::Rule::Id5)).
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [ID-1](crate::Rule::Id1) if it has not exactly three parts or is longer than [`MAX_JWT`](crate::jose::MAX_JWT);
    /// [ID-2](crate::Rule::Id2) if a part is not strict base64url; [ID-3](crate::Rule::Id3) if the header is not one strict
    /// JSON object with a string `alg`, or has `crit` or a `b64` other than `true`.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        Ok(Self { text, parts: Parts::parse(text)?, outer: None })
    }

    /// The same, out of a JWE with this header.
    pub(crate) const fn inside(mut self, header: &'a [u8]) -> Self {
        self.outer = Some(header);
        self
    }

    /// The header's `alg`, as it came.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        self.parts.algorithm()
    }

    /// The header's `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.parts.key_id()
    }

    /// The header's `typ`, as it came.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.parts.typ()
    }

    /// As [`Parts::unverified_payload`].
    pub(crate) fn unverified_payload(&self, expected: JwtType<'_>) -> Option<&[u8]> {
        self.parts.unverified_payload(expected)
    }

    /// The key that the JWT brings along, for the receiver of a DPoP proof, who compares its thumbprint with one it
    /// trusts (RFC 9449 §4.3). A signature by it proves nothing else, and nothing in this library uses it.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`], as [`Jwk::parse`]; [JK-1](crate::Rule::Jk1) if the header has no `jwk`.
    pub fn embedded_key(&self) -> Result<Jwk, Error> {
        match Object::read(&parts::header(self.text)?)?.take("jwk") {
            Some(Value::Object(jwk)) => Ok(Jwk::from_object(jwk)?),
            _ => Err(malformed(Rule::Jk1, "the header of the JWT has no key")),
        }
    }

    /// Verifies that the JWT is of the type that its use asks for, and its signature with the one key that fits.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [ID-24](crate::Rule::Id24) if it is of another type; [ID-4](crate::Rule::Id4) if the keys were
    /// not prepared for the algorithm; [ID-6](crate::Rule::Id6) if no key fits or several do; [ID-7](crate::Rule::Id7) if
    /// the signature has the wrong length; [ID-8](crate::Rule::Id8) if it is not the key's; [ID-52](crate::Rule::Id52) if it
    /// came out of a JWE whose header claims something else.
    pub fn verify(self, keys: &VerificationKeys, expected: JwtType<'_>) -> Result<Verified, Error> {
        let (algorithm, key_issuer) = self.parts.verify(self.text, self.outer, keys, expected)?;
        Ok(Verified { algorithm, key_issuer, parts: self.parts })
    }
}

impl fmt::Debug for Jws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws")
            .field("algorithm", &Short(self.algorithm()))
            .field("key_id", &short::option(self.key_id()))
            .field("typ", &short::option(self.typ()))
            .finish_non_exhaustive()
    }
}

/// What a signature that holds has been held to.
const HELD_TO: [Rule; 8] =
    [Rule::Id1, Rule::Id2, Rule::Id3, Rule::Id4, Rule::Id6, Rule::Id7, Rule::Id8, Rule::Id24];

/// What was signed, by a key that was expected, and of the type that was. Only [`Jws::verify`] makes one.
pub struct Verified {
    pub(crate) algorithm: Algorithm,
    /// Whose key it was, where the key says so.
    pub(crate) key_issuer: Option<Arc<str>>,
    pub(crate) parts: Parts,
}

impl Verified {
    /// The algorithm of the signature.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The header's `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.parts.key_id()
    }

    /// The header's `typ`, as it came.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.parts.typ()
    }

    /// The payload as it was signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.parts.payload()
    }

    pub(crate) fn into_payload(self) -> Vec<u8> {
        self.parts.into_payload()
    }

    /// Notes what its signature has been held to.
    pub(crate) fn pass(&self, checks: &mut Checks) {
        HELD_TO.iter().for_each(|rule| checks.pass(*rule));
    }

    /// The payload as the claims of a JWT (RFC 7519 §4).
    ///
    /// # Errors
    ///
    /// As [`Claims::read`].
    pub fn claims(self) -> Result<Claims, Error> {
        Claims::read(self.into_payload())
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("algorithm", &self.algorithm)
            .field("key_id", &short::option(self.key_id()))
            .field("typ", &short::option(self.typ()))
            .finish_non_exhaustive()
    }
}

impl VerificationKeys {
    /// Whether a key for this JWT is known. If not, though its algorithm is an expected one, a fresh look at the issuer's
    /// set may find one ([JK-2](crate::Rule::Jk2)).
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [ID-4](crate::Rule::Id4) if the algorithm is not expected, [ID-6](crate::Rule::Id6) if several
    /// keys fit. No fresh look helps.
    pub fn knows(&self, jws: &Jws<'_>) -> Result<bool, Error> {
        self.has_key_for(&jws.parts)
    }

    pub(crate) fn has_key_for(&self, jws: &Parts) -> Result<bool, Error> {
        let algorithm = self.expected(jws.algorithm())?;
        Ok(self.find(algorithm, jws.key_id())?.is_some())
    }
}

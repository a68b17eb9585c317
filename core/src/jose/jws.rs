//! A signed JWT that came from elsewhere: [`Jws`], and what its signature makes of it: [`Verified`].

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::ground::short::Short;
use crate::jose::algorithm::Algorithm;
use crate::jose::claims::Claims;
use crate::jose::jwe::replicated;
use crate::jose::jwk::Jwk;
use crate::jose::jwt_type::JwtType;
use crate::jose::verification_keys::VerificationKeys;
use crate::wire::json::{Object, Value};

/// The longest JWT that is read, in bytes.
pub const MAX_JWT: usize = 1 << 18;

/// A JWS in compact form, taken apart and not verified yet (RFC 7515 §7.1). It shows its header alone: the payload
/// comes out of [`verify`](Self::verify) only.
pub struct Jws<'a> {
    /// What is signed: the first two parts as they came.
    input: &'a str,
    header: Vec<u8>,
    algorithm: String,
    key_id: Option<String>,
    typ: Option<String>,
    payload: Vec<u8>,
    signature: Vec<u8>,
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
    /// [`Error::Malformed`]: [ID-1](crate::Rule::Id1) if it has not exactly three parts or is longer than [`MAX_JWT`];
    /// [ID-2](crate::Rule::Id2) if a part is not strict base64url; [ID-3](crate::Rule::Id3) if the header is not one strict
    /// JSON object with a string `alg`, or has `crit` or a `b64` other than `true`.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        // The dots are counted before anything is split, so that a million of them cost one pass and no memory.
        if text.len() > MAX_JWT || text.bytes().filter(|byte| *byte == b'.').count() != 2 {
            return Err(malformed(
                Rule::Id1,
                "the JWT is empty or too long: a signed one has three parts and at most 256 KiB",
            ));
        }
        let parts = text
            .rsplit_once('.')
            .and_then(|(input, signature)| Some((input, input.split_once('.')?, signature)));
        let Some((input, (header, payload), signature)) = parts else {
            return Err(malformed(Rule::Id1, "the JWT does not have three parts, as a signed one has"));
        };
        let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
        let mut object = Object::read(&header)
            .map_err(|_| malformed(Rule::Id3, "the header of the JWT is not one strict JSON object"))?;
        let mut member = |name: &str| match object.take(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.into_owned())),
            Some(_) => Err(malformed(Rule::Id3, "alg, kid and typ of the JWT are not all strings")),
        };
        let (algorithm, key_id, typ) = (member("alg")?, member("kid")?, member("typ")?);
        let Some(algorithm) = algorithm else {
            return Err(malformed(Rule::Id3, "the header of the JWT has no alg"));
        };
        // Nothing critical is understood here, and a JWT has no unencoded payload (RFC 7797 §7).
        if object.take("crit").is_some() {
            return Err(malformed(
                Rule::Id3,
                "the header of the JWT has critical members (crit), and none is known here",
            ));
        }
        if object.take("b64").is_some_and(|value| !matches!(value, Value::Bool(true))) {
            return Err(malformed(Rule::Id3, "the payload of the JWT is not in base64url (b64)"));
        }
        Ok(Self { input, header, algorithm, key_id, typ, payload, signature, outer: None })
    }

    /// The same, out of a JWE with this header.
    pub(crate) const fn inside(mut self, header: &'a [u8]) -> Self {
        self.outer = Some(header);
        self
    }

    /// The header's `alg`, as it came.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// The header's `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The header's `typ`, as it came.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The payload before anybody verified it, if the JWT says to be of the expected type: to tell one JWT from another,
    /// never to believe it.
    pub(crate) fn unverified_payload(&self, expected: JwtType<'_>) -> Option<&[u8]> {
        expected.admits(self.typ()).then_some(&*self.payload)
    }

    /// The key that the JWT brings along, for the receiver of a DPoP proof, who compares its thumbprint with one it
    /// trusts (RFC 9449 §4.3). A signature by it proves nothing else, and nothing in this library uses it.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`], as [`Jwk::parse`]; [JK-1](crate::Rule::Jk1) if the header has no `jwk`.
    pub fn embedded_key(&self) -> Result<Jwk, Error> {
        match Object::read(&self.header)?.take("jwk") {
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
        expected.require(self.typ())?;
        let algorithm = keys.expected(&self.algorithm)?;
        let Some(key) = keys.find(algorithm, self.key_id.as_deref())? else {
            return Err(malformed(Rule::Id6, "no key that is known here fits the JWT"));
        };
        if algorithm.signature_len().is_some_and(|length| length != self.signature.len()) {
            return Err(malformed(Rule::Id7, "the signature of the JWT has the wrong length"));
        }
        if !key.verify(self.input.as_bytes(), &self.signature) {
            return Err(malformed(Rule::Id8, "the signature of the JWT is not that of its key"));
        }
        if let Some(header) = self.outer {
            replicated::check(header, &self.payload)?;
        }
        let key_issuer = key.issuer().map(str::to_owned);
        Ok(Verified { algorithm, key_id: self.key_id, key_issuer, typ: self.typ, payload: self.payload })
    }
}

impl fmt::Debug for Jws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws")
            .field("algorithm", &Short(&self.algorithm))
            .field("key_id", &short::option(self.key_id.as_deref()))
            .field("typ", &short::option(self.typ.as_deref()))
            .finish_non_exhaustive()
    }
}

/// What was signed, by a key that was expected, and of the type that was. Only [`Jws::verify`] makes one.
pub struct Verified {
    algorithm: Algorithm,
    key_id: Option<String>,
    /// Whose key it was, where the key says so.
    key_issuer: Option<String>,
    typ: Option<String>,
    payload: Vec<u8>,
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
        self.key_id.as_deref()
    }

    /// The header's `typ`, as it came.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The payload as it was signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Whose key it was, where the key says so.
    pub(crate) fn key_issuer(&self) -> Option<&str> {
        self.key_issuer.as_deref()
    }

    pub(crate) fn into_payload(self) -> Vec<u8> {
        self.payload
    }

    /// The payload as the claims of a JWT (RFC 7519 §4).
    ///
    /// # Errors
    ///
    /// As [`Claims::read`].
    pub fn claims(self) -> Result<Claims, Error> {
        Claims::read(self.payload)
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("algorithm", &self.algorithm)
            .field("key_id", &short::option(self.key_id.as_deref()))
            .field("typ", &short::option(self.typ.as_deref()))
            .finish_non_exhaustive()
    }
}

fn decode(part: &str) -> Result<Vec<u8>, Error> {
    // This engine takes no padding, no white space and no bits left over.
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| malformed(Rule::Id2, "a part of the JWT is not strict base64url"))
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
        let algorithm = self.expected(jws.algorithm())?;
        Ok(self.find(algorithm, jws.key_id())?.is_some())
    }
}

//! A public key as JSON: [`Jwk`] (RFC 7517, RFC 7518 §6, RFC 8037 §2).
//!
//! Longer than most files: what is read of a key is written beside it.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::jose::algorithm::Algorithm;
use crate::jose::ed25519;
use crate::jose::jwe::algorithm::KeyAlgorithm;
use crate::jose::public_key::{Curve, PublicKey};
use crate::wire::json::{Object, Value};

/// The members that only a private or a symmetric key has.
const PRIVATE: [&str; 9] = ["d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"];

/// One public key with what its owner says of it. It never holds a private part.
///
/// Serializes as a JWK, for publishing it in a client's own key set.
#[derive(Clone, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    key_id: Option<String>,
    bound: Option<Bound>,
    /// Whose it is, where a set has keys of several issuers.
    issuer: Option<String>,
    verifies: bool,
    encrypts: bool,
}

/// The algorithm that a key is bound to, `alg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Signs(Algorithm),
    Encrypts(KeyAlgorithm),
}

impl Bound {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Algorithm::from_name(name)
            .map(Self::Signs)
            .or_else(|| KeyAlgorithm::from_name(name).map(Self::Encrypts))
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Signs(algorithm) => algorithm.name(),
            Self::Encrypts(algorithm) => algorithm.name(),
        }
    }
}

/// Why one member of a key set is not a key for us.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// Something unknown, meant for others.
    Unknown,
    /// Something that breaks the format.
    Broken(Rule, &'static str),
    /// A private or symmetric key, which nobody publishes.
    Private,
}

impl From<Unfit> for Error {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Unknown => malformed(Rule::Jk1, "the key is of a kty, crv or alg that is not known here"),
            Unfit::Broken(rule, what) => malformed(rule, what),
            Unfit::Private => {
                malformed(Rule::Jk1, "the key is a private or symmetric one, and was published")
            }
        }
    }
}

impl Jwk {
    /// A public key without any further members.
    #[must_use]
    pub const fn new(key: PublicKey) -> Self {
        Self { key, key_id: None, bound: None, issuer: None, verifies: true, encrypts: false }
    }

    /// Reads one JWK.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [JK-1](crate::Rule::Jk1) if it is not one strict JSON object, is of an unknown type, curve or
    /// algorithm, or has a private part; [ID-2](crate::Rule::Id2) if a number is not strict base64url;
    /// [ID-7](crate::Rule::Id7) if a number has the wrong size, or an Ed25519 key is of small order or not in its canonical
    /// form. Whether a point is on its curve is checked when the key is parsed for verification.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let object =
            Object::read(json).map_err(|_| malformed(Rule::Jk1, "the JWK is not one strict JSON object"))?;
        Ok(Self::from_object(object)?)
    }

    pub(crate) fn from_object(mut object: Object<'_>) -> Result<Self, Unfit> {
        if PRIVATE.iter().any(|name| object.take(name).is_some()) {
            return Err(Unfit::Private);
        }
        let key = public_key(&mut object)?;
        let key_id = text(&mut object, "kid")?.map(Cow::into_owned);
        // A key that is bound to an algorithm is for no other one (ID-6).
        let bound = match text(&mut object, "alg")? {
            Some(name) => Some(Bound::from_name(&name).ok_or(Unfit::Unknown)?),
            None => None,
        };
        let operations = match object.take("key_ops") {
            None => None,
            Some(Value::Array(operations)) => Some(operations),
            Some(_) => return Err(Unfit::Broken(Rule::Jk1, "key_ops of the key is not an array")),
        };
        let admits = |names: &[&str]| {
            let named = |operation: &Value<'_>| operation.as_text().is_some_and(|name| names.contains(&name));
            operations.as_ref().is_none_or(|operations| operations.iter().any(named))
        };
        // Where a set has keys of both kinds, each says which it is (OpenID Connect Discovery §3): one that does not is for
        // signatures, unless its algorithm is one of encryption.
        let usage = text(&mut object, "use")?;
        let encrypts = match usage.as_deref() {
            None => matches!(bound, Some(Bound::Encrypts(_))),
            Some(usage) => usage == "enc",
        };
        let verifies = !encrypts && usage.is_none_or(|usage| usage == "sig") && admits(&["verify"]);
        let encrypts = encrypts && admits(&["encrypt", "wrapKey", "deriveKey", "deriveBits"]);
        // No member of RFC 7517: servers of several tenants say whose a key is.
        let issuer = match object.take("issuer") {
            Some(Value::Text(issuer)) => Some(issuer.into_owned()),
            _ => None,
        };
        Ok(Self { key, key_id, bound, issuer, verifies, encrypts })
    }

    /// The same key under this identifier.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// The same key, bound to one algorithm of signatures.
    #[must_use]
    pub const fn with_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.bound = Some(Bound::Signs(algorithm));
        self
    }

    /// The same key, for encryption to its owner (`"use":"enc"`), bound to one algorithm, or to none.
    #[must_use]
    pub fn for_encryption(mut self, algorithm: Option<KeyAlgorithm>) -> Self {
        self.bound = algorithm.map(Bound::Encrypts);
        (self.verifies, self.encrypts) = (false, true);
        self
    }

    /// The numbers of the key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The identifier, `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The algorithm of signatures that the key is bound to, `alg`.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        match self.bound {
            Some(Bound::Signs(algorithm)) => Some(algorithm),
            _ => None,
        }
    }

    /// The algorithm of encryption that the key is bound to, `alg`.
    #[must_use]
    pub const fn key_algorithm(&self) -> Option<KeyAlgorithm> {
        match self.bound {
            Some(Bound::Encrypts(algorithm)) => Some(algorithm),
            _ => None,
        }
    }

    /// Whether this key verifies signatures of `algorithm`: its type and curve fit, and neither `alg`, `use` nor `key_ops`
    /// says otherwise ([ID-6](crate::Rule::Id6)).
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm) -> bool {
        self.verifies
            && algorithm.fits(&self.key)
            && self.bound.is_none_or(|bound| bound == Bound::Signs(algorithm))
    }

    /// Whether its owner can be sent what is encrypted by `algorithm`: the key's type fits, and it says that it is for
    /// encryption, by `use` or by `alg` ([ID-49](crate::Rule::Id49)).
    #[must_use]
    pub fn encrypts(&self, algorithm: KeyAlgorithm) -> bool {
        self.encrypts
            && algorithm.fits(&self.key)
            && self.bound.is_none_or(|bound| bound == Bound::Encrypts(algorithm))
    }

    /// The JWK Thumbprint with SHA-256, 43 characters of base64url (RFC 7638): what DPoP calls `jkt`.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.required_members().as_bytes()))
    }

    /// The required members alone, in the order of RFC 7638 §3.3: what a thumbprint is taken of, and all that a DPoP proof
    /// may show ([DP-1](crate::Rule::Dp1)).
    #[must_use]
    pub fn required_members(&self) -> String {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.key {
            PublicKey::Ec { curve, x, y } => {
                format!(r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#, curve.name(), text(x), text(y))
            }
            PublicKey::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, text(x)),
            PublicKey::X25519 { x } => format!(r#"{{"crv":"X25519","kty":"OKP","x":"{}"}}"#, text(x)),
            PublicKey::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(e), text(n)),
        }
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("key", &self.key)
            .field("key_id", &short::option(self.key_id.as_deref()))
            .field("algorithm", &self.bound.map(Bound::name))
            .finish_non_exhaustive()
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut map = serializer.serialize_map(None)?;
        match &self.key {
            PublicKey::Ec { curve, x, y } => {
                map.serialize_entry("kty", "EC")?;
                map.serialize_entry("crv", curve.name())?;
                map.serialize_entry("x", &text(x))?;
                map.serialize_entry("y", &text(y))?;
            }
            PublicKey::Ed25519 { x } | PublicKey::X25519 { x } => {
                let is_x25519 = matches!(self.key, PublicKey::X25519 { .. });
                map.serialize_entry("kty", "OKP")?;
                map.serialize_entry("crv", if is_x25519 { "X25519" } else { "Ed25519" })?;
                map.serialize_entry("x", &text(x))?;
            }
            PublicKey::Rsa { n, e } => {
                map.serialize_entry("kty", "RSA")?;
                map.serialize_entry("n", &text(n))?;
                map.serialize_entry("e", &text(e))?;
            }
        }
        match (self.verifies, self.encrypts) {
            (true, _) => map.serialize_entry("use", "sig")?,
            (_, true) => map.serialize_entry("use", "enc")?,
            // For something that is unknown here.
            _ => map.serialize_entry::<_, [&str; 0]>("key_ops", &[])?,
        }
        if let Some(algorithm) = self.bound {
            map.serialize_entry("alg", algorithm.name())?;
        }
        if let Some(key_id) = &self.key_id {
            map.serialize_entry("kid", key_id)?;
        }
        map.end()
    }
}

/// The numbers of a public key, or of the public half of a private one.
pub(crate) fn public_key(object: &mut Object<'_>) -> Result<PublicKey, Unfit> {
    let kind = text(object, "kty")?.ok_or(Unfit::Broken(Rule::Jk1, "the key has no kty"))?;
    let key = match &*kind {
        "EC" => {
            let curve = match text(object, "crv")?.as_deref() {
                Some("P-256") => Curve::P256,
                Some("P-384") => Curve::P384,
                Some("P-521") => Curve::P521,
                _ => return Err(Unfit::Unknown),
            };
            PublicKey::Ec { curve, x: number(object, "x")?, y: number(object, "y")? }
        }
        "OKP" => {
            let curve = text(object, "crv")?;
            let signs = match curve.as_deref() {
                Some("Ed25519") => true,
                Some("X25519") => false,
                _ => return Err(Unfit::Unknown),
            };
            let x = number(object, "x")?
                .try_into()
                .map_err(|_| Unfit::Broken(Rule::Id7, "the Ed25519 or X25519 key does not have 32 bytes"))?;
            if signs { PublicKey::Ed25519 { x } } else { PublicKey::X25519 { x } }
        }
        "RSA" => PublicKey::Rsa { n: number(object, "n")?, e: number(object, "e")? },
        // With or without its `k`. An issuer that lists symmetric keys beside its public ones has told somebody their
        // numbers, or will: none of its set is to be believed until it has been looked at.
        "oct" => return Err(Unfit::Private),
        _ => return Err(Unfit::Unknown),
    };
    check(&key).map_err(|what| Unfit::Broken(Rule::Id7, what))?;
    Ok(key)
}

/// What core checks of a key's numbers before any provider sees them ([ID-7](crate::Rule::Id7)), and of what a provider read
/// itself. Both of core's own providers call it too, for a program that calls them without core.
pub(crate) fn check(key: &PublicKey) -> Result<(), &'static str> {
    match key {
        PublicKey::Ec { curve, x, y } if x.len() != curve.size() || y.len() != curve.size() => {
            Err("a coordinate of the key has the wrong length")
        }
        PublicKey::Rsa { n, e } => {
            let bits = 8 * n.len() - n.first().map_or(0, |byte| byte.leading_zeros() as usize);
            if !(2048..=8192).contains(&bits) || n.first() == Some(&0) || !is_odd(n) {
                return Err("the modulus of the RSA key is not an odd number of 2048 to 8192 bits without \
                            leading zeros");
            }
            if e.len() > 4 || e.first() == Some(&0) || !is_odd(e) || *e == [1] {
                return Err("the exponent of the RSA key is not an odd number from 3 to 32 bits");
            }
            Ok(())
        }
        PublicKey::Ed25519 { x } => ed25519::check(x),
        PublicKey::Ec { .. } | PublicKey::X25519 { .. } => Ok(()),
    }
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte % 2 == 1)
}

fn number(object: &mut Object<'_>, name: &str) -> Result<Vec<u8>, Unfit> {
    match object.take(name) {
        Some(Value::Text(text)) => URL_SAFE_NO_PAD
            .decode(text.as_bytes())
            .map_err(|_| Unfit::Broken(Rule::Id2, "a number of the key is not strict base64url")),
        _ => Err(Unfit::Broken(Rule::Jk1, "a number of the key is missing or not a string")),
    }
}

pub(crate) fn text<'a>(object: &mut Object<'a>, name: &str) -> Result<Option<Cow<'a, str>>, Unfit> {
    match object.take(name) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text)),
        Some(_) => Err(Unfit::Broken(Rule::Jk1, "a member of the key is not a string")),
    }
}

//! A private key as JSON, wiped when dropped: [`PrivateJwk`].
//!
//! Longer than most files: what is read of a key is written beside it, and both are kept from every other eye.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse};
use crate::ground::rule::Rule;
use crate::jose::algorithm::Algorithm;
use crate::jose::crypto::{CryptoProvider, PrivateKey, RsaPrivateKey};
use crate::jose::jwe::algorithm::KeyAlgorithm;
use crate::jose::jwk;
use crate::jose::jwk::{Bound, Jwk, Unfit};
use crate::jose::public_key::{Curve, PublicKey};
use crate::wire::json::{Object, Value};

type Secret = Zeroizing<Vec<u8>>;

/// A private key of this program's own: read from a JWK, or generated.
///
/// It is wiped from memory when dropped and prints nothing of itself. What signs is the [`KeyPair`](crate::jose::signer::KeyPair)
/// made of it; what decrypts, [`DecryptionKeys`](crate::jose::jwe::DecryptionKeys).
pub struct PrivateJwk {
    parts: Parts,
    public: PublicKey,
    key_id: Option<String>,
    bound: Option<Bound>,
    usage: Option<Usage>,
}

/// What the key says that it is for, `use`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Usage {
    Signatures,
    Encryption,
}

enum Parts {
    /// `d`, of an elliptic curve, of Ed25519 or of X25519.
    One(Secret),
    Rsa(Box<RsaParts>),
}

struct RsaParts {
    d: Secret,
    p: Secret,
    q: Secret,
    dp: Secret,
    dq: Secret,
    qi: Secret,
}

impl PrivateJwk {
    /// Reads a private JWK: `EC` on P-256, P-384 or P-521, `OKP` with Ed25519 or X25519, or `RSA` with all its parts (RFC 7518
    /// §6, RFC 8037 §2).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it is anything else, lacks its private part, or is for something else than signatures or
    /// encryption. Whether the parts belong together is checked when it becomes a
    /// [`KeyPair`](crate::jose::signer::KeyPair) or one of the [`DecryptionKeys`](crate::jose::jwe::DecryptionKeys).
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let mut object =
            Object::read(json).map_err(|_| misuse("the private JWK is not one strict JSON object"))?;
        let not_ours = |_: Unfit| misuse("the private JWK is not of a form that is known here");
        let public = jwk::public_key(&mut object).map_err(not_ours)?;
        let key_id = jwk::text(&mut object, "kid").map_err(not_ours)?.map(Into::into);
        let bound = match jwk::text(&mut object, "alg").map_err(not_ours)? {
            Some(name) => Some(
                Bound::from_name(&name)
                    .ok_or_else(|| misuse("the private JWK is bound to an algorithm that is unknown here"))?,
            ),
            None => None,
        };
        let usage = match (jwk::text(&mut object, "use").map_err(not_ours)?.as_deref(), bound) {
            (Some("sig"), None | Some(Bound::Signs(_))) | (None, Some(Bound::Signs(_))) => {
                Some(Usage::Signatures)
            }
            (Some("enc"), None | Some(Bound::Encrypts(_))) | (None, Some(Bound::Encrypts(_))) => {
                Some(Usage::Encryption)
            }
            (None, None) => None,
            _ => {
                return Err(misuse(
                    "the private JWK is neither for signatures nor for encryption, or its use and its alg differ",
                ));
            }
        };
        if object.take("oth").is_some() {
            return Err(misuse(
                "the private JWK is an RSA key of more than two primes, which is not supported",
            ));
        }
        let mut part = |name: &str| secret(&mut object, name);
        let d = part("d")?;
        let parts = match &public {
            PublicKey::Rsa { .. } => Parts::Rsa(Box::new(RsaParts {
                d,
                p: part("p")?,
                q: part("q")?,
                dp: part("dp")?,
                dq: part("dq")?,
                qi: part("qi")?,
            })),
            PublicKey::Ec { curve, .. } if d.len() != curve.size() => {
                return Err(misuse("the private part of the JWK has the wrong length"));
            }
            PublicKey::Ed25519 { .. } | PublicKey::X25519 { .. } if d.len() != 32 => {
                return Err(misuse("the private part of the JWK has the wrong length"));
            }
            _ => Parts::One(d),
        };
        Ok(Self { parts, public, key_id, bound, usage })
    }

    /// A new key, derived from the conversation's entropy: the same entropy gives the same key, with any provider.
    ///
    /// For ES256, ES384 and Ed25519, whose keys are but random numbers. A DPoP key is made so.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] for an algorithm whose keys are not made here (RSA), or that the provider lacks.
    pub fn generate(
        provider: &dyn CryptoProvider,
        algorithm: Algorithm,
        entropy: Entropy,
    ) -> Result<Self, Error> {
        let curve = match algorithm {
            Algorithm::Es256 => Some(Curve::P256),
            Algorithm::Es384 => Some(Curve::P384),
            Algorithm::EdDsa | Algorithm::Ed25519 => None,
            _ => return Err(misuse(format!("a key for {algorithm} cannot be generated here: import one"))),
        };
        let length = curve.map_or(32, Curve::size);
        // A number that is not below the curve's order is rejected by the provider, once in 2^32 for P-256: a next
        // one is tried. Reducing it instead would favour small numbers.
        let mut rejected = None;
        for attempt in 0..8 {
            let mut d = Zeroizing::new(Vec::with_capacity(64));
            for half in 0..2 {
                d.extend_from_slice(&*Zeroizing::new(entropy.derive(&format!("jwk d {attempt} {half}"))));
            }
            d.truncate(length);
            let key = match (curve, d.first_chunk::<32>()) {
                (Some(curve), _) => PrivateKey::Ec { curve, d: &d, public: None },
                (None, Some(d)) => PrivateKey::Ed25519 { d, public: None },
                (None, None) => continue,
            };
            match provider.signer(algorithm, key) {
                Ok((_, public)) => {
                    return Ok(Self {
                        parts: Parts::One(d),
                        public,
                        key_id: None,
                        bound: Some(Bound::Signs(algorithm)),
                        usage: Some(Usage::Signatures),
                    });
                }
                Err(error) => rejected = Some(error),
            }
        }
        Err(misuse(rejected.map_or_else(String::new, |error| error.to_string())))
    }

    /// A new key for encryption, of which the number and the point were just made.
    pub(crate) fn for_encryption(d: Secret, public: PublicKey) -> Self {
        Self { parts: Parts::One(d), public, key_id: None, bound: None, usage: Some(Usage::Encryption) }
    }

    /// The same key under this identifier, which none of its owner's keys has, or had before
    /// ([JK-4](crate::Rule::Jk4)).
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// The public key, with this key's identifier, algorithm and use.
    #[must_use]
    pub fn public(&self) -> Jwk {
        let mut jwk = Jwk::new(self.public.clone());
        if let Some(key_id) = &self.key_id {
            jwk = jwk.with_key_id(key_id);
        }
        match (self.bound, self.usage) {
            (Some(Bound::Signs(algorithm)), _) => jwk.with_algorithm(algorithm),
            (Some(Bound::Encrypts(algorithm)), _) => jwk.for_encryption(Some(algorithm)),
            (None, Some(Usage::Encryption)) => jwk.for_encryption(None),
            (None, _) => jwk,
        }
    }

    /// The whole key as a JWK, private part included, for storing it. Do not log it.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        // The public members, with the private ones put before the closing brace. Grown once, so that no smaller
        // copy of it stays behind.
        let mut json = Zeroizing::new(String::with_capacity(4096));
        json.push_str(self.public().required_members().trim_end_matches('}'));
        let mut member = |name: &str, value: &str| {
            json.push_str(",\"");
            json.push_str(name);
            json.push_str("\":");
            json.push_str(value);
        };
        let mut private = |name: &str, secret: &Secret| {
            let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.as_slice()));
            member(name, &Zeroizing::new(format!("\"{}\"", *text)));
        };
        match &self.parts {
            Parts::One(d) => private("d", d),
            Parts::Rsa(rsa) => {
                private("d", &rsa.d);
                private("p", &rsa.p);
                private("q", &rsa.q);
                private("dp", &rsa.dp);
                private("dq", &rsa.dq);
                private("qi", &rsa.qi);
            }
        }
        if let Some(bound) = self.bound {
            member("alg", &format!("\"{}\"", bound.name()));
        } else if let Some(usage) = self.usage {
            member("use", if usage == Usage::Encryption { "\"enc\"" } else { "\"sig\"" });
        }
        if let Some(key_id) = &self.key_id {
            member("kid", &serde_json::Value::from(key_id.as_str()).to_string());
        }
        json.push('}');
        json
    }

    pub(crate) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    pub(crate) const fn algorithm(&self) -> Option<Algorithm> {
        match self.bound {
            Some(Bound::Signs(algorithm)) => Some(algorithm),
            _ => None,
        }
    }

    pub(crate) const fn key_algorithm(&self) -> Option<KeyAlgorithm> {
        match self.bound {
            Some(Bound::Encrypts(algorithm)) => Some(algorithm),
            _ => None,
        }
    }

    pub(crate) fn may_sign(&self) -> bool {
        self.usage != Some(Usage::Encryption)
    }

    pub(crate) fn may_decrypt(&self) -> bool {
        self.usage != Some(Usage::Signatures)
    }

    /// The private number, for deriving from it what only its owner knows.
    pub(crate) fn d(&self) -> &[u8] {
        match &self.parts {
            Parts::One(d) => d,
            Parts::Rsa(rsa) => &rsa.d,
        }
    }

    /// The numbers, as a provider reads them.
    pub(crate) fn numbers(&self) -> Result<PrivateKey<'_>, Error> {
        let public = Some(&self.public);
        match (&self.parts, &self.public) {
            (Parts::One(d), PublicKey::Ec { curve, .. }) => Ok(PrivateKey::Ec { curve: *curve, d, public }),
            (Parts::One(d), PublicKey::Ed25519 { .. }) => match d.first_chunk() {
                Some(d) => Ok(PrivateKey::Ed25519 { d, public }),
                None => Err(misuse("the private part of the JWK has the wrong length")),
            },
            (Parts::One(d), PublicKey::X25519 { .. }) => match d.first_chunk() {
                Some(d) => Ok(PrivateKey::X25519 { d, public }),
                None => Err(misuse("the private part of the JWK has the wrong length")),
            },
            (Parts::Rsa(rsa), PublicKey::Rsa { n, e }) => Ok(PrivateKey::Rsa(RsaPrivateKey {
                n,
                e,
                d: &rsa.d,
                p: &rsa.p,
                q: &rsa.q,
                dp: &rsa.dp,
                dq: &rsa.dq,
                qi: &rsa.qi,
            })),
            _ => Err(misuse("the private part of the JWK is of another kind than the public one")),
        }
    }
}

impl fmt::Debug for PrivateJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateJwk")
            .field("key_id", &self.key_id)
            .field("algorithm", &self.bound.map(Bound::name))
            .finish_non_exhaustive()
    }
}

fn secret(object: &mut Object<'_>, name: &str) -> Result<Secret, Error> {
    let Some(Value::Text(text)) = object.take(name) else {
        return Err(misuse("the private JWK has only a public part: give the private key"));
    };
    URL_SAFE_NO_PAD.decode(text.as_bytes()).map(Zeroizing::new).map_err(|_| {
        crate::ground::error::misuse_of(Rule::Id2, "a private part of the JWK is not strict base64url")
    })
}

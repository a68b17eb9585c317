//! The server's keys and what they sign (RFC 7515), and what keys are named by (RFC 7638).

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER as PROVIDER;
use jsonwebtoken::jwk::EllipticCurve;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use super::random::Random;
use super::rsa_keys::RSA_KEYS;

pub(crate) type Claims = Map<String, Value>;

/// An algorithm of RFC 7518 or RFC 8037 that the server can sign by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// ECDSA over P-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSA with the padding of PKCS #1 1.5. Its keys are two that every sandbox has.
    Rs256,
    /// RSA with PSS. Its keys are those of [`Rs256`](Self::Rs256), the other way about.
    Ps256,
}

impl SigningAlgorithm {
    pub(crate) const ALL: [Self; 4] = [Self::Es256, Self::EdDsa, Self::Rs256, Self::Ps256];

    /// As `alg` spells it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// The server's keys, one for each algorithm that it signs by.
#[derive(Clone)]
pub(crate) struct SigningKeys {
    es256: SigningKey,
    eddsa: SigningKey,
    rs256: SigningKey,
    ps256: SigningKey,
}

impl SigningKeys {
    /// The keys of a number, by which the server counts those that it has had.
    pub(crate) fn from_random(random: &Random, number: u64) -> Self {
        let (one, other) = if number.is_multiple_of(2) { (0, 1) } else { (1, 0) };
        Self {
            es256: SigningKey::es256(random.bytes(&format!("signing key {number}"))),
            eddsa: SigningKey::eddsa(random.bytes(&format!("Ed25519 key {number}"))),
            rs256: SigningKey::rsa(Algorithm::RS256, one),
            ps256: SigningKey::rsa(Algorithm::PS256, other),
        }
    }

    pub(crate) const fn by(&self, algorithm: SigningAlgorithm) -> &SigningKey {
        match algorithm {
            SigningAlgorithm::Es256 => &self.es256,
            SigningAlgorithm::EdDsa => &self.eddsa,
            SigningAlgorithm::Rs256 => &self.rs256,
            SigningAlgorithm::Ps256 => &self.ps256,
        }
    }

    /// The key set of `jwks_uri`.
    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": SigningAlgorithm::ALL.map(|algorithm| &self.by(algorithm).public) })
    }

    /// The same keys under the names of others.
    pub(crate) fn named_as(self, others: &Self) -> Self {
        Self {
            es256: self.es256.named(&others.es256.kid),
            eddsa: self.eddsa.named(&others.eddsa.kid),
            rs256: self.rs256.named(&others.rs256.kid),
            ps256: self.ps256.named(&others.ps256.kid),
        }
    }
}

/// A key of the server's.
#[derive(Clone)]
pub(crate) struct SigningKey {
    algorithm: Algorithm,
    key: EncodingKey,
    public: Value,
    kid: String,
}

/// The modulus and the exponent of each RSA key, in base64url: to find them takes as long as to check the whole key.
static RSA_NUMBERS: LazyLock<[[String; 2]; 2]> = LazyLock::new(|| {
    RSA_KEYS.map(|key| {
        let key = STANDARD.decode(key).unwrap_or_default();
        #[expect(clippy::expect_used, reason = "they are written in this crate, and are RSA keys")]
        let (n, e) = (PROVIDER.key_utils.rsa_pub_components_from_private_key)(&key).expect("a private key");
        [n, e].map(|number| URL_SAFE_NO_PAD.encode(number))
    })
});

/// A P-256 key without its public half, up to the 32 bytes of the key itself (RFC 5958, RFC 5915).
const P256_PREFIX: [u8; 35] = [
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04,
    0x20,
];

/// The same of an Ed25519 key (RFC 8410).
const ED25519_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

impl SigningKey {
    fn es256(mut scalar: [u8; 32]) -> Self {
        // Odd and below 2^255, so neither zero nor beyond the order of the curve: a key for every seed.
        scalar[0] &= 0x7f;
        scalar[31] |= 1;
        let key = EncodingKey::from_ec_der(&[&P256_PREFIX[..], &scalar].concat());
        #[expect(clippy::expect_used, reason = "every number from 1 to 2^255 is a private key of P-256")]
        let (_, x, y) =
            (PROVIDER.key_utils.ec_pub_components_from_private_key)(key.as_bytes(), Algorithm::ES256)
                .expect("a private key");
        let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
        let public = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256", "use": "sig" });
        Self::new(Algorithm::ES256, key, public)
    }

    fn eddsa(seed: [u8; 32]) -> Self {
        let key = EncodingKey::from_ed_der(&[&ED25519_PREFIX[..], &seed].concat());
        #[expect(clippy::expect_used, reason = "any 32 bytes are a private key of Ed25519")]
        let x =
            (PROVIDER.key_utils.ed_pub_components_from_private_key)(key.as_bytes(), &EllipticCurve::Ed25519)
                .expect("a private key");
        let x = URL_SAFE_NO_PAD.encode(x);
        let public = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "alg": "EdDSA", "use": "sig" });
        Self::new(Algorithm::EdDSA, key, public)
    }

    fn rsa(algorithm: Algorithm, number: usize) -> Self {
        let key = RSA_KEYS.get(number).and_then(|key| STANDARD.decode(key).ok()).unwrap_or_default();
        let [n, e] = RSA_NUMBERS.get(number).cloned().unwrap_or_default();
        let public = json!({ "kty": "RSA", "n": n, "e": e, "alg": algorithm, "use": "sig" });
        Self::new(algorithm, EncodingKey::from_rsa_der(&key), public)
    }

    /// A client's secret, which signs by HMAC. It has no public half and no name.
    pub(crate) fn secret(secret: &[u8]) -> Self {
        Self {
            algorithm: Algorithm::HS256,
            key: EncodingKey::from_secret(secret),
            public: Value::Null,
            kid: String::new(),
        }
    }

    fn new(algorithm: Algorithm, key: EncodingKey, public: Value) -> Self {
        let kid = thumbprint(&public).unwrap_or_default();
        Self { algorithm, key, public, kid: String::new() }.named(&kid)
    }

    fn named(mut self, kid: &str) -> Self {
        if let Some(members) = self.public.as_object_mut() {
            members.insert("kid".to_owned(), Value::from(kid));
        }
        Self { kid: kid.to_owned(), ..self }
    }

    /// A key of P-256 that is nobody's, under the name of this one.
    pub(crate) fn impostor(&self) -> Self {
        Self::es256([1; 32]).named(&self.kid)
    }

    /// The public half, a JWK.
    pub(crate) const fn public(&self) -> &Value {
        &self.public
    }

    /// A signed token of a type.
    pub(crate) fn sign(&self, typ: &str, claims: &Claims) -> String {
        let mut header = json!({ "typ": typ, "alg": self.algorithm });
        if let Some(header) = header.as_object_mut().filter(|_| !self.kid.is_empty()) {
            header.insert("kid".to_owned(), Value::from(&*self.kid));
        }
        self.sign_as(&header, claims)
    }

    /// The left half of the hash of a text, by the hash function of the algorithm (OpenID Connect Core §3.1.3.6).
    pub(crate) fn half_hash(&self, text: &str) -> String {
        let hash = match self.algorithm {
            // Ed25519 hashes by SHA-512 itself.
            Algorithm::EdDSA => Sha512::digest(text).to_vec(),
            _ => Sha256::digest(text).to_vec(),
        };
        URL_SAFE_NO_PAD.encode(hash.split_at(hash.len() / 2).0)
    }

    /// A token with a header that need not be true.
    pub(crate) fn sign_as(&self, header: &Value, claims: &Claims) -> String {
        self.sign_text(header, &Value::from(claims.clone()).to_string())
    }

    /// The same with claims that are a text, which need not be JSON.
    pub(crate) fn sign_text(&self, header: &Value, claims: &str) -> String {
        let [header, claims] = [&*header.to_string(), claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let message = format!("{header}.{claims}");
        let signer = (PROVIDER.signer_factory)(&self.algorithm, &self.key);
        // The key is good, so there is a signature; a client would refuse a token without one.
        let signature = signer.ok().and_then(|signer| signer.try_sign(message.as_bytes()).ok());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.unwrap_or_default()))
    }
}

/// A client's key of P-256, as a JWK with its private part and without.
pub(crate) fn client_key(mut scalar: [u8; 32]) -> (Value, Value) {
    let public = SigningKey::es256(scalar).public;
    // As it is made there.
    scalar[0] &= 0x7f;
    scalar[31] |= 1;
    let mut private = public.clone();
    if let Some(members) = private.as_object_mut() {
        members.insert("d".to_owned(), URL_SAFE_NO_PAD.encode(scalar).into());
    }
    (private, public)
}

/// The members that make up a public key (RFC 7638 §3.2), in their order; `None` if the key is symmetric, private or
/// of a kind that nobody knows.
pub(crate) fn public(jwk: &Value) -> Option<Value> {
    let names: &[&str] = match jwk.get("kty")?.as_str()? {
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "RSA" => &["e", "kty", "n"],
        _ => return None,
    };
    if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|private| jwk.get(private).is_some()) {
        return None;
    }
    let members = names.iter().map(|name| Some(((*name).to_owned(), jwk.get(name)?.clone())));
    members.collect::<Option<Claims>>().map(Value::from)
}

/// The SHA-256 thumbprint of a public key (RFC 7638); `None` for anything else.
pub(crate) fn thumbprint(jwk: &Value) -> Option<String> {
    let public = public(jwk)?;
    // Written out in the order of the names, whatever order the map is in.
    let members = ["crv", "e", "kty", "n", "x", "y"];
    let members = members.iter().filter_map(|name| Some(format!("\"{name}\":{}", public.get(name)?)));
    Some(sha256(&format!("{{{}}}", members.collect::<Vec<_>>().join(","))))
}

/// The SHA-256 hash of a text, in base64url.
pub(crate) fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

/// The same in hexadecimal.
pub(crate) fn sha256_in_hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

//! The server's keys and what they sign (RFC 7515), and what keys are named by (RFC 7638).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER as PROVIDER;
use jsonwebtoken::jwk::EllipticCurve;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::random::Random;

pub(crate) type Claims = Map<String, Value>;

/// An algorithm of RFC 7518 or RFC 8037 that the server can sign by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// ECDSA over P-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

/// The server's keys, one for each algorithm that it signs by.
#[derive(Clone)]
pub(crate) struct SigningKeys {
    es256: SigningKey,
    eddsa: SigningKey,
}

impl SigningKeys {
    /// The keys of a number, by which the server counts those that it has had.
    pub(crate) fn from_random(random: &Random, number: u64) -> Self {
        Self {
            es256: SigningKey::es256(random.bytes(&format!("signing key {number}"))),
            eddsa: SigningKey::eddsa(random.bytes(&format!("Ed25519 key {number}"))),
        }
    }

    pub(crate) const fn by(&self, algorithm: SigningAlgorithm) -> &SigningKey {
        match algorithm {
            SigningAlgorithm::Es256 => &self.es256,
            SigningAlgorithm::EdDsa => &self.eddsa,
        }
    }

    /// The key set of `jwks_uri`.
    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [self.es256.public, self.eddsa.public] })
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

    fn new(algorithm: Algorithm, key: EncodingKey, mut public: Value) -> Self {
        let kid = thumbprint(&public).unwrap_or_default();
        if let Some(members) = public.as_object_mut() {
            members.insert("kid".to_owned(), Value::from(&*kid));
        }
        Self { algorithm, key, public, kid }
    }

    /// A signed token of a type.
    pub(crate) fn sign(&self, typ: &str, claims: &Claims) -> String {
        let header = json!({ "typ": typ, "alg": self.algorithm, "kid": self.kid });
        self.sign_as(&header, claims)
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

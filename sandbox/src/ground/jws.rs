//! What clients have signed (RFC 7515): read strictly, verified by [`jsonwebtoken`].
//!
//! Its global provider is left alone, and so is its checking of claims, which reads the clock: here the time is an
//! argument, and the code that reads a claim checks it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER as PROVIDER;
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;

use super::keys::{Claims, public};

/// The algorithms of a client's key: no `none`, and no HMAC, which takes a secret.
pub(crate) const ASYMMETRIC: [&str; 9] =
    ["ES256", "ES384", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];

/// A signed token as it was sent, not yet verified.
#[derive(Clone)]
pub(crate) struct Jws<'a> {
    pub(crate) header: Claims,
    claims: Claims,
    message: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes a token apart: three parts of base64url, the first two JSON objects, and nothing critical in the header
    /// that would have to be understood.
    pub(crate) fn read(token: &'a str) -> Option<Self> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let object = |part: &str| serde_json::from_slice::<Claims>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        let (header, claims) = (object(header)?, object(claims)?);
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        (!header.contains_key("crit")).then_some(Self { header, claims, message, signature })
    }

    /// A text of the header.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.header.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The claims, before anything is known about who made them.
    pub(crate) const fn unverified(&self) -> &Claims {
        &self.claims
    }

    /// The claims, if this public key made the signature by an algorithm of [`ASYMMETRIC`].
    pub(crate) fn verified_by(&self, jwk: &Value) -> Option<&Claims> {
        let algorithm = self.header("alg");
        let fits = |member: &str, value: &str| {
            jwk.get(member).is_none_or(|known| known.as_str().is_some_and(|known| known == value))
        };
        if !ASYMMETRIC.contains(&algorithm) || !fits("alg", algorithm) || !fits("use", "sig") {
            return None;
        }
        // RFC 7518 §3.3: 2048 bits or more.
        let short = |n: &str| URL_SAFE_NO_PAD.decode(n).map_or(0, |n| n.len()) < 256;
        if jwk.get("n").and_then(Value::as_str).is_some_and(short) {
            return None;
        }
        let key = DecodingKey::from_jwk(&serde_json::from_value::<Jwk>(public(jwk)?).ok()?).ok()?;
        self.verified(algorithm, &key)
    }

    /// The claims, if this secret made the signature by HMAC.
    pub(crate) fn verified_by_secret(&self, secret: &str) -> Option<&Claims> {
        let algorithm = self.header("alg");
        let key = DecodingKey::from_secret(secret.as_bytes());
        if ["HS256", "HS384", "HS512"].contains(&algorithm) { self.verified(algorithm, &key) } else { None }
    }

    fn verified(&self, algorithm: &str, key: &DecodingKey) -> Option<&Claims> {
        let verifier = (PROVIDER.verifier_factory)(&algorithm.parse().ok()?, key).ok()?;
        verifier.verify(self.message.as_bytes(), &self.signature).is_ok().then_some(&self.claims)
    }
}

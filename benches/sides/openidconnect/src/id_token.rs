//! ID tokens, with its own cryptography, which is pure Rust.

use std::hint::black_box;
use std::str::FromStr as _;
use std::sync::LazyLock;

use bench_inputs::Round;
use bench_inputs::inputs::{CLIENT_ID, EDDSA, ES256, ISSUER, NONCE, RS256, SUBJECT, access_token};
use openidconnect::core::{
    CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
};
use openidconnect::{AccessToken, AccessTokenHash, ClientId, IssuerUrl, Nonce};

/// A verifier that was set up before, and the token that it is for.
pub(crate) struct Verification {
    pub(crate) verifier: CoreIdTokenVerifier<'static>,
    keys: CoreJsonWebKeySet,
    algorithm: CoreJwsSigningAlgorithm,
    jwt: &'static str,
    access_token: AccessToken,
}

pub(crate) static RSA: LazyLock<Verification> =
    LazyLock::new(|| Verification::of(RS256, CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256));
pub(crate) static EC: LazyLock<Verification> =
    LazyLock::new(|| Verification::of(ES256, CoreJwsSigningAlgorithm::EcdsaP256Sha256));
pub(crate) static ED: LazyLock<Verification> =
    LazyLock::new(|| Verification::of(EDDSA, CoreJwsSigningAlgorithm::EdDsa));

impl Verification {
    pub(crate) fn of((jwt, jwk): (&'static str, &str), algorithm: CoreJwsSigningAlgorithm) -> Self {
        let key: CoreJsonWebKey = serde_json::from_str(jwk).expect("a key");
        let keys = CoreJsonWebKeySet::new(vec![key]);
        let access_token = AccessToken::new(access_token());
        let verifier = Self::verifier(ISSUER, CLIENT_ID, &keys, &algorithm);
        Self { verifier, keys, algorithm, jwt, access_token }
    }

    fn verifier(
        issuer: &str,
        client_id: &str,
        keys: &CoreJsonWebKeySet,
        algorithm: &CoreJwsSigningAlgorithm,
    ) -> CoreIdTokenVerifier<'static> {
        let issuer = IssuerUrl::new(issuer.to_owned()).expect("a URL");
        CoreIdTokenVerifier::new_public_client(ClientId::new(client_id.to_owned()), issuer, keys.clone())
            .set_allowed_algs([algorithm.clone()])
    }

    pub(crate) fn at(&self, issuer: &str, client_id: &str) -> Self {
        let verifier = Self::verifier(issuer, client_id, &self.keys, &self.algorithm);
        let (keys, algorithm) = (self.keys.clone(), self.algorithm.clone());
        Self { verifier, keys, algorithm, jwt: self.jwt, access_token: AccessToken::new(access_token()) }
    }

    /// As its documentation does it, the hash of the access token with it.
    pub(crate) fn read(&self, jwt: &str, nonce: &str) -> Result<String, Box<dyn std::error::Error>> {
        let token = CoreIdToken::from_str(jwt)?;
        let claims = token.claims(&self.verifier, &Nonce::new(nonce.to_owned()))?;
        if let Some(expected) = claims.access_token_hash() {
            let key = token.signing_key(&self.verifier)?;
            let hash = AccessTokenHash::from_token(&self.access_token, token.signing_alg()?, key)?;
            if hash != *expected {
                return Err("another access token".into());
            }
        }
        Ok(claims.subject().to_string())
    }
}

pub(crate) fn round(verification: &'static LazyLock<Verification>) -> Round {
    LazyLock::force(verification);
    Box::new(|| {
        black_box(verification.read(verification.jwt, NONCE).expect("claims"));
    })
}

pub(crate) fn check(verification: &Verification) {
    assert_eq!(verification.read(verification.jwt, NONCE).expect("claims"), SUBJECT);
}

//! ID tokens and DPoP proofs, with its own cryptography, which is pure Rust.

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::{Arc, LazyLock};

use bench_inputs::inputs::{
    CLIENT_ID, DPOP_KEY, EDDSA, ES256, ISSUER, NONCE, RESOURCE, RS256, SUBJECT, access_token,
};
use bench_inputs::{Round, check as checks};
use http::{Method, Uri};
use huskarl::core::dpop::{AuthorizationServerDPoP as _, DPoP, ResourceServerDPoP};
use huskarl::core::jwk::PublicJwk;
use huskarl::core::secrets::SecretString;
use huskarl::token::IdToken;
use huskarl::token::id_token::IdTokenValidator;
use huskarl_crypto_native::asymmetric::signer::{AsymmetricAlgorithm, PrivateKey, pkcs8_der};
use huskarl_crypto_native::asymmetric::verifier::AsymmetricPublicKey;

use crate::now;

/// A token, and what verifies it.
pub(crate) struct Verification {
    validator: IdTokenValidator,
    token: IdToken,
}

pub(crate) static RSA: LazyLock<Verification> = LazyLock::new(|| Verification::of(RS256, "RS256"));
pub(crate) static EC: LazyLock<Verification> = LazyLock::new(|| Verification::of(ES256, "ES256"));
pub(crate) static ED: LazyLock<Verification> = LazyLock::new(|| Verification::of(EDDSA, "EdDSA"));

impl Verification {
    pub(crate) fn of(token: (&str, &str), algorithm: &str) -> Self {
        Self::at(ISSUER, CLIENT_ID, token, algorithm)
    }

    pub(crate) fn at(issuer: &str, client_id: &str, (jwt, jwk): (&str, &str), algorithm: &str) -> Self {
        let jwk: PublicJwk = serde_json::from_str(jwk).expect("a key");
        let validator = IdTokenValidator::builder()
            .verifier(AsymmetricPublicKey::from_jwk(jwk).expect("a key"))
            .issuer(issuer)
            .audience(client_id)
            .allowed_algorithms(HashSet::from([algorithm.to_owned()]))
            .build();
        Self { validator, token: IdToken::from(jwt) }
    }

    pub(crate) fn verify(&self, nonce: &str) -> Result<String, String> {
        match now(self.validator.validate(&self.token, Some(nonce))) {
            Ok(jwt) => jwt.sub.ok_or_else(|| String::from("nobody")),
            Err(error) => Err(error.to_string()),
        }
    }
}

pub(crate) fn round(verification: &'static LazyLock<Verification>) -> Round {
    LazyLock::force(verification);
    Box::new(|| {
        black_box(now(verification.validator.validate(&verification.token, Some(NONCE))).expect("claims"));
    })
}

pub(crate) fn check(verification: &Verification) {
    assert_eq!(verification.verify(NONCE).expect("claims"), SUBJECT);
}

struct Prover {
    dpop: Arc<dyn ResourceServerDPoP>,
    thumbprint: String,
    uri: Uri,
    access_token: SecretString,
}

static PROVER: LazyLock<Prover> = LazyLock::new(|| {
    let key = pkcs8_der(DPOP_KEY, AsymmetricAlgorithm::Es256, None).expect("a key");
    let dpop = DPoP::builder().signer(PrivateKey::from_jwk(key).expect("a key")).build();
    Prover {
        thumbprint: now(dpop.get_current_thumbprint()).expect("a thumbprint"),
        dpop: dpop.to_resource_server_dpop(),
        uri: RESOURCE.parse().expect("a URI"),
        access_token: SecretString::new(access_token()),
    }
});

fn prove() -> SecretString {
    let prover = &*PROVER;
    let proof = prover.dpop.proof(&Method::GET, &prover.uri, &prover.access_token, &prover.thumbprint);
    now(proof).expect("a proof").expect("one")
}

pub(crate) fn proof() -> Round {
    LazyLock::force(&PROVER);
    Box::new(|| {
        black_box(prove());
    })
}

pub(crate) fn check_proof() {
    checks::proof(prove().expose_secret());
}

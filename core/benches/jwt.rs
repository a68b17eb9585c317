//! What a JWT costs beside the bare signature in it:
//! `cargo bench -p valetkey-core --features aws-lc-rs --bench jwt`.
//!
//! The provider's own function and ours take turns over the same bytes. Verification reads a JWT of an ID token's size,
//! verifies it with a key that was parsed once, reads its claims and checks them. A DPoP proof is one for an API: with a fresh identifier and the
//! hash of a token.

#![expect(
    clippy::expect_used,
    clippy::disallowed_macros,
    reason = "a benchmark prints what it found, and has no use for going on where something failed"
)]

mod beside;

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use http::Method;
use serde::Serialize;
use valetkey_core::jose::{
    Algorithm, AwsLc, ClaimsCheck, JwkSet, Jws, JwtSigner, JwtType, KeyPair, Signer as _, VerificationKeys,
};
use valetkey_core::{AccessToken, Dpop, Entropy};

use beside::{Bare, NOW, compare, heading, pkcs8};

#[derive(Serialize)]
struct IdToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    nonce: &'a str,
    exp: u64,
    iat: u64,
    auth_time: u64,
    acr: &'a str,
    name: &'a str,
    email: &'a str,
}

fn main() {
    heading();
    verification(Algorithm::Rs256);
    verification(Algorithm::Es256);
    proof();
}

fn verification(algorithm: Algorithm) {
    let key =
        KeyPair::from_pkcs8(&AwsLc, algorithm, &pkcs8(algorithm)).expect("a key").with_key_id("2026-11");
    let public = key.public_key().expect("a public half").clone();
    let claims = IdToken {
        iss: "https://as.example",
        sub: "248289761001",
        aud: "s6BhdRkqt3",
        nonce: "n-0S6_WzA2Mj",
        exp: 1_700_000_600,
        iat: 1_699_999_990,
        auth_time: 1_699_999_980,
        acr: "urn:mace:incommon:iap:silver",
        name: "Jane Doe",
        email: "janedoe@example.com",
    };
    let signer = JwtSigner::new(Arc::new(key), Some("JWT"));
    let jwt = signer.write(&claims).and_then(|jwt| jwt.sign()).and_then(|jwt| jwt.ready()).expect("a JWT");
    let jwt = jwt.expose();

    let bare = Bare::of(jwt, public.key(), &AwsLc, algorithm);
    let keys = VerificationKeys::new(&AwsLc, &[algorithm], &JwkSet::of([public])).expect("keys");
    let check = ClaimsCheck::at(NOW).issuer("https://as.example").audience("s6BhdRkqt3").expires();

    compare(
        &format!("verification, {algorithm}"),
        || bare.verify(),
        || {
            let claims = Jws::parse(jwt)
                .and_then(|jws| jws.verify(&keys, JwtType::Generic))
                .and_then(|jwt| jwt.claims());
            claims.and_then(|claims| check.check(&claims)).expect("claims that hold");
        },
    );
}

fn proof() {
    let key = pkcs8(Algorithm::Es256);
    let bare = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key).expect("a key");
    let key = KeyPair::from_pkcs8(&AwsLc, Algorithm::Es256, &key).expect("a key");
    let dpop = Dpop::of(Arc::new(key), Entropy::from_seed([7; 32])).expect("a key");
    let token = AccessToken::new("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU").expect("a token");
    let uri = "https://resource.example.org/protectedresource?page=2".parse().expect("a URI");
    let prove = || {
        dpop.proof_with(&Method::GET, &uri, NOW, Some(&token), None)
            .and_then(|jwt| jwt.sign())
            .and_then(|jwt| jwt.ready())
            .expect("a proof")
    };
    let proof = prove();
    let (input, _) = proof.expose().rsplit_once('.').expect("three parts");
    let random = SystemRandom::new();
    compare("DPoP proof, ES256", || bare.sign(&random, input.as_bytes()).expect("a signature"), prove);
}

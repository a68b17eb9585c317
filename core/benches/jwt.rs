//! What a JWT costs beside the bare signature in it:
//! `cargo bench -p valetkey-core --bench jwt`.
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

use http::Method;
use serde::Serialize;
use valetkey_core::jose::{
    Algorithm, AwsLc, ClaimsCheck, CryptoProvider, JwkSet, Jws, JwtSigner, JwtType, KeyPair, PrivateKey,
    RustCrypto, Signer as _, VerificationKeys,
};
use valetkey_core::{AccessToken, Dpop, Entropy};

use beside::{BAR, Bare, NOW, compare, heading, pkcs8};

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
    verification(Algorithm::Rs256, 1.12);
    verification(Algorithm::Es256, BAR);
    verification(Algorithm::EdDsa, BAR);
    proof("AWS-LC", &AwsLc, 1.05);
    proof("pure Rust", &RustCrypto, 1.1);
}

fn verification(algorithm: Algorithm, bar: f64) {
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

    let whole = || {
        let claims = Jws::parse(jwt)
            .and_then(|jws| jws.verify(&keys, JwtType::Generic))
            .and_then(|jwt| jwt.claims())
            .expect("a JWT that is signed");
        check.check(&claims).expect("claims that hold");
        claims
    };
    compare(&format!("verification, {algorithm}"), bar, || bare.verify(), whole);
    compare(
        &format!("… and two more claims read, {algorithm}"),
        BAR,
        || bare.verify(),
        || {
            let claims = whole();
            ["name", "email"].map(|name| claims.claim::<String>(name).expect("a text").expect("a claim"))
        },
    );
}

fn proof(by: &str, provider: &dyn CryptoProvider, bar: f64) {
    let key = pkcs8(Algorithm::Es256);
    let (sign, _) = provider.signer(Algorithm::Es256, PrivateKey::Pkcs8(&key)).expect("a key");
    let key = KeyPair::from_pkcs8(provider, Algorithm::Es256, &key).expect("a key");
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
    compare(&format!("DPoP proof, ES256, {by}"), bar, || sign(input.as_bytes()).expect("a signature"), prove);
}

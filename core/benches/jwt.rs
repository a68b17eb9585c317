//! What a JWT costs beside the bare signature in it:
//! `cargo bench -p valetkey-core --features aws-lc-rs --bench jwt`.
//!
//! The provider's own function and ours take turns over the same bytes, so that whatever else the machine does falls on
//! both; the ratio is that of the two medians. Verification reads a JWT of an ID token's size, verifies it with a key
//! that was parsed once, reads its claims and checks them. A DPoP proof is one for an API: with a fresh identifier and the
//! hash of a token.

#![expect(
    clippy::expect_used,
    clippy::disallowed_macros,
    reason = "a benchmark prints what it found, and has no use for going on where something failed"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde::Serialize;
use valetkey_core::jose::{
    Algorithm, AwsLc, ClaimsCheck, JwkSet, Jws, JwtSigner, JwtType, KeyPair, PublicKey, Signer as _,
    VerificationKeys,
};
use valetkey_core::{AccessToken, Dpop, Entropy, UnixTime};

/// How many turns each side takes.
const TURNS: usize = 3_000;

/// What the issue allows.
const BAR: f64 = 1.15;

const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

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
    println!("{:<22}{:>10}{:>10}{:>8}{:>7}", "", "bare", "ours", "ratio", "bar");
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    verification(Algorithm::Rs256, rsa.as_der().expect("its form").as_ref());
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let ec = ec.to_pkcs8v1().expect("its form");
    verification(Algorithm::Es256, ec.as_ref());
    proof(ec.as_ref());
}

fn verification(algorithm: Algorithm, key: &[u8]) {
    let key = KeyPair::from_pkcs8(&AwsLc, algorithm, key).expect("a key").with_key_id("2026-11");
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

    let (input, signature) = jwt.rsplit_once('.').expect("three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let bare = match public.key() {
        PublicKey::Rsa { n, e } => {
            PublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        }
        PublicKey::Ec { x, y, .. } => {
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [&[4], x.as_slice(), y].concat())
        }
        _ => unreachable!("the two algorithms measured"),
    }
    .expect("a parsed key");
    let keys = VerificationKeys::new(&AwsLc, &[algorithm], &JwkSet::of([public])).expect("keys");
    let check = ClaimsCheck::at(NOW).issuer("https://as.example").audience("s6BhdRkqt3").expires();

    compare(
        &format!("verification, {algorithm}"),
        || bare.verify_sig(input.as_bytes(), &signature).expect("a signature"),
        || {
            let claims = Jws::parse(jwt)
                .and_then(|jws| jws.verify(&keys, JwtType::Generic))
                .and_then(|jwt| jwt.claims());
            claims.and_then(|claims| check.check(&claims)).expect("claims that hold");
        },
    );
}

fn proof(key: &[u8]) {
    let bare = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key).expect("a key");
    let key = KeyPair::from_pkcs8(&AwsLc, Algorithm::Es256, key).expect("a key");
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

/// Both sides in turns, after a tenth of them to warm up.
fn compare<A, B>(what: &str, mut bare: impl FnMut() -> A, mut ours: impl FnMut() -> B) {
    let (mut bares, mut ourses) = (Vec::with_capacity(TURNS), Vec::with_capacity(TURNS));
    for turn in 0..TURNS + TURNS / 10 {
        let (one, other) = (timed(&mut bare), timed(&mut ours));
        if turn >= TURNS / 10 {
            bares.push(one);
            ourses.push(other);
        }
    }
    let (bare, ours) = (median(bares), median(ourses));
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    println!("{what:<22}{bare:>10.1?}{ours:>10.1?}{ratio:>8.3}{BAR:>7}");
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn timed<T>(run: &mut impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    black_box(run());
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

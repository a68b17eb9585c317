//! Signing and verifying by every algorithm, with and across both crypto providers.

use serde_json::json;
use valetkey_core::jose::{
    Algorithm, AwsLc, JwkSet, JwtSigner, KeyPair, PrivateJwk, RustCrypto, Signer, VerificationKeys,
};
use valetkey_tests::entropy;
use valetkey_tests::jose::{PROVIDERS, RSA, key_pair, private_jwk, signed, verification_keys, verified};

#[test]
fn whoever_signs_whoever_verifies_by_every_algorithm() {
    let claims = json!({ "iss": "https://as.example", "jti": "1" });
    for (signing, signer) in PROVIDERS {
        for (verifying, verifier) in PROVIDERS {
            for &algorithm in Algorithm::ALL {
                let jwt = signed(signer, algorithm, &claims);
                let payload = verified(&jwt, &verification_keys(verifier, algorithm));
                let payload =
                    payload.unwrap_or_else(|error| panic!("{signing} {verifying} {algorithm}: {error}"));
                assert_eq!(payload, claims.to_string().into_bytes());
            }
        }
    }
}

#[test]
fn a_signature_of_anything_else_is_refused_by_every_algorithm() {
    for (name, provider) in PROVIDERS {
        for &algorithm in Algorithm::ALL {
            let one = signed(provider, algorithm, &json!({ "n": 1 }));
            let other = signed(provider, algorithm, &json!({ "n": 2 }));
            let (input, _) = one.rsplit_once('.').unwrap();
            let (_, signature) = other.rsplit_once('.').unwrap();
            let error = verified(&format!("{input}.{signature}"), &verification_keys(provider, algorithm));
            assert_eq!(error.unwrap_err().rule().unwrap().id(), "ID-8", "{name} {algorithm}");
        }
    }
}

/// The generated key is a function of the entropy, whoever computes its public half, and survives being stored.
#[test]
fn a_generated_key_is_the_same_with_every_provider_and_after_storing() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa, Algorithm::Ed25519] {
        let one = PrivateJwk::generate(&AwsLc, algorithm, entropy(1)).unwrap();
        let same = PrivateJwk::generate(&RustCrypto, algorithm, entropy(1)).unwrap();
        let other = PrivateJwk::generate(&RustCrypto, algorithm, entropy(2)).unwrap();
        assert_eq!(*one.expose(), *same.expose());
        assert_eq!(one.public(), same.public());
        assert_ne!(one.public().thumbprint(), other.public().thumbprint());
        let stored = PrivateJwk::parse(one.expose().as_bytes()).unwrap();
        assert_eq!(stored.public(), one.public());
        assert_eq!(*stored.expose(), *one.expose());
    }
    let rsa = PrivateJwk::parse(RSA.as_bytes()).unwrap();
    assert_eq!(*PrivateJwk::parse(rsa.expose().as_bytes()).unwrap().expose(), *rsa.expose());
}

#[test]
fn an_rsa_key_is_imported_and_never_generated() {
    for (_, provider) in PROVIDERS {
        let error = PrivateJwk::generate(provider, Algorithm::Ps256, entropy(1)).unwrap_err();
        assert!(error.to_string().contains("import one"), "{error}");
    }
}

/// The pure-Rust provider asks nobody for randomness: it signs the same message the same way, PSS too.
#[test]
fn pure_rust_signatures_repeat_exactly() {
    for &algorithm in Algorithm::ALL {
        let claims = json!({ "jti": "1" });
        assert_eq!(
            signed(&RustCrypto, algorithm, &claims),
            signed(&RustCrypto, algorithm, &claims),
            "{algorithm}"
        );
    }
}

#[test]
fn a_private_key_must_belong_to_the_public_key_beside_it() {
    for (name, provider) in PROVIDERS {
        for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
            let [one, other] = [3, 4].map(|n| PrivateJwk::generate(provider, algorithm, entropy(n)).unwrap());
            let mut mixed: serde_json::Value = serde_json::from_str(&one.expose()).unwrap();
            let foreign: serde_json::Value = serde_json::from_str(&other.expose()).unwrap();
            mixed["d"] = foreign["d"].clone();
            let mixed = PrivateJwk::parse(mixed.to_string().as_bytes()).unwrap();
            let error = KeyPair::new(provider, algorithm, &mixed).unwrap_err();
            assert!(error.to_string().contains("the key is not usable"), "{name} {algorithm}: {error}");
        }
    }
}

/// ID-6: one key that serves several algorithms is no ambiguity; one bound to its algorithm serves that one only.
#[test]
fn a_key_without_alg_verifies_by_whatever_fits_and_was_agreed_on() {
    for (_, provider) in PROVIDERS {
        let jwk = valetkey_core::jose::Jwk::new(private_jwk(Algorithm::Rs256).public().key().clone());
        let set = JwkSet::of([jwk.clone().with_key_id("k")]);
        let both = VerificationKeys::new(provider, &[Algorithm::Ps256, Algorithm::Rs256], &set).unwrap();
        for algorithm in [Algorithm::Ps256, Algorithm::Rs256] {
            assert!(verified(&signed(provider, algorithm, &json!({})), &both).is_ok());
        }
        let bound = JwkSet::of([jwk.with_key_id("k").with_algorithm(Algorithm::Ps256)]);
        let both = VerificationKeys::new(provider, &[Algorithm::Ps256, Algorithm::Rs256], &bound).unwrap();
        let error = verified(&signed(provider, Algorithm::Rs256, &json!({})), &both).unwrap_err();
        assert_eq!(error.rule().unwrap().id(), "ID-6");
    }
}

/// DP-1: the header shows the public key, its required members alone, and no kid.
#[test]
fn a_dpop_header_shows_the_public_key_and_nothing_private() {
    for (_, provider) in PROVIDERS {
        for &algorithm in provider.algorithms() {
            let key = key_pair(provider, algorithm);
            let proof = JwtSigner::showing_key(key.clone(), "dpop+jwt").unwrap();
            let proof = proof.write(&json!({})).unwrap().sign().unwrap().ready().unwrap();
            let jws = valetkey_core::jose::Jws::parse(proof.expose()).unwrap();
            assert_eq!((jws.typ(), jws.key_id()), (Some("dpop+jwt"), None));
            let shown = jws.embedded_key().unwrap();
            assert_eq!(shown.thumbprint(), key.public_key().unwrap().thumbprint());
            let keys = VerificationKeys::one(provider, &[algorithm], &shown).unwrap();
            assert!(verified(proof.expose(), &keys).is_ok());
        }
    }
    let secret = key_pair(&AwsLc, Algorithm::Hs256);
    assert_eq!(JwtSigner::showing_key(secret, "dpop+jwt").unwrap_err().rule().unwrap().id(), "DP-1");
}

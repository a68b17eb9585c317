//! ID-6, ID-7: which algorithms a key is for, whoever asks, and how long its numbers are.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use valetkey_core::Rule;
use valetkey_core::jose::Algorithm::{
    self, Ed25519, EdDsa, Es256, Es384, Hs256, Hs384, Hs512, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512,
};
use valetkey_core::jose::jwe::{AgreementCurve, KeyAlgorithm};
use valetkey_core::jose::{AwsLc, CryptoProvider, Curve, Jwk, KeyPair, PrivateJwk, PrivateKey, Signer};
use valetkey_tests::jose::{PROVIDERS, RSA, private_jwk};
use valetkey_tests::jwe::{agreeing, rsa};

/// What an RSA key signs and verifies by.
const BY_RSA: [Algorithm; 6] = [Ps256, Ps384, Ps512, Rs256, Rs384, Rs512];

/// ID-6, ID-7: an algorithm fits the keys of its type and curve, and a provider takes no other key for it.
#[test]
fn a_key_verifies_by_the_algorithms_of_its_type_and_curve_alone() {
    let keys: [(PrivateJwk, &[Algorithm]); 6] = [
        (private_jwk(Es256), &[Es256]),
        (private_jwk(Es384), &[Es384]),
        (private_jwk(EdDsa), &[EdDsa, Ed25519]),
        (private_jwk(Rs256), &BY_RSA),
        (agreeing(AgreementCurve::P521), &[]),
        (agreeing(AgreementCurve::X25519), &[]),
    ];
    for (key, own) in keys {
        let key = key.public().key().clone();
        for &algorithm in Algorithm::ALL {
            let is_own = own.contains(&algorithm);
            assert_eq!(algorithm.fits(&key), is_own, "{algorithm} {key:?}");
            assert_eq!(Jwk::new(key.clone()).verifies(algorithm), is_own, "{algorithm} {key:?}");
            for (name, provider) in PROVIDERS {
                assert_eq!(provider.verifier(algorithm, &key).is_ok(), is_own, "{name} {algorithm} {key:?}");
            }
        }
    }
}

/// The same of private keys, in numbers and in PKCS#8: HMAC, which a provider lacks, signs with none of them.
#[test]
fn a_private_key_signs_by_the_algorithms_of_its_kind_alone() {
    let pem = |pem: &str| {
        let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        STANDARD.decode(lines).unwrap()
    };
    let [p256, p384, ed25519, rsa] = [
        pem(include_str!("../../keys/p256.pem")),
        pem(include_str!("../../keys/p384.pem")),
        pem(include_str!("../../keys/ed25519.pem")),
        pem(include_str!("../../keys/rsa.pem")),
    ];
    let (d, long, longer) = ([7; 32], [7; 48], [7; 66]);
    let keys: [(&str, PrivateKey<'_>, &[Algorithm]); 9] = [
        ("P-256", PrivateKey::Ec { curve: Curve::P256, d: &d, public: None }, &[Es256]),
        ("P-384", PrivateKey::Ec { curve: Curve::P384, d: &long, public: None }, &[Es384]),
        ("P-521", PrivateKey::Ec { curve: Curve::P521, d: &longer, public: None }, &[]),
        ("Ed25519", PrivateKey::Ed25519 { d: &d, public: None }, &[EdDsa, Ed25519]),
        ("X25519", PrivateKey::X25519 { d: &d, public: None }, &[]),
        ("P-256 in PKCS#8", PrivateKey::Pkcs8(&p256), &[Es256]),
        ("P-384 in PKCS#8", PrivateKey::Pkcs8(&p384), &[Es384]),
        ("Ed25519 in PKCS#8", PrivateKey::Pkcs8(&ed25519), &[EdDsa, Ed25519]),
        ("RSA in PKCS#8", PrivateKey::Pkcs8(&rsa), &BY_RSA),
    ];
    for (name, provider) in PROVIDERS {
        for (kind, key, own) in keys {
            for &algorithm in Algorithm::ALL {
                let taken = provider.signer(algorithm, key);
                assert_eq!(taken.is_ok(), own.contains(&algorithm), "{name} {algorithm} {kind}");
                if let Ok((_, public)) = taken {
                    assert!(algorithm.fits(&public), "{name} {algorithm} {kind}");
                }
            }
        }
        // What is said to be of one curve is not of another that its length would suit.
        for (algorithm, curve, d) in [(Es256, Curve::P384, &d[..]), (Es384, Curve::P256, &long[..])] {
            assert!(provider.signer(algorithm, PrivateKey::Ec { curve, d, public: None }).is_err(), "{name}");
        }
    }
}

/// Where an HMAC is asked for, no other kind of key pair is what is missing.
#[test]
fn a_key_pair_for_an_hmac_is_refused_without_naming_another_kind() {
    for (name, provider) in PROVIDERS {
        for algorithm in [Hs256, Hs384, Hs512] {
            for own in [Es256, EdDsa, Rs256] {
                let json = private_jwk(own).expose().replace(&format!(r#""alg":"{own}""#), r#""kid":"k""#);
                let key = PrivateJwk::parse(json.as_bytes()).unwrap();
                let told = KeyPair::new(provider, algorithm, &key).unwrap_err().to_string();
                assert!(told.contains("the algorithm does not fit the key"), "{name} {algorithm}: {told}");
            }
        }
    }
}

#[test]
fn a_private_key_that_is_bound_to_an_algorithm_signs_by_no_other() {
    let bound = RSA.replace(r#""kty":"RSA""#, r#""kty":"RSA","alg":"RS256""#);
    let bound = PrivateJwk::parse(bound.as_bytes()).unwrap();
    for (name, provider) in PROVIDERS {
        for &algorithm in BY_RSA.iter().filter(|algorithm| **algorithm != Rs256) {
            let told = KeyPair::new(provider, algorithm, &bound).unwrap_err().to_string();
            assert!(told.contains(&format!("is for RS256, and {algorithm} was asked for")), "{name}: {told}");
        }
        assert_eq!(KeyPair::new(provider, Rs256, &bound).unwrap().algorithm(), Rs256);
    }
}

#[test]
fn a_key_pair_has_the_identifier_of_its_jwk_or_none() {
    let nameless = || PrivateJwk::parse(private_jwk(Es256).expose().as_bytes()).unwrap();
    for (_, provider) in PROVIDERS {
        for (key, expected) in [(nameless(), None), (nameless().with_key_id("2026-11"), Some("2026-11"))] {
            let pair = KeyPair::new(provider, Es256, &key).unwrap();
            assert_eq!(pair.public_key().unwrap().key_id(), expected);
            assert_eq!(key.public().key_id(), expected);
        }
    }
}

/// A public key says which algorithm it is bound to, of signatures or of encryption.
#[test]
fn a_jwk_is_bound_to_an_algorithm_of_one_of_the_two_uses() {
    for (alg, signs, encrypts) in [
        (None, None, None),
        (Some("RS384"), Some(Rs384), None),
        (Some("RSA-OAEP"), None, Some(KeyAlgorithm::RsaOaep)),
        (Some("RSA-OAEP-256"), None, Some(KeyAlgorithm::RsaOaep256)),
    ] {
        let mut jwk: Value = serde_json::from_str(&rsa().public().required_members()).unwrap();
        if let Some(alg) = alg {
            jwk["alg"] = alg.into();
        }
        let jwk = Jwk::parse(jwk.to_string().as_bytes()).unwrap();
        assert_eq!((jwk.algorithm(), jwk.key_algorithm()), (signs, encrypts), "{alg:?}");
    }
}

#[test]
fn the_private_number_of_a_jwk_is_as_long_as_its_curve_says() {
    let mut keys = vec![private_jwk(Es256), private_jwk(Es384), private_jwk(EdDsa)];
    keys.extend(AgreementCurve::ALL.iter().map(|curve| agreeing(*curve)));
    for key in keys {
        let json: Value = serde_json::from_str(&key.expose()).unwrap();
        let d = URL_SAFE_NO_PAD.decode(json["d"].as_str().unwrap()).unwrap();
        let with = |d: &[u8]| {
            let mut json = json.clone();
            json["d"] = URL_SAFE_NO_PAD.encode(d).into();
            PrivateJwk::parse(json.to_string().as_bytes()).map(drop)
        };
        assert!(with(&d).is_ok(), "{key:?}");
        for wrong in [&d[1..], &d[..d.len() - 1], &[&[0], &d[..]].concat(), &[]] {
            let told = with(wrong).unwrap_err().to_string();
            assert!(told.contains("the private part of the JWK has the wrong length"), "{key:?}: {told}");
        }
    }
}

/// ID-7: the modulus has 2048 to 8192 bits, and the exponent is an odd number of two to 32.
#[test]
fn the_numbers_of_an_rsa_key_are_neither_too_short_nor_too_long() {
    let of_bits = |bits: usize| {
        let mut n = vec![0xff; bits.div_ceil(8)];
        n[0] >>= 8 * n.len() - bits;
        n
    };
    let usual = [1, 0, 1];
    let cases: [(usize, &[u8], bool); 10] = [
        (2047, &usual, false),
        (2048, &usual, true),
        (8192, &usual, true),
        (8193, &usual, false),
        (2048, &[1], false),
        (2048, &[3], true),
        (2048, &[0xff, 0xff, 0xff, 0xff], true),
        (2048, &[0x80, 0, 0, 1], true),
        (2048, &[1, 0, 0, 0, 1], false),
        (2048, &[0xff, 0xff, 0xff, 0xfe], false),
    ];
    for (bits, e, is_taken) in cases {
        let [n, e] = [&of_bits(bits)[..], e].map(|number| URL_SAFE_NO_PAD.encode(number));
        let jwk = json!({ "kty": "RSA", "n": n, "e": e }).to_string();
        let refused = Jwk::parse(jwk.as_bytes()).err().and_then(|error| error.rule());
        assert_eq!(refused, (!is_taken).then_some(Rule::Id7), "{bits} bits, {e}");
    }
}

/// A provider says what it has, in the order of its choice: all but HMAC, which is core's own.
#[test]
fn a_provider_has_every_algorithm_but_those_of_secrets() {
    for (name, provider) in PROVIDERS {
        for algorithm in Algorithm::ALL {
            let has = provider.algorithms().contains(algorithm);
            assert_eq!(has, !algorithm.is_symmetric(), "{name} {algorithm}");
        }
    }
    assert_eq!(AwsLc.algorithms().first(), Some(&Es256));
}

//! AQ-29, JK-4: which keys decrypt, which are published, and to which of a server's something is encrypted.

use serde_json::{Value, json};
use valetkey_core::jose::jwe::{AgreementCurve, DecryptionKeys, Encryption, EncryptionKey, KeyAlgorithm};
use valetkey_core::jose::{
    Algorithm, AwsLc, CryptoProvider, Curve, Jwk, JwkSet, KeyPair, KeyRejected, PrivateJwk, PrivateKey,
    PublicKey, RustCrypto, Sign, Verify,
};
use valetkey_core::{Error, Rule};
use valetkey_tests::entropy;
use valetkey_tests::jose::{PROVIDERS, RSA, private_jwk};
use valetkey_tests::jwe::{agreeing, decrypted, encrypted, keys_of, part, rsa, rule, with_part};

const DIRECT: Encryption = Encryption::new(KeyAlgorithm::EcdhEs);

fn with_members(key: &PrivateJwk, members: Value) -> PrivateJwk {
    let mut json: Value = serde_json::from_str(&key.expose()).unwrap();
    json.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    PrivateJwk::parse(json.to_string().as_bytes()).unwrap()
}

/// JK-4: a retired key is not announced, and still decrypts what was made for it; after that, nothing.
#[test]
fn a_retired_key_decrypts_and_is_not_published() {
    for (_, provider) in PROVIDERS {
        let (old, new) = (|| agreeing(AgreementCurve::P256), || agreeing(AgreementCurve::X25519));
        let before = DecryptionKeys::new(provider, &[old()], &[]).unwrap();
        let on_its_way = encrypted(provider, &before, DIRECT, b"hello");
        let during = DecryptionKeys::new(provider, &[new()], &[old()]).unwrap();
        let after = DecryptionKeys::new(provider, &[new()], &[]).unwrap();
        assert_eq!(decrypted(&on_its_way, &during, DIRECT).unwrap(), b"hello");
        assert_eq!(rule(&decrypted(&on_its_way, &after, DIRECT).unwrap_err()), "ID-49");
        for keys in [during, after] {
            let set = keys.published();
            let names: Vec<_> = set.keys().iter().map(Jwk::key_id).collect();
            assert_eq!(names, [Some("X25519")]);
        }
    }
}

/// JK-4.
#[test]
fn published_keys_say_that_they_are_for_encryption_and_have_nothing_private() {
    let bound = with_members(&rsa(), json!({ "alg": "RSA-OAEP-256" }));
    let mut announced = vec![agreeing(AgreementCurve::X25519), agreeing(AgreementCurve::P521)];
    announced.push(bound);
    let keys = DecryptionKeys::new(&AwsLc, &announced, &[agreeing(AgreementCurve::P256)]).unwrap();
    let set = serde_json::to_string(&keys.published()).unwrap();
    let json: Value = serde_json::from_str(&set).unwrap();
    let published = json["keys"].as_array().unwrap();
    let kids: Vec<&str> = published.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(kids, ["X25519", "P521", "rsa"], "the newest first, as they were given");
    for key in published {
        assert_eq!(key["use"], "enc");
        for private in ["d", "k", "p", "q", "dp", "dq", "qi", "oth"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
    assert_eq!(published[2]["alg"], "RSA-OAEP-256");
    // It is read by the servers' side as it was written, and no key of it verifies anything.
    let read = JwkSet::parse(set.as_bytes()).unwrap();
    assert_eq!((read.keys(), read.ignored()), (keys.published().keys(), 0));
    assert!(read.keys().iter().all(|key| Algorithm::ALL.iter().all(|algorithm| !key.verifies(*algorithm))));
    // Nor is anything of it shown.
    let shown = format!("{keys:?}");
    assert!(shown.contains("P521") && !shown.contains("AQAB"));
    for key in announced {
        let d = serde_json::from_str::<Value>(&key.expose()).unwrap()["d"].as_str().unwrap().to_owned();
        assert!(!shown.contains(&d) && !format!("{key:?}").contains(&d));
    }
}

/// JK-4: no kid twice, and none left out where there are several.
#[test]
fn each_of_several_private_keys_has_a_name_of_its_own() {
    let unnamed = |curve| PrivateJwk::generate_for_encryption(&RustCrypto, curve, entropy(1)).unwrap();
    assert!(DecryptionKeys::new(&RustCrypto, &[unnamed(AgreementCurve::P256)], &[]).is_ok());
    let twice =
        [unnamed(AgreementCurve::P256).with_key_id("1"), unnamed(AgreementCurve::X25519).with_key_id("1")];
    let cases = [
        DecryptionKeys::new(&RustCrypto, &twice, &[]),
        DecryptionKeys::new(&RustCrypto, &twice[..1], &twice[1..]),
        DecryptionKeys::new(&RustCrypto, &twice[..1], &[unnamed(AgreementCurve::P384)]),
        DecryptionKeys::new(
            &RustCrypto,
            &[unnamed(AgreementCurve::P256), unnamed(AgreementCurve::P384)],
            &[],
        ),
    ];
    for keys in cases {
        let error = keys.unwrap_err();
        assert!(matches!(error, Error::Misuse(_)));
        assert_eq!(error.rule(), Some(Rule::Jk4), "{error}");
    }
}

#[test]
fn a_private_key_that_cannot_decrypt_is_the_programs_mistake() {
    let p256 = agreeing(AgreementCurve::P256);
    let mut other: Value = serde_json::from_str(&p256.expose()).unwrap();
    other["d"] = serde_json::from_str::<Value>(&private_jwk(Algorithm::Es256).expose()).unwrap()["d"].clone();
    let contradicting = PrivateJwk::parse(other.to_string().as_bytes()).unwrap();
    let cases = [
        ("is for signatures", with_members(&rsa(), json!({ "use": "sig" }))),
        ("is for signatures", private_jwk(Algorithm::Es256)),
        ("do not belong together", contradicting),
        (
            "does not fit",
            with_members(&agreeing(AgreementCurve::X25519), json!({ "use": "enc", "alg": "RSA-OAEP" })),
        ),
    ];
    for (name, provider) in PROVIDERS {
        for (said, key) in &cases {
            let error = DecryptionKeys::new(provider, std::slice::from_ref(key), &[]).unwrap_err();
            let fits = *said == "does not fit" && error.to_string().contains("needs another kind");
            assert!(
                matches!(error, Error::Misuse(_)) && (fits || error.to_string().contains(said)),
                "{name}: {error}"
            );
        }
        assert!(
            DecryptionKeys::new(provider, &[], std::slice::from_ref(&p256)).is_err(),
            "nothing is announced"
        );
    }
    let error = DecryptionKeys::new(&RustCrypto, &[rsa()], &[]).unwrap_err();
    assert!(error.to_string().contains("use AwsLc, or ECDH-ES"), "{error}");
    // An Ed25519 key without a use.
    let ed25519 = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let ed25519 = PrivateJwk::parse(ed25519.as_bytes()).unwrap();
    assert!(DecryptionKeys::new(&AwsLc, &[ed25519], &[]).is_err());
}

/// What is for one thing is not for the other, whoever asks.
#[test]
fn a_key_for_encryption_signs_nothing() {
    for key in [agreeing(AgreementCurve::P256), with_members(&rsa(), json!({ "alg": "RSA-OAEP" }))] {
        let again = PrivateJwk::parse(key.expose().as_bytes()).unwrap();
        assert_eq!(*again.expose(), *key.expose(), "its use is stored with it");
        for (_, provider) in PROVIDERS {
            for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa] {
                let error = KeyPair::new(provider, algorithm, &again).unwrap_err();
                assert!(error.to_string().contains("for encryption"), "{error}");
            }
        }
    }
    // A key that does not say what it is for, but is of a kind that only agrees.
    for curve in [AgreementCurve::X25519, AgreementCurve::P521] {
        let mut json: Value = serde_json::from_str(&agreeing(curve).expose()).unwrap();
        json.as_object_mut().unwrap().remove("use");
        let key = PrivateJwk::parse(json.to_string().as_bytes()).unwrap();
        for (_, provider) in PROVIDERS {
            for algorithm in provider.algorithms() {
                assert!(KeyPair::new(provider, *algorithm, &key).is_err());
                assert!(provider.verifier(*algorithm, key.public().key()).is_err());
            }
        }
    }
    for members in [
        json!({ "use": "tls" }),
        json!({ "use": "sig", "alg": "RSA-OAEP" }),
        json!({ "use": "enc", "alg": "RS256" }),
    ] {
        let mut json: Value = serde_json::from_str(RSA).unwrap();
        json.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        assert!(PrivateJwk::parse(json.to_string().as_bytes()).is_err(), "{members}");
    }
}

#[test]
fn keys_that_are_generated_are_the_same_with_any_provider() {
    for curve in AgreementCurve::ALL {
        let [one, other] = PROVIDERS
            .map(|(_, provider)| PrivateJwk::generate_for_encryption(provider, *curve, entropy(3)).unwrap());
        assert_eq!(*one.expose(), *other.expose(), "{curve:?}");
        let another = PrivateJwk::generate_for_encryption(&AwsLc, *curve, entropy(4)).unwrap();
        assert_ne!(*one.expose(), *another.expose(), "{curve:?}");
        assert!(one.public().encrypts(KeyAlgorithm::EcdhEs) && !one.public().encrypts(KeyAlgorithm::RsaOaep));
    }
}

/// AQ-29: a server's key is for encryption if it says so, by `use` or by `alg`.
#[test]
fn something_is_encrypted_to_a_key_for_encryption_only() {
    let encryption = Encryption::new(KeyAlgorithm::RsaOaep256);
    let jwk = |members: Value| {
        let mut json: Value = serde_json::from_str(&rsa().public().required_members()).unwrap();
        json.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        Jwk::parse(json.to_string().as_bytes()).unwrap()
    };
    let refused = [
        json!({}),
        json!({ "use": "sig" }),
        json!({ "use": "sig", "alg": "RSA-OAEP-256" }),
        json!({ "alg": "RS256" }),
        json!({ "use": "enc", "alg": "RSA-OAEP" }),
        json!({ "use": "enc", "alg": "RS256" }),
        json!({ "use": "tls" }),
        json!({ "use": "enc", "key_ops": ["verify"] }),
    ];
    let taken = [
        json!({ "use": "enc" }),
        json!({ "alg": "RSA-OAEP-256" }),
        json!({ "use": "enc", "alg": "RSA-OAEP-256", "key_ops": ["wrapKey"] }),
    ];
    for (_, provider) in PROVIDERS {
        let set = JwkSet::of(refused.clone().map(jwk));
        let error = EncryptionKey::choose(provider, encryption, &set).unwrap_err();
        assert!(matches!(error, Error::Malformed(_)));
        assert_eq!(rule(&error), "AQ-29", "{error}");
        for members in &refused {
            let error = EncryptionKey::new(provider, encryption, &jwk(members.clone())).unwrap_err();
            assert!(matches!(error, Error::Misuse(_)));
            assert_eq!(rule(&error), "AQ-29", "{members}");
        }
        for members in &taken {
            let key = jwk(members.clone());
            let set = JwkSet::of(refused.clone().map(jwk).into_iter().chain([key.clone()]));
            let chosen = EncryptionKey::choose(provider, encryption, &set).unwrap();
            assert_eq!(chosen.public_key(), &key, "{members}");
        }
    }
    // Read as it is written, whatever it is for.
    for members in refused.iter().chain(&taken) {
        let key = jwk(members.clone());
        let written = serde_json::to_vec(&key).unwrap();
        assert_eq!(Jwk::parse(&written).unwrap(), key, "{members}");
    }
}

/// ID-7: a recipient's point that is not on its curve, or of small order.
#[test]
fn nothing_is_encrypted_to_a_key_that_is_no_key() {
    let off_curve = PublicKey::Ec { curve: Curve::P256, x: vec![1; 32], y: vec![1; 32] };
    let short = PublicKey::Ec { curve: Curve::P521, x: vec![1; 65], y: vec![1; 66] };
    for (_, provider) in PROVIDERS {
        for key in [off_curve.clone(), short.clone(), PublicKey::X25519 { x: [0; 32] }] {
            let jwk = Jwk::new(key).for_encryption(None);
            let error = EncryptionKey::new(provider, DIRECT, &jwk)
                .and_then(|key| key.encrypt_bytes(b"", None, entropy(1)))
                .unwrap_err();
            assert_eq!(rule(&error), "ID-7", "{jwk:?}");
        }
    }
}

/// A provider of a program's own that only signs has nothing to change, and what asks it to encrypt is told.
#[test]
fn a_provider_without_encryption_is_told_by_name() {
    struct SignsOnly;

    impl CryptoProvider for SignsOnly {
        fn algorithms(&self) -> &[Algorithm] {
            RustCrypto.algorithms()
        }

        fn verifier(&self, algorithm: Algorithm, key: &PublicKey) -> Result<Verify, KeyRejected> {
            RustCrypto.verifier(algorithm, key)
        }

        fn signer(
            &self,
            algorithm: Algorithm,
            key: PrivateKey<'_>,
        ) -> Result<(Sign, PublicKey), KeyRejected> {
            RustCrypto.signer(algorithm, key)
        }
    }

    let key = agreeing(AgreementCurve::X25519);
    let errors = [
        EncryptionKey::new(&SignsOnly, DIRECT, &key.public()).map(drop).unwrap_err(),
        PrivateJwk::generate_for_encryption(&SignsOnly, AgreementCurve::P256, entropy(1))
            .map(drop)
            .unwrap_err(),
        DecryptionKeys::new(&SignsOnly, &[key], &[]).map(drop).unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().contains("does not encrypt"), "{error}");
    }
}

/// The key in the place of one that does not unwrap is not the same for every key and every text: a tag under a zero key, or
/// under that of another private key, is as wrong as any.
#[test]
fn a_key_that_does_not_unwrap_is_replaced_by_one_that_nobody_knows() {
    let encryption = Encryption::new(KeyAlgorithm::EcdhEsA128Kw);
    for (_, provider) in PROVIDERS {
        let keys = keys_of(provider, agreeing(AgreementCurve::X25519));
        let good = encrypted(provider, &keys, encryption, b"hello");
        let broken = with_part(&good, 1, &[0; 40]);
        assert_eq!(rule(&decrypted(&broken, &keys, encryption).unwrap_err()), "ID-46");
        // The content under a key of zeros.
        let aad = good.split('.').next().unwrap();
        let ciphertext = provider.encryption().unwrap().cbc_encrypt(&[0; 16], &[7; 16], b"forged").unwrap();
        let mac = [aad.as_bytes(), &[7; 16], &ciphertext, &(8 * aad.len() as u64).to_be_bytes()].concat();
        let zeros = KeyPair::from_secret(Algorithm::Hs256, &[0; 32]).unwrap();
        let tag = valetkey_core::jose::Signer::sign(&zeros, &mac).unwrap().ready().unwrap();
        let mut forged = with_part(&with_part(&broken, 2, &[7; 16]), 3, &ciphertext);
        forged = with_part(&forged, 4, &tag[..16]);
        assert_eq!(part(&forged, 4).len(), 16);
        assert_eq!(rule(&decrypted(&forged, &keys, encryption).unwrap_err()), "ID-46");
    }
}

//! Keys: imported from every form, and shown by none.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use valetkey_core::jose::{
    Algorithm, DeferredSigner, Jws, JwtSigner, JwtType, KeyPair, PrivateJwk, PrivateKey, RustCrypto, Signed,
    Signer, SignerError, VerificationKeys,
};
use valetkey_tests::jose::{HMAC_SECRET, PROVIDERS, RSA, key_pair, private_jwk, verification_keys, verified};

/// Everything secret of a private JWK, as texts that could come out: in base64url, in hexadecimal, as a list of bytes.
fn private_texts(jwk: &PrivateJwk) -> Vec<String> {
    let json: Value = serde_json::from_str(&jwk.expose()).unwrap();
    ["d", "p", "q", "dp", "dq", "qi"]
        .iter()
        .filter_map(|name| json[name].as_str())
        .flat_map(|text| {
            let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
            let hex = bytes[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            [text.to_owned(), hex, format!("{:?}", &bytes[..8]).trim_end_matches(']').to_owned()]
        })
        .collect()
}

#[test]
fn no_debug_shows_a_private_key_a_secret_or_a_jwt() {
    for (_, provider) in PROVIDERS {
        for &algorithm in Algorithm::ALL {
            let key = key_pair(provider, algorithm);
            let signer = JwtSigner::new(key.clone(), Some("JWT"));
            let unsigned = signer.write(&json!({ "jti": "planted-jti" })).unwrap();
            let jwt = unsigned.sign().unwrap().ready().unwrap();
            let jws = Jws::parse(jwt.expose()).unwrap();
            let mut shown = format!("{key:?} {key:#?} {signer:?} {unsigned:?} {jwt:?} {jws:?}");
            let keys = verification_keys(provider, algorithm);
            let verified = jws.verify(&keys, JwtType::Generic).unwrap();
            shown += &format!("{keys:?} {verified:?} {:?}", Jws::parse(jwt.expose()));
            let mut planted = vec![HMAC_SECRET.to_owned(), "planted-jti".to_owned(), jwt.expose().to_owned()];
            if !algorithm.is_symmetric() {
                let private = private_jwk(algorithm);
                shown += &format!("{private:?} {private:#?}");
                planted.extend(private_texts(&private));
            }
            let (_, signature) = jwt.expose().rsplit_once('.').unwrap();
            planted.push(signature.to_owned());
            for secret in planted {
                assert!(!shown.contains(&secret), "{algorithm}: {secret} in {shown}");
            }
        }
    }
    let d = [7_u8; 32];
    for key in [PrivateKey::Ed25519 { d: &d, public: None }, PrivateKey::Pkcs8(&d)] {
        assert!(!format!("{key:?}").contains('7'));
    }
}

/// Nor does an error of an import that failed.
#[test]
fn no_error_shows_a_private_key() {
    let good: Value = serde_json::from_str(RSA).unwrap();
    let mut broken = Vec::new();
    for name in ["kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        for value in [
            Value::Null,
            json!("planted-SECRET"),
            json!("planted SECRET"),
            json!(7),
            json!(["planted-SECRET"]),
        ] {
            let mut jwk = good.clone();
            jwk[name] = value;
            broken.push(jwk.to_string());
        }
        let mut jwk = good.clone();
        jwk.as_object_mut().unwrap().remove(name);
        broken.push(jwk.to_string());
    }
    broken.push(format!("{}planted-SECRET", RSA));
    broken.push(RSA.replace(r#""kty":"RSA""#, r#""kty":"RSA","use":"enc""#));
    broken.push(RSA.replace(r#""kty":"RSA""#, r#""kty":"RSA","alg":"RSA-OAEP""#));
    broken.push(RSA.replace(r#""kty":"RSA""#, r#""kty":"RSA","oth":[]"#));
    let secrets = private_texts(&private_jwk(Algorithm::Rs256));
    for (name, provider) in PROVIDERS {
        for jwk in &broken {
            let outcome = PrivateJwk::parse(jwk.as_bytes())
                .and_then(|key| KeyPair::new(provider, Algorithm::Rs256, &key));
            // The CRT members are recomputed by one provider and compared by the other.
            let Err(error) = outcome else {
                assert_eq!(name, "rust-crypto", "{jwk}");
                continue;
            };
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains("planted") && !secrets.iter().any(|secret| shown.contains(secret)),
                "{shown}"
            );
        }
    }
}

/// PKCS#8 of OpenSSL, in DER and PEM: of each kind of key, to the same public key on both providers.
#[test]
fn a_pkcs8_key_is_imported_by_both_providers() {
    // Made for this test: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 (P-384), -algorithm ed25519, -algorithm RSA
    let keys = [
        (Algorithm::Es256, include_str!("../../keys/p256.pem")),
        (Algorithm::Es384, include_str!("../../keys/p384.pem")),
        (Algorithm::EdDsa, include_str!("../../keys/ed25519.pem")),
        (Algorithm::Ps256, include_str!("../../keys/rsa.pem")),
    ];
    for (algorithm, pem) in keys {
        let thumbprints = PROVIDERS.map(|(_, provider)| {
            let key = KeyPair::from_pem(provider, algorithm, pem).unwrap();
            let signer = JwtSigner::new(Arc::new(key.clone()), None);
            let jwt = signer.write(&json!({})).unwrap().sign().unwrap().ready().unwrap();
            for (_, verifier) in PROVIDERS {
                let keys = VerificationKeys::one(verifier, &[algorithm], key.public_key().unwrap()).unwrap();
                assert!(verified(jwt.expose(), &keys).is_ok(), "{algorithm}");
            }
            assert!(!format!("{key:?}").contains(&pem[40..60]));
            key.public_key().unwrap().thumbprint()
        });
        assert_eq!(thumbprints[0], thumbprints[1]);
        // The wrong algorithm, a cut text, another label, and what is no key at all are refused.
        let base64 = pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
        let der = STANDARD.decode(base64).unwrap();
        for (_, provider) in PROVIDERS {
            let wrong = if algorithm == Algorithm::Es256 { Algorithm::Es384 } else { Algorithm::Es256 };
            assert!(KeyPair::from_pkcs8(provider, wrong, &der).is_err());
            assert!(KeyPair::from_pkcs8(provider, algorithm, &der[..der.len() - 1]).is_err());
            assert!(KeyPair::from_pkcs8(provider, algorithm, &[]).is_err());
            let older = pem.replace("PRIVATE KEY", "RSA PRIVATE KEY");
            assert!(KeyPair::from_pem(provider, algorithm, &older).is_err());
            assert!(KeyPair::from_pem(provider, algorithm, &pem.replace('M', "?")).is_err());
        }
    }
}

/// A key that answers later: asked twice it is asked for one signature; a refusal comes out too.
#[test]
fn a_deferred_key_is_asked_again_until_it_has_signed() {
    let key = key_pair(&RustCrypto, Algorithm::Es256);
    let deferred =
        Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), Duration::from_millis(50)));
    let signer = JwtSigner::new(deferred.clone(), None);
    let jwt = signer.write(&json!({ "jti": "1" })).unwrap();
    for _ in 0..3 {
        let Signed::Pending(time) = jwt.sign().unwrap() else { panic!("nobody has signed") };
        assert_eq!(time, Duration::from_millis(50));
        assert_eq!(deferred.wanted().len(), 1);
    }
    assert!(jwt.sign().unwrap().ready().is_err(), "where nobody can wait, it is an error");
    let message = deferred.wanted().remove(0);
    deferred.fulfil(&message, key.sign(&message).map(|signed| signed.ready().unwrap()));
    assert!(deferred.wanted().is_empty());
    let jwt = jwt.sign().unwrap().ready().unwrap();
    assert!(verified(jwt.expose(), &verification_keys(&RustCrypto, Algorithm::Es256)).is_ok());

    let other = signer.write(&json!({ "jti": "2" })).unwrap();
    assert!(matches!(other.sign().unwrap(), Signed::Pending(_)));
    deferred.fulfil(&deferred.wanted()[0], Err(SignerError::new("the card was taken out")));
    assert!(other.sign().unwrap_err().to_string().contains("the card was taken out"));
    // What nobody asked for is not kept.
    deferred.fulfil(b"unasked", Ok(vec![0; 64]));
    assert!(deferred.wanted().is_empty());
    // And what is asked for is bounded.
    let refused = (0..2000).find(|n| signer.write(&json!({ "jti": n })).unwrap().sign().is_err());
    assert_eq!(refused, Some(1024));
    // A signature that nobody picks up makes room.
    deferred.fulfil(&deferred.wanted()[0], Ok(vec![0; 64]));
    assert!(signer.write(&json!({ "jti": "next" })).unwrap().sign().is_ok());
}

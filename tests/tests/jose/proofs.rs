//! CA-4, DP-1: what client assertions and DPoP proofs say.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};
use valetkey_core::client::{CLIENT_ASSERTION_TYPE, ClientAssertion};
use valetkey_core::jose::{Algorithm, AwsLc, Claims, Signer, UnsignedJwt, VerificationKeys};
use valetkey_core::{AccessToken, AuthorizationServer, Dpop, Entropy, Error, Quirk, Rule};
use valetkey_tests::jose::{PROVIDERS, key_pair, verification_keys, verified};
use valetkey_tests::{NOW, entropy};

fn rule(error: &Error) -> &'static str {
    error.rule().map_or("none", Rule::id)
}

/// The header and the claims, once the signature is found to be the key's.
fn read(jwt: &UnsignedJwt, keys: &VerificationKeys) -> (Value, Value) {
    let jwt = jwt.sign().unwrap().ready().unwrap();
    let payload = verified(jwt.expose(), keys).unwrap();
    let header = URL_SAFE_NO_PAD.decode(jwt.expose().split('.').next().unwrap()).unwrap();
    (serde_json::from_slice(&header).unwrap(), serde_json::from_slice(&payload).unwrap())
}

fn assertions(signer: Arc<dyn Signer>) -> ClientAssertion {
    ClientAssertion::new(signer, entropy(1), "s6BhdRkqt3", "https://as.example")
}

#[test]
fn an_assertion_is_by_and_about_the_client_for_one_issuer_and_one_use() {
    assert_eq!(CLIENT_ASSERTION_TYPE, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    for (_, provider) in PROVIDERS {
        for &algorithm in Algorithm::ALL {
            let assertions = assertions(key_pair(provider, algorithm));
            assert_eq!(assertions.algorithm(), algorithm);
            let (header, claims) =
                read(&assertions.write(NOW).unwrap(), &verification_keys(provider, algorithm));
            let mut expected = json!({ "alg": algorithm.name() });
            if !algorithm.is_symmetric() {
                expected["kid"] = "k".into();
            }
            assert_eq!(header, expected);
            let jti = claims["jti"].as_str().unwrap();
            assert!(jti.len() >= 16, "96 bits or more");
            assert_eq!(
                claims,
                json!({
                    "iss": "s6BhdRkqt3", "sub": "s6BhdRkqt3", "aud": "https://as.example", "jti": jti,
                    "iat": 1_700_000_000, "exp": 1_700_000_060,
                })
            );
        }
    }
}

/// CA-4, DP-1: nor do clones of a key repeat an identifier, or keys of other entropy.
#[test]
fn no_identifier_is_given_twice() {
    let keys = verification_keys(&AwsLc, Algorithm::EdDsa);
    let key = key_pair(&AwsLc, Algorithm::EdDsa);
    let assertions = assertions(key.clone());
    let proofs = Dpop::of(key.clone(), entropy(2)).unwrap();
    let proofs_elsewhere = Dpop::of(key, entropy(3)).unwrap();
    let uri = "https://as.example/token".parse().unwrap();
    let mut seen = BTreeSet::new();
    for _ in 0..50 {
        for jwt in [
            assertions.write(NOW).unwrap(),
            assertions.clone().write(NOW).unwrap(),
            proofs.proof(&Method::POST, &uri, NOW).unwrap(),
            proofs.clone().proof(&Method::POST, &uri, NOW).unwrap(),
            proofs_elsewhere.proof(&Method::POST, &uri, NOW).unwrap(),
        ] {
            let jwt = jwt.sign().unwrap().ready().unwrap();
            // A proof names no key, and an assertion names `k`: the keys take both.
            let claims = Claims::read(verified(jwt.expose(), &keys).unwrap()).unwrap();
            assert!(seen.insert(claims.claim::<String>("jti").unwrap().unwrap()));
        }
    }
    assert_eq!(seen.len(), 250);
}

#[test]
fn an_assertion_is_short_lived_and_for_an_endpoint_under_its_quirk_only() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    for lifetime in [Duration::ZERO, Duration::from_millis(999), Duration::from_secs(301), Duration::MAX] {
        assert_eq!(rule(&assertions(key.clone()).lifetime(lifetime).unwrap_err()), "CA-4");
    }
    let long = assertions(key.clone()).lifetime(Duration::from_secs(300)).unwrap();
    let keys = verification_keys(&AwsLc, Algorithm::Es256);
    assert_eq!(read(&long.write(NOW).unwrap(), &keys).1["exp"], 1_700_000_300);

    let endpoint = "https://as.example/token";
    let server = AuthorizationServer::new().token_endpoint(endpoint).unwrap();
    let refused = assertions(key.clone()).addressed_to(&server).unwrap_err();
    assert_eq!(rule(&refused), "CA-4");
    let server = server.admit(Quirk::EndpointAudience);
    let addressed = assertions(key).addressed_to(&server).unwrap();
    assert_eq!(read(&addressed.write(NOW).unwrap(), &keys).1["aud"], endpoint);
}

#[test]
fn a_proof_names_the_method_and_the_uri_without_its_query() {
    for (_, provider) in PROVIDERS {
        let key = key_pair(provider, Algorithm::Es256);
        let dpop = Dpop::of(key.clone(), entropy(4)).unwrap();
        assert_eq!(dpop.thumbprint(), key.public_key().unwrap().thumbprint());
        assert_eq!(dpop.algorithm(), Algorithm::Es256);
        let keys = verification_keys(provider, Algorithm::Es256);
        let shown: Value = serde_json::from_str(&key.public_key().unwrap().required_members()).unwrap();
        for (uri, htu) in [
            ("https://as.example/token", "https://as.example/token"),
            ("https://as.example/token?a=b&c", "https://as.example/token"),
            ("https://as.example", "https://as.example/"),
            ("https://AS.example:8443/a%2fb/../c/?", "https://AS.example:8443/a%2fb/../c/"),
        ] {
            let proof = dpop.proof(&Method::POST, &uri.parse().unwrap(), NOW).unwrap();
            let (header, claims) = read(&proof, &keys);
            assert_eq!(header, json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": shown }));
            let jti = claims["jti"].as_str().unwrap();
            assert_eq!(claims, json!({ "jti": jti, "htm": "POST", "htu": htu, "iat": 1_700_000_000 }));
        }
        for uri in ["/token", "as.example:443", "https://user@as.example/token"] {
            let error = dpop.proof(&Method::POST, &uri.parse().unwrap(), NOW).unwrap_err();
            assert_eq!(rule(&error), "DP-1", "{uri}");
        }
    }
    let secret = key_pair(&AwsLc, Algorithm::Hs256);
    assert_eq!(rule(&Dpop::of(secret, Entropy::from_seed([1; 32])).unwrap_err()), "DP-1");
}

/// RFC 9449 §7.1: the hash of its token, and §9: the nonce.
#[test]
fn a_proof_at_an_api_has_the_tokens_hash_and_the_servers_nonce() {
    let dpop = Dpop::of(key_pair(&AwsLc, Algorithm::Es256), entropy(5)).unwrap();
    let token = AccessToken::new("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU").unwrap();
    let uri = "https://resource.example.org/protectedresource".parse().unwrap();
    let proof =
        dpop.proof_with(&Method::GET, &uri, NOW, Some(&token), Some("eyJ7S_zG.eyJH0-Z.HX4w-7v")).unwrap();
    let (_, claims) = read(&proof, &verification_keys(&AwsLc, Algorithm::Es256));
    assert_eq!(claims["ath"], "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    assert_eq!(claims["nonce"], "eyJ7S_zG.eyJH0-Z.HX4w-7v");
    assert!(!format!("{dpop:?} {proof:?}").contains("Kz~8"));
}

/// One call makes a key and what writes its proofs; the same entropy makes the same key, with any provider.
#[test]
fn a_key_for_tokens_is_generated_in_one_call() {
    let made: BTreeSet<String> = PROVIDERS
        .iter()
        .map(|(_, provider)| Dpop::generate(*provider, Algorithm::Es256, entropy(9)).unwrap())
        .map(|dpop| {
            assert_eq!(dpop.algorithm(), Algorithm::Es256);
            let proof = dpop.proof(&Method::POST, &"https://as.example/token".parse().unwrap(), NOW).unwrap();
            assert!(proof.sign().is_ok());
            dpop.thumbprint().to_owned()
        })
        .collect();
    assert_eq!(made.len(), 1);
    let other = Dpop::generate(&AwsLc, Algorithm::Es256, entropy(10)).unwrap();
    assert!(!made.contains(other.thumbprint()));
    assert!(matches!(Dpop::generate(&AwsLc, Algorithm::Ps256, entropy(9)), Err(Error::Misuse(_))));
}

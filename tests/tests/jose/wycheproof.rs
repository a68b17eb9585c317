//! Wycheproof's vectors of JWS and JWK (`json_web_signature`, `json_web_key`), through both crypto providers. Where our
//! verdict differs from theirs, it is listed here by number, with its reason.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use valetkey_core::Rule;
use valetkey_core::jose::{Algorithm, CryptoProvider, Jwk, JwkSet, PrivateJwk, VerificationKeys};
use valetkey_tests::jose::{PROVIDERS, verified};
use wycheproof_ng_kdf_jose::json_web::{TestName, TestSet};

/// The vectors whose verdict is not ours, and why.
const SIGNATURE_EXCEPTIONS: &[(&[usize], &str)] = &[
    (&[346, 350], "accepted there: the key is bound to PS256, the JWS is PS384 (ID-6)"),
    (
        &[347, 351],
        "accepted there: the key is bound to \"ES521\", which is no algorithm, and P-521 is none of ours",
    ),
    (
        &[367, 370],
        "refused there: the text, padding stripped, is that of the valid vector 357, letter by letter",
    ),
    (&[372, 373], "accepted there: a '?' stands in the middle of base64url (ID-2)"),
];
const KEY_EXCEPTIONS: &[(&[usize], &str)] = &[
    (
        &[2],
        "accepted there: a set of secrets; a set is read from a URL here, and has public keys only (JK-1)",
    ),
    (
        &[7],
        "refused there: an RSA key that a known faulty chip made (ROCA); to replace it is its owner's matter",
    ),
];

/// ID-2 to ID-7, CA-5.
#[test]
fn signatures_are_judged_as_wycheproof_does_but_for_the_intended_exceptions() {
    judge(TestName::JsonWebSignature, 401, SIGNATURE_EXCEPTIONS);
}

/// ID-6, ID-7, JK-1, CA-5.
#[test]
fn keys_are_judged_as_wycheproof_does_but_for_the_intended_exceptions() {
    judge(TestName::JsonWebKey, 26, KEY_EXCEPTIONS);
}

/// RFC 7520 §4.2, whose key Wycheproof binds to another algorithm: under its own it verifies, and under no other (ID-6).
/// Of the rest of §4, §4.1 and §4.4 are among Wycheproof's; §4.3 is ES512, which is not ours; §4.5 to §4.8 are detached or in
/// JSON, and a JWT is neither.
#[test]
fn rfc_7520_4_2_ps384() {
    let set = TestSet::load(TestName::JsonWebSignature).unwrap();
    for (name, provider) in PROVIDERS {
        let mut seen = 0;
        for group in &set.test_groups {
            for test in group.tests.iter().filter(|test| [346, 350].contains(&test.tc_id)) {
                seen += 1;
                let mut key = group.public_key.clone().or(group.private_key.clone()).unwrap();
                let bound = key.as_object_mut().unwrap().remove("alg");
                assert_eq!(bound, Some("PS256".into()));
                let key = PrivateJwk::parse(key.to_string().as_bytes())
                    .map(|key| key.public())
                    .or_else(|_| Jwk::parse(key.to_string().as_bytes()))
                    .unwrap();
                let verdict = |algorithm| {
                    let keys = VerificationKeys::one(provider, &[algorithm], &key).unwrap();
                    verified(test.jws.as_ref().unwrap().as_str().unwrap(), &keys)
                };
                let payload = verdict(Algorithm::Ps384).unwrap();
                assert!(payload.starts_with(b"It\xe2\x80\x99s a dangerous business, Frodo"), "{name}");
                assert_eq!(verdict(Algorithm::Ps256).unwrap_err().rule(), Some(Rule::Id4));
            }
        }
        assert_eq!(seen, 2);
    }
}

fn judge(name: TestName, count: usize, exceptions: &[(&[usize], &str)]) {
    let set = TestSet::load(name).unwrap();
    let mut expected = exceptions.iter().flat_map(|(ids, _)| ids.iter().copied()).collect::<Vec<_>>();
    expected.sort_unstable();
    for (provider_name, provider) in PROVIDERS {
        let mut seen = 0;
        let mut different = Vec::new();
        for group in &set.test_groups {
            let key = group.public_key.as_ref().or(group.private_key.as_ref()).unwrap();
            for test in &group.tests {
                seen += 1;
                let accepted = verdict(provider, key, test.jws.as_ref().unwrap()).is_ok();
                if accepted == test.result.must_fail() {
                    different.push(test.tc_id);
                }
            }
        }
        assert_eq!(seen, count);
        assert_eq!(different, expected, "{provider_name}");
    }
}

/// Verifies as a client would that has this key or key set of its server's, pinned to the key's algorithm.
fn verdict(provider: &dyn CryptoProvider, key: &Value, jws: &Value) -> Result<(), String> {
    let keys = keys(provider, key)?;
    let jws = jws.as_str().ok_or("not in compact form")?;
    verified(jws, &keys).map(drop).map_err(|error| error.to_string())
}

fn keys(provider: &dyn CryptoProvider, key: &Value) -> Result<VerificationKeys, String> {
    // Some secrets come as a set of one.
    let secret = key["keys"].as_array().filter(|keys| keys.len() == 1).map_or(key, |keys| &keys[0]);
    let json = key.to_string();
    let keys = if secret["kty"] == "oct" {
        let algorithm = Algorithm::from_name(secret["alg"].as_str().unwrap()).ok_or("unknown algorithm")?;
        let secret =
            URL_SAFE_NO_PAD.decode(secret["k"].as_str().unwrap()).map_err(|error| error.to_string())?;
        VerificationKeys::secret(algorithm, &secret)
    } else if key.get("keys").is_some() {
        JwkSet::parse(json.as_bytes())
            .and_then(|set| VerificationKeys::new(provider, provider.algorithms(), &set))
    } else {
        Jwk::parse(json.as_bytes()).and_then(|jwk| {
            let pinned = jwk.algorithm().map_or(provider.algorithms().to_vec(), |algorithm| vec![algorithm]);
            VerificationKeys::one(provider, &pinned, &jwk)
        })
    };
    keys.map_err(|error| error.to_string())
}

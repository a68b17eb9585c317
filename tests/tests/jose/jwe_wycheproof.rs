//! Wycheproof's vectors of JWE (`json_web_encryption`, with those of RFC 7520 §5 among them), through both crypto providers.
//! Where our verdict differs from theirs, it is listed here by number, with its reason.

use std::collections::BTreeMap;

use serde_json::Value;
use valetkey_core::jose::jwe::{ContentAlgorithm, DecryptionKeys, Encryption, KeyAlgorithm};
use valetkey_core::jose::{CryptoProvider, PrivateJwk};
use valetkey_tests::jose::PROVIDERS;
use valetkey_tests::jwe::decrypted;
use wycheproof_ng_kdf_jose::json_web::{TestName, TestSet};

/// The algorithms that are never taken, with how many vectors are refused for it, the valid ones too (ID-45): shared secrets,
/// and RSA as PKCS #1 v1.5 pads it.
const NEVER: [(&str, usize); 8] = [
    ("A128KW", 4),
    ("A192KW", 1),
    ("A256KW", 33),
    ("A128GCMKW", 2),
    ("A192GCMKW", 1),
    ("A256GCMKW", 9),
    ("A128GCM", 1),
    ("RSA1_5", 16),
];
/// What pure Rust does not decrypt, since its RSA lets the key be told by the time that it takes; with how many vectors.
const BY_AWS_LC_ALONE: [(&str, usize); 2] = [("RSA-OAEP", 8), ("RSA-OAEP-256", 20)];

/// The vectors whose verdict is not ours though their algorithm is, and why.
const EXCEPTIONS: &[(&[usize], &str)] = &[];

/// ID-45 to ID-49, RFC 7520 §5.2, §5.4 and §5.5. The rest of RFC 7520 §5 is refused, or cannot be asked: §5.1 is RSA1_5, §5.3
/// a password, §5.6 to §5.8 shared secrets, §5.9 compressed, and §5.10 to §5.13 are in JSON.
#[test]
fn encryption_is_judged_as_wycheproof_does_but_for_the_intended_exceptions() {
    let set = TestSet::load(TestName::JsonWebEncryption).unwrap();
    let mut expected = EXCEPTIONS.iter().flat_map(|(ids, _)| ids.iter().copied()).collect::<Vec<_>>();
    expected.sort_unstable();
    for (name, provider) in PROVIDERS {
        let refused = NEVER.iter().chain(BY_AWS_LC_ALONE.iter().filter(|_| name != "aws-lc"));
        let refused: BTreeMap<&str, usize> = refused.copied().collect();
        let mut seen_refused = BTreeMap::new();
        let (mut seen, mut opened, mut different) = (0, 0, Vec::new());
        for group in &set.test_groups {
            let key = group.private_key.as_ref().unwrap();
            let algorithm = key["alg"].as_str().unwrap();
            let is_ours = !refused.contains_key(algorithm);
            for test in &group.tests {
                seen += 1;
                let verdict = verdict(provider, key, test.enc.as_deref(), test.jwe.as_ref().unwrap());
                if !is_ours {
                    *seen_refused.entry(algorithm).or_insert(0) += 1;
                    assert!(verdict.is_err(), "{name} {}", test.tc_id);
                } else if verdict.is_ok() == test.result.must_fail() {
                    different.push(test.tc_id);
                } else if let (Ok(plaintext), Some(expected)) = (verdict, &test.pt) {
                    opened += 1;
                    let hex: String = plaintext.iter().map(|byte| format!("{byte:02x}")).collect();
                    assert_eq!(hex, *expected, "{name} {}", test.tc_id);
                }
            }
        }
        assert_eq!(seen, 139);
        assert_eq!(seen_refused, refused, "{name}");
        assert!(opened > 20, "{name} {opened}");
        assert_eq!(different, expected, "{name}");
    }
}

/// Decrypts as a client would that has this private key, and registered its algorithm and the vector's `enc`.
fn verdict(
    provider: &dyn CryptoProvider,
    key: &Value,
    content: Option<&str>,
    jwe: &Value,
) -> Result<Vec<u8>, String> {
    let key = PrivateJwk::parse(key.to_string().as_bytes()).map_err(|error| error.to_string())?;
    let keys = DecryptionKeys::new(provider, &[key], &[]).map_err(|error| error.to_string())?;
    let bound = keys.published().keys()[0].key_algorithm();
    let algorithm: KeyAlgorithm = bound.ok_or("not bound to an algorithm")?;
    let content = content.and_then(ContentAlgorithm::from_name).ok_or("unknown enc")?;
    let text = jwe.as_str().ok_or("not in compact form")?;
    decrypted(text, &keys, Encryption::new(algorithm).with(content)).map_err(|error| error.to_string())
}

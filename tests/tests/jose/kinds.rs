//! A key of the wrong kind is named, with the kind that the algorithm needs.

use valetkey_core::jose::{Algorithm, AwsLc, CryptoProvider, KeyPair, PrivateJwk, RustCrypto};
use valetkey_tests::jose::private_jwk;

/// Made for these tests by OpenSSL; the kind as an error tells it.
const KEYS: [(&str, &str, Algorithm); 4] = [
    (include_str!("../../keys/p256.pem"), "an EC key on P-256", Algorithm::Es256),
    (include_str!("../../keys/p384.pem"), "an EC key on P-384", Algorithm::Es384),
    (include_str!("../../keys/ed25519.pem"), "an Ed25519 key", Algorithm::Ed25519),
    (include_str!("../../keys/rsa.pem"), "an RSA key", Algorithm::Rs256),
];

const PROVIDERS: [&dyn CryptoProvider; 2] = [&AwsLc, &RustCrypto];

#[test]
fn a_key_of_the_wrong_kind_is_named_with_the_one_that_is_needed() {
    for provider in PROVIDERS {
        for (pem, found, own) in KEYS {
            for (_, wanted, algorithm) in KEYS.iter().filter(|(_, wanted, _)| *wanted != found) {
                let told = KeyPair::from_pem(provider, *algorithm, pem).unwrap_err().to_string();
                assert_eq!(told, format!("misuse: the key is {found}, and {algorithm} needs {wanted}"));
                let jwk = private_jwk(own).expose().replace(&format!(r#""alg":"{own}""#), r#""kid":"k""#);
                let jwk = PrivateJwk::parse(jwk.as_bytes()).unwrap();
                let told = KeyPair::new(provider, *algorithm, &jwk).unwrap_err().to_string();
                assert!(told.contains(found) && told.contains(wanted) || told.contains(own.name()), "{told}");
            }
        }
    }
}

#[test]
fn a_pem_of_another_kind_is_named_by_its_label_and_nothing_else_of_it() {
    for (label, says) in [
        ("RSA PRIVATE KEY", "`openssl pkcs8 -topk8 -nocrypt`"),
        ("EC PRIVATE KEY", "`openssl pkcs8 -topk8 -nocrypt`"),
        ("ENCRYPTED PRIVATE KEY", "an unencrypted \"PRIVATE KEY\" is needed"),
        ("PUBLIC KEY", "give the private key that belongs to it"),
        ("CERTIFICATE", "give the private key that belongs to it"),
    ] {
        let pem = format!("-----BEGIN {label}-----\nplanted\n-----END {label}-----\n");
        let told = KeyPair::from_pem(&AwsLc, Algorithm::Es256, &pem).unwrap_err().to_string();
        assert!(told.contains(&format!("\"{label}\"")) && told.contains(says), "{told}");
        assert!(!told.contains("planted"), "{told}");
    }
    let told = KeyPair::from_pem(&AwsLc, Algorithm::Es256, "planted").unwrap_err().to_string();
    assert!(told.contains("\"PRIVATE KEY\"") && !told.contains("planted"), "{told}");
}

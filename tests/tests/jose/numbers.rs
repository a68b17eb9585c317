//! What a provider of an application's own is shown of a private key, and prints of it.

use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use valetkey_core::jose::{
    Algorithm, AwsLc, CryptoProvider, Curve, KeyPair, KeyRejected, PrivateJwk, PrivateKey, PublicKey, Sign,
    Verify,
};
use valetkey_tests::jose::{RSA, private_jwk};

/// Notes the numbers of an RSA key as RFC 7518 §6.3 orders them, and how the key prints.
#[derive(Default)]
struct Looking {
    numbers: Mutex<Vec<Vec<u8>>>,
    shown: Mutex<String>,
}

impl CryptoProvider for Looking {
    fn algorithms(&self) -> &[Algorithm] {
        AwsLc.algorithms()
    }

    fn verifier(&self, algorithm: Algorithm, key: &PublicKey) -> Result<Verify, KeyRejected> {
        AwsLc.verifier(algorithm, key)
    }

    fn signer(&self, algorithm: Algorithm, key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected> {
        *self.shown.lock().unwrap() = format!("{key:?}");
        if let PrivateKey::Rsa(rsa) = &key {
            let numbers = [rsa.n(), rsa.e(), rsa.d(), rsa.p(), rsa.q(), rsa.dp(), rsa.dq(), rsa.qi()];
            *self.numbers.lock().unwrap() = numbers.map(<[u8]>::to_vec).to_vec();
            *self.shown.lock().unwrap() += &format!(" {rsa:?}");
        }
        AwsLc.signer(algorithm, key)
    }
}

#[test]
fn a_provider_is_shown_every_number_of_an_rsa_key_by_its_name() {
    let provider = Looking::default();
    let key = PrivateJwk::parse(RSA.as_bytes()).unwrap();
    KeyPair::new(&provider, Algorithm::Rs256, &key).unwrap();
    let jwk: Value = serde_json::from_str(RSA).unwrap();
    let numbers = ["n", "e", "d", "p", "q", "dp", "dq", "qi"]
        .map(|name| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap());
    assert_eq!(*provider.numbers.lock().unwrap(), numbers);
    assert_eq!(*provider.shown.lock().unwrap(), "Rsa(<secret>) RsaPrivateKey(<secret>)");
}

/// Whoever prints what it is shown prints the kind and nothing of the numbers.
#[test]
fn a_private_key_prints_its_kind_alone() {
    for (algorithm, shown) in [(Algorithm::Es256, "Ec(<secret>)"), (Algorithm::EdDsa, "Ed25519(<secret>)")] {
        let provider = Looking::default();
        KeyPair::new(&provider, algorithm, &private_jwk(algorithm)).unwrap();
        assert_eq!(*provider.shown.lock().unwrap(), shown);
    }
    let d = [7; 32];
    let keys = [
        (PrivateKey::Ec { curve: Curve::P256, d: &d, public: None }, "Ec(<secret>)"),
        (PrivateKey::Ed25519 { d: &d, public: None }, "Ed25519(<secret>)"),
        (PrivateKey::X25519 { d: &d, public: None }, "X25519(<secret>)"),
        (PrivateKey::Pkcs8(&d), "Pkcs8(<secret>)"),
    ];
    for (key, shown) in keys {
        assert_eq!(format!("{key:?}"), shown);
    }
}

//! ID-7: an Ed25519 key that belongs to nobody, or is written in a second way, is no key, whoever does the arithmetic.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use valetkey_core::Rule;
use valetkey_core::jose::{
    Algorithm, CryptoProvider, Jwk, JwkSet, Jws, JwtType, KeyRejected, PrivateJwk, PrivateKey, PublicKey,
    Sign, Signer as _, VerificationKeys, Verify,
};
use valetkey_tests::jose::{PROVIDERS, key_pair};

const ALGORITHMS: [Algorithm; 2] = [Algorithm::EdDsa, Algorithm::Ed25519];

/// The 14 encodings of the 8 points of small order that some decoder takes, as printed in "Taming the many EdDSAs"
/// (Chalkias, Garillot, Nikolaenko, 2020, table 2): by order, sign and spelling.
const SMALL_ORDER: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

fn bytes(hex: &str) -> [u8; 32] {
    std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
}

/// The 19 numbers that are no residue but fit in the bits, from p to 2^255 - 1, with either sign.
fn beyond_the_prime() -> impl Iterator<Item = [u8; 32]> {
    (0xed..=0xff).flat_map(|first| [0x7f, 0xff].map(|last| (first, last))).map(|(first, last)| {
        let mut x = [0xff; 32];
        x[0] = first;
        x[31] = last;
        x
    })
}

fn nobodys() -> Vec<[u8; 32]> {
    SMALL_ORDER.iter().map(|hex| bytes(hex)).chain(beyond_the_prime()).collect()
}

fn jwk(x: &[u8; 32]) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(x) })
}

/// A provider that takes whatever key it is given, and finds every signature good.
struct Credulous;

impl CryptoProvider for Credulous {
    fn algorithms(&self) -> &[Algorithm] {
        &ALGORITHMS
    }

    fn verifier(&self, _: Algorithm, _: &PublicKey) -> Result<Verify, KeyRejected> {
        Ok(Box::new(|_, _| true))
    }

    fn signer(&self, _: Algorithm, key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected> {
        match key {
            PrivateKey::Ed25519 { public: Some(public), .. } => {
                Ok((Box::new(|_| Ok(vec![0; 64])), public.clone()))
            }
            _ => Err(KeyRejected::unfit()),
        }
    }
}

#[test]
fn s8_a_key_that_is_nobodys_is_refused_by_every_provider() {
    let providers: Vec<(&str, &dyn CryptoProvider)> =
        PROVIDERS.into_iter().chain([("credulous", &Credulous as &dyn CryptoProvider)]).collect();
    for x in nobodys() {
        let key = PublicKey::Ed25519 { x };
        for (name, provider) in &providers {
            for algorithm in ALGORITHMS {
                let made = VerificationKeys::one(*provider, &[algorithm], &Jwk::new(key.clone()));
                assert_eq!(made.unwrap_err().rule(), Some(Rule::Id7), "{name} {x:02x?}");
                // Made by hand, a set is not read by anybody before; the key is left out of it.
                let set = JwkSet::of([Jwk::new(key.clone())]);
                let keys = VerificationKeys::new(*provider, &[algorithm], &set).unwrap();
                let refused = forged(&x, &[7; 32], algorithm).verified(&keys);
                assert_eq!(refused, Some(Rule::Id6), "{name} {x:02x?}");
            }
        }
        for (name, provider) in PROVIDERS {
            assert!(
                provider.verifier(Algorithm::EdDsa, &key).is_err(),
                "{name}, asked without core: {x:02x?}"
            );
        }
    }
}

#[test]
fn s8_a_key_that_is_nobodys_is_not_read() {
    let good =
        serde_json::to_value(key_pair(PROVIDERS[1].1, Algorithm::EdDsa).public_key().unwrap()).unwrap();
    for x in nobodys() {
        let error = Jwk::parse(jwk(&x).to_string().as_bytes()).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Id7), "{x:02x?}");
        // Where it is one of several, the others stay.
        let set = json!({ "keys": [jwk(&x), good] }).to_string();
        let set = JwkSet::parse(set.as_bytes()).unwrap();
        assert_eq!((set.keys().len(), set.ignored()), (1, 1), "{x:02x?}");
        // The sender of a DPoP proof chooses the key that is in it.
        let proof = forged(&x, &x, Algorithm::EdDsa).0;
        let error = Jws::parse(&proof).unwrap().embedded_key().unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Id7), "{x:02x?}");
    }
}

/// A private key whose public half is said to be such a point is none of ours.
#[test]
fn s8_nobody_signs_with_a_key_that_is_nobodys() {
    for x in nobodys() {
        let mut private = jwk(&x);
        private["d"] = json!(URL_SAFE_NO_PAD.encode([7; 32]));
        assert!(PrivateJwk::parse(private.to_string().as_bytes()).is_err(), "{x:02x?}");
    }
}

/// Every other number below p is for the provider to judge: what is just beside those refused here is not refused for it.
#[test]
fn s8_a_key_beside_them_is_read() {
    // The base point's, the largest number below p - 1, and the smallest above 1.
    let base = "5866666666666666666666666666666666666666666666666666666666666666";
    let below = "ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
    let above = "0200000000000000000000000000000000000000000000000000000000000000";
    let inside = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc06";
    for hex in [base, below, above, inside] {
        assert!(Jwk::parse(jwk(&bytes(hex)).to_string().as_bytes()).is_ok(), "{hex}");
    }
    for (name, provider) in PROVIDERS {
        let key = PublicKey::Ed25519 { x: bytes(base) };
        assert!(provider.verifier(Algorithm::EdDsa, &key).is_ok(), "{name}");
    }
}

/// A JWT with the key in its header, and `r` followed by zeros for its signature: what anybody can write.
struct Forged(String);

fn forged(x: &[u8; 32], r: &[u8; 32], algorithm: Algorithm) -> Forged {
    let header = json!({ "alg": algorithm.name(), "jwk": jwk(x) });
    let signature = [*r, [0; 32]].concat();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Forged(format!("{}.{}.{}", part(header.to_string().as_bytes()), part(b"{}"), part(&signature)))
}

impl Forged {
    fn verified(&self, keys: &VerificationKeys) -> Option<Rule> {
        let jws = Jws::parse(&self.0).unwrap();
        jws.verify(keys, JwtType::Generic).err().and_then(|error| error.rule())
    }
}

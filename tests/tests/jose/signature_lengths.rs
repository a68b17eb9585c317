//! ID-7: how long a signature is, both where it is verified and where a key of an application's own gives it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use valetkey_core::Rule;
use valetkey_core::jose::{Algorithm, AwsLc, Jwk, JwtSigner, Signed, Signer, SignerError};
use valetkey_tests::jose::{signed, verification_keys, verified};

/// As RFC 7518 §3.2 and §3.4 and RFC 8032 have it. With RSA it is as long as the key, which its arithmetic finds out.
const LENGTHS: [(Algorithm, Option<usize>); 13] = [
    (Algorithm::Es256, Some(64)),
    (Algorithm::Es384, Some(96)),
    (Algorithm::EdDsa, Some(64)),
    (Algorithm::Ed25519, Some(64)),
    (Algorithm::Ps256, None),
    (Algorithm::Ps384, None),
    (Algorithm::Ps512, None),
    (Algorithm::Rs256, None),
    (Algorithm::Rs384, None),
    (Algorithm::Rs512, None),
    (Algorithm::Hs256, Some(32)),
    (Algorithm::Hs384, Some(48)),
    (Algorithm::Hs512, Some(64)),
];

/// ID-7, ID-8.
#[test]
fn a_signature_of_another_length_is_no_signature() {
    for (algorithm, length) in LENGTHS {
        let jwt = signed(&AwsLc, algorithm, &json!({}));
        let keys = verification_keys(&AwsLc, algorithm);
        assert!(verified(&jwt, &keys).is_ok(), "{algorithm}");
        let (input, signature) = jwt.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert_eq!(signature.len(), length.unwrap_or(256), "{algorithm}");
        let (last, longer) = (signature.len() - 1, [&signature[..], &[0]].concat());
        for wrong in [&signature[1..], &signature[..last], &longer, &[]] {
            let text = format!("{input}.{}", URL_SAFE_NO_PAD.encode(wrong));
            let rule = verified(&text, &keys).unwrap_err().rule();
            let expected = if length.is_some() { Rule::Id7 } else { Rule::Id8 };
            assert_eq!(rule, Some(expected), "{algorithm}: {} bytes", wrong.len());
        }
    }
}

/// A key that gives as many bytes as it likes.
struct Giving {
    algorithm: Algorithm,
    bytes: usize,
}

impl Signer for Giving {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn public_key(&self) -> Option<&Jwk> {
        None
    }

    fn sign(&self, _: &[u8]) -> Result<Signed<Vec<u8>>, SignerError> {
        Ok(Signed::Ready(vec![1; self.bytes]))
    }
}

/// ID-7.
#[test]
fn a_signature_that_a_key_gives_in_another_length_is_not_sent() {
    for (algorithm, length) in LENGTHS {
        let given = |bytes| {
            let jwt = JwtSigner::new(Arc::new(Giving { algorithm, bytes }), None).write(&json!({})).unwrap();
            jwt.sign().and_then(Signed::ready).map(drop).err().and_then(|error| error.rule())
        };
        let right = length.unwrap_or(256);
        assert_eq!(given(right), None, "{algorithm}");
        for wrong in [right - 1, right + 1] {
            assert_eq!(given(wrong), length.map(|_| Rule::Id7), "{algorithm}: {wrong} bytes");
        }
    }
}

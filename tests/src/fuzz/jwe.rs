//! Encrypted JWTs.

use std::sync::LazyLock;

use serde_json::Value;
use valetkey_core::jose::jwe::{
    AgreementCurve, ContentAlgorithm, DecryptionKeys, Encryption, Jwe, KeyAlgorithm, MAX_JWE,
};
use valetkey_core::jose::{Algorithm, AwsLc, JwtType, OaepHash, RustCrypto};

use crate::jose::verification_keys;
use crate::jwe::{ByHand, agreeing, encrypted, keys_of, rsa, rule};

const AGREED: Encryption = Encryption::new(KeyAlgorithm::EcdhEs);
const BY_RSA: Encryption = Encryption::new(KeyAlgorithm::RsaOaep256).with(ContentAlgorithm::A256Gcm);

static KEYS: LazyLock<[DecryptionKeys; 2]> = LazyLock::new(|| {
    let key = || agreeing(AgreementCurve::X25519);
    [keys_of(&AwsLc, key()), keys_of(&RustCrypto, key())]
});

static RSA_KEYS: LazyLock<DecryptionKeys> = LazyLock::new(|| keys_of(&AwsLc, rsa()));

/// All that was ever encrypted to the keys above. The corpus has this text too, so that the fuzzer starts from it.
static ENCRYPTED: LazyLock<String> =
    LazyLock::new(|| encrypted(&RustCrypto, &KEYS[0], AGREED, b"attack at dawn"));

/// A JWE: either its compact text, or, if there is a line break, a header on the first line and a content behind it, which
/// are encrypted here to an RSA key.
///
/// Of texts, nobody's but the one that was encrypted is ever decrypted, and both providers refuse under the same rule. Of
/// what is encrypted here, a content comes out as it went in, and only under a header that an independent reader finds in
/// order.
pub fn jwe(data: &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        None => compact(data),
        Some(end) => {
            let (header, content) = data.split_at(end);
            ours(header, content.get(1..).unwrap_or_default());
        }
    }
}

fn compact(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if Jwe::parse(text).is_err() {
        return;
    }
    assert!(text.len() <= MAX_JWE && text.bytes().filter(|byte| *byte == b'.').count() == 4);
    assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
    let open = |keys| Jwe::parse(text).and_then(|jwe| jwe.decrypt(keys, AGREED));
    let opened = KEYS.each_ref().map(open);
    match &opened {
        [Ok(one), Ok(other)] => {
            assert_eq!(text, ENCRYPTED.as_str(), "a forgery");
            assert_eq!((one.expose(), other.expose()), (&b"attack at dawn"[..], &b"attack at dawn"[..]));
            assert!(one.jws().is_err());
        }
        [Err(one), Err(other)] => {
            assert_eq!(one.to_string(), other.to_string());
            assert!(["ID-44", "ID-46", "ID-47", "ID-49"].contains(&rule(one)), "{one}");
        }
        _ => panic!("the providers differ: {opened:?}"),
    }
}

fn ours(header: &[u8], content: &[u8]) {
    let Ok(header) = std::str::from_utf8(header) else { return };
    let text = ByHand { header, hash: OaepHash::Sha256, content_key: &[9; 32] }.gcm(content);
    let Ok(decrypted) = Jwe::parse(&text).and_then(|jwe| jwe.decrypt(&RSA_KEYS, BY_RSA)) else { return };
    assert_eq!(decrypted.expose(), content);
    let header: Value = serde_json::from_str(header).unwrap_or_default();
    assert_eq!((&header["alg"], &header["enc"]), (&"RSA-OAEP-256".into(), &"A256GCM".into()));
    assert!(header.get("crit").is_none() && header.get("zip").is_none());
    assert!(header.get("kid").is_none_or(|kid| *kid == "rsa"));
    let Ok(jws) = decrypted.jws() else { return };
    let is_a_jwt = |cty: &Value| cty.as_str().is_some_and(|cty| cty.eq_ignore_ascii_case("jwt"));
    assert!(header.get("cty").is_none_or(is_a_jwt));
    assert_eq!(content.iter().filter(|byte| **byte == b'.').count(), 2);
    let Ok(verified) = jws.verify(&verification_keys(&RustCrypto, Algorithm::Hs256), JwtType::Generic) else {
        return;
    };
    let claims: Value = serde_json::from_slice(verified.payload()).unwrap_or_default();
    for name in ["iss", "sub", "aud"] {
        assert!(header.get(name).is_none_or(|value| claims.get(name) == Some(value)), "{name}");
    }
}

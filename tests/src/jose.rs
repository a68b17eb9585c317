//! Keys of every kind for tests of JWTs, and both crypto providers.

use std::sync::Arc;

use valetkey_core::Error;
use valetkey_core::jose::{
    Algorithm, AwsLc, CryptoProvider, JwkSet, Jws, JwtSigner, JwtType, KeyPair, PrivateJwk, RustCrypto,
    Signer, VerificationKeys,
};

use crate::entropy;

/// Both providers, by name.
pub const PROVIDERS: [(&str, &dyn CryptoProvider); 2] = [("aws-lc", &AwsLc), ("rust-crypto", &RustCrypto)];

/// A private RSA key of 2048 bits: that of RFC 7515 A.2.1, published there.
pub const RSA: &str = r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB","d":"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ","p":"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc","q":"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc","dp":"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0","dq":"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU","qi":"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"}"#;

/// A secret of 64 bytes, long enough for every HMAC.
pub const HMAC_SECRET: &str = "planted-HMAC-SECRET-planted-HMAC-SECRET-planted-HMAC-SECRET-0123";

/// The same private key for an algorithm, whoever the provider is.
#[must_use]
pub fn private_jwk(algorithm: Algorithm) -> PrivateJwk {
    match algorithm {
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa | Algorithm::Ed25519 => {
            PrivateJwk::generate(&RustCrypto, algorithm, entropy(9)).unwrap()
        }
        _ => PrivateJwk::parse(RSA.as_bytes()).unwrap(),
    }
}

/// What signs by an algorithm: the key above, or the secret, under the identifier `k`.
#[must_use]
pub fn key_pair(provider: &dyn CryptoProvider, algorithm: Algorithm) -> Arc<KeyPair> {
    Arc::new(if algorithm.is_symmetric() {
        KeyPair::from_secret(algorithm, HMAC_SECRET.as_bytes()).unwrap()
    } else {
        KeyPair::new(provider, algorithm, &private_jwk(algorithm)).unwrap().with_key_id("k")
    })
}

/// What verifies by it.
#[must_use]
pub fn verification_keys(provider: &dyn CryptoProvider, algorithm: Algorithm) -> VerificationKeys {
    if algorithm.is_symmetric() {
        return VerificationKeys::secret(algorithm, HMAC_SECRET.as_bytes()).unwrap();
    }
    let set = JwkSet::of(key_pair(provider, algorithm).public_key().cloned());
    VerificationKeys::new(provider, &[algorithm], &set).unwrap()
}

/// A signed JWT with these claims.
#[must_use]
pub fn signed(provider: &dyn CryptoProvider, algorithm: Algorithm, claims: &serde_json::Value) -> String {
    let signer = JwtSigner::new(key_pair(provider, algorithm), None);
    signer.write(claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned()
}

/// The payload that the keys verify, of a JWT of whatever type.
///
/// # Errors
///
/// As [`Jws::parse`] and [`Jws::verify`].
pub fn verified(text: &str, keys: &VerificationKeys) -> Result<Vec<u8>, Error> {
    let jws = Jws::parse(text)?;
    let typ = jws.typ().map(str::to_owned);
    let expected = typ.as_deref().map_or(JwtType::Generic, JwtType::Explicit);
    Ok(jws.verify(keys, expected)?.payload().to_vec())
}

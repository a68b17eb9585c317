//! JWTs and key sets.

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::jose::{
    Algorithm, AwsLc, Claims, ClaimsCheck, CryptoProvider as _, Jwk, JwkSet, Jws, JwtType, MAX_JWT, MAX_KEYS,
    PrivateJwk, RustCrypto, VerificationKeys,
};

use super::by_secret;
use crate::NOW;
use crate::jose::{signed, verification_keys};

/// The asymmetric algorithms whose signatures are verified here: the cheap ones.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::Es256, Algorithm::EdDsa];

static KEYS: LazyLock<Vec<VerificationKeys>> = LazyLock::new(|| {
    let pairs = ALGORITHMS.map(|algorithm| (verification_keys(&RustCrypto, algorithm), algorithm));
    pairs.into_iter().flat_map(|(keys, algorithm)| [keys, verification_keys(&AwsLc, algorithm)]).collect()
});

/// All that the keys above ever signed. The corpus has these texts too, so that the fuzzer starts from them.
static SIGNED: LazyLock<Vec<String>> = LazyLock::new(|| {
    ALGORITHMS
        .map(|algorithm| signed(&RustCrypto, algorithm, &json!({ "iss": "https://as.example" })))
        .to_vec()
});

static SECRET: LazyLock<VerificationKeys> =
    LazyLock::new(|| verification_keys(&RustCrypto, Algorithm::Hs256));

/// A JWT: either its compact text, or, if there is a line break, a header on the first line and a payload behind it,
/// which are signed here with the secret.
///
/// Of texts, nobody's but those that were signed are ever verified. Of what is signed here, a payload comes out as it
/// went in, and only under a header that an independent reader finds in order.
pub fn jwt(data: &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        None => compact(data),
        Some(end) => {
            let (header, payload) = data.split_at(end);
            ours(header, payload.get(1..).unwrap_or_default());
        }
    }
}

fn compact(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(jws) = Jws::parse(text) else { return };
    assert!(text.len() <= MAX_JWT && text.bytes().filter(|byte| *byte == b'.').count() == 2);
    assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
    let _ = jws.embedded_key();
    for keys in KEYS.iter().chain([&*SECRET]) {
        if Jws::parse(text).is_ok_and(|jws| jws.verify(keys, JwtType::Generic).is_ok()) {
            let input = |text: &str| text.rsplit_once('.').map(|(input, _)| input.to_owned());
            assert!(SIGNED.iter().any(|known| input(known) == input(text)), "a forgery");
        }
    }
}

fn ours(header: &[u8], payload: &[u8]) {
    let Some(text) = by_secret(header, payload) else { return };
    let Ok(jws) = Jws::parse(&text) else { return };
    // Whatever it says to be, it is verified as that.
    let typ = jws.typ().map(str::to_owned);
    let expected = typ.as_deref().map_or(JwtType::Generic, JwtType::Explicit);
    let Ok(verified) = jws.verify(&SECRET, expected) else { return };
    assert_eq!(verified.payload(), payload);
    let header: Value = serde_json::from_slice(header).unwrap_or_default();
    assert_eq!(header["alg"], "HS256");
    assert_eq!(header.get("typ").and_then(Value::as_str), verified.typ());
    assert!(header.get("crit").is_none() && header.get("b64").is_none_or(|b64| *b64 == true));
    if let Ok(claims) = verified.claims() {
        holds(&claims);
    }
}

/// Whatever is claimed, more leeway accepts more, and what is checked is there.
fn holds(claims: &Claims) {
    let check = ClaimsCheck::at(NOW).issuer("https://as.example").audience("s6BhdRkqt3").expires();
    let strict = check.check(claims).is_ok();
    assert!(!strict || check.clone().leeway(Duration::MAX).check(claims).is_ok());
    if strict {
        assert_eq!(claims.issuer(), Some("https://as.example"));
        assert!(claims.audience().iter().any(|audience| audience == "s6BhdRkqt3"));
        assert!(claims.expires_at().is_some_and(|time| time > NOW));
    }
    assert!(claims.expires_at().is_none_or(|time| time.as_secs() < 253_402_300_800));
}

/// A key set, and a single key, public or private. What is read is written so that it is read again, the same; nothing
/// private is ever taken for a public key; and the two providers agree on which points are on their curve.
pub fn jwk_set(data: &[u8]) {
    if let Ok(set) = JwkSet::parse(data) {
        assert!(set.keys().len() + set.ignored() <= MAX_KEYS);
        let written = serde_json::to_vec(&set).unwrap_or_default();
        assert_eq!(JwkSet::parse(&written).ok().as_ref().map(JwkSet::keys), Some(set.keys()));
        set.keys().iter().for_each(key);
    }
    if let Ok(jwk) = Jwk::parse(data) {
        let members: Value = serde_json::from_slice(data).unwrap_or_default();
        assert!(["d", "k", "p", "q"].iter().all(|name| members.get(name).is_none()));
        key(&jwk);
    }
    if let Ok(private) = PrivateJwk::parse(data) {
        let again = PrivateJwk::parse(private.expose().as_bytes());
        assert!(again.is_ok_and(|again| *again.expose() == *private.expose()));
        assert!(Jwk::parse(private.expose().as_bytes()).is_err());
    }
}

fn key(jwk: &Jwk) {
    assert_eq!(jwk.thumbprint().len(), 43);
    for algorithm in [Algorithm::Es256, Algorithm::Es384] {
        let on_curve = AwsLc.verifier(algorithm, jwk.key()).is_ok();
        assert_eq!(on_curve, RustCrypto.verifier(algorithm, jwk.key()).is_ok());
        assert!(!on_curve || algorithm.fits(jwk.key()));
    }
}

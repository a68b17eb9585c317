//! ID-7, JK-1: keys that are too small, too large, off their curve, private or too many.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use valetkey_core::jose::{Algorithm, Jwk, JwkSet, Jws, JwtType, MAX_KEYS, RustCrypto, VerificationKeys};
use valetkey_tests::jose::{PROVIDERS, private_jwk, signed};

/// Far more than the largest set takes, and nothing to a person.
const SOON: Duration = Duration::from_secs(20);

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The rule that refuses a key, when it is read or when it is taken for an algorithm.
fn refusals(algorithm: Algorithm, jwk: &Value) -> Vec<&'static str> {
    let taken = |(_, provider)| {
        Jwk::parse(jwk.to_string().as_bytes())
            .and_then(|jwk| VerificationKeys::one(provider, &[algorithm], &jwk))
    };
    PROVIDERS
        .map(taken)
        .into_iter()
        .map(|outcome| outcome.err().map_or("", |error| error.rule().unwrap().id()))
        .collect()
}

/// An odd number of so many bits.
fn modulus(bits: usize) -> Vec<u8> {
    let mut n = vec![0xff; bits.div_ceil(8)];
    n[0] >>= (8 - bits % 8) % 8;
    n
}

/// RSA keys of 1024, 8200 and 16384 bits, even, with a leading zero; exponents that are empty, 0, 1, even, of 33 and 256
/// bits and more, with leading zeros.
#[test]
fn held_an_rsa_key_out_of_bounds_is_refused() {
    let rsa = |n: &[u8], e: &[u8]| json!({ "kty": "RSA", "n": encoded(n), "e": encoded(e) });
    let usual = [1, 0, 1];
    for bits in [2048, 3072, 4096, 8192] {
        assert_eq!(refusals(Algorithm::Ps256, &rsa(&modulus(bits), &usual)), ["", ""], "{bits}");
    }
    for bits in [1, 8, 512, 1023, 1024, 2040, 2047, 8193, 8200, 16384, 32768] {
        assert_eq!(refusals(Algorithm::Ps256, &rsa(&modulus(bits), &usual)), ["ID-7", "ID-7"], "{bits}");
    }
    let mut even = modulus(2048);
    even[255] = 0xfe;
    let leading = [&[0][..], &modulus(2048)].concat();
    for n in [even, leading, vec![0; 256], Vec::new()] {
        assert_eq!(refusals(Algorithm::Rs256, &rsa(&n, &usual)), ["ID-7", "ID-7"], "{n:02x?}");
    }
    let two_to_the = |bits: usize| [&[1][..], &vec![0; bits / 8 - 1], &[1]].concat();
    let mut of_256_bits = vec![0xff; 32];
    of_256_bits[31] = 1;
    for e in [
        vec![],
        vec![0],
        vec![1],
        vec![2],
        vec![4],
        vec![0, 0, 0],
        vec![1, 0, 0],
        vec![0, 1, 0, 1],
        vec![0, 0, 3],
        two_to_the(32),
        two_to_the(64),
        of_256_bits,
        modulus(2048),
    ] {
        assert_eq!(refusals(Algorithm::Rs256, &rsa(&modulus(2048), &e)), ["ID-7", "ID-7"], "{e:02x?}");
    }
}

/// Points that are not on the curve: coordinates swapped, of another point, beyond the field, at infinity, of another
/// curve, too short and too long.
#[test]
fn held_a_point_off_its_curve_is_refused() {
    for (algorithm, curve, size) in [(Algorithm::Es256, "P-256", 32), (Algorithm::Es384, "P-384", 48)] {
        let good = serde_json::to_value(private_jwk(algorithm).public()).unwrap();
        let part = |name: &str| URL_SAFE_NO_PAD.decode(good[name].as_str().unwrap()).unwrap();
        let (x, y) = (part("x"), part("y"));
        let ec = |x: &[u8], y: &[u8]| json!({ "kty": "EC", "crv": curve, "x": encoded(x), "y": encoded(y) });
        assert_eq!(refusals(algorithm, &ec(&x, &y)), ["", ""]);
        let (zero, ones) = (vec![0; size], vec![0xff; size]);
        let mut near = y.clone();
        near[size - 1] ^= 1;
        for (x, y) in [
            (&y, &x),
            (&x, &near),
            (&x, &zero),
            (&zero, &y),
            (&zero, &zero),
            (&ones, &y),
            (&x, &ones),
            (&ones, &ones),
        ] {
            assert_eq!(refusals(algorithm, &ec(x, y)), ["ID-7", "ID-7"], "{curve} {x:02x?} {y:02x?}");
        }
        let long = [&[0][..], &x].concat();
        for odd in [&x[1..], &x[..1], &[], &long] {
            assert_eq!(
                refusals(algorithm, &ec(odd, &y)),
                ["ID-7", "ID-7"],
                "{curve}: x of {} bytes",
                odd.len()
            );
            assert_eq!(
                refusals(algorithm, &ec(&x, odd)),
                ["ID-7", "ID-7"],
                "{curve}: y of {} bytes",
                odd.len()
            );
        }
        let other = if curve == "P-256" { "P-384" } else { "P-256" };
        let mut foreign = ec(&x, &y);
        foreign["crv"] = other.into();
        assert_eq!(refusals(algorithm, &foreign), ["ID-7", "ID-7"], "{curve} as {other}");
    }
}

/// A private or a secret member beside a good public key, or by itself: the key is refused, and so is a set that has it.
#[test]
fn held_a_private_or_a_secret_member_is_refused() {
    let mut published = vec![
        json!({ "kty": "oct" }),
        json!({ "kty": "oct", "k": "AAAA" }),
        json!({ "kty": "oct", "k": encoded(&[7; 64]), "alg": "HS256", "kid": "k" }),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "priv": "AA" }),
    ];
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa] {
        let private: Value = serde_json::from_str(&private_jwk(algorithm).expose()).unwrap();
        published.push(private);
        let good = serde_json::to_value(private_jwk(algorithm).public()).unwrap();
        for member in ["d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"] {
            for value in [json!("AAAA"), json!(""), json!([]), Value::Null] {
                let mut jwk = good.clone();
                jwk[member] = value;
                published.push(jwk);
            }
        }
    }
    let good = private_jwk(Algorithm::Es256).public();
    for jwk in published {
        let error = Jwk::parse(jwk.to_string().as_bytes()).expect_err(&jwk.to_string());
        assert_eq!(error.rule().unwrap().id(), "JK-1", "{jwk}");
        // A secret without its number gives nothing away: a set may leave it out as it does what is unknown.
        if jwk == json!({ "kty": "oct" }) {
            continue;
        }
        let set = json!({ "keys": [good, jwk] }).to_string();
        let error = JwkSet::parse(set.as_bytes()).expect_err(&set);
        assert_eq!(error.rule().unwrap().id(), "JK-1", "{set}");
    }
}

/// As many RSA keys as a set may have, each as large as one may be, taken for six algorithms: it costs a moment, and so
/// does to look for one of them.
#[test]
fn held_the_largest_set_of_the_largest_keys_is_a_moments_work() {
    let largest: Vec<Value> = (0..MAX_KEYS)
        .map(|number| {
            let mut n = modulus(8192);
            n[1] = u8::try_from(number).unwrap();
            json!({ "kty": "RSA", "n": encoded(&n), "e": "AQAB", "kid": format!("k{number}") })
        })
        .collect();
    let text = json!({ "keys": largest }).to_string();
    let six = [
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
        Algorithm::Ps256,
        Algorithm::Ps384,
        Algorithm::Ps512,
    ];
    let foreign = signed(&RustCrypto, Algorithm::Rs256, &json!({}));
    for (name, provider) in PROVIDERS {
        let begun = Instant::now();
        let set = JwkSet::parse(text.as_bytes()).unwrap();
        assert_eq!(set.keys().len(), MAX_KEYS);
        let keys = VerificationKeys::new(provider, &six, &set).unwrap();
        let error = Jws::parse(&foreign).unwrap().verify(&keys, JwtType::Generic).unwrap_err();
        assert_eq!(error.rule().unwrap().id(), "ID-6");
        assert!(begun.elapsed() < SOON, "{name}: {:?}", begun.elapsed());
    }
}

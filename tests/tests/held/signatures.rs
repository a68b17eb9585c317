//! ID-1 to ID-8: forged signatures and headers.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use valetkey_core::jose::{Algorithm, JwtSigner, KeyPair, PublicKey, RustCrypto, Signer as _};
use valetkey_tests::jose::{PROVIDERS, key_pair, private_jwk, signed, verification_keys, verified};

/// The rule by which a provider's keys of an algorithm refuse this, or nothing.
fn refusals(algorithm: Algorithm, text: &str) -> Vec<&'static str> {
    let verdict = |(_, provider)| verified(text, &verification_keys(provider, algorithm));
    PROVIDERS
        .map(verdict)
        .into_iter()
        .map(|outcome| outcome.err().map_or("", |error| error.rule().unwrap().id()))
        .collect()
}

fn input(header: &str, payload: &[u8]) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
}

/// What this header and payload are when the ES256 key has signed them.
fn with_header(header: &str, payload: &[u8]) -> String {
    let input = input(header, payload);
    let signature = key_pair(&RustCrypto, Algorithm::Es256).sign(input.as_bytes()).unwrap().ready().unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// `none` in five spellings: without a signature, with a good one, and with the name in escapes.
#[test]
fn held_none_is_refused_in_every_spelling() {
    for spelling in ["none", "None", "NONE", "nOnE", "noNe", "n\\u006fne", "none ", ""] {
        let header = format!(r#"{{"alg":"{spelling}","kid":"k"}}"#);
        let unsigned = format!("{}.", input(&header, b"{}"));
        for &algorithm in Algorithm::ALL {
            assert_eq!(refusals(algorithm, &unsigned), ["ID-4", "ID-4"], "{header} {algorithm}");
        }
        assert_eq!(refusals(Algorithm::Es256, &with_header(&header, b"{}")), ["ID-4", "ID-4"], "{header}");
    }
}

/// An HMAC keyed with the text of the public key, in each form in which that key is published.
#[test]
fn held_an_hmac_keyed_with_a_public_keys_text_is_refused() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256, Algorithm::EdDsa] {
        let public = private_jwk(algorithm).public();
        let mut forms = vec![
            public.required_members().into_bytes(),
            serde_json::to_vec(&public).unwrap(),
            serde_json::to_vec(&json!({ "keys": [public] })).unwrap(),
            public.thumbprint().into_bytes(),
        ];
        match public.key() {
            PublicKey::Rsa { n, .. } => forms.extend([n.clone(), URL_SAFE_NO_PAD.encode(n).into_bytes()]),
            PublicKey::Ec { x, y, .. } => {
                // A P-256 key in DER (RFC 5480 §2), and the PEM that libraries print of it.
                let head = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04";
                let der = [&head[..], x, y].concat();
                let base64 = STANDARD.encode(&der);
                let (first, second) = base64.split_at(64);
                for end in ["", "\n"] {
                    let pem = format!(
                        "-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----{end}"
                    );
                    forms.push(pem.into_bytes());
                }
                forms.extend([der, [&[4][..], x, y].concat(), [&x[..], y].concat()]);
            }
            PublicKey::Ed25519 { x } => forms.push(x.to_vec()),
            other => panic!("{other:?}"),
        }
        for form in forms {
            for hmac in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
                let Ok(key) = KeyPair::from_secret(hmac, &form) else {
                    assert!(form.len() < 64, "only what is too short for the hash is no secret");
                    continue;
                };
                let forged = JwtSigner::new(Arc::new(key), None).write(&json!({})).unwrap();
                let forged = forged.sign().unwrap().ready().unwrap();
                assert_eq!(refusals(algorithm, forged.expose()), ["ID-4", "ID-4"], "{algorithm} {hmac}");
            }
        }
    }
}

/// `crit`, `b64`, `zip`, an `alg` that comes twice, once in escapes, and a `kid` of another type.
#[test]
fn held_a_header_that_plays_tricks_is_refused_or_changes_nothing() {
    for header in [
        r#"{"alg":"ES256","crit":["b64"]}"#,
        r#"{"alg":"ES256","crit":["zip"],"zip":"DEF"}"#,
        r#"{"alg":"ES256","crit":"x"}"#,
        r#"{"alg":"ES256","crit":null}"#,
        r#"{"alg":"ES256","\u0063rit":["exp"]}"#,
        r#"{"alg":"ES256","b64":false}"#,
        r#"{"alg":"ES256","b64":0}"#,
        r#"{"alg":"ES256","b64":null}"#,
        r#"{"alg":"ES256","\u0062\u00364":false}"#,
        r#"{"alg":"none","alg":"ES256"}"#,
        r#"{"alg":"ES256","alg":"none"}"#,
        r#"{"alg":"none","\u0061lg":"ES256"}"#,
        r#"{"\u0061lg":"ES256","alg":"none"}"#,
        r#"{"alg":"ES256","a\u006cg":"ES256"}"#,
        r#"{"alg":"ES256","kid":7}"#,
        r#"{"alg":"ES256","kid":["k"]}"#,
        r#"{"alg":"ES256","kid":{"k":1}}"#,
        r#"{"alg":"ES256","kid":true}"#,
        r#"{"alg":"ES256","kid":null}"#,
        r#"{"alg":["ES256"],"kid":"k"}"#,
        r#"{"alg":"ES256","kid":"k"}{}"#,
        r#"{"alg":"ES256","kid":"k"}x"#,
        "{\"alg\":\"ES256\",\"kid\":\"k\"}\u{0}",
        "\u{feff}{\"alg\":\"ES256\",\"kid\":\"k\"}",
    ] {
        assert_eq!(refusals(Algorithm::Es256, &with_header(header, b"{}")), ["ID-3", "ID-3"], "{header}");
    }
    // A kid that no key has, though a path or a query might be made of it.
    for kid in ["K", "k ", "../k", "k' OR '1'='1", "/dev/null", "http://evil.example/k"] {
        let header = json!({ "alg": "ES256", "kid": kid }).to_string();
        assert_eq!(refusals(Algorithm::Es256, &with_header(&header, b"{}")), ["ID-6", "ID-6"], "{header}");
    }
    // An escaped name is the same name, and nothing is unpacked: the payload is what was signed, to the byte.
    let deflated = b"\x4b\x4c\x4a\x06\x00";
    for header in [r#"{"\u0061lg":"ES256","kid":"k"}"#, r#"{"alg":"ES256","kid":"k","zip":"DEF"}"#] {
        let text = with_header(header, deflated);
        for (_, provider) in PROVIDERS {
            assert_eq!(verified(&text, &verification_keys(provider, Algorithm::Es256)).unwrap(), deflated);
        }
    }
}

/// Bytes after each part, and before the first.
#[test]
fn held_trailing_bytes_are_refused() {
    let good = with_header(r#"{"alg":"ES256","kid":"k"}"#, b"{}");
    assert_eq!(refusals(Algorithm::Es256, &good), ["", ""]);
    let (input, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    let mut texts = Vec::new();
    for more in ["A", "AA", "=", "\n", "\r\n", " ", "\t", "\0", "%00", "\u{feff}", "é", "-", "AAAAAAAA"] {
        texts.push(format!("{good}{more}"));
        texts.push(format!("{header}{more}.{payload}.{signature}"));
        texts.push(format!("{header}.{payload}{more}.{signature}"));
        texts.push(format!("{more}{good}"));
    }
    texts.extend([
        format!("{good}."),
        format!("{good}.."),
        format!(".{good}"),
        format!("{good}.{signature}"),
        good.repeat(2),
    ]);
    for text in texts {
        assert!(refusals(Algorithm::Es256, &text).iter().all(|rule| rule.starts_with("ID-")), "{text:?}");
    }
}

/// The orders of P-256 and P-384 (SEC 2 §2.4.2, §2.5.1).
const N256: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const N384: &str =
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// A number of DER, which is signed.
fn der_number(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    let zero = if bytes[0] > 0x7f { &[0][..] } else { &[] };
    [&[2, u8::try_from(bytes.len() + zero.len()).unwrap()][..], zero, bytes].concat()
}

/// ECDSA: `r` and `s` of 0, of the order and more, of all ones; in DER; one byte short and one too many.
#[test]
fn held_an_ecdsa_signature_out_of_range_is_refused() {
    for (algorithm, order) in [(Algorithm::Es256, N256), (Algorithm::Es384, N384)] {
        let order = bytes_of(order);
        let size = order.len();
        let good = signed(&RustCrypto, algorithm, &json!({}));
        assert_eq!(refusals(algorithm, &good), ["", ""]);
        let (input, signature) = good.rsplit_once('.').unwrap();
        let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let (r, s) = raw.split_at(size);
        let (zero, ones) = (vec![0; size], vec![0xff; size]);
        let mut one = zero.clone();
        one[size - 1] = 1;
        let mut beyond = order.clone();
        beyond[size - 1] += 1;
        let verdict =
            |signature: &[u8]| refusals(algorithm, &format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)));
        for odd in [&zero, &one, &order, &beyond, &ones] {
            for (first, second) in [(&odd[..], &odd[..]), (odd, s), (r, odd)] {
                assert_eq!(verdict(&[first, second].concat()), ["ID-8", "ID-8"], "{algorithm} {odd:02x?}");
            }
        }
        let der = [der_number(r), der_number(s)].concat();
        let der = [&[0x30, u8::try_from(der.len()).unwrap()][..], &der].concat();
        for wrong in [
            der,
            raw[..2 * size - 1].to_vec(),
            raw[1..].to_vec(),
            [&raw[..], &[0]].concat(),
            [&[0], &raw[..]].concat(),
            [&[0], r, &[0], s].concat(),
            raw.repeat(2),
            r.to_vec(),
            Vec::new(),
        ] {
            assert_eq!(verdict(&wrong), ["ID-7", "ID-7"], "{algorithm}: {} bytes", wrong.len());
        }
    }
}

/// Ed25519: the same signature with the order added to its `S` (RFC 8032 §5.1.7), and of other lengths.
#[test]
fn held_an_ed25519_signature_that_was_shifted_is_refused() {
    // L, the order of the group, lowest byte first.
    let order = {
        let mut order = bytes_of("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
        order.reverse();
        order
    };
    for algorithm in [Algorithm::EdDsa, Algorithm::Ed25519] {
        let good = signed(&RustCrypto, algorithm, &json!({}));
        assert_eq!(refusals(algorithm, &good), ["", ""]);
        let (input, signature) = good.rsplit_once('.').unwrap();
        let mut raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let verdict = |raw: &[u8]| refusals(algorithm, &format!("{input}.{}", URL_SAFE_NO_PAD.encode(raw)));
        // As often as 32 bytes hold it.
        for times in 1..15 {
            let mut carry = 0;
            for (byte, more) in raw[32..].iter_mut().zip(&order) {
                let sum = u16::from(*byte) + u16::from(*more) + carry;
                (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
            }
            assert_eq!((carry, verdict(&raw)), (0, vec!["ID-8", "ID-8"]), "{algorithm}: S + {times} L");
        }
        assert_eq!(verdict(&[0; 64]), ["ID-8", "ID-8"]);
        assert_eq!(verdict(&[0xff; 64]), ["ID-8", "ID-8"]);
        for length in [0, 32, 63, 65, 128] {
            assert_eq!(verdict(&vec![1; length]), ["ID-7", "ID-7"], "{length}");
        }
    }
}

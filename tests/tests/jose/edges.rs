//! The longest and the most that is read: ID-24, ID-27, JK-1.

use serde_json::json;
use valetkey_core::Rule;
use valetkey_core::jose::jwe::{ContentAlgorithm, Jwe};
use valetkey_core::jose::{Algorithm, JwkSet, Jws, JwtType, MAX_KEYS, RustCrypto};
use valetkey_core::token::JwtAssertion;
use valetkey_tests::jose::signed;
use valetkey_tests::jwe::empty;

/// A text of this length, of which each part is base64url: no such part has one character more than a multiple of four.
fn filled(length: usize, with: impl Fn(&str, &str) -> String) -> String {
    let more = ["AA", "AAA", "AAAA"];
    let texts = more.map(|last| {
        let room = length - with("", last).len();
        (room % 4 != 1).then(|| with(&"A".repeat(room), last))
    });
    texts.into_iter().flatten().next().unwrap()
}

#[test]
fn a_jws_has_256_kib_at_most() {
    let jwt = signed(&RustCrypto, Algorithm::Es256, &json!({}));
    let (header, _) = jwt.split_once('.').unwrap();
    let of = |length| filled(length, |payload, last| format!("{header}.{payload}.{last}"));
    for (length, is_read) in [(256 * 1024, true), (256 * 1024 + 1, false)] {
        assert_eq!(Jws::parse(&of(length)).is_ok(), is_read, "{length}");
    }
}

#[test]
fn an_assertion_has_256_kib_at_most() {
    for (length, is_taken) in [(256 * 1024, true), (256 * 1024 + 1, false)] {
        let text = format!("a.b.{}", "c".repeat(length - 4));
        assert_eq!(JwtAssertion::new(&text).is_ok(), is_taken, "{length}");
    }
}

/// ID-27.
#[test]
fn a_jwe_has_64_kib_at_most() {
    let of = |length: usize| {
        let texts = ["", "k", "ke"].map(|kid| {
            let header = format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"{kid}"}}"#);
            let text = empty(&header, 256, ContentAlgorithm::A256Gcm);
            let room = length - text.len();
            (room % 4 != 1).then(|| text.replace("..", &format!(".{}.", "A".repeat(room))))
        });
        texts.into_iter().flatten().next().unwrap()
    };
    let rule = |text: &str| Jwe::parse(text).map(drop).err().and_then(|error| error.rule());
    for (length, expected) in [(64 * 1024, None), (64 * 1024 + 1, Some(Rule::Id27))] {
        let text = of(length);
        assert_eq!((text.len(), rule(&text)), (length, expected));
    }
}

/// JK-1.
#[test]
fn a_set_has_a_hundred_keys_at_most() {
    for (keys, is_read) in [(MAX_KEYS, true), (MAX_KEYS + 1, false)] {
        let set = json!({ "keys": vec![json!({"kty": "unknown"}); keys] });
        assert_eq!(JwkSet::parse(set.to_string().as_bytes()).is_ok(), is_read, "{keys}");
    }
}

/// ID-24: `application/` may be left out where nothing has a slash behind it (RFC 7515 §4.1.9).
#[test]
fn a_type_is_one_with_application_before_it() {
    for (typ, is_jwt) in [
        ("JWT", true),
        ("application/jwt", true),
        ("Application/JWT", true),
        ("applications/jwt", false),
        ("text/jwt", false),
        ("application/text/jwt", false),
    ] {
        assert_eq!(JwtType::Generic.admits(Some(typ)), is_jwt, "{typ}");
    }
    assert!(JwtType::Explicit("application/at+jwt").admits(Some("at+jwt")));
    assert!(!JwtType::Explicit("application/x/jwt").admits(Some("x/jwt")));
}

#[test]
fn an_algorithm_is_written_by_its_name() {
    assert_eq!(format!("{} {}", Algorithm::Es256, Algorithm::Ps512), "ES256 PS512");
}

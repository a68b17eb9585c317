//! What properties are tested with: answers of any kind, and texts of the classes of RFC 6749 Appendix A.

use http::header::{HeaderName, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use valetkey_core::{Response, UnixTime};

/// `1*VSCHAR`: printable ASCII, at most so many characters.
pub fn vschars(longest: usize) -> impl Strategy<Value = String> {
    text(0x20, longest, "")
}

/// `1*NQCHAR`: what a scope token is made of.
pub fn nqchars(longest: usize) -> impl Strategy<Value = String> {
    text(0x21, longest, "\"\\")
}

/// `token` of RFC 9110 §5.6.2.
pub fn token(longest: usize) -> impl Strategy<Value = String> {
    text(0x21, longest, "\"(),/:;<=>?@[\\]{}")
}

fn text(first: u8, longest: usize, without: &'static str) -> impl Strategy<Value = String> {
    let characters: Vec<char> =
        (first..=0x7e).map(char::from).filter(|character| !without.contains(*character)).collect();
    vec(select(characters), 1..=longest).prop_map(|characters| characters.into_iter().collect())
}

/// Any text at all, control characters and other scripts too.
pub fn any_text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..24).prop_map(|characters| characters.into_iter().collect())
}

/// Any moment, the extremes and today's among them.
pub fn moments() -> impl Strategy<Value = UnixTime> {
    prop_oneof![
        any::<u64>().prop_map(UnixTime::from_millis),
        (0..4_000_000_000_u64).prop_map(UnixTime::from_secs),
        select(vec![0, 1, u64::MAX - 1, u64::MAX]).prop_map(UnixTime::from_millis),
    ]
}

/// Any answer: any status, headers that are right, wrong or garbled, a body that is tokens, nearly tokens, an error or
/// noise.
pub fn answers() -> impl Strategy<Value = Response> {
    let status = prop_oneof![4 => select(vec![200_u16, 200, 400, 401, 429, 503]), 1 => 100..=999_u16];
    (status, vec(headers(), 0..5), bodies()).prop_map(|(status, headers, body)| {
        let mut response = Response::new(body);
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        for (name, value) in headers {
            response.headers_mut().append(name, value);
        }
        response
    })
}

fn headers() -> impl Strategy<Value = (HeaderName, HeaderValue)> {
    let fitting = select(vec![
        ("content-type", "application/json"),
        ("content-type", "application/json; charset=utf-8"),
        ("content-type", "text/html"),
        ("cache-control", "no-store"),
        ("retry-after", "1"),
        ("retry-after", "18446744073709551616"),
        ("retry-after", "Tue, 14 Nov 2023 22:13:30 GMT"),
        ("www-authenticate", r#"Bearer error="invalid_token""#),
        ("www-authenticate", r#"Bearer error="invalid_token"#),
        ("location", "https://evil.example/"),
    ])
    .prop_map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let names = ["content-type", "cache-control", "retry-after", "www-authenticate", "date"];
    let garbled = (select(names.to_vec()), vec(any::<u8>(), 0..40))
        .prop_filter_map("what a header can hold", |(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::from_bytes(&value).ok()?))
        });
    prop_oneof![4 => fitting, 1 => garbled]
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let member = select(vec![
        r#""access_token":"a""#,
        r#""access_token":"a""#,
        r#""token_type":"Bearer""#,
        r#""token_type":"Bearer""#,
        r#""token_type":"DPoP""#,
        r#""expires_in":600"#,
        r#""expires_in":0"#,
        r#""expires_in":18446744073709551615"#,
        r#""expires_in":1e308"#,
        r#""expires_in":-1"#,
        r#""refresh_token":"r1""#,
        r#""refresh_token":null"#,
        r#""scope":"a b""#,
        r#""scope":["a"]"#,
        r#""error":"invalid_grant""#,
        r#""error":"temporarily_unavailable""#,
        r#""error":7"#,
        r#""error_description":"x\u0000\u202e""#,
        r#""x":{"y":[1,2,{"z":null}]}"#,
    ]);
    let objects = vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(",")).into_bytes());
    let tokens = (0..100_000_u64).prop_map(|lifetime| {
        format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{lifetime}}}"#).into_bytes()
    });
    prop_oneof![4 => objects, 2 => tokens, 1 => vec(any::<u8>(), 0..64)]
}

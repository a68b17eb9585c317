//! Planted secrets: each of its own, awkward to encode, and the spellings in which a server may echo one.

use std::error::Error as StdError;
use std::fmt::Write as _;

/// A secret of every kind. They are short, so that nothing recognizes them by their length, and hold the characters
/// that each encoding spells differently.
pub const PLANTED: [(&str, &str); 8] = [
    ("client secret", "cl \"&'+secr<1>"),
    ("password", "pa&\\ss/wö\"rd"),
    ("authorization code", "co+\"de&\\4 x"),
    ("access token", "ac \"ce&ss\\5=="),
    ("refresh token", "re\"fr&esh\\6/ /"),
    ("id token", "id. &\"tok\\7.x"),
    ("permanent token", "pe\"rm &\\8anent"),
    ("extension parameter", "tick\"et&\\9 <x>"),
];

/// The planted secret of a kind.
///
/// # Panics
///
/// If there is none of this kind.
#[must_use]
pub fn planted(kind: &str) -> &'static str {
    PLANTED.iter().find(|(known, _)| *known == kind).map(|(_, secret)| *secret).expect("a kind of secret")
}

/// How a server may spell a value that it echoes, with the spelling's name.
#[must_use]
pub fn spellings(value: &str) -> Vec<(&'static str, String)> {
    let percent = |kept: &str, hex: fn(u8) -> String| -> String {
        value
            .bytes()
            .map(|byte| match byte {
                byte if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) => {
                    char::from(byte).to_string()
                }
                byte => hex(byte),
            })
            .collect()
    };
    let upper = |byte: u8| format!("%{byte:02X}");
    let lower = |byte: u8| format!("%{byte:02x}");
    let json = serde_json::to_string(value).unwrap();
    let json = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap().to_owned();
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    vec![
        ("raw", value.to_owned()),
        ("percent-encoded", percent("-._~", upper)),
        ("percent-encoded in lower case", percent("-._~", lower)),
        ("form-encoded", percent("*-._ ", upper).replace(' ', "+")),
        ("form-encoded in lower case", percent("*-._ ", lower).replace(' ', "+")),
        ("base64", base64(value.as_bytes(), b"+/", true)),
        ("base64 without padding", base64(value.as_bytes(), b"+/", false)),
        ("base64url", base64(value.as_bytes(), b"-_", false)),
        ("JSON-escaped", json.clone()),
        ("JSON-escaped, slashes too", json.replace('/', "\\/")),
        ("HTML-escaped, apostrophes too", html.replace('\'', "&#39;")),
        (
            "HTML-escaped by number",
            value.chars().map(|character| format!("&#x{:x};", u32::from(character))).collect(),
        ),
        ("HTML-escaped", html),
    ]
}

/// An independent base64 (RFC 4648 §4, §5), so that the library is not tested by its own.
#[must_use]
pub fn base64(bytes: &[u8], last: &[u8; 2], padded: bool) -> String {
    let mut alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').collect();
    alphabet.extend(last);
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4_usize {
            if place <= chunk.len() {
                text.push(char::from(alphabet[(bits >> (18 - 6 * place)) as usize & 63]));
            } else if padded {
                text.push('=');
            }
        }
    }
    text
}

/// Everything that an error says of itself: `Display`, `Debug` in both forms, and the same of its sources.
#[must_use]
pub fn told(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let _ = writeln!(text, "{error}\n{error:?}\n{error:#?}");
        next = error.source();
    }
    text
}

/// Fails if any planted secret is in the text, in any spelling.
///
/// # Panics
///
/// If one is.
pub fn assert_clean(text: &str, context: &str) {
    for (kind, secret) in PLANTED {
        assert_absent(text, kind, secret, context);
    }
}

/// Fails if the secret is in the text, in any spelling, as it is or as `Debug` escapes it.
///
/// # Panics
///
/// If it is.
pub fn assert_absent(text: &str, kind: &str, secret: &str, context: &str) {
    for (spelling, echo) in spellings(secret) {
        let escaped = echo.escape_debug().to_string();
        assert!(
            !text.contains(&echo) && !text.contains(&escaped),
            "{context}: the {kind} came out, {spelling}: {text}"
        );
    }
}

//! ER-1, ER-3: what of a server's text is shown. On both sides of each bound: what people are told, and what may be a secret.

use serde_json::json;
use valetkey_core::error::Refused;
use valetkey_tests::{NOW, client, json as answer};

use crate::refusals::{described, refused, with_secret};

/// ER-3: a secret of the request is found by whatever it was written, and by two encodings around each other. It is a short one, so
/// that nothing but its being the secret tells.
#[test]
fn a_short_secret_is_hidden_however_it_is_written() {
    let client = with_secret("a b&<\"%");
    let told = |text: &str| {
        let body = json!({ "error": "invalid_client", "error_description": format!("No: {text}!") });
        refused(&client, 401, &body).description().unwrap_or_default().to_owned()
    };
    // Where it is there as it is, it costs itself alone.
    for plain in ["a b&<\"%", "YSBiJjwiJQ"] {
        assert_eq!(told(plain), "No: <secret>!", "{plain}");
    }
    for written in [
        "a%20b%26%3C%22%25",
        "a+b%26%3c%22%25",
        "%61%20%62%26%3C%22%25",
        r#"a b&<\"%"#,
        r#"\u0061 b\u0026\u003c\u0022%"#,
        "a b&amp;&lt;&quot;%",
        "&#97; b&#38;&#x3c;&#X22;%",
        // One around the other.
        "a%2520b%2526%253C%2522%2525",
        "a%20b%26amp;%26lt;%26quot;%25",
        "a b&amp;amp;&amp;lt;&amp;quot;%",
    ] {
        assert_eq!(told(written), "<secret>", "{written}");
    }
    // What is written so, and is another, is shown.
    for other in [
        "a%20b%26%3C%22%26",
        "a+c%26%3c%22%25",
        "a b&amp;&lt;&apos;%",
        r#"\u0061 b\u0026"#,
        "a&b;c &; &#; &#x; &#xffffffff;",
    ] {
        assert_eq!(told(other), format!("No: {other}!"), "{other}");
    }
}

/// ER-3: what is blank is one space, however much of it there is, and hides nothing of what comes after.
#[test]
fn what_comes_after_much_that_is_blank_is_shown() {
    for blank in [" ".repeat(1000), "\u{200b}".repeat(1000), "\n\t ".repeat(500)] {
        assert_eq!(described(format!("The code{blank}is old.")), "The code is old.");
    }
    // A bound there is all the same, of 400 characters as they are shown.
    let words = "ab ".repeat(400);
    let shown = described(&words);
    assert_eq!((shown.chars().count(), shown.ends_with('\u{2026}')), (401, true));
    assert_eq!(described("ab ".repeat(100)).chars().count(), 299);
}

/// ER-3: a run that is shorter than any token is shown, whatever it is made of; a longer one only if each of its parts is a word, or
/// names a thing.
#[test]
fn a_long_run_is_shown_if_each_of_its_parts_is_a_word_or_names_a_thing() {
    assert_eq!(described("aB3xK9zQ1pL7wT5vY2s"), "aB3xK9zQ1pL7wT5vY2s", "19 characters");
    assert_eq!(described("aB3xK9zQ1pL7wT5vY2sU"), "<secret>", "20 characters");
    let shown = |part: &str| {
        let run = format!("an-error-has-occurred-{part}");
        let shown = described(&run);
        assert!(shown == run || shown == "<secret>", "{shown}");
        shown == run
    };
    for part in [
        // Words: of one case, or joined by their capitals.
        &*"a".repeat(200),
        &"A".repeat(32),
        "InvalidAuthenticationToken",
        "AbcdEfgh",
        "TokenExpiredNow",
        // Hexadecimal, as in a UUID or a trace.
        &"0a".repeat(16),
        &"0A".repeat(16),
        // Letters with a number after them.
        "zzzzzzzzzzzzzz12",
        "OAuth2",
        "RFC7523",
        // Something short.
        "1z2y3x4w",
        "7",
    ] {
        assert!(shown(part), "{part}");
    }
    for part in [
        &*"A".repeat(33),
        "AbcdEfg",
        "TokenExpiredAt",
        &format!("{}b", "0a".repeat(16)),
        "zzzzzzzzzzzzzzz12",
        "OpenId2",
        "aB1c",
        "0aA0",
        "1z2y3x4w5",
        "1zzzzzzzzzzzzzz2",
    ] {
        assert!(!shown(part), "{part}");
    }
}

/// ER-3: of identifiers there may be as many as a UUID has and a little more; where the request is not known, fewer than a token has.
#[test]
fn a_run_has_only_so_many_identifiers() {
    let uuids = |last: &str| format!("0123abcd-0123abcd-0123abcd-0123abcd-{last}");
    assert_eq!(described(uuids("0123abcd")), uuids("0123abcd"), "40 characters");
    assert_eq!(described(uuids("0123abcd-1")), "<secret>", "41 characters");
    let of_strangers = |text: &str| {
        let body = json!({ "error": "invalid_grant", "error_description": text }).to_string();
        Refused::parse(&answer(400, &body), NOW).unwrap().description().unwrap().to_owned()
    };
    let few = "see-0123abcd-0123abcd-123";
    assert_eq!(of_strangers(few), few, "19 characters");
    assert_eq!(of_strangers("see-0123abcd-0123abcd-1234"), "<secret>", "20 characters");
    assert_eq!(described("see-0123abcd-0123abcd-1234"), "see-0123abcd-0123abcd-1234");
}

/// ER-1: a code has 128 characters, and no more.
#[test]
fn a_code_has_a_length() {
    let code = |length: usize| {
        let code = format!("{}_failed", "e".repeat(length - "_failed".len()));
        let refused = refused(&client(), 400, &json!({ "error": code }));
        refused.code().map(|came| *came == *code)
    };
    assert_eq!(code(128), Some(true));
    assert_eq!(code(129), None);
}

//! Character classes of RFC 6749 Appendix A, and a server's text made fit for people and logs.

use crate::echo;

/// `1*VSCHAR`: printable ASCII, space included, at least one character.
pub(crate) fn is_vschar(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}

/// `1*NQSCHAR`: printable ASCII without `"` and `\`.
pub(crate) fn is_nqschar(text: &str) -> bool {
    is_vschar(text) && !text.bytes().any(|byte| matches!(byte, b'"' | b'\\'))
}

/// `1*NQCHAR`: the same without the space.
pub(crate) fn is_nqchar(text: &str) -> bool {
    is_nqschar(text) && !text.contains(' ')
}

/// The longest text of a server that is shown, in characters.
const SHOWN: usize = 400;

/// The shortest run of token characters that is taken for a secret, in characters.
const TOKEN: usize = 20;

/// A server's text as it may be shown and logged (ER-3): one bounded line without control characters, terminal
/// escapes or invisible direction marks, without any of `secrets` in whatever spelling, and without long runs of the characters that
/// tokens are made of, so that a server that echoes a credential does not put it into our logs.
pub(crate) fn displayable(text: &str, secrets: &[&str]) -> String {
    // Cut first, generously: everything below is then bounded, whatever came.
    let shown = echo::hide(text, secrets, 8 * SHOWN);
    let mut clean = String::with_capacity(shown.len().min(SHOWN));
    let mut run = String::new();
    for character in shown.chars().chain([' ']) {
        if character.is_ascii_alphanumeric() || "-._~+/=%".contains(character) {
            run.push(character);
            continue;
        }
        if run.chars().count() >= TOKEN
            && run.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        {
            clean.push_str("<secret>");
        } else {
            clean.push_str(&run);
        }
        run.clear();
        let blank = character.is_whitespace() || is_invisible(character);
        if !blank {
            clean.push(character);
        } else if !clean.ends_with(' ') {
            clean.push(' ');
        }
    }
    let clean = clean.trim();
    match clean.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default()),
        None => clean.to_owned(),
    }
}

fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

//! Character classes of RFC 6749 Appendix A, and a server's text made fit for people and logs.

use std::iter;

use crate::ground::echo;

/// The parts of a text between these characters of ASCII. Byte by byte: the standard library calls a search that is made for
/// long texts once for each part, and these have some bytes each.
pub(crate) fn parts(text: &str, at: u8) -> impl Iterator<Item = &str> {
    let mut left = Some(text);
    iter::from_fn(move || {
        let text = left?;
        let end = text.bytes().position(|byte| byte == at).unwrap_or(text.len());
        let (part, rest) = text.split_at_checked(end)?;
        left = rest.get(1..);
        Some(part)
    })
}

/// `1*VSCHAR`: printable ASCII, space included, at least one character.
pub(crate) fn is_vschar(text: &str) -> bool {
    // All of them fit if the one that is farthest beyond the first, 0x20, does; what is before it is farther than any. No early
    // exit and no more than this, so that the compiler looks at many bytes at once: tokens of a kilobyte pass here, none fails.
    let farthest = text.bytes().fold(0, |farthest: u8, byte| farthest.max(byte.wrapping_sub(0x20)));
    !text.is_empty() && farthest <= 0x7e - 0x20
}

/// `1*NQSCHAR`: printable ASCII without `"` and `\`.
pub(crate) fn is_nqschar(text: &str) -> bool {
    !text.is_empty() && text.bytes().fold(true, |fits, byte| fits & (is_nq(byte) | (byte == b' ')))
}

/// `1*NQCHAR`: the same without the space.
pub(crate) fn is_nqchar(text: impl AsRef<[u8]>) -> bool {
    let bytes = text.as_ref();
    !bytes.is_empty() && bytes.iter().fold(true, |fits, byte| fits & is_nq(*byte))
}

/// Without a branch, for the same reason.
const fn is_nq(byte: u8) -> bool {
    (byte.wrapping_sub(0x21) <= 0x7e - 0x21) & (byte != b'"') & (byte != b'\\')
}

/// The longest text of a server that is shown, in characters.
const SHOWN: usize = 400;

/// The shortest run of token characters that can be a secret, in characters.
const TOKEN: usize = 20;
/// The longest identifiers that are shown, in characters between two separators: hexadecimal ones, words with a number after
/// them, the same that mix cases, and any others.
const HEXADECIMAL: usize = 32;
const NUMBERED: usize = 16;
const MIXED: usize = 6;
const SHORT: usize = 8;
/// How many characters of a run may be in identifiers: a UUID's 32 and a little more.
const IDENTIFIERS: usize = 40;

/// A server's text as it may be shown and logged ([ER-3](crate::Rule::Er3)): one bounded line without control characters,
/// terminal escapes or invisible direction marks, without any of `secrets` in whatever spelling, and without what looks like
/// a token, so that a server that echoes a credential does not put it into our logs. What is made to be shown stays: words,
/// UUIDs, short identifiers.
pub(crate) fn displayable(text: &str, secrets: &[&str]) -> String {
    shown(text, secrets, IDENTIFIERS)
}

/// The same where the secrets of the request are not known: then a UUID or another long identifier may be one of them, as it
/// is at servers whose tokens are UUIDs, and is hidden too.
pub(crate) fn displayable_to_strangers(text: &str) -> String {
    shown(text, &[], TOKEN - 1)
}

fn shown(text: &str, secrets: &[&str], identifiers: usize) -> String {
    // Cut first, generously: everything below is then bounded, whatever came.
    let shown = echo::hide(text, secrets, 8 * SHOWN);
    let mut clean = String::with_capacity(shown.len().min(SHOWN));
    let mut run = String::new();
    for character in shown.chars().chain([' ']) {
        if character.is_ascii_alphanumeric() || "-._~+/=%".contains(character) {
            run.push(character);
            continue;
        }
        clean.push_str(if looks_like_token(&run, identifiers) { "<secret>" } else { &run });
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

/// Whether a run of token characters may be a token: it is long, and not all of its parts are words or identifiers. Random
/// base64 mixes cases and digits, random hexadecimal is longer than an identifier, and a JWT begins with base64. `most` is how
/// many characters of it may be in identifiers.
fn looks_like_token(run: &str, most: usize) -> bool {
    if run.len() < TOKEN {
        return false;
    }
    let parts = || run.split(|character: char| !character.is_ascii_alphanumeric());
    let identifiers: usize =
        parts().filter(|part| part.bytes().any(|byte| byte.is_ascii_digit())).map(str::len).sum();
    identifiers > most || !parts().all(|part| is_word(part) || is_identifier(part))
}

/// Letters as people write them: of one case, or words that are joined by their capitals, such as
/// `InvalidAuthenticationToken`: each has three letters or more, and few of them are capitals.
fn is_word(part: &str) -> bool {
    let capitals = part.bytes().filter(u8::is_ascii_uppercase).count();
    let is_capital = |place: usize| part.as_bytes().get(place).is_some_and(u8::is_ascii_uppercase);
    // Where a word begins within the part: at a capital after a small letter.
    let begins: Vec<usize> = (1..part.len())
        .filter(|place| is_capital(*place) && !is_capital(place - 1))
        .chain([part.len()])
        .collect();
    part.bytes().all(|byte| byte.is_ascii_alphabetic())
        && match capitals {
            0 => true,
            _ if capitals == part.len() => part.len() <= HEXADECIMAL,
            _ => {
                4 * capitals <= part.len()
                    && begins.windows(2).all(|pair| matches!(pair, [from, to] if to - from > 2))
            }
        }
}

/// What names a thing: letters with a number after them, such as `AADSTS700016` or `OAuth2`; hexadecimal of one case, as in
/// a UUID or a trace; or something short.
fn is_identifier(part: &str) -> bool {
    let has = |is: fn(&u8) -> bool| part.bytes().any(|byte| is(&byte));
    let mixes = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let name = part.trim_end_matches(|character: char| character.is_ascii_digit());
    let is_numbered = name.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_hexadecimal = part.bytes().all(|byte| byte.is_ascii_hexdigit());
    has(u8::is_ascii_digit)
        && match part.len() {
            length if mixes => is_numbered && length <= MIXED,
            ..=SHORT => true,
            ..=NUMBERED if is_numbered => true,
            length => is_hexadecimal && length <= HEXADECIMAL,
        }
}

fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

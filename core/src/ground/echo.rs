//! A request's secrets in what a server says: found however they are spelled, and hidden.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

/// How many encodings a server may have laid around a secret for it to be recognized.
const DEPTH: usize = 2;

/// How much longer a secret can become by one encoding: a character of HTML is six (`&quot;`), of JSON too.
const GROWTH: usize = 6;

/// What stands in the place of a secret.
pub(crate) const HIDDEN: &str = "<secret>";

/// The first `length` characters of the text, about, without any of the secrets.
///
/// One that is there as it is, or in base64, is replaced. If one is there in any other spelling, nothing of the text
/// is shown.
pub(crate) fn hide(text: &str, secrets: &[&str], length: usize) -> String {
    let secrets = spelled(secrets);
    let margin = GROWTH * secrets.iter().map(|secret| secret.chars().count()).max().unwrap_or(0);
    let mut characters = text.chars();
    let mut shown: String = characters.by_ref().take(length + margin).collect();
    for secret in &secrets {
        if shown.contains(secret.as_str()) {
            shown = shown.replace(secret.as_str(), HIDDEN);
        }
    }
    // Where the text was cut there may be the beginning of a secret.
    if characters.next().is_some() {
        shown = shown.chars().take(shown.chars().count().saturating_sub(margin)).collect();
    }
    if holds_any(&shown, &secrets, DEPTH) { HIDDEN.to_owned() } else { shown }
}

/// Whether one of the secrets is in the text, in any spelling that [`hide`] knows.
pub(crate) fn is_in(text: &str, secrets: &[&str]) -> bool {
    holds_any(text, &spelled(secrets), DEPTH)
}

/// Each secret as it is and in base64, the longest first, so that none is hidden by halves.
fn spelled(secrets: &[&str]) -> Vec<Zeroizing<String>> {
    let all = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .flat_map(|secret| {
            [(*secret).to_owned(), STANDARD_NO_PAD.encode(secret), URL_SAFE_NO_PAD.encode(secret)]
        })
        .map(Zeroizing::new);
    // They are few, and so much code as the standard library's sort is for them would be in every program.
    let mut spelled = Vec::<Zeroizing<String>>::new();
    for secret in all {
        let place = spelled.partition_point(|longer| longer.len() >= secret.len());
        spelled.insert(place, secret);
    }
    spelled
}

fn holds_any(text: &str, secrets: &[Zeroizing<String>], depth: usize) -> bool {
    secrets.iter().any(|secret| text.contains(secret.as_str()))
        || depth > 0
            && [of_percent, of_form, of_json, of_html].iter().any(|decode| {
                let decoded = decode(text);
                decoded != text && holds_any(&decoded, secrets, depth - 1)
            })
}

fn of_percent(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

fn of_form(text: &str) -> Cow<'_, str> {
    Cow::Owned(of_percent(&text.replace('+', " ")).into_owned())
}

/// The text with the escapes of a JSON string undone.
fn of_json(text: &str) -> Cow<'_, str> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            decoded.push(character);
            continue;
        }
        match rest.next() {
            Some('u') => {
                let code: String = rest.by_ref().take(4).collect();
                decoded.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
            }
            escaped => decoded.extend(escaped),
        }
    }
    Cow::Owned(decoded)
}

/// The text with the character references of HTML undone: the numeric, and the named ones that everybody writes.
fn of_html(text: &str) -> Cow<'_, str> {
    let mut decoded = String::with_capacity(text.len());
    for (place, part) in text.split('&').enumerate() {
        let referred = part.split_once(';').and_then(|(name, rest)| Some((reference(name)?, rest)));
        match referred {
            Some((character, rest)) if place > 0 => {
                decoded.push(character);
                decoded.push_str(rest);
            }
            _ => {
                if place > 0 {
                    decoded.push('&');
                }
                decoded.push_str(part);
            }
        }
    }
    Cow::Owned(decoded)
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            code.ok().and_then(char::from_u32)
        }
    }
}

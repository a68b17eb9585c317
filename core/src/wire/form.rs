//! Forms (`application/x-www-form-urlencoded`), most of whose text stands for itself: codes, tokens, challenges and the names of
//! parameters. That is copied, or lent, as it is; what has to be encoded or decoded is the library's work.

use std::borrow::Cow;
use std::iter;

use form_urlencoded::byte_serialize;
use memchr::{memchr, memchr2};

/// Appends a parameter to those before it. A form that is not empty is given an `&` before it.
pub(crate) fn append_pair(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    append_first(form, name, value);
}

/// Appends a parameter where none is before it, or an `&` is already.
pub(crate) fn append_first(form: &mut String, name: &str, value: &str) {
    append(form, name);
    form.push('=');
    append(form, value);
}

/// Appends a text, encoded.
pub(crate) fn append(form: &mut String, text: &str) {
    if stands_for_itself(text) {
        form.push_str(text);
    } else {
        form.extend(byte_serialize(text.as_bytes()));
    }
}

/// The length of a parameter in a form, with the `=` and what is between it and another.
pub(crate) fn length(name: &str, value: &str) -> usize {
    let of = |text: &str| match stands_for_itself(text) {
        true => text.len(),
        false => byte_serialize(text.as_bytes()).map(str::len).sum(),
    };
    of(name) + of(value) + 2
}

/// Appends a parameter whose name and value the library made of characters that stand for themselves.
pub(crate) fn append_known(form: &mut String, name: &str, value: &str) {
    debug_assert!(stands_for_itself(name) && stands_for_itself(value), "what the library makes is base64url");
    for part in ["&", name, "=", value] {
        form.push_str(part);
    }
}

/// Whether the text is the same when it is encoded.
fn stands_for_itself(text: &str) -> bool {
    // No early exit and no branch, so that the compiler looks at many bytes at once.
    text.bytes().fold(true, |same, byte| {
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let is_digit = byte.wrapping_sub(b'0') < 10;
        same & (is_letter | is_digit | (byte == b'*') | (byte == b'-') | (byte == b'.') | (byte == b'_'))
    })
}

/// The parameters of a form, decoded; parts between two `&` that are empty are none.
pub(crate) fn pairs(form: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let mut left = form;
    let parts = iter::from_fn(move || {
        let (part, rest) = split_once(left, b'&').unwrap_or((left, ""));
        let is_over = left.is_empty();
        left = rest;
        (!is_over).then_some(part)
    });
    parts.filter(|pair| !pair.is_empty()).filter_map(|pair| {
        if memchr2(b'%', b'+', pair.as_bytes()).is_some() {
            // There is no `&` in it, so that it is one.
            return form_urlencoded::parse(pair.as_bytes()).next();
        }
        let (name, value) = split_once(pair, b'=').unwrap_or((pair, ""));
        Some((name.into(), value.into()))
    })
}

/// The text before and after the first such character, which is of ASCII.
pub(crate) fn split_once(text: &str, at: u8) -> Option<(&str, &str)> {
    let (before, rest) = text.split_at_checked(memchr(at, text.as_bytes())?)?;
    Some((before, rest.get(1..)?))
}

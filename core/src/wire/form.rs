//! Forms (`application/x-www-form-urlencoded`), most of whose text stands for itself: codes, tokens, challenges and the names of
//! parameters. That is copied, or lent, as it is; what has to be encoded is the library's work. Decoding is done here: by the library
//! it took an eighth of a whole redirect for an issuer of 26 characters. A property test holds it to the library's.

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
    Part::of(text).append_to(form);
}

/// The length of a parameter in a form, with the `=` and what is between it and another.
pub(crate) fn length(name: &str, value: &str) -> usize {
    Part::of(name).length() + Part::of(value).length() + 2
}

/// A text that is to be in a form, of which it is known whether it stands for itself.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    text: &'a str,
    is_same: bool,
}

impl<'a> Part<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self { text, is_same: stands_for_itself(text) }
    }

    /// Its length when it is encoded.
    pub(crate) fn length(&self) -> usize {
        if self.is_same { self.text.len() } else { byte_serialize(self.text.as_bytes()).map(str::len).sum() }
    }

    /// Appends it, encoded.
    pub(crate) fn append_to(&self, form: &mut String) {
        if self.is_same {
            form.push_str(self.text);
        } else {
            form.extend(byte_serialize(self.text.as_bytes()));
        }
    }
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
    let (sixteens, rest) = text.as_bytes().as_chunks::<AT_ONCE>();
    match text.as_bytes().last_chunk::<AT_ONCE>() {
        // The last of them overlap those before, so that none is looked at by itself.
        Some(last) => sixteens.iter().chain([last]).all(|bytes| stand_for_themselves(bytes)),
        None => stand_for_themselves(rest),
    }
}

/// How many bytes the processor looks at in one step.
const AT_ONCE: usize = 16;

#[inline]
fn stand_for_themselves(bytes: &[u8]) -> bool {
    // No early exit and no branch, so that the compiler looks at many bytes at once.
    bytes.iter().fold(true, |same, byte| {
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let is_digit = byte.wrapping_sub(b'0') < 10;
        same & (is_letter | is_digit | (*byte == b'*') | (*byte == b'-') | (*byte == b'.') | (*byte == b'_'))
    })
}

/// The parameters of a form, decoded; parts between two `&` that are empty are none.
pub(crate) fn pairs(form: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    encoded(form).map(|(name, value)| (decoded(name), decoded(value)))
}

/// The same as they are written.
pub(crate) fn encoded(form: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut left = form;
    let parts = iter::from_fn(move || {
        let (part, rest) = split_once(left, b'&').unwrap_or((left, ""));
        let is_over = left.is_empty();
        left = rest;
        (!is_over).then_some(part)
    });
    // A name is short, so that its end is found byte by byte before a search of many at once has begun.
    parts.filter(|pair| !pair.is_empty()).map(|pair| {
        let end = pair.bytes().position(|byte| byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at_checked(end).unwrap_or((pair, ""));
        (name, value.get(1..).unwrap_or_default())
    })
}

/// A name or a value, decoded as the URL standard has it: what is not in UTF-8 is replaced.
fn decoded(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr2(b'%', b'+', text.as_bytes()) else { return text.into() };
    let (before, mut coded) = text.as_bytes().split_at_checked(first).unwrap_or((b"", text.as_bytes()));
    // Allocated once: it does not get longer.
    let mut bytes = Vec::with_capacity(text.len());
    bytes.extend_from_slice(before);
    while let Some((first, rest)) = coded.split_first() {
        coded = rest;
        bytes.push(match (first, rest) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match octet(*high, *low) {
                Some(octet) => {
                    coded = after;
                    octet
                }
                // Stands for itself, as every `%` without two digits does.
                None => b'%',
            },
            _ => *first,
        });
    }
    match String::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned().into(),
    }
}

/// The octet that two hexadecimal digits are (RFC 3986 §2.1).
fn octet(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some((digit(high)? << 4) | digit(low)?)
}

/// The text before and after the first such character, which is of ASCII.
pub(crate) fn split_once(text: &str, at: u8) -> Option<(&str, &str)> {
    let (before, rest) = text.split_at_checked(memchr(at, text.as_bytes())?)?;
    Some((before, rest.get(1..)?))
}

//! Forms (`application/x-www-form-urlencoded`), most of whose text stands for itself: codes, tokens, challenges and the names of
//! parameters. That is copied, or lent, as it is; what has to be encoded or decoded is the library's work.

use std::borrow::Cow;

use form_urlencoded::byte_serialize;

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

/// Whether the text is the same when it is encoded.
fn stands_for_itself(text: &str) -> bool {
    // No early exit, so that the compiler looks at many bytes at once.
    text.bytes().fold(true, |same, byte| {
        same & (byte.is_ascii_alphanumeric() | matches!(byte, b'*' | b'-' | b'.' | b'_'))
    })
}

/// The parameters of a form, decoded; parts between two `&` that are empty are none.
pub(crate) fn pairs(form: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form.split('&').filter(|pair| !pair.is_empty()).filter_map(|pair| {
        if has_encoded(pair) {
            // There is no `&` in it, so that it is one.
            return form_urlencoded::parse(pair.as_bytes()).next();
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((name.into(), value.into()))
    })
}

/// Whether anything of it is another text when it is decoded.
fn has_encoded(text: &str) -> bool {
    text.bytes().fold(false, |has, byte| has | (byte == b'%') | (byte == b'+'))
}

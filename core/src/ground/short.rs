//! Texts that a server chose, in a `Debug`: shown by their beginning, so that one line of a log stays short whatever came.

use std::fmt::{self, Write as _};

/// The most characters of one text that are shown, after they were escaped.
const CHARACTERS: usize = 64;
/// The most elements of one list that are shown.
const ELEMENTS: usize = 3;

/// The most characters of a whole sentence that are shown.
const SENTENCE: usize = 300;

/// The beginning of a text, quoted and escaped as `Debug` does it.
pub(crate) struct Short<'a>(pub(crate) &'a str);

impl fmt::Debug for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        begin(self.0, CHARACTERS, f)
    }
}

fn begin(text: &str, mut left: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        let escaped = character.escape_debug();
        let Some(rest) = left.checked_sub(escaped.len()) else {
            return write!(f, "…\" ({} bytes)", text.len());
        };
        left = rest;
        write!(f, "{escaped}")?;
    }
    f.write_char('"')
}

/// A sentence, if there is one; its beginning, if it is a long one.
pub(crate) fn sentence(text: Option<&str>) -> Option<impl fmt::Debug> {
    text.map(Sentence)
}

struct Sentence<'a>(&'a str);

impl fmt::Debug for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        begin(self.0, SENTENCE, f)
    }
}

/// The beginning of a text, if there is one.
pub(crate) fn option(text: Option<&str>) -> Option<Short<'_>> {
    text.map(Short)
}

/// The first elements of a list, by their beginnings.
pub(crate) fn list<T: AsRef<str>>(texts: &[T]) -> impl fmt::Debug {
    List(texts)
}

struct List<'a, T>(&'a [T]);

impl<T: AsRef<str>> fmt::Debug for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_list();
        shown.entries(self.0.iter().take(ELEMENTS).map(|text| Short(text.as_ref())));
        if self.0.len() > ELEMENTS {
            shown.entry(&format_args!("… ({} in all)", self.0.len()));
        }
        shown.finish()
    }
}

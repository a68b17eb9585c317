//! Where in a JSON document something is: [`Pointer`] (RFC 6901).

use crate::wire::json::{Object, Value, is_plain};

/// How much of one an error shows, in characters.
const SHOWN: usize = 80;

/// The names and places that lead from a document's object to a value in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer {
    written: String,
    steps: Vec<String>,
}

impl Pointer {
    /// `/body/0/tokens`. `None` for what is no pointer to something in a document.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let steps = text.strip_prefix('/')?.split('/').map(unescaped).collect::<Option<Vec<_>>>()?;
        Some(Self { written: text.to_owned(), steps })
    }

    /// A pointer, or the name of a member of the document's object.
    pub(crate) fn to_member(text: &str) -> Option<Self> {
        match text {
            "" => None,
            pointer if pointer.starts_with('/') => Self::parse(pointer),
            name => Some(Self { written: name.to_owned(), steps: vec![name.to_owned()] }),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.written
    }

    /// As an error shows it: its beginning.
    pub(crate) fn shown(&self) -> String {
        match self.written.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", self.written.get(..end).unwrap_or_default().escape_debug()),
            None => self.written.escape_debug().to_string(),
        }
    }

    /// The member's name, if it leads to a member of the document's object.
    pub(crate) fn name(&self) -> Option<&str> {
        match self.steps.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }

    /// What it leads to.
    pub(crate) fn find<'o, 'a>(&self, object: &'o Object<'a>) -> Option<&'o Value<'a>> {
        let (first, rest) = self.steps.split_first()?;
        rest.iter().try_fold(object.get(first)?, |value, step| match value {
            Value::Object(object) => object.get(step),
            Value::Array(values) => values.get(place(step)?),
            _ => None,
        })
    }

    /// The object that it leads to, out of the document.
    pub(crate) fn take<'a>(&self, object: Object<'a>) -> Option<Object<'a>> {
        let found = self.steps.iter().try_fold(Value::Object(object), |value, step| match value {
            Value::Object(mut object) => object.take(step),
            Value::Array(values) => values.into_iter().nth(place(step)?),
            _ => None,
        });
        match found {
            Some(Value::Object(object)) => Some(object),
            _ => None,
        }
    }
}

/// RFC 6901 §4: `~1` is a slash, `~0` a tilde.
fn unescaped(step: &str) -> Option<String> {
    let mut parts = step.split('~');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        let (character, rest) = match part.strip_prefix('1') {
            Some(rest) => ('/', rest),
            None => ('~', part.strip_prefix('0')?),
        };
        name.push(character);
        name.push_str(rest);
    }
    Some(name)
}

/// The place in an array, written without zeros before it.
fn place(step: &str) -> Option<usize> {
    let plain = step == "0" || !step.starts_with('0');
    (plain && step.bytes().all(|byte| byte.is_ascii_digit())).then(|| step.parse().ok())?
}

/// How many items of a list are looked at by [`to_text`].
const ITEMS: usize = 4;
/// How many names are told.
const NAMES: usize = 6;

/// Where an object is, one or two steps down, that has a text of this name: a hint for a person, in which only plain names are
/// told and no values.
pub(crate) fn to_text(object: &Object<'_>, name: &str) -> Option<String> {
    let below =
        |(step, value)| steps(value).into_iter().map(move |(next, value)| (format!("{step}{next}"), value));
    let first: Vec<_> = members(object).collect();
    let second = first.clone().into_iter().flat_map(below);
    let has_it = |value: &Value<'_>| match value {
        Value::Object(object) => object.get(name).and_then(Value::as_text).is_some(),
        _ => false,
    };
    first.iter().cloned().chain(second).find(|(_, value)| has_it(value)).map(|(place, _)| place)
}

/// The names of an object's members as an error tells them: those that are plain, and few of them.
pub(crate) fn names(object: &Object<'_>) -> Vec<String> {
    members(object).take(NAMES).map(|(place, _)| format!("`{}`", place.trim_start_matches('/'))).collect()
}

fn members<'o, 'a>(object: &'o Object<'a>) -> impl Iterator<Item = (String, &'o Value<'a>)> {
    object.members().filter(|(name, _)| is_plain(name)).map(|(name, value)| (format!("/{name}"), value))
}

fn steps<'o, 'a>(value: &'o Value<'a>) -> Vec<(String, &'o Value<'a>)> {
    match value {
        Value::Object(object) => members(object).collect(),
        Value::Array(values) => {
            values.iter().take(ITEMS).enumerate().map(|(place, value)| (format!("/{place}"), value)).collect()
        }
        _ => Vec::new(),
    }
}

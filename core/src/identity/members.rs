//! Claims of an ID token that are texts, or arrays of them.

use std::borrow::Cow;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::wire::json::{Object, Value};

/// The text of this claim.
pub(super) fn text<'a>(
    claims: &mut Object<'a>,
    name: &str,
    rule: Rule,
) -> Result<Option<Cow<'a, str>>, Error> {
    match claims.take(name) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text)),
        Some(_) => Err(malformed(rule, format!("{name} of the ID token is not a string"))),
    }
}

/// The texts of this claim, which is an array of them.
pub(super) fn texts(claims: &mut Object<'_>, name: &str) -> Result<Vec<String>, Error> {
    let no = || malformed(Rule::Id35, format!("{name} of the ID token is not an array of strings"));
    match claims.take(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => {
            values.into_iter().map(|value| value.into_text().ok_or_else(no)).collect()
        }
        Some(_) => Err(no()),
    }
}

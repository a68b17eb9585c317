//! How a server's answers differ in where things are and what they are called, as data: envelopes and refusals in other
//! words.

use crate::ground::refused::Refused;
use crate::wire::json::{Object, Value};
use crate::wire::pointer::Pointer;

/// What was said about a server's answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    tokens_at: Option<Pointer>,
    meanings: Vec<Meaning>,
}

/// A refusal whose member has this value means this.
#[derive(Clone, Debug)]
struct Meaning {
    member: Pointer,
    value: String,
    code: &'static str,
}

impl Answers {
    pub(crate) fn place_tokens(&mut self, pointer: Pointer) {
        self.tokens_at = Some(pointer);
    }

    /// `code` is a registered one.
    pub(crate) fn interpret(&mut self, member: Pointer, value: &str, code: &'static str) {
        self.meanings.push(Meaning { member, value: value.to_owned(), code });
    }

    /// The refusal with what it means, if something was said about it.
    pub(crate) fn interpreted(&self, mut refused: Refused) -> Refused {
        refused.meaning = refused.body.as_ref().and_then(|body| self.meaning_of(body));
        refused
    }

    /// Where the tokens are, if not at the top.
    pub(crate) const fn place_of_tokens(&self) -> Option<&Pointer> {
        self.tokens_at.as_ref()
    }

    /// What an answer means, if something was said about it.
    pub(crate) fn meaning(&self, object: &Object<'_>) -> Option<&'static str> {
        self.first(|meaning| meaning.member.find(object).is_some_and(|value| is(value, &meaning.value)))
    }

    /// The same of an answer's body, if it is a JSON object.
    pub(crate) fn meaning_of(&self, body: &[u8]) -> Option<&'static str> {
        if self.meanings.is_empty() {
            return None;
        }
        Object::read(body).ok().and_then(|object| self.meaning(&object))
    }

    /// The same of an authorization response.
    pub(crate) fn meaning_of_parameters<'p>(
        &self,
        parameter: impl Fn(&str) -> Option<&'p str>,
    ) -> Option<&'static str> {
        self.first(|meaning| meaning.member.name().and_then(&parameter) == Some(&meaning.value))
    }

    fn first(&self, fits: impl Fn(&Meaning) -> bool) -> Option<&'static str> {
        self.meanings.iter().find(|meaning| fits(meaning)).map(|meaning| meaning.code)
    }
}

fn is(value: &Value<'_>, written: &str) -> bool {
    match value {
        Value::Text(text) => text == written,
        Value::Whole(number) => number.to_string() == written,
        Value::Negative(number) => number.to_string() == written,
        Value::Bool(flag) => flag.to_string() == written,
        _ => false,
    }
}

//! An endpoint's answer, read member by member: what every endpoint's answers have in common.
//!
//! Longer than most files: each kind of member is read beside the others.

use std::borrow::Cow;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::{Checks, Rule};
use crate::ground::time::UnixTime;
use crate::wire::json::{Object, Value};
use crate::wire::{encoding, json};

/// The longest lifetime that anything is believed to have: ten years, in seconds.
const MAX_LIFETIME: u64 = 10 * 365 * 24 * 60 * 60;
/// The most strings in one list of a document.
const MAX_ITEMS: usize = 2048;

/// Whether the content type is `application/json`, whatever its parameters.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    is_type(headers, "application/json")
}

/// Whether the content type is this one, whatever its parameters.
pub(crate) fn is_type(headers: &HeaderMap, essence: &str) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (is, rest) = content_type.trim_ascii_start().split_at_checked(essence.len()).unwrap_or_default();
    is.eq_ignore_ascii_case(essence) && matches!(rest.trim_ascii_start().as_bytes(), [] | [b';', ..])
}

/// Reads members, admitting quirks and keeping book of them and of the rules that held.
pub(crate) struct Reader {
    pub(crate) admitted: Quirks,
    pub(crate) seen: Quirks,
    pub(crate) checks: Checks,
}

impl Reader {
    pub(crate) fn new(admitted: Quirks) -> Self {
        Self { admitted, seen: Quirks::default(), checks: Checks::NONE }
    }

    /// The value, whose rule has held if there is one.
    pub(crate) fn checked<T>(&mut self, rule: Rule, value: Option<T>) -> Option<T> {
        if value.is_some() {
            self.checks.pass(rule);
        }
        value
    }

    pub(crate) fn admit(&mut self, quirk: Quirk, otherwise: impl FnOnce() -> Error) -> Result<(), Error> {
        self.admitted.require(quirk, otherwise)?;
        self.seen = self.seen.with(quirk);
        Ok(())
    }

    /// The one object that a body must be.
    pub(crate) fn parse<'a>(&mut self, body: &'a [u8]) -> Result<Object<'a>, Error> {
        let unmarked = json::unmarked(body);
        if unmarked.len() < body.len() {
            self.admit(Quirk::ByteOrderMark, || {
                malformed(Rule::Tr2, "the body begins with a byte order mark, and not with its JSON")
            })?;
        }
        Object::read(unmarked)
    }

    /// Takes down how the body came.
    pub(crate) fn packed(&mut self, response: &Response) {
        if encoding::was_unpacked(response) {
            self.seen = self.seen.with(Quirk::UnaskedGzip);
        }
    }

    /// The object of an answer that must have status 200 and be JSON, under the endpoint's own rule.
    pub(crate) fn object<'a>(&mut self, response: &'a Response, rule: Rule) -> Result<Object<'a>, Error> {
        self.object_of(response, StatusCode::OK, rule)
    }

    /// The same with another status than 200.
    pub(crate) fn object_of<'a>(
        &mut self,
        response: &'a Response,
        expected: StatusCode,
        rule: Rule,
    ) -> Result<Object<'a>, Error> {
        let status = response.status();
        if status != expected {
            let (came, wanted) = (status.as_u16(), expected.as_u16());
            let what = format!("the answer has status {came}, and status {wanted} was expected");
            if !status.is_success() {
                return Err(malformed(rule, what));
            }
            self.admit(Quirk::AnySuccessStatus, || malformed(rule, what))?;
        }
        if !is_json(response.headers()) {
            self.admit(Quirk::AnyContentType, || {
                malformed(rule, "the content type of the answer is not application/json")
            })?;
        }
        self.packed(response);
        self.parse(response.body())
    }

    /// The member unless it is absent, or `null` where that is admitted.
    pub(crate) fn present<'a>(
        &mut self,
        member: Option<Value<'a>>,
        rule: Rule,
        name: &str,
    ) -> Result<Option<Value<'a>>, Error> {
        match member {
            Some(Value::Null) => {
                self.admit(Quirk::NullMember, || malformed(rule, format!("{name} of the answer is null")))?;
                Ok(None)
            }
            member => Ok(member),
        }
    }

    /// The member unless it is absent, or `null` or empty where that is admitted: `""`, `[]`, and what PHP has for nothing,
    /// `false`.
    pub(crate) fn filled<'a>(
        &mut self,
        member: Option<Value<'a>>,
        rule: Rule,
        name: &str,
    ) -> Result<Option<Value<'a>>, Error> {
        let member = self.present(member, rule, name)?;
        let nothing = match &member {
            Some(Value::Text(text)) if text.is_empty() => "an empty string",
            Some(Value::Array(values)) if values.is_empty() => "an empty array",
            Some(Value::Bool(false)) => "false",
            _ => return Ok(member),
        };
        self.admit(Quirk::NullMember, || malformed(rule, format!("{name} of the answer is {nothing}")))?;
        Ok(None)
    }

    /// The text of a scope, which comes as an array of texts where that is admitted.
    pub(crate) fn one_text<'a>(
        &mut self,
        member: Option<Value<'a>>,
        rule: Rule,
    ) -> Result<Option<Cow<'a, str>>, Error> {
        let no = || malformed(rule, "scope is not a list of scope tokens");
        match member {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Array(values)) => {
                self.admit(Quirk::ScopeAsArray, || {
                    malformed(rule, "scope is an array, and one string was expected")
                })?;
                let texts: Option<Vec<&str>> = values.iter().map(Value::as_text).collect();
                Ok(Some(texts.ok_or_else(no)?.join(" ").into()))
            }
            Some(_) => Err(no()),
        }
    }

    pub(crate) fn text(
        &mut self,
        member: Option<Value<'_>>,
        rule: Rule,
        name: &str,
    ) -> Result<Option<String>, Error> {
        let member = self.present(member, rule, name)?;
        as_text(member, rule, name)
    }

    /// A text that says something.
    pub(crate) fn filled_text(
        &mut self,
        member: Option<Value<'_>>,
        rule: Rule,
        name: &str,
    ) -> Result<Option<String>, Error> {
        let member = self.filled(member, rule, name)?;
        as_text(member, rule, name)
    }

    pub(crate) fn flag(
        &mut self,
        member: Option<Value<'_>>,
        rule: Rule,
        name: &str,
    ) -> Result<Option<bool>, Error> {
        match self.present(member, rule, name)? {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(malformed(rule, format!("{name} is neither true nor false"))),
        }
    }

    /// A bounded list of strings.
    pub(crate) fn list(
        &mut self,
        member: Option<Value<'_>>,
        rule: Rule,
        name: &str,
    ) -> Result<Option<Vec<String>>, Error> {
        let no = || malformed(rule, format!("{name} is not a list of at most {MAX_ITEMS} strings"));
        match self.present(member, rule, name)? {
            None => Ok(None),
            Some(Value::Array(items)) if items.len() <= MAX_ITEMS => items
                .into_iter()
                .map(|item| match item {
                    Value::Text(text) => Ok(text.into_owned()),
                    _ => Err(no()),
                })
                .collect::<Result<_, _>>()
                .map(Some),
            Some(_) => Err(no()),
        }
    }

    /// A moment in seconds since 1970, with or without a fraction (RFC 7519 §2, NumericDate).
    pub(crate) fn date(
        &mut self,
        member: Option<Value<'_>>,
        rule: Rule,
        name: &str,
    ) -> Result<Option<UnixTime>, Error> {
        let no = || malformed(rule, format!("{name} is not a number of seconds since 1970"));
        match self.present(member, rule, name)? {
            None => Ok(None),
            Some(Value::Whole(seconds)) => Ok(Some(UnixTime::from_secs(seconds))),
            Some(Value::Fraction(seconds)) => {
                whole_part(seconds).map(|seconds| Some(UnixTime::from_secs(seconds))).ok_or_else(no)
            }
            Some(_) => Err(no()),
        }
    }

    /// A whole number of seconds from 0, ten years at most.
    pub(crate) fn seconds(
        &mut self,
        member: Option<Value<'_>>,
        rule: Rule,
        name: &str,
    ) -> Result<Option<Duration>, Error> {
        let no = || malformed(rule, format!("{name} is not a whole number of seconds from 0"));
        let seconds = match self.filled(member, rule, name)? {
            None => return Ok(None),
            Some(Value::Whole(seconds)) => {
                self.checks.pass(rule);
                seconds
            }
            Some(Value::Fraction(seconds)) => {
                self.admit(Quirk::LifetimeAsFraction, no)?;
                whole_part(seconds).ok_or_else(no)?
            }
            Some(Value::Text(seconds)) => {
                let (whole, fraction) = number(&seconds).ok_or_else(no)?;
                self.admit(Quirk::LifetimeAsText, no)?;
                if fraction.is_some() {
                    self.admit(Quirk::LifetimeAsFraction, no)?;
                }
                let seconds = whole.parse().map_err(|_| no())?;
                self.checks.pass(rule);
                seconds
            }
            Some(_) => return Err(no()),
        };
        if seconds > MAX_LIFETIME {
            self.admit(Quirk::LifetimeCapped, no)?;
        }
        Ok(Some(Duration::from_secs(seconds.min(MAX_LIFETIME))))
    }
}

/// A number of digits that was written as a text, before and after its point.
pub(crate) fn number(text: &str) -> Option<(&str, Option<&str>)> {
    let text = text.trim_matches(' ');
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_digits(whole) && fraction.is_none_or(is_digits)).then_some((whole, fraction))
}

fn as_text(member: Option<Value<'_>>, rule: Rule, name: &str) -> Result<Option<String>, Error> {
    match member {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text.into_owned())),
        Some(_) => Err(malformed(rule, format!("{name} is not a string"))),
    }
}

/// The seconds of a number with a fraction; `None` if it is negative or beyond what an integer holds.
pub(crate) fn whole_part(seconds: f64) -> Option<u64> {
    // 2^64 is the first value that does not fit.
    let fits = (0.0..18_446_744_073_709_551_616.0).contains(&seconds);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked, the fraction is dropped on purpose"
    )]
    fits.then_some(seconds as u64)
}

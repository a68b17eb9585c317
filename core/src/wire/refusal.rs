//! Reading a server's refusal: its status, its JSON, its headers (RFC 6749 §4.1.2.1, §5.2; RFC 9110 §15).

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use serde::Deserialize;

use crate::ground::challenge::Challenge;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed};
use crate::ground::error_code::ErrorCode;
use crate::ground::flow::Response;
use crate::ground::limits::MAX_BODY;
use crate::ground::quirk::Quirks;
use crate::ground::refused::{Asked, Refused};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::ground::wiped::Wiped;
use crate::ground::{echo, text as shown_text};
use crate::wire::json::{Object, Value};
use crate::wire::pointer::Pointer;
use crate::wire::{encoding, json, location, uri};

/// The longest address of an error's page, in bytes.
const MAX_PAGE: usize = 400;

/// The longest wait that a server can ask for with `Retry-After`.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

impl Refused {
    /// Reads an answer that is not a success, an API's for example. Inside a flow this has been done already.
    ///
    /// The request is not known here, and what the server echoes of it is not either: so UUIDs and other identifiers of 20
    /// characters and more are hidden as well, which may be the access token.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if the answer is a redirect ([HT-1](crate::Rule::Ht1)), or a success with an encoding that is not
    /// read ([TR-2](crate::Rule::Tr2)).
    pub fn parse(response: &Response, now: UnixTime) -> Result<Self, Error> {
        let response = encoding::unpacked(response.clone())?;
        let mut refused = Self::read(&response, &[], now)?;
        for text in [&mut refused.description, &mut refused.excerpt] {
            *text = text.take().map(|text| shown_text::displayable_to_strangers(&text));
        }
        let is_harmless =
            |uri: &String| parts(uri).all(|part| shown_text::displayable_to_strangers(part) == part);
        refused.uri = refused.uri.filter(is_harmless);
        Ok(refused)
    }

    /// Reads an answer of an endpoint that is not a success, or has an `error`: a JSON object, or anything else. A
    /// server that echoes one of `secrets` does not get it into the result.
    ///
    /// The status speaks (RFC 9110 §15): an `error` that is no code ([ER-1](crate::Rule::Er1)) hides neither it nor what else
    /// the server says.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if the answer is a redirect ([HT-1](crate::Rule::Ht1)).
    pub(crate) fn read(response: &Response, secrets: &[&str], now: UnixTime) -> Result<Self, Error> {
        Self::read_at(response, None, secrets, now)
    }

    /// The same of an answer whose `error` may be at another place than the top, too.
    pub(crate) fn read_at(
        response: &Response,
        place: Option<&Pointer>,
        secrets: &[&str],
        now: UnixTime,
    ) -> Result<Self, Error> {
        let status = response.status();
        if status.is_redirection() || status.is_informational() {
            return Err(malformed(
                Rule::Ht1,
                format!(
                    "the endpoint answered with status {}, and nothing is followed{}",
                    status.as_u16(),
                    location::of_endpoint(response.headers(), secrets)
                ),
            ));
        }
        let body = json::unmarked(response.body());
        // The body's type is not asked: an error is an error whatever it is labelled (TR-4).
        let object = Object::read(body).ok();
        let is_object = object.is_some();
        let said = object.map(|object| Said::of(object, place, status.is_success())).unwrap_or_default();
        let code = said.code.as_deref().and_then(|code| ErrorCode::admit(code, secrets));
        // A success may be one, and what it has beside its error a token.
        let has_excerpt = code.is_none() && !status.is_success();
        let challenges = Challenge::parse(response.headers()).unwrap_or_default();
        Ok(Self {
            status: Some(status),
            description: said.words(code.is_some()).and_then(|words| shown(words, secrets)),
            uri: said.uri.as_deref().and_then(|uri| page(uri, secrets)),
            code,
            excerpt: has_excerpt.then(|| excerpt(body, secrets)).flatten(),
            retry_after: retry_after(response.headers(), now),
            // A refusal is told even if its challenge is garbled; then its challenges are empty.
            challenges: challenges.into_iter().map(|challenge| challenge.without(secrets)).collect(),
            body: is_object.then(|| Arc::new(Wiped::new(body.to_vec()))),
            quirks: Quirks::default(),
            from: Asked::Unknown,
            meaning: None,
            admitted_by: None,
            perhaps: None,
        })
    }

    /// A refusal that came by an authorization response, already checked for `iss` and `state`.
    ///
    /// An `error` that is no code ([ER-1](crate::Rule::Er1)) stands for words.
    pub(crate) fn redirected(error: &str, description: Option<&str>, uri: Option<&str>) -> Self {
        let code = ErrorCode::admit(error, &[]);
        let words = description.or_else(|| Some(error).filter(|_| code.is_none()));
        Self {
            status: None,
            code,
            description: words.and_then(|words| shown(words, &[])),
            uri: uri.and_then(|uri| page(uri, &[])),
            excerpt: None,
            retry_after: None,
            challenges: Vec::new(),
            body: None,
            quirks: Quirks::default(),
            from: Asked::Endpoint(Endpoint::Authorization),
            meaning: None,
            admitted_by: None,
            perhaps: None,
        }
    }

    /// Any other member of the refusal, read from its body into a type of yours; `None` if it has no such member, or the
    /// refusal had no JSON object for a body, came by redirect, or is told again from a store.
    ///
    /// It is read as it came: a server may have put a secret there, its own (`mfa_token`) or one of the request. Nothing of it
    /// is printed by this type, and it is wiped from memory when dropped. Do not log it.
    ///
    /// ```
    /// # use valetkey_core::{Response, UnixTime};
    /// # use valetkey_core::error::Refused;
    /// # let body = br#"{"error":"invalid_grant","suberror":"consent_required","error_codes":[65001]}"#;
    /// # let response: Response = http::Response::builder().status(400).body(body.to_vec()).unwrap();
    /// let refused = Refused::parse(&response, UnixTime::from_secs(1_700_000_000))?;
    /// assert_eq!(refused.member::<String>("suberror")?.as_deref(), Some("consent_required"));
    /// assert_eq!(refused.member::<Vec<u32>>("error_codes")?, Some(vec![65001]));
    /// assert_eq!(refused.member::<String>("claims")?, None);
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([TR-2](crate::Rule::Tr2)) if the member is not of that type.
    pub fn member<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Result<Option<T>, Error> {
        self.body.as_ref().map_or(Ok(None), |body| json::member(body, name))
    }
}

/// What a JSON object says of a refusal.
#[derive(Default)]
struct Said<'a> {
    code: Option<Cow<'a, str>>,
    description: Option<Cow<'a, str>>,
    /// What an `error` that is an object has in place of a description.
    message: Option<Cow<'a, str>>,
    uri: Option<Cow<'a, str>>,
}

impl<'a> Said<'a> {
    /// `place` is where an error may be, if the top has no `error`.
    fn of(mut object: Object<'a>, place: Option<&Pointer>, success: bool) -> Self {
        if !object.has("error") {
            let stray = if success { text(object.take("message")) } else { None };
            match place.and_then(|place| place.take(object)) {
                Some(inner) if inner.has("error") => object = inner,
                _ => return Self { message: stray, ..Self::default() },
            }
        }
        let (code, message) = match object.take("error") {
            Some(Value::Object(mut error)) => {
                let message = text(error.take("message"));
                (None, message.or_else(|| text(error.take("code"))))
            }
            Some(Value::Text(code)) => (Some(code).filter(|code| !code.is_empty()), None),
            Some(Value::Array(words)) => (None, words.into_iter().find_map(|word| text(Some(word)))),
            _ => (None, text(object.take("message"))),
        };
        Self {
            code,
            message,
            description: text(object.take("error_description")),
            uri: text(object.take("error_uri")),
        }
    }

    /// What is said to people.
    fn words(&self, has_code: bool) -> Option<&str> {
        let unfit = self.code.as_deref().filter(|_| !has_code);
        self.description.as_deref().or(self.message.as_deref()).or(unfit)
    }
}

fn text(member: Option<Value<'_>>) -> Option<Cow<'_, str>> {
    match member {
        Some(Value::Text(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3); what cannot be read is ignored.
fn retry_after(headers: &HeaderMap, now: UnixTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        value.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs)
    } else {
        UnixTime::from(httpdate::parse_http_date(value).ok()?).since(now)
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

fn excerpt(body: &[u8], secrets: &[&str]) -> Option<String> {
    shown(&String::from_utf8_lossy(body.get(..MAX_BODY).unwrap_or(body)), secrets)
}

/// A server's text as it may be shown, if there is any.
fn shown(text: &str, secrets: &[&str]) -> Option<String> {
    Some(shown_text::displayable(text, secrets)).filter(|text| !text.is_empty())
}

/// The address of a web page, if it is one that may be shown as it is. Its parts are looked at one by one: a long path
/// is no token.
fn page(uri: &str, secrets: &[&str]) -> Option<String> {
    let is_page = ["https://", "http://"].iter().any(|scheme| uri.starts_with(scheme))
        && uri.len() <= MAX_PAGE
        && uri::is_web_page(uri)
        && !echo::is_in(uri, secrets)
        && parts(uri).all(|part| shown_text::displayable(part, &[]) == part);
    is_page.then(|| uri.to_owned())
}

fn parts(uri: &str) -> impl Iterator<Item = &str> {
    uri.split(['/', '?', '&', '#'])
}

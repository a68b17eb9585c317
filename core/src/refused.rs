//! A server's refusal, in its own words: [`Refused`] (RFC 6749 §4.1.2.1, §5.2).

use std::fmt;
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};

use crate::error::{Error, malformed};
use crate::json::{Object, Value};
use crate::{Challenge, MAX_BODY, Response, Rule, UnixTime, echo, text, uri};

/// The longest error code, in characters (ER-1).
const MAX_CODE: usize = 128;
/// The longest address of an error's page, in bytes.
const MAX_PAGE: usize = 400;
/// The longest wait that a server can ask for with `Retry-After`.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The server said no.
///
/// What it said is kept as data, its texts made fit for display (ER-3): one bounded line without control
/// characters, without the secrets of the request, and without anything that looks like a token.
#[derive(Clone, Debug)]
pub struct Refused {
    status: Option<StatusCode>,
    code: Option<ErrorCode>,
    description: Option<String>,
    uri: Option<String>,
    excerpt: Option<String>,
    retry_after: Option<Duration>,
    challenges: Vec<Challenge>,
}

impl Refused {
    /// Reads an answer that is not a success, an API's for example. Inside a flow this has been done already.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if the answer is a redirect (HT-1), or a JSON object whose `error` breaks ER-1.
    pub fn parse(response: &Response, now: UnixTime) -> Result<Self, Error> {
        Self::read(response, &[], now)
    }

    /// Reads an answer of an endpoint that is not a success: a JSON object with an `error`, or anything else. A
    /// server that echoes one of `secrets` does not get it into the result.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if the answer is a redirect (HT-1) or a JSON object whose `error` breaks ER-1.
    pub(crate) fn read(response: &Response, secrets: &[&str], now: UnixTime) -> Result<Self, Error> {
        let status = response.status();
        if status.is_redirection() || status.is_informational() {
            return Err(malformed(
                Rule::Ht1,
                format!("the endpoint answered with status {}, and nothing is followed", status.as_u16()),
            ));
        }
        let mut refused = Self {
            status: Some(status),
            code: None,
            description: None,
            uri: None,
            excerpt: None,
            retry_after: retry_after(response.headers(), now),
            // A refusal is told even if its challenge is garbled; then there is none to act on.
            challenges: Challenge::parse(response.headers()).unwrap_or_default(),
        };
        // The body's type is not asked: an error is an error whatever it is labelled (TR-4).
        match Object::read(response.body()) {
            Ok(mut object) => match object.take("error") {
                Some(error) => {
                    refused.code = Some(ErrorCode::read(error, secrets)?);
                    let text = |member| match member {
                        Some(Value::Text(text)) => Some(text),
                        _ => None,
                    };
                    refused.description = text(object.take("error_description"))
                        .and_then(|description| shown(&description, secrets));
                    refused.uri = text(object.take("error_uri")).and_then(|uri| page(&uri, secrets));
                }
                None => refused.excerpt = excerpt(response.body(), secrets),
            },
            Err(_) => refused.excerpt = excerpt(response.body(), secrets),
        }
        refused.challenges.retain(|challenge| !echo::is_in(&challenge.to_string(), secrets));
        Ok(refused)
    }

    /// A refusal that came by an authorization response, already checked for `iss` and `state`.
    pub(crate) fn redirected(
        code: &str,
        description: Option<&str>,
        uri: Option<&str>,
    ) -> Result<Self, Error> {
        Ok(Self {
            status: None,
            code: Some(ErrorCode::admit(code, &[])?),
            description: description.and_then(|description| shown(description, &[])),
            uri: uri.and_then(|uri| page(uri, &[])),
            excerpt: None,
            retry_after: None,
            challenges: Vec::new(),
        })
    }

    /// A refusal that was written down, and is told again.
    pub(crate) fn recalled(status: Option<u16>, code: Option<&str>, description: Option<&str>) -> Self {
        Self {
            status: status.and_then(|status| StatusCode::from_u16(status).ok()),
            code: code.and_then(|code| ErrorCode::admit(code, &[]).ok()),
            description: description.map(|text| text::displayable(text, &[])),
            uri: None,
            excerpt: None,
            retry_after: None,
            challenges: Vec::new(),
        }
    }

    /// The status of the answer; none if the refusal came by redirect.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The server's error code; none if the answer had no JSON body with one.
    #[must_use]
    pub const fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
    }

    /// `error_description`, fit for display.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// `error_uri`, if it is an http or https URL (ER-4) in which nothing had to be hidden.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }

    /// The start of a body that was not an OAuth error, fit for display (ER-6).
    #[must_use]
    pub fn excerpt(&self) -> Option<&str> {
        self.excerpt.as_deref()
    }

    /// How long the server asks to wait, a day at most.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The challenges of the answer (ER-2), but those that echo a secret; none if they departed from their grammar.
    #[must_use]
    pub fn challenges(&self) -> &[Challenge] {
        &self.challenges
    }

    /// Whether the grant itself was refused (`invalid_grant`), and not by a server in trouble (5xx).
    #[must_use]
    pub fn is_invalid_grant(&self) -> bool {
        !self.is_server_trouble() && self.code.as_ref().is_some_and(|code| *code == "invalid_grant")
    }

    /// Whether and when the same request may be tried again (ER-5).
    #[must_use]
    pub fn retry(&self) -> Retry {
        let passing = self.is_server_trouble()
            || matches!(self.status, Some(StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT))
            || self.code.as_ref().is_some_and(|code| {
                ["temporarily_unavailable", "server_error", "slow_down", "authorization_pending"]
                    .contains(&code.as_str())
            });
        if passing { Retry::Later(self.retry_after) } else { Retry::Never }
    }

    fn is_server_trouble(&self) -> bool {
        self.status.is_some_and(|status| status.is_server_error())
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server refused")?;
        if let Some(code) = &self.code {
            write!(f, ": {code}")?;
        }
        if let Some(text) = self.description.as_ref().or(self.excerpt.as_ref()) {
            write!(f, ": {text}")?;
        }
        match self.status {
            Some(status) => write!(f, " (status {})", status.as_u16()),
            None => Ok(()),
        }
    }
}

/// Whether a refused request may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Not as it is: the same request will be refused again.
    Never,
    /// Later, after the time the server asked for if it did.
    Later(Option<Duration>),
}

/// A server's error code: an open set, of which RFC 6749 names a few. Compares with `&str`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorCode(String);

impl ErrorCode {
    fn read(error: Value<'_>, secrets: &[&str]) -> Result<Self, Error> {
        match error {
            Value::Text(code) => Self::admit(&code, secrets),
            _ => Err(malformed(Rule::Er1, "error is not a string")),
        }
    }

    fn admit(code: &str, secrets: &[&str]) -> Result<Self, Error> {
        if code.len() > MAX_CODE || !text::is_nqschar(code) {
            return Err(malformed(
                Rule::Er1,
                "error is empty, too long, or has a character that is not allowed",
            ));
        }
        // Whatever fits an error code is shown as it is, but not what is a secret or looks like a token.
        Ok(Self(text::displayable(code, secrets)))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for ErrorCode {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for ErrorCode {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
    Some(text::displayable(text, secrets)).filter(|text| !text.is_empty())
}

/// The address of a web page, if it is one that may be shown as it is. Its parts are looked at one by one: a long path
/// is no token.
fn page(uri: &str, secrets: &[&str]) -> Option<String> {
    let is_page = ["https://", "http://"].iter().any(|scheme| uri.starts_with(scheme))
        && uri.len() <= MAX_PAGE
        && uri::is_plain(uri)
        && !echo::is_in(uri, secrets)
        && uri.split(['/', '?', '&', '#']).all(|part| text::displayable(part, &[]) == part);
    is_page.then(|| uri.to_owned())
}

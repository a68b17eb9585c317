//! A server's refusal, in its own words: [`Refused`] (RFC 6749 §4.1.2.1, §5.2).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::error::{Error, malformed};
use crate::json::{self, Object, Value};
use crate::{Challenge, ErrorCode, MAX_BODY, Response, Rule, UnixTime, echo, location, short, text, uri};

/// The longest address of an error's page, in bytes.
const MAX_PAGE: usize = 400;
/// The longest wait that a server can ask for with `Retry-After`.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest that a `Retry-After` keeps a session from renewing, and a cache from fetching keys: an hour. Nobody can try
/// before, and all processes of a store wait with the one that was told, so that one mistaken or hostile answer would stop
/// them for a day. To ask once an hour burdens no server. Flows that end with the refusal hand the server's own number on:
/// [`Refused::retry_after`].
pub(crate) const LONGEST_OBEYED: Duration = Duration::from_secs(60 * 60);

/// The server said no.
///
/// What it said is kept as data, its texts made fit for display (ER-3): one bounded line without control
/// characters, without the secrets of the request, and without anything that looks like a token. UUIDs and short
/// identifiers are shown, because a server's support asks for them.
///
/// Only what is shown is changed. [Codes](Self::code) and [challenges](Self::challenges) are compared as they came, and
/// [`member`](Self::member) reads what has no accessor, such as `suberror`, `claims` or `mfa_token`.
#[derive(Clone)]
pub struct Refused {
    status: Option<StatusCode>,
    code: Option<ErrorCode>,
    description: Option<String>,
    uri: Option<String>,
    excerpt: Option<String>,
    retry_after: Option<Duration>,
    challenges: Vec<Challenge>,
    /// The JSON object that it came in. It may hold secrets.
    body: Option<Arc<Zeroizing<Vec<u8>>>>,
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
                format!(
                    "the endpoint answered with status {}, and nothing is followed{}",
                    status.as_u16(),
                    location::of_endpoint(response.headers(), secrets)
                ),
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
            body: None,
        };
        // The body's type is not asked: an error is an error whatever it is labelled (TR-4).
        match Object::read(response.body()) {
            Ok(mut object) => {
                refused.body = Some(Arc::new(Zeroizing::new(response.body().clone())));
                match object.take("error") {
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
                }
            }
            Err(_) => refused.excerpt = excerpt(response.body(), secrets),
        }
        refused.challenges =
            refused.challenges.into_iter().map(|challenge| challenge.without(secrets)).collect();
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
            body: None,
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
            body: None,
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

    /// How long the server asks to wait, a day at most. A session that renews waits for an hour of it at most.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The challenges of the answer (ER-2), for decisions as they came; none if they departed from their grammar. One that
    /// repeats a secret of the request is printed without it; its [parameters](Challenge::parameter) are not for logs.
    #[must_use]
    pub fn challenges(&self) -> &[Challenge] {
        &self.challenges
    }

    /// Any other member of the refusal, read from its body into a type of yours; `None` if there is none of that name, or the
    /// refusal had no JSON object for a body, came by redirect, or is told again from a store.
    ///
    /// It is read as it came: a server may have put a secret there, its own (`mfa_token`) or one of the request. Nothing of it
    /// is printed by this type, and it is wiped from memory when dropped. Do not log it.
    ///
    /// ```
    /// # use valetkey_core::{Refused, Response, UnixTime};
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
    /// [`Error::Malformed`] (TR-2) if the member is not of that type.
    pub fn member<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Result<Option<T>, Error> {
        self.body.as_ref().map_or(Ok(None), |body| json::member(body, name))
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
                    .contains(&code.came())
            });
        if passing { Retry::Later(self.retry_after) } else { Retry::Never }
    }

    fn is_server_trouble(&self) -> bool {
        self.status.is_some_and(|status| status.is_server_error())
    }
}

/// Shows what [`Display`](fmt::Display) does, and the schemes of its challenges.
impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schemes: Vec<_> = self.challenges.iter().map(Challenge::shown_scheme).collect();
        f.debug_struct("Refused")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("description", &short::sentence(self.description()))
            .field("uri", &short::option(self.uri()))
            .field("excerpt", &short::sentence(self.excerpt()))
            .field("retry_after", &self.retry_after)
            .field("challenges", &short::list(&schemes))
            .finish_non_exhaustive()
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
        && uri::is_web_page(uri)
        && !echo::is_in(uri, secrets)
        && uri.split(['/', '?', '&', '#']).all(|part| text::displayable(part, &[]) == part);
    is_page.then(|| uri.to_owned())
}

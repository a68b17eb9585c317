//! A server's refusal, in its own words: [`Refused`] (RFC 6749 §4.1.2.1, §5.2).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::ground::challenge::Challenge;
use crate::ground::endpoint::Endpoint;
use crate::ground::error_code::ErrorCode;
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::wiped::Wiped;
use crate::ground::{error_code, short, text};

/// The longest that a `Retry-After` keeps a session from renewing, and a cache from fetching keys: an hour. Nobody can try
/// before, and all processes of a store wait with the one that was told, so that one mistaken or hostile answer would stop
/// them for a day. To ask once an hour burdens no server. Flows that end with the refusal hand the server's own number on:
/// [`Refused::retry_after`].
pub(crate) const LONGEST_OBEYED: Duration = Duration::from_secs(60 * 60);

/// The server said no.
///
/// What it said is kept as data, its texts made fit for display ([ER-3](crate::Rule::Er3)): one bounded line without control
/// characters, without the secrets of the request, and without anything that looks like a token. UUIDs and short identifiers
/// are shown, because a server's support asks for them; but by [`parse`](Self::parse), which does not know the request, only
/// short ones.
///
/// Only what is shown is changed. [Codes](Self::code) and [challenges](Self::challenges) are compared as they came, and
/// [`member`](Self::member) reads what has no accessor, such as `suberror`, `claims` or `mfa_token`.
#[derive(Clone)]
pub struct Refused {
    pub(crate) status: Option<StatusCode>,
    pub(crate) code: Option<ErrorCode>,
    pub(crate) description: Option<String>,
    pub(crate) uri: Option<String>,
    pub(crate) excerpt: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) challenges: Vec<Challenge>,
    /// The JSON object that it came in. It may hold secrets.
    pub(crate) body: Option<Arc<Wiped<Vec<u8>>>>,
    /// What departed from the RFCs in how it came.
    pub(crate) quirks: Quirks,
    pub(crate) from: Asked,
    /// The registered code that the program said this means.
    pub(crate) meaning: Option<&'static str>,
    /// A guess: the request may have been refused for the way in which this quirk differs.
    pub(crate) admitted_by: Option<Quirk>,
    /// What it may mean, if it is in words that are not registered.
    pub(crate) perhaps: Option<&'static str>,
}

/// What was asked for when the refusal came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Asked {
    #[default]
    Unknown,
    Endpoint(Endpoint),
    Metadata,
    ResourceMetadata,
}

impl Asked {
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::Endpoint(endpoint) => Some(endpoint.spoken()),
            Self::Metadata => Some("metadata"),
            Self::ResourceMetadata => Some("resource metadata"),
        }
    }
}

impl Refused {
    /// A refusal of the token endpoint that was written down, and is told again.
    pub(crate) fn recalled(
        status: Option<u16>,
        code: Option<&str>,
        description: Option<&str>,
        excerpt: Option<&str>,
        meaning: Option<&str>,
    ) -> Self {
        Self {
            from: Asked::Endpoint(Endpoint::Token),
            meaning: meaning.and_then(error_code::known),
            admitted_by: None,
            perhaps: None,
            status: status.and_then(|status| StatusCode::from_u16(status).ok()),
            code: code.and_then(|code| ErrorCode::admit(code, &[])),
            description: description.map(|text| text::displayable(text, &[])),
            uri: None,
            excerpt: excerpt.map(|text| text::displayable(text, &[])),
            retry_after: None,
            challenges: Vec::new(),
            body: None,
            quirks: Quirks::default(),
        }
    }

    /// What departed from the RFCs in how it came and was let through, by name:
    /// [`IssMissingInErrors`](crate::Quirk::IssMissingInErrors), or [`IssDiscarded`](crate::Quirk::IssDiscarded) and
    /// [`IssInQuery`](crate::Quirk::IssInQuery) and [`RepeatedClaim`](crate::Quirk::RepeatedClaim) where they are admitted. Only
    /// an authorization response has some.
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.quirks
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

    /// The registered code that the program said this refusal means
    /// ([`refusal_means`](crate::AuthorizationServer::refusal_means)), for a server that says it in other words; none if it
    /// said nothing about it. Where there is one, it decides, and not the [code](Self::code).
    #[must_use]
    pub const fn meaning(&self) -> Option<&'static str> {
        self.meaning
    }

    /// The endpoint that refused; none for a document of metadata, and where that is not known.
    #[must_use]
    pub const fn endpoint(&self) -> Option<Endpoint> {
        match self.from {
            Asked::Endpoint(endpoint) => Some(endpoint),
            _ => None,
        }
    }

    /// Whether it says why in words that nothing is known of: neither a registered code, nor what one was said to mean.
    pub(crate) fn is_in_other_words(&self) -> bool {
        self.body.is_some() && self.meant().is_none_or(|code| error_code::known(code).is_none())
    }

    /// What decides: what the code means, or the code as it came.
    pub(crate) fn meant(&self) -> Option<&str> {
        self.meaning.or_else(|| self.code.as_ref().map(ErrorCode::came))
    }

    pub(crate) const fn of(mut self, asked: Asked) -> Self {
        self.from = asked;
        self
    }

    /// `error_description`, fit for display; without one, the words that stand in the place of the code: a text that
    /// is no code, or the `message` of an object, as many APIs write it.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// `error_uri`, if it is an http or https URL ([ER-4](crate::Rule::Er4)) in which nothing had to be hidden.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }

    /// The start of a body that was not an OAuth error, fit for display ([ER-6](crate::Rule::Er6)).
    #[must_use]
    pub fn excerpt(&self) -> Option<&str> {
        self.excerpt.as_deref()
    }

    /// How long the server asks to wait, a day at most. A session that renews waits for an hour of it at most.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The challenges of the answer ([ER-2](crate::Rule::Er2)), for decisions as they came; none if they departed from their
    /// grammar. One that repeats a secret of the request is printed without it; its [parameters](Challenge::parameter) are
    /// not for logs.
    #[must_use]
    pub fn challenges(&self) -> &[Challenge] {
        &self.challenges
    }

    /// Whether the grant itself was refused (`invalid_grant`), and not by a server in trouble (5xx).
    #[must_use]
    pub fn is_invalid_grant(&self) -> bool {
        !self.is_server_trouble() && self.meant() == Some("invalid_grant")
    }

    /// Whether and when the same request may be tried again ([ER-5](crate::Rule::Er5)).
    #[must_use]
    pub fn retry(&self) -> Retry {
        let passing = self.is_server_trouble()
            || matches!(self.status, Some(StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT))
            || self.meant().is_some_and(|code| {
                ["temporarily_unavailable", "server_error", "slow_down", "authorization_pending"]
                    .contains(&code)
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
            .field("from", &self.from)
            .field("code", &self.code)
            .field("meaning", &self.meaning)
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
        if let Some(meaning) =
            self.meaning.filter(|meaning| self.code.as_ref().is_none_or(|code| code != meaning))
        {
            write!(f, ", which means {meaning}")?;
        }
        match (self.status, self.from.name()) {
            (Some(status), Some(from)) => write!(f, " (status {}, {from})", status.as_u16())?,
            (Some(status), None) => write!(f, " (status {})", status.as_u16())?,
            (None, _) => {}
        }
        if let Some(perhaps) = self.perhaps {
            write!(f, "; if it means {perhaps}, say so by `AuthorizationServer::refusal_means`")?;
        }
        match self.admitted_by {
            // A guess: nobody but the server knows.
            Some(quirk) => write!(f, "; the quirk `{}` may help (`Quirk::{quirk:?}`)", quirk.name()),
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

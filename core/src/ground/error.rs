//! Errors, sorted by who must act: [`Error`].
//!
//! Longer than most files: what an error is made of stands beside how it is shown.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;

use crate::ground::callback_error::CallbackError;
use crate::ground::quirk::{Quirk, exit};
use crate::ground::refused::{Refused, Retry};
use crate::ground::required::{AuthorizationRequired, Cause};
use crate::ground::rule::Rule;
use crate::ground::store_error::StoreError;

/// Why a flow ended without its output. The variants say who must act.
///
/// No error holds a secret, a whole body, or the text of a redirect that was not verified.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The server said no, in its own words.
    Refused(Box<Refused>),
    /// The server, or something that answered in its place, broke the protocol; or an authorization response was refused.
    Malformed(Malformed),
    /// Nothing here can get a token any more: the person, or the administrator, must authorize again.
    AuthorizationRequired(AuthorizationRequired),
    /// A renewal was sent, and no answer came: its outcome is unknown, and it may be tried again. The host that sent it
    /// knows the reason.
    Unanswered,
    /// The store that keeps the tokens failed; its operator must act, and what failed may be tried again.
    Store(StoreError),
    /// Code of the program's own failed, which the library called: a source of assertions, for example. The next request calls it
    /// again. Nothing was lost, but for an [`Adjust`](crate::client::Adjust) that failed on an answer: what the server gave is lost.
    Callback(CallbackError),
    /// This program did something the protocol forbids; the fix is in its code or configuration.
    Misuse(Misuse),
}

impl Error {
    /// Whether the server refused the grant itself (`invalid_grant`): the code or refresh token is used up,
    /// expired or revoked, and sending it again is pointless. A 5xx is never taken for that, whatever it says.
    #[must_use]
    pub fn is_invalid_grant(&self) -> bool {
        self.refused().is_some_and(Refused::is_invalid_grant)
    }

    /// Whether the person at the server said no (`access_denied`).
    #[must_use]
    pub fn is_access_denied(&self) -> bool {
        self.refused().is_some_and(|refused| refused.meant() == Some("access_denied"))
    }

    /// Whether a person must authorize again before this can work.
    #[must_use]
    pub fn is_authorization_required(&self) -> bool {
        matches!(self, Self::AuthorizationRequired(_))
    }

    /// Whether the same request may work later, all by itself ([ER-5](crate::Rule::Er5)).
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Refused(refused) => refused.retry() != Retry::Never,
            Self::Unanswered | Self::Store(_) | Self::Callback(_) => true,
            _ => false,
        }
    }

    /// The server's own refusal, if one is behind this error.
    #[must_use]
    pub fn refused(&self) -> Option<&Refused> {
        match self {
            Self::Refused(refused) => Some(refused),
            Self::AuthorizationRequired(required) => match required.cause() {
                Cause::Refused(refused) | Cause::Lost(refused) => Some(refused),
                _ => None,
            },
            _ => None,
        }
    }

    /// The rule that was broken, where one was.
    #[must_use]
    pub fn rule(&self) -> Option<Rule> {
        match self {
            Self::Refused(_) | Self::Unanswered | Self::Store(_) | Self::Callback(_) => None,
            Self::Malformed(malformed) => Some(malformed.rule),
            Self::AuthorizationRequired(required) => required.rule,
            Self::Misuse(misuse) => misuse.rule,
        }
    }

    /// The relaxation that would have let through what was refused: admit it
    /// ([`AuthorizationServer::admit`](crate::AuthorizationServer::admit)) if the server is known to need it, after reading what
    /// it gives up. The text of the error names it too.
    ///
    /// It is certain for what this library refused itself. Of what the *server* refused it is a guess: a client
    /// that was not recognized may have written its credentials or its assertion in the way that the server does not read.
    ///
    /// ```
    /// # use valetkey_core::{AuthorizationServer, Quirk, TokenResponse, UnixTime};
    /// # let body = br#"{"access_token":"v^1.1","token_type":"User Access Token"}"#.to_vec();
    /// # let response = http::Response::builder().header("content-type", "application/json").body(body).unwrap();
    /// # let now = UnixTime::from_secs(1_700_000_000);
    /// let error = TokenResponse::parse(response, now, &AuthorizationServer::new()).unwrap_err();
    /// assert_eq!(error.admitted_by(), Some(Quirk::AnyTokenType));
    /// ```
    #[must_use]
    pub fn admitted_by(&self) -> Option<Quirk> {
        match self {
            Self::Malformed(malformed) => malformed.admitted_by,
            Self::Misuse(misuse) => misuse.admitted_by,
            Self::AuthorizationRequired(required) => {
                required.admitted_by.or_else(|| self.refused().and_then(|refused| refused.admitted_by))
            }
            Self::Refused(refused) => refused.admitted_by,
            Self::Unanswered | Self::Store(_) | Self::Callback(_) => None,
        }
    }

    /// The same error, which says that this quirk would admit what it refuses.
    pub(crate) fn unless_admitted(mut self, quirk: Quirk) -> Self {
        match &mut self {
            Self::Malformed(malformed) => malformed.admitted_by = Some(quirk),
            Self::Misuse(misuse) => misuse.admitted_by = Some(quirk),
            Self::AuthorizationRequired(required) => required.admitted_by = Some(quirk),
            Self::Refused(refused) => refused.admitted_by = Some(quirk),
            Self::Unanswered | Self::Store(_) | Self::Callback(_) => {}
        }
        self
    }
}

/// So that what needs no conversion is taken where a conversion may fail.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // The text is the store's, so what is behind it is what is behind this.
            Self::Store(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => refused.fmt(f),
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::AuthorizationRequired(required) => required.fmt(f),
            Self::Unanswered => {
                f.write_str("no answer came to the renewal of the token: the same call may work later")
            }
            Self::Store(error) => error.fmt(f),
            Self::Callback(error) => error.fmt(f),
            Self::Misuse(misuse) => misuse.fmt(f),
        }
    }
}

/// What the server, or something that answered in its place, got wrong.
///
/// It is told as "the server broke the protocol", and of an authorization response as "the response was refused": a
/// browser brought that, and it may be of a stale page or an attacker's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    rule: Rule,
    what: Cow<'static, str>,
    of: Spoken,
    admitted_by: Option<Quirk>,
}

/// In what it was said. The server alone speaks in an answer; an authorization response comes from a browser, and a stale
/// page or an attacker may have written it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spoken {
    Answer,
    AuthorizationResponse,
}

impl Malformed {
    /// The rule that the input broke.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.of {
            Spoken::Answer => "the server broke the protocol",
            Spoken::AuthorizationResponse => "the response was refused",
        };
        write!(f, "{prefix}: {} ({})", self.what, self.rule)?;
        exit(f, self.admitted_by)
    }
}

/// What this program got wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misuse {
    rule: Option<Rule>,
    what: Cow<'static, str>,
    admitted_by: Option<Quirk>,
}

impl Misuse {
    /// The rule that the program broke, where it is one of the protocol's.
    #[must_use]
    pub const fn rule(&self) -> Option<Rule> {
        self.rule
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            Some(rule) => write!(f, "misuse: {} ({rule})", self.what),
            None => write!(f, "misuse: {}", self.what),
        }?;
        exit(f, self.admitted_by)
    }
}

// The constructors are core's own: only a check makes an error. None of them takes a server's text, but for the place that
// a redirect points to, the issuer that metadata name and the name of a claim, which were made fit for display; nor the query
// of a redirect URI.

pub(crate) fn malformed(rule: Rule, what: impl Into<Cow<'static, str>>) -> Error {
    Error::Malformed(Malformed { rule, what: what.into(), of: Spoken::Answer, admitted_by: None })
}

/// For an authorization response, which a browser brought.
pub(crate) fn response_refused(rule: Rule, what: impl Into<Cow<'static, str>>) -> Error {
    Error::Malformed(Malformed {
        rule,
        what: what.into(),
        of: Spoken::AuthorizationResponse,
        admitted_by: None,
    })
}

pub(crate) fn misuse(what: impl Into<Cow<'static, str>>) -> Error {
    Error::Misuse(Misuse { rule: None, what: what.into(), admitted_by: None })
}

pub(crate) fn misuse_of(rule: Rule, what: impl Into<Cow<'static, str>>) -> Error {
    Error::Misuse(Misuse { rule: Some(rule), what: what.into(), admitted_by: None })
}

fn required(rule: Option<Rule>, cause: Cause) -> Error {
    Error::AuthorizationRequired(AuthorizationRequired {
        rule,
        cause,
        late: Cow::Borrowed(""),
        admitted_by: None,
    })
}

pub(crate) fn expired() -> Error {
    required(None, Cause::Expired)
}

/// Says what came too late, or not at all, and after how long.
pub(crate) fn too_late(rule: Rule, late: impl Into<Cow<'static, str>>) -> Error {
    let (rule, late) = (Some(rule), late.into());
    Error::AuthorizationRequired(AuthorizationRequired {
        rule,
        cause: Cause::TooLate,
        late,
        admitted_by: None,
    })
}

/// The ID token of a renewal failed by this.
pub(crate) fn other_login(error: Error) -> Error {
    let Error::Malformed(Malformed { rule, what, admitted_by, .. }) = error else { return error };
    let (rule, late) = (Some(rule), what);
    Error::AuthorizationRequired(AuthorizationRequired { rule, cause: Cause::OtherLogin, late, admitted_by })
}

pub(crate) fn refused_for_good(refused: Box<Refused>) -> Error {
    required(None, Cause::Refused(refused))
}

pub(crate) fn lost(refused: Box<Refused>) -> Error {
    required(None, Cause::Lost(refused))
}

pub(crate) fn ended() -> Error {
    required(None, Cause::Ended)
}

pub(crate) fn other_resources() -> Error {
    required(Some(Rule::St4), Cause::OtherResources)
}

pub(crate) fn owner_unknown() -> Error {
    required(Some(Rule::St4), Cause::OwnerUnknown)
}

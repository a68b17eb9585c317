//! Errors, sorted by who must act: [`Error`].

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;

use crate::ground::callback_error::CallbackError;
use crate::ground::refused::{Refused, Retry};
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
    /// Code of the program's own failed, which the library called: a source of assertions, for example. Nothing was lost, and the
    /// next request calls it again.
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
        self.refused().is_some_and(|refused| refused.code().is_some_and(|code| *code == "access_denied"))
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
        write!(f, "{prefix}: {} ({})", self.what, self.rule)
    }
}

/// What this program got wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misuse {
    rule: Option<Rule>,
    what: Cow<'static, str>,
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
        }
    }
}

/// Why somebody must authorize again.
#[derive(Clone, Debug)]
pub struct AuthorizationRequired {
    rule: Option<Rule>,
    cause: Cause,
    /// What came too late, if that is the cause.
    late: Cow<'static, str>,
}

/// What ended an authorization.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The access token has expired or was rejected, and nothing renews it.
    Expired,
    /// The login ([AR-13](crate::Rule::Ar13)) or the device's code ([DV-4](crate::Rule::Dv4)) was too old when the user came.
    TooLate,
    /// The server refused to renew the token.
    Refused(Box<Refused>),
    /// The answer to a renewal was lost, by a crash or by the network, and when the same refresh token was sent once more
    /// the server refused it: what it had given in its place never arrived.
    Lost(Box<Refused>),
    /// The stored session does not say whose it is, since an earlier version of the library wrote it
    /// ([ST-4](crate::Rule::St4)). After a login there is one that does.
    OwnerUnknown,
    /// The stored tokens are for other resources, or another audience, than the session's ([ST-4](crate::Rule::St4)): it
    /// asks for others than it did when its user logged in.
    OtherResources,
    /// The session was ended by a log-out, here or in another process, or its record is gone from the store.
    Ended,
}

impl AuthorizationRequired {
    /// What ended the authorization.
    #[must_use]
    pub const fn cause(&self) -> &Cause {
        &self.cause
    }
}

impl fmt::Display for AuthorizationRequired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Expired => f.write_str(
                "authorization required: nobody has logged in yet, or the access token is not good any more and nothing \
                 renews it: log in",
            ),
            Cause::TooLate => write!(f, "authorization required: {}", self.late),
            Cause::Refused(refused) => write!(f, "authorization required: {refused}"),
            Cause::Lost(refused) => {
                write!(f, "authorization required: the answer to an earlier renewal was lost, and {refused}")
            }
            Cause::Ended => f.write_str("authorization required: the session has ended by a log-out: log in again"),
            Cause::OtherResources => write!(
                f,
                "authorization required: the stored tokens are for other resources than this session's: log in again ({})",
                Rule::St4
            ),
            Cause::OwnerUnknown => write!(
                f,
                "authorization required: the stored session was written by an earlier version, which did not say whose \
                 it is: log in again ({})",
                Rule::St4
            ),
        }
    }
}

// The constructors are core's own: only a check makes an error. None of them takes a server's text, but for the place that
// a redirect points to and the issuer that metadata name, which were made fit for display; nor the query of a redirect URI.

pub(crate) fn malformed(rule: Rule, what: impl Into<Cow<'static, str>>) -> Error {
    Error::Malformed(Malformed { rule, what: what.into(), of: Spoken::Answer })
}

/// For an authorization response, which a browser brought.
pub(crate) fn response_refused(rule: Rule, what: impl Into<Cow<'static, str>>) -> Error {
    Error::Malformed(Malformed { rule, what: what.into(), of: Spoken::AuthorizationResponse })
}

pub(crate) fn misuse(what: impl Into<Cow<'static, str>>) -> Error {
    Error::Misuse(Misuse { rule: None, what: what.into() })
}

pub(crate) fn misuse_of(rule: Rule, what: impl Into<Cow<'static, str>>) -> Error {
    Error::Misuse(Misuse { rule: Some(rule), what: what.into() })
}

fn required(rule: Option<Rule>, cause: Cause) -> Error {
    Error::AuthorizationRequired(AuthorizationRequired { rule, cause, late: Cow::Borrowed("") })
}

pub(crate) fn expired() -> Error {
    required(None, Cause::Expired)
}

/// Says what came too late, or not at all, and after how long.
pub(crate) fn too_late(rule: Rule, late: impl Into<Cow<'static, str>>) -> Error {
    let (rule, late) = (Some(rule), late.into());
    Error::AuthorizationRequired(AuthorizationRequired { rule, cause: Cause::TooLate, late })
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

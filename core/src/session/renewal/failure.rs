//! A renewal that failed, and one that was begun, as they are remembered: by a session, and in its record.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::authorize::response::digest;
use crate::ground::error::{Error, lost, malformed, other_login, refused_for_good};
use crate::ground::quirk::Quirks;
use crate::ground::refused::{LONGEST_OBEYED, Refused};
use crate::ground::required::Cause as RequiredBy;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::session::renewal::dead::Refusals;
use crate::terms::secret::RefreshToken;

/// The first wait after a renewal that failed, and the longest; and the longest after one that failed by its store or by code
/// of the program's, for which the authorization server was not asked anything.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const LONGEST_WAIT_FOR_STORE: Duration = Duration::from_secs(5);
/// The longest that is waited in any case: an hour and the quarter of it that a spread may add.
const LONGEST_WAITED: Duration = Duration::from_secs(LONGEST_OBEYED.as_secs() / 4 * 5);

/// A request was sent, or was about to be, and its outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Intent {
    at: UnixTime,
    /// How often, with this one.
    sends: u32,
}

impl Intent {
    pub(crate) fn again(earlier: Option<&Self>, now: UnixTime) -> Self {
        Self { at: now, sends: earlier.map_or(0, |earlier| earlier.sends).saturating_add(1) }
    }
}

/// Why the last renewal failed, told to every caller until it is time to try again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    at: UnixTime,
    until: UnixTime,
    /// How many failed in a row, with this one.
    count: u32,
    cause: Cause,
    /// How often its refresh token was refused in words that are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusals: Option<Refusals>,
}

/// What is kept of an error.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Cause {
    Refused(Told),
    /// The grant has come to its end.
    Ended {
        #[serde(flatten)]
        told: Told,
        /// The refresh token that was refused, as a digest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// Whether an earlier answer had been lost.
        #[serde(default)]
        lost: bool,
    },
    /// The ID token of a renewal failed.
    OtherLogin {
        rule: String,
        /// The refresh token that was used, as a digest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    Malformed {
        rule: String,
        /// The quirk that would have admitted it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quirk: Option<String>,
    },
    Unanswered,
}

/// What is kept of a refusal: what may be shown, since every later caller is told it. A registered code is kept as it came,
/// so that it decides alike; another that holds a secret of the request is kept without it, because not all of these
/// secrets are in the record.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Told {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The start of a body without a description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    excerpt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    meaning: Option<String>,
}

impl Told {
    fn of(refused: &Refused) -> Self {
        Self {
            status: refused.status().map(|status| status.as_u16()),
            code: refused.code().map(ToString::to_string),
            description: refused.description().map(str::to_owned),
            excerpt: refused.excerpt().map(str::to_owned),
            meaning: refused.meaning().map(str::to_owned),
        }
    }

    fn refused(&self) -> Box<Refused> {
        let [code, description, excerpt, meaning] =
            [&self.code, &self.description, &self.excerpt, &self.meaning].map(Option::as_deref);
        Box::new(Refused::recalled(self.status, code, description, excerpt, meaning))
    }
}

impl Failure {
    /// The wait is a second at first and doubles with each failure in a row, up to a minute, or to five seconds if it was
    /// the store that failed, or code of the program's; a server that asks for longer gets it, an hour at most ([`LONGEST_OBEYED`]). `spread`, of a
    /// thousand, makes it up to a quarter longer, so that processes part.
    pub(crate) fn after(
        earlier: Option<&Self>,
        error: &Error,
        used: Option<&RefreshToken>,
        spread: u16,
        now: UnixTime,
    ) -> Self {
        let count = earlier.map_or(0, |earlier| earlier.count).saturating_add(1);
        let longest = if matches!(error, Error::Store(_) | Error::Callback(_)) {
            LONGEST_WAIT_FOR_STORE
        } else {
            LONGEST_WAIT
        };
        let doubled = FIRST_WAIT.saturating_mul(1 << (count - 1).min(6)).min(longest);
        let asked = match error {
            Error::Refused(refused) => refused.retry_after().unwrap_or_default().min(LONGEST_OBEYED),
            // A refusal for good is over at once for another refresh token.
            _ => Duration::ZERO,
        };
        let wait = doubled.max(asked);
        let wait = wait.saturating_add(wait * u32::from(spread.min(1000)) / 4000);
        Self { at: now, until: now.after(wait), count, cause: Cause::of(error, used), refusals: None }
    }

    pub(crate) fn with_refusals(self, refusals: Option<Refusals>) -> Self {
        Self { refusals, ..self }
    }

    pub(crate) const fn refusals(&self) -> Option<&Refusals> {
        self.refusals.as_ref()
    }

    /// Whether it is time to try again. A clock that was set back does not make the wait longer.
    pub(crate) fn is_over(&self, now: UnixTime) -> bool {
        !now.is_within(self.at, self.until())
    }

    /// When it is time to try again. A record that was written by something else than this does not make the wait longer.
    pub(crate) fn until(&self) -> UnixTime {
        self.until.min(self.at.after(LONGEST_WAITED))
    }

    /// The same for a server of these quirks: where one admits by now what failed, nothing is waited for.
    pub(crate) fn admitted(self, quirks: Quirks) -> Self {
        let is_admitted = self.error().admitted_by().is_some_and(|quirk| quirks.contains(quirk));
        Self { until: if is_admitted { self.at } else { self.until }, ..self }
    }

    /// Whether it was this very refresh token that the server refused for good.
    pub(crate) fn ended(&self, held: &RefreshToken) -> bool {
        match &self.cause {
            Cause::Ended { token: Some(token), .. } | Cause::OtherLogin { token: Some(token), .. } => {
                *token == digest(held.expose())
            }
            _ => false,
        }
    }

    /// The error, as far as it was kept.
    pub(crate) fn error(&self) -> Error {
        match &self.cause {
            Cause::Refused(told) => Error::Refused(told.refused()),
            Cause::Ended { told, lost: true, .. } => lost(told.refused()),
            Cause::Ended { told, .. } => refused_for_good(told.refused()),
            Cause::Malformed { rule, quirk } => {
                let error = malformed(
                    rule.parse().unwrap_or(Rule::Tr2),
                    "the answer to an earlier renewal could not be read",
                );
                match quirk.as_deref().map(str::parse) {
                    Some(Ok(quirk)) => error.unless_admitted(quirk),
                    _ => error,
                }
            }
            Cause::OtherLogin { rule, .. } => {
                let rule = rule.parse().unwrap_or(Rule::Id53);
                other_login(malformed(
                    rule,
                    "the ID token of an earlier renewal is not of the login that it renewed",
                ))
            }
            Cause::Unanswered => Error::Unanswered,
        }
    }
}

impl Cause {
    fn of(error: &Error, used: Option<&RefreshToken>) -> Self {
        match error {
            Error::Refused(refused) => Self::Refused(Told::of(refused)),
            Error::Malformed(malformed) => Self::Malformed {
                rule: malformed.rule().id().to_owned(),
                quirk: error.admitted_by().map(|quirk| quirk.name().to_owned()),
            },
            Error::AuthorizationRequired(required) => match required.cause() {
                RequiredBy::Refused(refused) | RequiredBy::Lost(refused) => Self::Ended {
                    told: Told::of(refused),
                    token: used.map(|token| digest(token.expose())),
                    lost: matches!(required.cause(), RequiredBy::Lost(_)),
                },
                RequiredBy::OtherLogin => {
                    let rule = error.rule().unwrap_or(Rule::Id53);
                    let token = used.map(|token| digest(token.expose()));
                    Self::OtherLogin { rule: rule.id().to_owned(), token }
                }
                _ => Self::Unanswered,
            },
            _ => Self::Unanswered,
        }
    }
}

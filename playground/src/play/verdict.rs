//! What became of an attack: [`Verdict`].

use std::fmt;

use valetkey_core::{Quirks, Rule};
use valetkey_sandbox::Misbehaviour;

use super::attack::Trick;
use super::{Attack, Came, Kind, Run};

/// What an attack came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A rule of core's caught it.
    Caught(Rule),
    /// The server refused, and core read the refusal: its code, or its status.
    Refused(String),
    /// The person must authorize again.
    AuthorizationRequired,
    /// A named departure from the RFC, let through and reported.
    LetThrough(Quirks),
    /// The API's answer was handed to the program as it is.
    Handed(u16),
    /// It did no harm, for this reason.
    Harmless(&'static str),
    /// It found nothing to act on, for this reason.
    Nothing(&'static str),
    /// No attack was on, and all went well.
    Fine,
}

impl Verdict {
    pub(crate) fn of(run: &Run, attack: Option<Attack>, waiting: bool, loot: Option<&str>) -> Self {
        let outcomes = || run.steps().iter().filter_map(|step| Some((step.kind, step.outcome.as_ref()?)));
        let error = outcomes().find_map(|(_, outcome)| outcome.reading.error.as_ref());
        if let Some(error) = error {
            return match (error.rule(), error.refused()) {
                (Some(rule), _) => Self::Caught(rule),
                (None, _) if error.is_authorization_required() => Self::AuthorizationRequired,
                (None, Some(refused)) => Self::Refused(match (refused.code(), refused.status()) {
                    (Some(code), _) => code.as_str().to_owned(),
                    (None, status) => {
                        format!("status {}", status.map_or(0, |status| status.as_u16()))
                    }
                }),
                (None, None) => Self::Refused(error.to_string()),
            };
        }
        let Some(attack) = attack else { return Self::Fine };
        let handed =
            outcomes().filter(|(kind, _)| *kind == Kind::Api).find_map(|(_, outcome)| match &outcome.came {
                Came::Answer(answer) if !(200..300).contains(&answer.status) => Some(answer.status),
                _ => None,
            });
        let repeated = outcomes().filter(|(kind, _)| *kind == Kind::Renewal).count() > 0;
        match handed {
            // Answered once with a 401, renewed, and answered then.
            Some(401) if repeated && run.failure().is_none() => {
                return Self::Harmless("the token was renewed and the request repeated once (WA-3)");
            }
            Some(status) => return Self::Handed(status),
            None => {}
        }
        if let Some(why) = attack.not_in(run.setup().method) {
            return Self::Nothing(why);
        }
        if waiting {
            return Self::Nothing(unfit(attack));
        }
        let quirks = outcomes().find_map(|(_, outcome)| {
            let odd = outcome.reading.quirks;
            (!odd.is_empty() && !is_usual(odd)).then_some(odd)
        });
        match (quirks, loot) {
            (Some(quirks), _) => Self::LetThrough(quirks),
            (None, Some(_)) => Self::Harmless("the thief was refused, and the program was served"),
            (None, None) => Self::Harmless(harmless(attack)),
        }
    }
}

/// Space's documented answers have no `token_type`: that is no attack.
fn is_usual(quirks: Quirks) -> bool {
    quirks.iter().all(|quirk| quirk == valetkey_core::Quirk::NoTokenType)
}

/// Why a switch that fits the method found no answer that it fits.
fn unfit(attack: Attack) -> &'static str {
    match attack {
        Attack::Misbehaviour(Misbehaviour::ResponseInQuery | Misbehaviour::ResponseInFragment) => {
            "the parameters are there already"
        }
        Attack::Misbehaviour(_) => "there was no answer that it fits",
        Attack::Trick(_) => "it did not come to that",
    }
}

/// Why a switch that was carried out did no harm: what the protocol says to do with such an answer.
fn harmless(attack: Attack) -> &'static str {
    use Misbehaviour as M;
    match attack {
        Attack::Misbehaviour(misbehaviour) => match misbehaviour {
            M::UnknownParameters => "parameters that nobody knows are ignored (RFC 6749 §4.1.2)",
            M::TokenTypeMissing => "the answers of this server have none, and that is admitted by name",
            M::TokenTypeLowerCase => "the type is compared without regard to case (RFC 6749 §5.1)",
            M::ExpiresInMissing => {
                "the lifetime is optional: a token without one is used until it is refused"
            }
            M::ExpiresInZero => "a token that is born expired is used once, for the call that waited for it",
            M::RefreshTokenMissing => "a refresh token is optional, and the one that was used stays (TR-13)",
            M::ScopeMissing => "without a scope the one that was asked for is granted (RFC 6749 §5.1)",
            M::ScopeWider => "a wider scope is reported; a program that minds says at_most",
            M::ScopeOpenid => "only a code brings a login, so no ID token is missing here",
            M::DateBeforeEpoch | M::DateDayZero => "the clock is the program's, and the date is not read",
            M::HugeHeader => "no header is read but the few that matter; adapters bound the rest",
            M::ApiHugeBody => "the body is the program's to bound, and the adapters bound it",
            _ => "",
        },
        Attack::Trick(Trick::TokensExpired) => {
            "a permanent token never expires, which is what is wrong with it"
        }
        Attack::Trick(_) => "",
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caught(rule) => f.write_str(rule.id()),
            Self::Refused(code) => write!(f, "refused: {code}"),
            Self::AuthorizationRequired => f.write_str("authorization required"),
            Self::LetThrough(quirks) => {
                let names: Vec<&str> = quirks.iter().map(valetkey_core::Quirk::name).collect();
                write!(f, "let through: {}", names.join(", "))
            }
            Self::Handed(status) => write!(f, "handed to the program: {status}"),
            Self::Harmless(why) => write!(f, "harmless: {why}"),
            Self::Nothing(why) => write!(f, "not here: {why}"),
            Self::Fine => f.write_str("fine"),
        }
    }
}

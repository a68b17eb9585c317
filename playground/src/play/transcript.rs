//! A run as it is kept: [`Transcript`], a JSON document that can be replayed.
//!
//! Version 1 is one object:
//!
//! ```text
//! format      "valetkey-transcript"
//! version     1
//! attack      the name of the switch that was on, or null; for people
//! setup       what the run was begun with: the method, the server, the client, secrets and all
//! seed        32 bytes in base64url without padding, from which state and verifier come
//! begun_at    milliseconds since 1970, as all times here
//! steps       in their order, each
//!   kind      "authorization", "token", "renewal" or "api"
//!   asked_at  when core was asked for the request
//!   request   method, url, headers (a list of pairs), body ({"text": …} or {"base64": …}; left out if empty)
//!   came      absent in an open step, else one of
//!             {"answer": {status, headers, body}}, {"redirect": {url, same_session}}, {"nothing": "why"}
//!   sent_at, at      when it was sent, and when that came; with `came`
//!   passed    the ids of the rules that held; with `came`
//!   failed    null, or {rule: an id or null, text}; with `came`
//! ```
//!
//! It holds every secret of its run.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use valetkey_core::{Rule, UnixTime};

use super::step::{Came, Kind, Outcome, Step};
use super::{Answer, ApiCall, Attack, Run, Sent, Setup};

const FORMAT: &str = "valetkey-transcript";
const VERSION: u32 = 1;

/// A run as a document.
#[derive(Clone, Serialize, Deserialize)]
pub struct Transcript {
    format: String,
    version: u32,
    attack: Option<String>,
    setup: Setup,
    seed: String,
    begun_at: UnixTime,
    steps: Vec<Recorded>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Recorded {
    kind: Kind,
    asked_at: UnixTime,
    request: Sent,
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    ended: Option<Ended>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ended {
    came: RecordedCame,
    sent_at: UnixTime,
    at: UnixTime,
    passed: Vec<String>,
    failed: Option<Failed>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecordedCame {
    Answer(Answer),
    Redirect { url: String, same_session: bool },
    Nothing(String),
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Failed {
    rule: Option<String>,
    text: String,
}

/// Where a replay departs from its transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The number of the step, from 1; 0 for the run as a whole.
    pub step: usize,
    /// What differs.
    pub what: &'static str,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}: {}", self.step, self.what)
    }
}

impl std::error::Error for Mismatch {}

impl Transcript {
    /// The run so far.
    #[must_use]
    pub fn of(run: &Run, attack: Option<Attack>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            attack: attack.map(|attack| attack.name().to_owned()),
            setup: run.setup().clone(),
            seed: URL_SAFE_NO_PAD.encode(run.seed()),
            begun_at: run.begun_at(),
            steps: run.steps().iter().map(Recorded::of).collect(),
        }
    }

    /// The document.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Reads a document.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] of step 0 if it is not a transcript of a known version.
    pub fn parse(json: &str) -> Result<Self, Mismatch> {
        let no = |what| Mismatch { step: 0, what };
        let transcript: Self = serde_json::from_str(json).map_err(|_| no("this is not a transcript"))?;
        if transcript.format != FORMAT || transcript.version != VERSION {
            return Err(no("this is not a transcript of version 1"));
        }
        Ok(transcript)
    }

    /// Feeds the recorded answers to core's flows, and expects every recorded request and every recorded outcome.
    ///
    /// # Errors
    ///
    /// The first [`Mismatch`].
    pub fn replay(&self) -> Result<Run, Mismatch> {
        let no = |step, what| Mismatch { step, what };
        let seed = URL_SAFE_NO_PAD.decode(&self.seed).ok().and_then(|seed| seed.try_into().ok());
        let seed = seed.ok_or(no(0, "the seed is not 32 bytes"))?;
        let mut run = Run::begin(self.setup.clone(), seed, self.begun_at)
            .map_err(|_| no(0, "core refuses the setup"))?;
        for (index, recorded) in self.steps.iter().enumerate() {
            let number = index + 1;
            if run.steps().len() == index {
                recorded.ask(&mut run).ok_or(no(number, "core asks for nothing more"))?;
            }
            recorded.answer(&mut run).ok_or(no(number, "the answer is not valid HTTP"))?;
            let replayed = run.steps().get(index).ok_or(no(number, "core asks for nothing more"))?;
            let replayed = Recorded::of(replayed);
            if replayed.kind != recorded.kind || replayed.request != recorded.request {
                return Err(no(number, "core asks for another request"));
            }
            match (&replayed.ended, &recorded.ended) {
                (Some(replayed), Some(recorded)) if replayed.passed != recorded.passed => {
                    return Err(no(number, "other checks were passed"));
                }
                (replayed, recorded) if replayed != recorded => {
                    return Err(no(number, "the outcome is another"));
                }
                _ => {}
            }
        }
        Ok(run)
    }
}

impl Recorded {
    fn of(step: &Step) -> Self {
        Self {
            kind: step.kind,
            asked_at: step.asked_at,
            request: step.request.clone(),
            ended: step.outcome.as_ref().map(Ended::of),
        }
    }

    /// Asks for what somebody asked for by hand.
    fn ask(&self, run: &mut Run) -> Option<()> {
        match self.kind {
            Kind::Api => {
                let call = ApiCall {
                    method: self.request.method.clone(),
                    url: self.request.url.clone(),
                    body: self.request.body.text(),
                };
                run.call(Some(&call), self.asked_at).ok()
            }
            Kind::Renewal => run.renew(self.asked_at).ok(),
            Kind::Authorization | Kind::Token => Some(()),
        }
    }

    fn answer(&self, run: &mut Run) -> Option<()> {
        let Some(ended) = &self.ended else { return Some(()) };
        match &ended.came {
            RecordedCame::Answer(answer) => run.answered(answer.response()?, ended.sent_at, ended.at),
            RecordedCame::Redirect { url, same_session } => run.arrived(url, *same_session, ended.at),
            RecordedCame::Nothing(why) => run.unanswered(why, ended.sent_at, ended.at),
        }
        Some(())
    }
}

impl Ended {
    fn of(outcome: &Outcome) -> Self {
        Self {
            came: match &outcome.came {
                Came::Answer(answer) => RecordedCame::Answer(answer.clone()),
                Came::Redirect { url, same_session } => {
                    RecordedCame::Redirect { url: url.clone(), same_session: *same_session }
                }
                Came::Nothing(why) => RecordedCame::Nothing(why.clone()),
            },
            sent_at: outcome.sent_at,
            at: outcome.at,
            passed: outcome.reading.checks.iter().map(|rule| rule.id().to_owned()).collect(),
            failed: outcome.reading.error.as_ref().map(|error| Failed {
                rule: error.rule().map(|rule| Rule::id(rule).to_owned()),
                text: error.to_string(),
            }),
        }
    }
}

/// Without what it holds.
impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcript").field("steps", &self.steps.len()).finish_non_exhaustive()
    }
}

//! One step of a run: what is sent, what comes back, and what core makes of it.

use valetkey_core::error::Checks;
use valetkey_core::{Error, Quirks, UnixTime};

use super::{Answer, Sent};

/// One request, shown before it is sent and filled in when its answer has come.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is for.
    pub kind: Kind,
    /// When core was asked for it.
    pub asked_at: UnixTime,
    /// The request as core built it.
    pub request: Sent,
    /// It is not to be sent earlier: the server asked to wait.
    pub not_before: Option<UnixTime>,
    /// What came of it; none while it has not been sent.
    pub outcome: Option<Outcome>,
}

/// What a step is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The person's browser goes to the authorization endpoint and comes back.
    Authorization,
    /// A grant is traded for the first token.
    Token,
    /// The session's next token.
    Renewal,
    /// A request of the API.
    Api,
}

impl Kind {
    /// As people read it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Authorization => "Authorization request",
            Self::Token => "Token request",
            Self::Renewal => "Renewal",
            Self::Api => "API request",
        }
    }
}

/// What came of a step.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// When it was sent.
    pub sent_at: UnixTime,
    /// When this came.
    pub at: UnixTime,
    /// What came.
    pub came: Came,
    /// What core made of it.
    pub reading: Reading,
}

/// What came back.
#[derive(Clone)]
pub enum Came {
    /// A response.
    Answer(Answer),
    /// The browser, at this URL.
    Redirect {
        /// Where the browser arrived, fragment and all.
        url: String,
        /// Whether it is the browser session in which the run began.
        same_session: bool,
    },
    /// Nothing, for this reason.
    Nothing(String),
}

/// What core made of an answer.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The rules that were checked, and held.
    pub checks: Checks,
    /// Why the conversation ended here, if it failed.
    pub error: Option<Error>,
    /// What departed from the RFC and was let through.
    pub quirks: Quirks,
    /// What it comes to, line by line.
    pub facts: Vec<Fact>,
}

/// One line of what an answer comes to.
#[derive(Clone)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

impl Fact {
    pub(crate) fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into() }
    }
}

/// Without the value, which may be a secret.
impl std::fmt::Debug for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fact({})", self.name)
    }
}

/// Without the parameters of a redirect.
impl std::fmt::Debug for Came {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answer(answer) => answer.fmt(f),
            Self::Redirect { same_session, .. } => write!(f, "Redirect(same_session: {same_session})"),
            Self::Nothing(why) => f.debug_tuple("Nothing").field(why).finish(),
        }
    }
}

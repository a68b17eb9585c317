//! Many callers on one token source.

use std::io::{self, BufRead as _};
use std::time::{Duration, Instant};

/// What befalls the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// There is no token yet.
    Cold,
    /// There was one, of two seconds, and it has run out.
    Expired,
    /// The server refuses, with 400 and `invalid_grant`.
    Refused,
    /// The server is in trouble, with 503.
    Unavailable,
}

impl Scenario {
    /// All, in the order of the table.
    pub const ALL: [Self; 4] = [Self::Cold, Self::Expired, Self::Refused, Self::Unavailable];

    /// What sides and runner call it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Expired => "expired",
            Self::Refused => "400",
            Self::Unavailable => "503",
        }
    }

    /// The scenario of this id.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.id() == id)
    }

    /// Whether the server fails at first.
    #[must_use]
    pub fn is_failing(self) -> bool {
        matches!(self, Self::Refused | Self::Unavailable)
    }
}

/// The load.
#[derive(Clone, Debug)]
pub struct Load {
    /// What befalls the source.
    pub scenario: Scenario,
    /// How many ask at once.
    pub callers: usize,
    /// The token endpoint, on a loopback address.
    pub url: String,
}

impl Load {
    /// How long a caller is waited for.
    pub const PATIENCE: Duration = Duration::from_secs(15);
    /// How long the token of [`Scenario::Expired`] is left to run out.
    pub const RUN_OUT: Duration = Duration::from_millis(2_500);
    /// How long the source is given to find that the server is well again.
    pub const RECOVERY: Duration = Duration::from_secs(10);
    /// How long a caller waits before it asks again.
    pub const AGAIN: Duration = Duration::from_millis(100);
}

/// Whether the server has been told to be well again.
#[derive(Debug)]
pub struct Recovery(());

impl Recovery {
    pub(crate) fn new() -> Self {
        Self(())
    }

    /// Has the server be well from now on, and says when that was.
    #[must_use]
    pub fn happen(self) -> Instant {
        println!("recover");
        let mut line = String::new();
        // Whatever comes, the runner has heard.
        let _ = io::stdin().lock().read_line(&mut line);
        Instant::now()
    }
}

/// What the callers got.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answers {
    /// How many got a token.
    pub good: usize,
    /// How many got an error; the others got nothing in time.
    pub failed: usize,
    /// When the last of them was answered.
    pub last: Duration,
    /// When, after a failing server was well again, a caller got a token.
    pub recovered: Option<Duration>,
}

impl Answers {
    /// Counts one.
    pub fn count(&mut self, is_good: Option<bool>, after: Duration) {
        match is_good {
            Some(true) => self.good += 1,
            Some(false) => self.failed += 1,
            None => {}
        }
        self.last = self.last.max(after);
    }
}

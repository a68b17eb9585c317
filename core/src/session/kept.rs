//! How long a store keeps a session that nobody uses any more: [`Kept`].
//!
//! ```text
//!  written ── a quarter of the time ──▶ who uses it from here on, writes it anew ── the time ──▶ over
//! ```
//!
//! So a session that was used is there for the whole time from then on, and a use costs a write at most once in a quarter
//! of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ground::time::UnixTime;

/// The shortest and the longest: browsers keep no cookie for longer.
const SHORTEST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// How long a record is kept, as it says itself.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// For how long after it was last used, at least, in milliseconds.
    #[serde(rename = "for")]
    millis: u64,
    /// Until when it is, as it was last written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<UnixTime>,
}

impl Kept {
    pub(crate) fn of(time: Duration) -> Self {
        let time = time.clamp(SHORTEST, LONGEST);
        Self { millis: u64::try_from(time.as_millis()).unwrap_or(u64::MAX), until: None }
    }

    /// This time, of a record that was written so.
    pub(crate) fn written_like(self, written: Option<Self>) -> Self {
        Self { until: written.and_then(|written| written.until), ..self }
    }

    fn time(self) -> Duration {
        Duration::from_millis(self.millis).clamp(SHORTEST, LONGEST)
    }

    /// How long the store is to keep what is written now.
    pub(crate) fn left(self, now: UnixTime) -> Duration {
        self.until.map_or_else(|| self.time(), |until| until.since(now))
    }

    /// As of what is written now.
    pub(crate) fn anew(self, now: UnixTime) -> Self {
        Self { until: Some(now.after(self.time() + self.time() / 4)), ..self }
    }

    /// Whether what is used now must be written anew.
    pub(crate) fn is_due(self, now: UnixTime) -> bool {
        self.until.is_none_or(|until| until < now.after(self.time()))
    }

    pub(crate) fn is_over(self, now: UnixTime) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

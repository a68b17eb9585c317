//! How long a store keeps a session that nobody uses any more: [`Kept`].
//!
//! ```text
//!  written ── a quarter of the time ──▶ who uses it from here on, writes it anew ── the time ──▶ over
//! ```
//!
//! So a session that was used is there for the whole time from then on, and a use costs a write at most once in a quarter
//! of it.
//!
//! The times are those of the computer that wrote them, while a store such as Redis counts by itself. So one that says it is
//! kept for longer than its writer can have meant, of a computer whose clock is ahead, or was then, is written anew: else nobody
//! would take it for due until the store has dropped it.
//!
//! Where two programs say different times, the longer one is written at once, and the shorter one when a quarter of the longer has
//! passed: so they do not write against each other at each use. Two whose clocks are more than a quarter of the time apart do.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ground::time::UnixTime;

/// The shortest: a quarter more is longer than clocks are apart. And the longest: browsers keep no cookie for longer.
const SHORTEST: Duration = Duration::from_secs(2 * 60);
const LONGEST: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A record is taken for over by our clock only after so much more, or a quarter of its time: until then its store says.
const GRACE: Duration = Duration::from_secs(5 * 60);

/// How long a record is kept, as it says itself.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// For how long after it was last used, at least, in milliseconds.
    #[serde(rename = "for")]
    millis: u64,
    /// Until when it is, as it was last written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<UnixTime>,
    /// The time that was said when `until` was written, in milliseconds, if it was another.
    #[serde(skip)]
    written: Option<u64>,
}

impl Kept {
    pub(crate) fn of(time: Duration) -> Self {
        let time = time.clamp(SHORTEST, LONGEST);
        Self { millis: u64::try_from(time.as_millis()).unwrap_or(u64::MAX), until: None, written: None }
    }

    /// This time, of a record that was written so.
    pub(crate) fn written_like(self, written: Option<Self>) -> Self {
        Self {
            until: written.and_then(|written| written.until),
            written: written.map(|written| written.written.unwrap_or(written.millis)),
            ..self
        }
    }

    pub(crate) fn time(self) -> Duration {
        time(self.millis)
    }

    fn written_time(self) -> Duration {
        time(self.written.unwrap_or(self.millis))
    }

    /// How long the store is to keep what is written now.
    pub(crate) fn left(self, now: UnixTime) -> Duration {
        self.until.map_or_else(|| self.time(), |until| until.since(now))
    }

    /// As of what is written now.
    pub(crate) fn anew(self, now: UnixTime) -> Self {
        Self { until: Some(now.after(self.time() + self.time() / 4)), written: None, ..self }
    }

    /// Whether what is used now must be written anew.
    pub(crate) fn is_due(self, now: UnixTime) -> bool {
        let written = self.written_time();
        self.until.is_none_or(|until| {
            until < now.after(self.time().max(written)) || until > now.after(written + written / 2)
        })
    }

    /// Whether nobody has used it for all its time, by whichever clock: one that is ahead by less than the grace says what the others say.
    pub(crate) fn is_over(self, now: UnixTime) -> bool {
        let grace = GRACE.max(self.time().max(self.written_time()) / 4);
        self.until.is_some_and(|until| until.after(grace) <= now)
    }
}

fn time(millis: u64) -> Duration {
    Duration::from_millis(millis).clamp(SHORTEST, LONGEST)
}

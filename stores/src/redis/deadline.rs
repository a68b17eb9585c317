//! Until when there is time: [`Deadline`].

use std::io;
use std::ops::Add;
use std::time::Duration;

/// A moment of a clock: the system's, or tokio's, which a test may stop.
pub(super) trait Moment: Copy + Ord + Add<Duration, Output = Self> {
    fn now() -> Self;

    /// The time from `earlier` until this moment, if it is not over.
    fn since(self, earlier: Self) -> Duration;
}

/// Until when there is time.
#[derive(Clone, Copy)]
pub(super) struct Deadline<M>(M);

/// The longest time there is: more would not fit a clock.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl<M: Moment> Deadline<M> {
    pub(super) fn after(time: Duration) -> Self {
        Self(M::now() + time.min(LONGEST))
    }

    /// When this part of the time that is left is over.
    pub(super) fn share(self, parts: u32) -> Self {
        Self(M::now() + self.left() / parts)
    }

    /// The same but for the last eighth of the time that is left.
    pub(super) fn most(self) -> Self {
        let left = self.left();
        Self(M::now() + (left - left / 8))
    }

    /// The same, or after this time.
    pub(super) fn at_most(self, time: Duration) -> Self {
        Self(self.0.min(M::now() + time))
    }

    /// The time that is left, if any.
    pub(super) fn left(self) -> Duration {
        self.0.since(M::now())
    }

    /// The time that is left, which there must be.
    pub(super) fn require(self) -> io::Result<Duration> {
        let left = self.left();
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

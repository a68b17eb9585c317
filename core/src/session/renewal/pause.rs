//! Waiting that grows, by the caller's clock: [`Pause`].

use std::time::Duration;

use crate::ground::time::UnixTime;

/// A wait that doubles each time it is begun, up to a longest, and is refused when all waits together were too long.
#[derive(Clone, Debug)]
pub(crate) struct Pause {
    next: Duration,
    longest: Duration,
    /// What may still be waited.
    patience: Duration,
    current: Option<(UnixTime, Duration)>,
}

/// A store that fails, or a record that changes under our hands, is looked at again after this time at first, at the longest, and
/// for so long in all.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(30);

impl Pause {
    /// For a store.
    pub(crate) const fn for_store() -> Self {
        Self::new(FIRST, LONGEST, PATIENCE)
    }

    pub(crate) const fn new(first: Duration, longest: Duration, patience: Duration) -> Self {
        Self { next: first, longest, patience, current: None }
    }

    /// Begins the next wait; whether there is patience for it.
    pub(crate) fn begin(&mut self, now: UnixTime) -> bool {
        if self.patience.is_zero() {
            return false;
        }
        let time = self.next.min(self.patience);
        self.patience -= time;
        self.next = self.next.saturating_mul(2).min(self.longest);
        self.current = Some((now, time));
        true
    }

    /// Takes so much from what may still be waited; whether anything is left of it.
    pub(crate) fn spend(&mut self, time: Duration) -> bool {
        self.patience = self.patience.saturating_sub(time);
        !self.patience.is_zero()
    }

    /// What is left of the wait; nothing if it is over, or the clock was set back.
    pub(crate) fn left(&self, now: UnixTime) -> Duration {
        match self.current {
            Some((from, time)) if now >= from => from.after(time).since(now),
            _ => Duration::ZERO,
        }
    }
}

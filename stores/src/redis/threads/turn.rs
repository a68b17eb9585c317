//! Who may use the connection: [`Turns`].

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::super::trouble::Trouble;
use super::wire::{Deadline, Wire};

/// One connection, used by one thread at a time. The others wait, each until its own deadline.
#[derive(Default)]
pub(super) struct Turns {
    place: Mutex<Place>,
    given_back: Condvar,
}

#[derive(Default)]
struct Place {
    wire: Option<Wire>,
    is_taken: bool,
}

/// A turn, which ends when it is dropped. The connection that is in it then is kept for the next one.
pub(super) struct Turn<'a> {
    pub(super) wire: Option<Wire>,
    turns: &'a Turns,
}

impl Turns {
    pub(super) fn take(&self, deadline: Deadline) -> Result<Turn<'_>, Trouble> {
        let mut place = self.place();
        while place.is_taken {
            let left = deadline.require()?;
            place = self.given_back.wait_timeout(place, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        place.is_taken = true;
        Ok(Turn { wire: place.wire.take(), turns: self })
    }

    /// Whole after each line that changes it, so a panic elsewhere did no harm.
    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.turns.place() = Place { wire: self.wire.take(), is_taken: false };
        self.turns.given_back.notify_one();
    }
}

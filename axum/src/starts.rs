//! How many logins may be begun at a time: [`Starts`].

use std::sync::{Mutex, PoisonError};

use valetkey_async::UnixTime;

/// Counts the logins that are begun in each second: it spares the server, and what begins nothing is not counted.
#[derive(Debug)]
pub(crate) struct Starts {
    most: u32,
    /// Which second, and how many.
    begun: Mutex<(u64, u32)>,
}

impl Starts {
    pub(crate) const fn new(most: u32) -> Self {
        Self { most, begun: Mutex::new((0, 0)) }
    }

    /// Whether one more may begin.
    pub(crate) fn admit(&self, now: UnixTime) -> bool {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.0 != now.as_secs() {
            *begun = (now.as_secs(), 0);
        }
        if begun.1 >= self.most {
            return false;
        }
        begun.1 = begun.1.saturating_add(1);
        true
    }
}

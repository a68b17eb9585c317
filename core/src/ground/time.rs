//! Time as an argument: [`UnixTime`].

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// By how much clocks of one time may differ.
const A_LITTLE: Duration = Duration::from_secs(10);

/// A moment, in milliseconds since 1970-01-01T00:00:00Z. Core never reads a clock: the host says what time it is.
///
/// All arithmetic saturates, so no lifetime that a server names can overflow. Serialized as the integer of
/// milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The moment so many seconds after the epoch.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// The moment so many milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The moment `time` later; the last representable one if that is past it.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)))
    }

    /// The moment `time` earlier; the epoch if that is before it.
    #[must_use]
    pub fn before(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)))
    }

    /// Whether something that was noted at `since`, and holds until `until`, holds at this moment. It does not if the clock was set
    /// back since. A moment a little before `since` is no sign of that: who asks has read the clock a while ago, while others
    /// have gone on, and clocks of several computers differ.
    pub(crate) fn is_within(self, since: Self, until: Self) -> bool {
        self < until && since <= self.after(A_LITTLE)
    }

    /// How long it is from `earlier` to this moment; nothing if `earlier` is the later one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// A system time before 1970 becomes the epoch.
impl From<SystemTime> for UnixTime {
    fn from(time: SystemTime) -> Self {
        Self(0).after(time.duration_since(UNIX_EPOCH).unwrap_or_default())
    }
}

/// Seconds since the epoch, with milliseconds where there are any.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 1000 {
            0 => write!(f, "{}", self.as_secs()),
            millis => write!(f, "{}.{millis:03}", self.as_secs()),
        }
    }
}

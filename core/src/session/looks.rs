//! When a session has looked at its store: [`Looks`].

use std::time::Duration;

use crate::ground::error::Error;
use crate::ground::time::UnixTime;

/// When a session has looked at its store, and how that went.
#[derive(Default)]
pub(super) struct Looks {
    /// How old the last one may be; `None` for any age. And whether the program said so.
    pub(super) after: Option<Duration>,
    pub(super) is_said: bool,
    /// When the store was asked what it has, for the last time that it said.
    pub(super) at: Option<UnixTime>,
    /// How many have been settled.
    pub(super) count: u64,
    /// What the last one failed with, and until when none is tried.
    pub(super) failure: Option<Box<(UnixTime, Error)>>,
}

//! What waits for somebody: a form for its answer, a pushed request for its browser, a device for its approval.

use valetkey_core::UnixTime;

use super::asked::AuthorizationRequest;
use crate::Rights;

/// A form that somebody was shown and has not decided on.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) request: AuthorizationRequest,
    pub(crate) shown: UnixTime,
}

/// A request that waits for its browser.
#[derive(Clone, Debug)]
pub(crate) struct Pushed {
    pub(crate) client_id: String,
    pub(crate) request: AuthorizationRequest,
    pub(crate) expires: UnixTime,
}

/// A device that waits.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) client_id: String,
    pub(crate) user_code: String,
    pub(crate) scope: Rights,
    pub(crate) decision: Decision,
    pub(crate) expires: UnixTime,
    /// In seconds.
    pub(crate) interval: u64,
    pub(crate) asked: Option<UnixTime>,
}

/// What a person said about a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Pending,
    Approved { username: String },
    Denied,
}

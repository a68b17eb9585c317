//! What a logout token is held to: [`Held`].

use std::time::Duration;

use crate::client::Client;
use crate::server::keys::ServerKeys;

/// What the logout tokens of one client are held to.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) client: Client,
    pub(super) keys: ServerKeys,
    pub(super) needs_session: bool,
    pub(super) oldest: Duration,
}

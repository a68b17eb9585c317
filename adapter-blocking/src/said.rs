//! What a program has said of all its sessions: [`Said`].

use std::time::Duration;

use valetkey_core::Session;

/// What the program has said of each session.
#[derive(Clone, Copy, Default)]
pub(crate) struct Said {
    pub(crate) look_after: Option<Duration>,
    pub(crate) lifetime: Option<Duration>,
}

impl Said {
    /// The session, told so.
    pub(crate) fn to(self, session: Session) -> Session {
        let Self { look_after, lifetime } = self;
        let session = match look_after {
            Some(time) => session.with_look_after(time),
            None => session,
        };
        match lifetime {
            Some(time) => session.with_lifetime(time),
            None => session,
        }
    }
}

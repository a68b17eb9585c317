//! What a shared session and its renewal hold in common.

use std::sync::Arc;

use crate::ground::time::UnixTime;
use crate::host::transport::TransportError;
use crate::session::Session;
use crate::session::observer::{Observers, SessionEvent};
use crate::session::shared_credential::SharedCredential;
use crate::session::sync::Mutex;
use crate::store::key::StoreKey;

/// What the clones of a session share, and its renewal does not: so it knows when the last of them is gone.
pub(super) struct Shared {
    pub(super) credential: SharedCredential,
    pub(super) told: Arc<Told>,
    pub(super) held: Arc<Mutex<Held>>,
}

/// Who is told of the session, and by which name.
pub(super) struct Told {
    pub(super) key: StoreKey,
    pub(super) observers: Observers,
}

impl Told {
    pub(super) fn tell(&self, event: &SessionEvent<'_>, now: UnixTime) {
        self.observers.tell(&self.key, event, now);
    }
}

/// What its lock guards.
pub(super) struct Held {
    pub(super) session: Session,
    pub(super) is_renewing: bool,
    /// Whether a [look](Session::with_look_after) at its store is under way.
    pub(super) is_looking: bool,
    /// Why the last renewal got no answer.
    pub(super) trouble: Option<TransportError>,
}

//! What was read of the sessions that were used of late: [`Known`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use valetkey_async::now;
use valetkey_async::session::Recent;
use valetkey_async::store::{AsyncStore, StoreKey, StoreVersion};

use crate::failure::Failure;
use crate::record::Record;

/// As many as [`Sessions`](valetkey_async::Sessions) holds, and for as long.
const MOST: usize = 10_000;
const IDLE: Duration = Duration::from_secs(15 * 60);

/// What was read of sessions, by their names. The store is asked at each request, and what it has is read only where it names another
/// version than before.
pub(crate) struct Known(Mutex<Recent<Read>>);

/// One of them.
#[derive(Clone)]
struct Read {
    key: Arc<StoreKey>,
    version: StoreVersion,
    who: Arc<Who>,
}

/// Who is logged in.
pub(crate) struct Who {
    /// Without the ID token: only what ends the session needs it, and takes the record out of the store.
    pub(crate) record: Record,
    pub(crate) logout_token: String,
}

impl Known {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Recent::new(MOST, IDLE)))
    }

    /// The session of this name, if the store has it and its time is not over.
    pub(crate) async fn load(
        &self,
        store: &dyn AsyncStore,
        session: &str,
    ) -> Result<Option<Arc<Who>>, Failure> {
        let read = self.recent().get(session, now());
        let key = read.as_ref().map_or_else(|| Arc::new(Record::key(session)), |read| Arc::clone(&read.key));
        let Some(stored) = store.load(&key).await? else {
            self.recent().remove(session);
            return Ok(None);
        };
        let who = match read.filter(|read| read.version == stored.version) {
            Some(read) => read.who,
            None => {
                let Some(record) = Record::read(&stored.bytes) else { return Ok(None) };
                let record = record.without_id_token();
                let who = Arc::new(Who { record, logout_token: logout_token(session) });
                let read = Read { key, version: stored.version, who: Arc::clone(&who) };
                self.recent().put(session, read, now());
                who
            }
        };
        Ok(who.record.is_on(now()).then_some(who))
    }

    /// A panic elsewhere leaves what was read as it was.
    fn recent(&self) -> MutexGuard<'_, Recent<Read>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a form that logs out brings along: only who has the session's cookie, or a page of it, knows it, and the cookie
/// cannot be told from it.
pub(crate) fn logout_token(session: &str) -> String {
    let digest = Sha256::new().chain_update("valetkey-axum csrf\0").chain_update(session).finalize();
    URL_SAFE_NO_PAD.encode(digest)
}

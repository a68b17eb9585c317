//! Who is logged in, by what a store has: what a web page asks at each request. [`LoginLookup`].

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::client::Client;
use crate::ground::error::Error;
use crate::ground::time::UnixTime;
use crate::session::Session;
use crate::session::record::SessionRecord;
use crate::store::entry::{StoreVersion, Stored};
use crate::store::key::StoreKey;

/// Whether somebody is logged in under one key, by what [`Store::load`](crate::store::Store::load) finds there at each request.
///
/// What it has read once it does not read again while the store names the same [version](StoreVersion), which no two states of a key have.
/// A clone is the same one: give one to each thread or task.
///
/// ```
/// # use valetkey_core::{AuthorizationServer, Client, UnixTime};
/// use valetkey_core::session::LoginLookup;
/// use valetkey_core::store::{MemoryStore, Store as _, StoreKey};
///
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3");
/// # let (store, now) = (MemoryStore::new(), UnixTime::from_secs(1_700_000_000));
/// let alice = LoginLookup::new(&client, StoreKey::of_user(&client, "alice"))?;
/// let stored = store.load(alice.key()).map_err(valetkey_core::Error::Store)?;
/// assert!(alice.logged_in(stored.as_ref(), now)?.is_none());
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// Its `Debug` shows the key, which is a digest.
#[derive(Clone)]
pub struct LoginLookup(Arc<Lookup>);

struct Lookup {
    client: Client,
    key: StoreKey,
    read: ArcSwapOption<(StoreVersion, Arc<SessionRecord>)>,
}

impl LoginLookup {
    /// By what is found under this key.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ST-4](crate::Rule::St4)) if the key names nobody; ([ST-1](crate::Rule::St1)) if it is another client's.
    pub fn new(client: &Client, key: StoreKey) -> Result<Self, Error> {
        key.require(client)?;
        Ok(Self(Arc::new(Lookup { client: client.clone(), key, read: ArcSwapOption::empty() })))
    }

    /// What to load.
    #[must_use]
    pub fn key(&self) -> &StoreKey {
        &self.0.key
    }

    /// The record, if somebody is logged in by it: of what was just loaded under the [key](Self::key). `None` if there is
    /// nothing, or a [tombstone](crate::store#a-log-out-wins): nobody was, or they have logged out, wherever that was. So it is with one whose
    /// [time](crate::Session::with_lifetime) is over at `now`: its store may have dropped it or not.
    ///
    /// It says nothing of the tokens: an access token may have expired, and what renews it may be refused, while the person
    /// goes on to be logged in at the program.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if it cannot be read; [`Error::Misuse`] ([ST-1](crate::Rule::St1)) if it is another client's, and
    /// ([ST-4](crate::Rule::St4)) if it is another owner's than the key's; [`Error::AuthorizationRequired`]
    /// ([ST-4](crate::Rule::St4)) if it is of version 1, which does not say whose it is.
    pub fn logged_in(
        &self,
        stored: Option<&Stored>,
        now: UnixTime,
    ) -> Result<Option<Arc<SessionRecord>>, Error> {
        let Some(stored) = stored else { return Ok(None) };
        let record = match self.0.read.load().as_deref() {
            Some((version, record)) if *version == stored.version => Arc::clone(record),
            _ => self.0.read(stored)?,
        };
        Ok((!record.is_ended() && !record.is_over(now)).then_some(record))
    }
}

impl Lookup {
    /// Only what was found in order is remembered.
    fn read(&self, stored: &Stored) -> Result<Arc<SessionRecord>, Error> {
        let record = SessionRecord::from_bytes(&stored.bytes).map_err(Error::Store)?;
        record.require_client(&self.client)?;
        // A tombstone says whose it was, too.
        record.require_owner(&self.key)?;
        let record = Arc::new(record);
        self.read.store(Some(Arc::new((stored.version.clone(), Arc::clone(&record)))));
        Ok(record)
    }
}

impl fmt::Debug for LoginLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginLookup").field("key", self.key()).finish_non_exhaustive()
    }
}

impl Session {
    /// Whether it is of another login than this record: renewals change the tokens and not the login. `false` if either does not
    /// say which it is of.
    #[must_use]
    pub fn is_of_another_login(&self, record: &SessionRecord) -> bool {
        let own = self.record.as_ref().and_then(|own| own.login.as_ref());
        own.zip(record.login.as_ref()).is_some_and(|(own, other)| own != other)
    }
}

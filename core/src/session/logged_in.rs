//! Whether a store's record is that of somebody who is logged in: what a web page asks at each request.

use crate::client::Client;
use crate::ground::error::Error;
use crate::ground::time::UnixTime;
use crate::session::record::SessionRecord;
use crate::store::entry::Stored;
use crate::store::key::StoreKey;

impl SessionRecord {
    /// The record, if somebody is logged in by it: of what [`Store::load`](crate::store::Store::load) found under this key. `None` if there is
    /// nothing, or a [tombstone](crate::store#a-log-out-wins): nobody was, or they have logged out, wherever that was. So it is with one whose
    /// [time](crate::Session::with_lifetime) is over at `now`: its store may have dropped it or not.
    ///
    /// It says nothing of the tokens: an access token may have expired, and what renews it may be refused, while the person
    /// goes on to be logged in at the program.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if it cannot be read; [`Error::Misuse`] ([ST-1](crate::Rule::St1)) if it is another client's, and
    /// ([ST-4](crate::Rule::St4)) if it is another owner's than the key's, or the key names nobody; [`Error::AuthorizationRequired`]
    /// ([ST-4](crate::Rule::St4)) if it is of version 1, which does not say whose it is.
    pub fn logged_in(
        stored: Option<&Stored>,
        client: &Client,
        key: &StoreKey,
        now: UnixTime,
    ) -> Result<Option<Self>, Error> {
        key.require(client)?;
        let Some(stored) = stored else { return Ok(None) };
        let record = Self::from_bytes(&stored.bytes).map_err(Error::Store)?;
        record.require_client(client)?;
        // A tombstone says whose it was, too.
        record.require_owner(key)?;
        Ok((!record.is_ended() && !record.is_over(now)).then_some(record))
    }

    /// Whether it is of another login than this record: renewals change the tokens and not the login. `false` if either does not
    /// say which it is of.
    #[must_use]
    pub fn is_of_another_login(&self, other: &Self) -> bool {
        self.login.is_some() && other.login.is_some() && self.login != other.login
    }
}

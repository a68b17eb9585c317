//! Where sessions are kept between processes: the contract of a [`Store`], in a blocking and an async form.
//!
//! A store keeps bytes under keys. What the bytes are, and when which operation is due, is decided in core: by a
//! [`Renewal`](crate::session::Renewal), a [`SessionEnd`](crate::session::SessionEnd), a [`PendingAuthorization`](crate::PendingAuthorization).
//!
//! | operation | what it promises |
//! |---|---|
//! | `load` | the record and the version it has now, as one; nothing if no record is there |
//! | `replace` | writes if the version is still the expected one, and is durable when it returns; else changes nothing |
//! | `find` | the keys of the records that were written with an index, page by page |
//! | `lease` | gives the key to one holder at a time, until it is released, its holder dies, or its time is over |
//! | `release` | gives the key back, if this lease still holds it |
//! | `insert_if_absent`, `take` | made of the others: the first who writes a record, and the only one who takes it out |
//!
//! # Kinds of records
//!
//! A [`StoreKey`] says of which [`RecordKind`] a record is, and keys of different kinds are never equal. A store does the
//! same with all kinds, and needs to know none.
//!
//! | kind | key | how it is kept |
//! |---|---|---|
//! | session | [`StoreKey::of_user`] and its like, which say whose it is; what is loaded is compared with what the session is for ([ST-4](crate::Rule::St4)) | until it is replaced, or its [lifetime](crate::Session::with_lifetime) is over |
//! | pending authorization | its `state` | [put](crate::PendingAuthorization::put_in) once, [taken](crate::PendingAuthorization::take_from) once, and of use for some minutes |
//! | registration, mark | what the program says | by `replace` and by `insert_if_absent` |
//!
//! # A lease is a courtesy
//!
//! It keeps others from asking for a token at the same time; `replace` is what keeps tokens from being lost. So a lease may
//! end under its holder, and where leases do, [taking one makes the versions that were loaded before
//! stale](Store::lease): the former holder then finds out at its next `replace`.
//!
//! # A log-out wins
//!
//! A session that [ends](crate::Session::end) is not deleted: a **tombstone** is written in its place, a record without
//! tokens. The version has changed, so a renewal under way in another process fails to write what it got, however late it
//! comes; it looks again, finds the tombstone, writes nothing, and revokes the token that it brought. Only a new login
//! writes over a tombstone.
//!
//! A tombstone is kept for [a day](TOMBSTONE_LIFETIME). Who has seen the session in the store once takes it for ended when
//! there is nothing any more, so for them it could go at once. It is for those who found nothing there before it was
//! written and are about to write for the first time, which a renewal does within its lease: half a minute by default,
//! and no store here lends a key for more than a day.
//!
//! So a record that a store loses costs a login. A store that may lose records (a Redis that evicts, a folder that is
//! cleaned up) logs people out.

pub(crate) mod entry;
pub(crate) mod found;
pub(crate) mod index;
pub(crate) mod key;
pub(crate) mod memory;
pub(crate) mod origin;
pub(crate) mod owner;
pub(crate) mod pending;
pub(crate) mod shared;
pub(crate) mod step;

use std::pin::Pin;
use std::time::Duration;

pub use crate::ground::store_error::StoreError;
pub use crate::store::entry::{
    Entry, Lease, Lifetime, MOST_INDEXES, Replaced, StoreVersion, Stored, StoredBytes,
};
pub use crate::store::found::Found;
pub use crate::store::index::Index;
pub use crate::store::key::{RecordKind, StoreKey};
pub use crate::store::memory::MemoryStore;
pub use crate::store::step::{StoreAnswer, StoreStep};

use crate::ground::time::UnixTime;

/// How long the record of a session that has ended is kept: a day. See [the module](self#a-log-out-wins) for why.
pub const TOMBSTONE_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The most keys of a page that [`Store::find`] returns.
pub const MOST_FOUND: usize = 100;

/// How often [`Store::take`] begins anew because somebody wrote in between.
const TRIES: usize = 16;

/// A place where sessions outlive their process, for programs that may wait in place.
///
/// Implementations are shared between threads, and several processes may use one place at once. An
/// [`Arc`](std::sync::Arc) or a [`Box`] of a store is one too, so one store serves many sessions:
///
/// ```
/// use std::sync::Arc;
/// use valetkey_core::store::{MemoryStore, Store};
///
/// let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
/// fn needs_one(store: impl Store + 'static) {}
/// needs_one(Arc::clone(&store));
/// needs_one(store);
/// ```
pub trait Store: Send + Sync {
    /// Reads a record and its version, as one. One whose [lifetime](Entry::kept_for) is over may be gone or not.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be known what there is.
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError>;

    /// Writes a record if the key still has the expected version (`None`: no record), or changes nothing and says
    /// [`Replaced::Conflict`]. A new record of `None` deletes. What was written is durable, as far as the place can
    /// promise it, when this returns.
    ///
    /// A record with a [lifetime](Entry::kept_for) is there while it lasts, and may be dropped when it is over; one
    /// without is kept, also in the place of one that had one.
    ///
    /// A record with [indexes](Entry::indexed) is found by them from the moment on that it is there: so they are durable
    /// first, and a crash in between leaves an index without a record, which does no harm.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether it was written.
    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError>;

    /// A page of the keys of all records that are there and were last written with this index: those after this key, or from
    /// the first on, in the order of their [texts](StoreKey::as_str), byte by byte; [`MOST_FOUND`] at most, and whether there
    /// may be more. There may be others among them, of records that are gone or were written without the index since: look at
    /// each. The key to begin after is the last of the former page, whatever has become of its record.
    ///
    /// So a record that is there from before the first page until after the last is on one of them, whatever is written
    /// and deleted meanwhile. One that comes or goes in between may be or not.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if that cannot be known.
    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError>;

    /// Takes a key for this long, or returns `None` if somebody else has it. `now` is the caller's clock, for stores
    /// that have none of their own.
    ///
    /// A store whose leases can end under their holder counts the taking of a lease as a change of the version.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known who has the key.
    fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Result<Option<Lease>, StoreError>;

    /// Gives a key back, if this lease still holds it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if that is not known; the lease then ends by itself.
    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError>;

    /// Writes a record if the key has no record yet; whether it did. Of those who write the same key, one does: for what may
    /// happen once, such as a token that must not be accepted twice.
    ///
    /// # Errors
    ///
    /// As for [`replace`](Self::replace).
    fn insert_if_absent(&self, key: &StoreKey, entry: &Entry) -> Result<bool, StoreError> {
        Ok(self.replace(key, None, Some(entry))?.is_done())
    }

    /// Takes a record out. Of those who take the same record, one gets it, and the others get nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether it is gone. It is then not to be used: another may have it.
    fn take(&self, key: &StoreKey) -> Result<Option<StoredBytes>, StoreError> {
        for _ in 0..TRIES {
            let Some(stored) = self.load(key)? else { return Ok(None) };
            if self.replace(key, Some(&stored.version), None)?.is_done() {
                return Ok(Some(stored.bytes));
            }
        }
        Err(restless())
    }
}

/// What an [`AsyncStore`] returns.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// [`Store`] for programs that must not wait in place; the promises are the same.
pub trait AsyncStore: Send + Sync {
    /// As [`Store::load`].
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>>;

    /// As [`Store::replace`].
    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        entry: Option<&'a Entry>,
    ) -> StoreFuture<'a, Replaced>;

    /// As [`Store::find`].
    fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found>;

    /// As [`Store::lease`].
    fn lease<'a>(&'a self, key: &'a StoreKey, ttl: Duration, now: UnixTime)
    -> StoreFuture<'a, Option<Lease>>;

    /// As [`Store::release`].
    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()>;

    /// As [`Store::insert_if_absent`].
    fn insert_if_absent<'a>(&'a self, key: &'a StoreKey, entry: &'a Entry) -> StoreFuture<'a, bool> {
        Box::pin(async move { Ok(self.replace(key, None, Some(entry)).await?.is_done()) })
    }

    /// As [`Store::take`].
    fn take<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<StoredBytes>> {
        Box::pin(async move {
            for _ in 0..TRIES {
                let Some(stored) = self.load(key).await? else { return Ok(None) };
                if self.replace(key, Some(&stored.version), None).await?.is_done() {
                    return Ok(Some(stored.bytes));
                }
            }
            Err(restless())
        })
    }
}

fn restless() -> StoreError {
    StoreError::new("the record is written again and again, and could not be taken out: try again")
}

//! Redis for threads: [`RedisStore`].

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::{Client, Connection, ConnectionLike as _, RedisResult};
use valetkey_core::UnixTime;
use valetkey_core::store::{Lease, Replaced, Store, StoreError, StoreKey, StoreVersion, Stored, StoredBytes};

use super::{ANSWER, CONNECT, Commands, client, failed, stored};

/// Keeps sessions in a Redis or Valkey that many machines share, for programs that may wait in place.
///
/// It holds one connection, made when it is first needed and made anew after it broke; whatever was under way then is
/// [`StoreError`], and a renewal finds out by itself what came of it. Answers are waited for five seconds.
///
/// A record is as durable as the server is set to make it: `appendfsync always` is what the contract asks for, `everysec`
/// loses a second at a crash, and a replica that takes over may lack the last writes. A refresh token that rotates and is
/// lost that way costs a login.
///
/// The server's clock is what ends leases. Whoever can reach it reads tokens, unless they are [`Sealed`](crate::Sealed);
/// `rediss://` encrypts the way there, with feature `redis-tls`.
pub struct RedisStore {
    client: Client,
    commands: Commands,
    connection: Mutex<Option<Connection>>,
}

impl RedisStore {
    /// A store at `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…`, or `unix:///PATH`. Nothing is sent
    /// yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is no such URL.
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        Ok(Self { client: client(url)?, commands: Commands::new(), connection: Mutex::default() })
    }

    /// Lets keys begin with this instead of `valetkey:`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it has braces, which are what keeps a session's keys together in a cluster.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, StoreError> {
        Ok(Self { commands: self.commands.with_prefix(prefix)?, ..self })
    }

    fn run<T>(&self, ask: impl FnOnce(&mut Connection) -> RedisResult<T>) -> Result<T, StoreError> {
        let mut held = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // One that breaks or panics on the way is not put back: an answer that comes late must not be read as the next.
        let mut connection = match held.take().filter(Connection::is_open) {
            Some(connection) => connection,
            None => self.open().map_err(failed)?,
        };
        let answer = ask(&mut connection);
        *held = Some(connection).filter(|_| answer.is_ok());
        answer.map_err(failed)
    }

    fn open(&self) -> RedisResult<Connection> {
        let connection = self.client.get_connection_with_timeout(CONNECT)?;
        connection.set_read_timeout(Some(ANSWER))?;
        connection.set_write_timeout(Some(ANSWER))?;
        Ok(connection)
    }
}

impl Store for RedisStore {
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let command = self.commands.load(key);
        let load = || self.run(|connection| command.query(connection));
        // A connection that broke while it was idle is found out now. Loads come first, and may be repeated.
        load().or_else(|_| load()).map(stored)
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        record: Option<&StoredBytes>,
    ) -> Result<Option<Replaced>, StoreError> {
        let (script, replaced) = self.commands.replace(key, expected, record)?;
        Ok(self.run(|connection| script.invoke::<bool>(connection))?.then_some(replaced))
    }

    fn lease(&self, key: &StoreKey, ttl: Duration, _now: UnixTime) -> Result<Option<Lease>, StoreError> {
        let (script, lease) = self.commands.lease(key, ttl)?;
        Ok(self.run(|connection| script.invoke::<bool>(connection))?.then_some(lease))
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        let script = self.commands.release(key, lease);
        self.run(|connection| script.invoke::<bool>(connection)).map(drop)
    }
}

/// Without the URL, which may have a password in it.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.commands.prefix).finish_non_exhaustive()
    }
}

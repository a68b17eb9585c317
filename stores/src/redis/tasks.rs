//! Redis for tasks: [`AsyncRedisStore`].

use std::fmt;
use std::time::Duration;

use redis::RedisError;
use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use valetkey_core::UnixTime;
use valetkey_core::store::{
    AsyncStore, Lease, Replaced, StoreError, StoreFuture, StoreKey, StoreVersion, Stored, StoredBytes,
};

use super::{ANSWER, CONNECT, Commands, client, failed, stored};

/// Keeps sessions in a Redis or Valkey that many machines share, for programs that must not wait in place: what is true
/// of [`RedisStore`](crate::RedisStore) is true of it, and both may share a server.
///
/// All tasks share one connection, which is made anew after it broke. Another one, such as that of a cluster, serves as
/// well: [`over`](Self::over).
pub struct AsyncRedisStore<C = ConnectionManager> {
    connection: C,
    commands: Commands,
}

impl AsyncRedisStore {
    /// A store at `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…`, or `unix:///PATH`. Nothing is sent
    /// yet. Call it inside a tokio runtime, and use it in that one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is no such URL.
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER))
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_secs(1));
        client(url)?.get_connection_manager_lazy(config).map(Self::over).map_err(failed)
    }
}

impl<C: ConnectionLike + Clone + Send + Sync> AsyncRedisStore<C> {
    /// A store over a connection of the caller's, whose clones share it, such as `redis::cluster_async::ClusterConnection`.
    /// It must reconnect by itself, and have a timeout.
    #[must_use]
    pub fn over(connection: C) -> Self {
        Self { connection, commands: Commands::new() }
    }

    /// Lets keys begin with this instead of `valetkey:`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it has braces, which are what keeps a session's keys together in a cluster.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, StoreError> {
        Ok(Self { commands: self.commands.with_prefix(prefix)?, ..self })
    }
}

impl<C: ConnectionLike + Clone + Send + Sync> AsyncStore for AsyncRedisStore<C> {
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
        Box::pin(async move {
            let (command, mut connection) = (self.commands.load(key), self.connection.clone());
            let mut loaded = command.query_async(&mut connection).await;
            // A connection that broke is told once, however long ago that was. Loads come first, and may be repeated.
            if loaded.as_ref().is_err_and(RedisError::is_io_error) {
                loaded = command.query_async(&mut connection).await;
            }
            loaded.map(stored).map_err(failed)
        })
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        record: Option<&'a StoredBytes>,
    ) -> StoreFuture<'a, Option<Replaced>> {
        Box::pin(async move {
            let (script, replaced) = self.commands.replace(key, expected, record)?;
            let was: bool = script.invoke_async(&mut self.connection.clone()).await.map_err(failed)?;
            Ok(was.then_some(replaced))
        })
    }

    fn lease<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
        _now: UnixTime,
    ) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(async move {
            let (script, lease) = self.commands.lease(key, ttl)?;
            let was: bool = script.invoke_async(&mut self.connection.clone()).await.map_err(failed)?;
            Ok(was.then_some(lease))
        })
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let script = self.commands.release(key, lease);
            script.invoke_async::<bool>(&mut self.connection.clone()).await.map(drop).map_err(failed)
        })
    }
}

/// Without the URL, which may have a password in it.
impl<C> fmt::Debug for AsyncRedisStore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncRedisStore").field("prefix", &self.commands.prefix).finish_non_exhaustive()
    }
}

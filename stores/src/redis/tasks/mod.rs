//! Redis for tasks: [`AsyncRedisStore`].

mod wire;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use redis::Value;
use redis::aio::ConnectionLike;
use tokio::sync::Mutex;
use tokio::time::timeout;
use valetkey_core::UnixTime;
use valetkey_core::store::{
    AsyncStore, Entry, Found, Index, Lease, Replaced, StoreError, StoreFuture, StoreKey, StoreVersion, Stored,
};

use super::question::{Commands, DEADLINE, Question, done, found, stored};
use super::server::Server;
use super::trouble::Trouble;
use wire::Wire;

/// Keeps sessions in a Redis or Valkey that many machines share, for programs that must not wait in place: what is true
/// of [`RedisStore`](crate::RedisStore) is true of it, its deadline and its bounds too, and both may share a server.
///
/// All tasks and all clones share one connection, which is made anew after it broke. Another one, such as that of a cluster, serves as
/// well: [`over`](Self::over). Its futures are awaited in a tokio runtime with I/O and time, and panic outside, as tokio's
/// own do.
#[derive(Clone)]
pub struct AsyncRedisStore {
    server: Arc<dyn Asked>,
    commands: Commands,
    deadline: Duration,
}

impl AsyncRedisStore {
    /// A store at `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…`, or `unix:///PATH`. Nothing is sent
    /// yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not such a URL, or if the system has no certificates for `rediss://`.
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        Ok(Self::of(Arc::new(Own { server: Server::at(url)?, wire: Mutex::default() })))
    }

    /// A store over a connection of the caller's, whose clones share it, such as `redis::cluster_async::ClusterConnection`.
    /// It must reconnect by itself. How much it reads of an answer is up to it: a server that says more than our scripts do
    /// is not stopped by this store.
    #[must_use]
    pub fn over(connection: impl ConnectionLike + Clone + Send + Sync + 'static) -> Self {
        Self::of(Arc::new(Shared(connection)))
    }

    fn of(server: Arc<dyn Asked>) -> Self {
        Self { server, commands: Commands::new(), deadline: DEADLINE }
    }

    /// Lets keys begin with this instead of `valetkey:`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it has braces, which are what keeps a session's keys together in a cluster.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, StoreError> {
        Ok(Self { commands: Commands::with_prefix(prefix)?, ..self })
    }

    /// Lets each operation take this long at most, instead of five seconds. It is [`StoreError`] then; whether a change
    /// was made is not known.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    async fn ask<T>(
        &self,
        question: &Question,
        read: impl FnOnce(Value) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        let asked = async {
            let mut answer = self.server.ask(question, self.deadline).await;
            if question.changes_nothing && matches!(answer, Err(Trouble::Gone(_))) {
                answer = self.server.ask(question, self.deadline).await;
            }
            answer
        };
        let answer = timeout(self.deadline, asked).await.unwrap_or(Err(Trouble::Late));
        answer.and_then(read).map_err(|trouble| trouble.into_error(self.deadline))
    }
}

/// Who answers, as one question or as none. The time is what all of it has together.
trait Asked: Send + Sync {
    fn ask<'a>(&'a self, question: &'a Question, time: Duration) -> Answering<'a>;
}

type Answering<'a> = Pin<Box<dyn Future<Output = Result<Value, Trouble>> + Send + 'a>>;

/// A connection of ours, used by one task at a time.
struct Own {
    server: Server,
    wire: Mutex<Option<Wire>>,
}

impl Asked for Own {
    fn ask<'a>(&'a self, question: &'a Question, time: Duration) -> Answering<'a> {
        Box::pin(async move {
            let mut held = self.wire.lock().await;
            let answer = match held.take() {
                Some(idle) => idle.ask(question).await.map_err(Trouble::after_idling),
                None => Wire::open(&self.server, time).await?.ask(question).await,
            };
            // One that breaks, or whose future is dropped on the way, is not put back: an answer that comes late must not
            // be read as the next.
            let (answer, wire) = answer?;
            *held = Some(wire);
            match answer {
                Value::ServerError(error) => Err(Trouble::refused(&error)),
                answer => Ok(answer),
            }
        })
    }
}

/// A connection of the caller's.
struct Shared<C>(C);

impl<C: ConnectionLike + Clone + Send + Sync> Asked for Shared<C> {
    fn ask<'a>(&'a self, question: &'a Question, _: Duration) -> Answering<'a> {
        Box::pin(async move {
            let mut connection = self.0.clone();
            question.command.query_async::<Value>(&mut connection).await.map_err(Trouble::from)
        })
    }
}

impl AsyncStore for AsyncRedisStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, Option<Stored>> {
        Box::pin(async move { self.ask(&self.commands.load(key), stored).await })
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: Option<&'a StoreVersion>,
        entry: Option<&'a Entry>,
    ) -> StoreFuture<'a, Replaced> {
        Box::pin(async move {
            let (question, replaced) = self.commands.replace(key, expected, entry)?;
            for index in self.commands.indexes(key, entry) {
                self.ask(&index, |answer| done(&answer)).await?;
            }
            let is_done = self.ask(&question, |answer| done(&answer)).await?;
            Ok(if is_done { replaced } else { Replaced::Conflict })
        })
    }

    fn find<'a>(&'a self, index: &'a Index, after: Option<&'a StoreKey>) -> StoreFuture<'a, Found> {
        Box::pin(
            async move { self.ask(&self.commands.find(index, after), |answer| found(answer, after)).await },
        )
    }

    fn lease<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
        _now: UnixTime,
    ) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(async move {
            let (question, lease) = self.commands.lease(key, ttl)?;
            Ok(self.ask(&question, |answer| done(&answer)).await?.then_some(lease))
        })
    }

    fn release<'a>(&'a self, key: &'a StoreKey, lease: &'a Lease) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.ask(&self.commands.release(key, lease), |answer| done(&answer)).await.map(drop)
        })
    }
}

/// Without the URL, which may have a password in it.
impl fmt::Debug for AsyncRedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncRedisStore")
            .field("prefix", &self.commands.prefix)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

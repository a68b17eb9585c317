//! Redis for threads: [`RedisStore`].

mod turn;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::Value;
use valetkey_core::UnixTime;
use valetkey_core::store::{
    Entry, Found, Index, Lease, Replaced, Store, StoreError, StoreKey, StoreVersion, Stored,
};

use super::question::{Commands, DEADLINE, Question, done, found, stored};
use super::server::Server;
use super::trouble::Trouble;
use turn::Turns;
use wire::{Deadline, Wire};

/// Keeps sessions in a Redis or Valkey that many machines share, for programs that may wait in place.
///
/// A clone shares the connection, whatever its own prefix and deadline are. There is one, made when it is first needed and made anew after it broke; whatever was under way then is
/// [`StoreError`], and a renewal finds out by itself what came of it. What changes something is sent once and never
/// repeated. A load is repeated once, if the connection broke while it was idle.
///
/// An operation takes [five seconds](Self::with_deadline) at most: its turn, connecting and logging in included, whatever
/// the server sends, announces or holds back. Of an answer no more is read than a record of
/// [`LARGEST_RECORD`](crate::LARGEST_RECORD) takes; one that announces more is not read, and the connection is closed.
/// What a server says in its errors is not repeated in ours, but for the codes that are known.
///
/// A record is as durable as the server is set to make it: `appendfsync always` is what the contract asks for, `everysec`
/// loses a second at a crash, and a replica that takes over may lack the last writes. A refresh token that rotates and is
/// lost that way costs a login.
///
/// The server's clock is what ends leases. Everybody who can reach it reads tokens: [`Sealed`](crate::Sealed) prevents that.
/// `rediss://` encrypts the way there, with feature `redis-tls`. It must be Redis 3.2 or newer, and 6 for user names.
#[derive(Clone)]
pub struct RedisStore {
    shared: Arc<Shared>,
    commands: Commands,
    deadline: Duration,
}

/// The server, and the connection to it.
struct Shared {
    server: Server,
    turns: Turns,
}

impl RedisStore {
    /// A store at `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…`, or `unix:///PATH`. Nothing is sent
    /// yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not such a URL, or if the system has no certificates for `rediss://`.
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared { server: Server::at(url)?, turns: Turns::default() });
        Ok(Self { shared, commands: Commands::new(), deadline: DEADLINE })
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

    fn ask<T>(
        &self,
        question: &Question,
        read: impl FnOnce(Value) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        let deadline = Deadline::after(self.deadline);
        let mut answer = self.ask_once(question, deadline);
        if question.changes_nothing && matches!(answer, Err(Trouble::Gone(_))) {
            answer = self.ask_once(question, deadline);
        }
        answer.and_then(read).map_err(|trouble| trouble.into_error(self.deadline))
    }

    fn ask_once(&self, question: &Question, deadline: Deadline) -> Result<Value, Trouble> {
        let mut turn = self.shared.turns.take(deadline)?;
        let answer = match turn.wire.take() {
            Some(idle) => idle.ask(question, deadline).map_err(Trouble::after_idling),
            None => Wire::open(&self.shared.server, deadline).and_then(|new| new.ask(question, deadline)),
        };
        // One that breaks or panics on the way is not put back: an answer that comes late must not be read as the next.
        let (answer, wire) = answer?;
        turn.wire = Some(wire);
        match answer {
            Value::ServerError(error) => Err(Trouble::refused(&error)),
            answer => Ok(answer),
        }
    }
}

impl Store for RedisStore {
    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.ask(&self.commands.load(key), stored)
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        let (question, replaced) = self.commands.replace(key, expected, entry)?;
        for index in self.commands.indexes(key, entry) {
            self.ask(&index, |answer| done(&answer))?;
        }
        Ok(if self.ask(&question, |answer| done(&answer))? { replaced } else { Replaced::Conflict })
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        self.ask(&self.commands.find(index, after), |answer| found(answer, after))
    }

    fn lease(&self, key: &StoreKey, ttl: Duration, _now: UnixTime) -> Result<Option<Lease>, StoreError> {
        let (question, lease) = self.commands.lease(key, ttl)?;
        Ok(self.ask(&question, |answer| done(&answer))?.then_some(lease))
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        self.ask(&self.commands.release(key, lease), |answer| done(&answer)).map(drop)
    }
}

/// Without the URL, which may have a password in it.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.commands.prefix)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

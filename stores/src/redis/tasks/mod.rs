//! Redis for tasks: [`AsyncRedisStore`].

mod operations;
mod wire;
mod wires;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use redis::Value;
use redis::aio::ConnectionLike;
use tokio::time::{sleep, timeout};
use valetkey_core::store::StoreError;

use super::asking::Asking;
use super::errand::{Errand, LEARNING, Step};
use super::fleet::Fleet;
use super::question::{Again, Commands, DEADLINE, Question};
use super::replicas::Replicas;
use super::trouble::{Failed, Trouble};
use wire::{Deadline, Wire};
use wires::Wires;

/// Keeps sessions in a Redis or Valkey that many machines share, for programs that must not wait in place: what is true
/// of [`RedisStore`](crate::RedisStore) is true of it, its deadline and its bounds too, and both may share a server.
///
/// All tasks and all clones share one connection to each server, which is made anew after it broke. Another one, of the program's, serves as
/// well: [`over`](Self::over). A lease whose future is dropped on the way may have been taken, until its time is over. Its futures are awaited in a tokio runtime with I/O and time, and panic outside, as tokio's
/// own do.
#[derive(Clone)]
pub struct AsyncRedisStore {
    servers: Servers,
    commands: Commands,
    deadline: Duration,
    replicas: Replicas,
}

/// Who is asked.
#[derive(Clone)]
enum Servers {
    Ours(Arc<Ours>),
    Theirs(Arc<dyn Asked>),
}

/// The servers, and the connections to them.
struct Ours {
    fleet: Fleet,
    wires: Wires,
}

impl AsyncRedisStore {
    /// A store at `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…`, or `unix:///PATH`. Nothing is sent
    /// yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not such a URL, or if the system has no certificates for `rediss://`.
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        Fleet::one(url).map(Self::of)
    }

    /// A store in a Redis Cluster, of which these servers are some: as
    /// [`RedisStore::cluster`](crate::RedisStore::cluster), which says what happens while a server fails.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn cluster(urls: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, StoreError> {
        Fleet::cluster(urls).map(Self::of)
    }

    /// A store in the Redis that sentinels say is the master: as [`RedisStore::sentinels`](crate::RedisStore::sentinels), with the
    /// master's name in the place of the host of its URL.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn sentinels(
        master: &str,
        sentinels: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, StoreError> {
        Fleet::sentinels(master, sentinels).map(Self::of)
    }

    /// A store over a connection of the caller's, whose clones share it, such as `redis::aio::ConnectionManager`.
    /// It must reconnect by itself. For a cluster use [`cluster`](Self::cluster). How much it reads of an answer is up to it: a server that says
    /// more than our scripts do is not stopped by this store.
    #[must_use]
    pub fn over(connection: impl ConnectionLike + Clone + Send + Sync + 'static) -> Self {
        Self::by(Servers::Theirs(Arc::new(Theirs(connection))))
    }

    fn of(fleet: Fleet) -> Self {
        Self::by(Servers::Ours(Arc::new(Ours { fleet, wires: Wires::default() })))
    }

    fn by(servers: Servers) -> Self {
        Self { servers, commands: Commands::new(), deadline: DEADLINE, replicas: Replicas::default() }
    }

    /// Says to which hosts the servers of a cluster, or sentinels, may lead this store: as
    /// [`RedisStore::with_node_hosts`](crate::RedisStore::with_node_hosts). A connection of the program's own is led by itself.
    #[must_use]
    pub fn with_node_hosts(self, is_allowed: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        let servers = match &self.servers {
            Servers::Ours(ours) => {
                let fleet = ours.fleet.with_hosts(is_allowed);
                Servers::Ours(Arc::new(Ours { fleet, wires: Wires::default() }))
            }
            Servers::Theirs(theirs) => Servers::Theirs(Arc::clone(theirs)),
        };
        Self { servers, ..self }
    }

    /// Lets each change wait until this many replicas have it: as [`RedisStore::with_replicas`](crate::RedisStore::with_replicas), which
    /// says what it costs and what stays possible. [Over](Self::over) a connection of the program's each change is [`StoreError`] then: it may
    /// send the `WAIT` elsewhere than the change.
    #[must_use]
    pub fn with_replicas(self, count: u32, within: Duration) -> Self {
        Self { replicas: Replicas { count, within }, ..self }
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
        deadline: Deadline,
        read: impl FnOnce(Value) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        let answer = self.answer(question, deadline).await.map_err(|failed| failed.trouble);
        answer.and_then(read).map_err(|trouble| trouble.into_error(self.deadline))
    }

    async fn answer(&self, question: &Question, deadline: Deadline) -> Result<Value, Failed> {
        match &self.servers {
            Servers::Ours(ours) => ours.answer(question, self.replicas, deadline).await,
            Servers::Theirs(_) if self.replicas.count > 0 && question.is_kept => {
                Err(Failed::unsent(Trouble::NoWaiting))
            }
            Servers::Theirs(theirs) => {
                let asked = async {
                    let mut answer = theirs.ask(question).await;
                    if question.again == Again::Always && matches!(answer, Err(Trouble::Gone(_))) {
                        answer = theirs.ask(question).await;
                    }
                    answer
                };
                let answer = timeout(deadline.left(), asked).await.unwrap_or(Err(Trouble::Late));
                // What the server has refused, it has not carried out.
                let is_certain = matches!(answer, Err(Trouble::Refused(_)));
                answer.map_err(|trouble| Failed { trouble, was_sent: !is_certain })
            }
        }
    }

    fn begin(&self) -> Deadline {
        Deadline::after(self.deadline)
    }
}

impl Ours {
    async fn answer(
        &self,
        question: &Question,
        replicas: Replicas,
        deadline: Deadline,
    ) -> Result<Value, Failed> {
        let is_single = self.fleet.single().is_some();
        let mut errand = Errand::new(&self.fleet, question);
        let mut step = errand.go_on();
        loop {
            let left = deadline.left();
            if left.is_zero() && !matches!(step, Step::Done(_)) {
                return Err(errand.over(errand.late()));
            }
            step = match step {
                Step::Done(answer) => return answer.map_err(|trouble| errand.over(trouble)),
                Step::Ask { server, is_asking } => {
                    let asking = Asking { question, is_asking, replicas, is_single };
                    let came = self.wires.ask(&server, &asking, deadline).await;
                    errand.asked(came)
                }
                Step::Learn { server, question } => {
                    let share = deadline.share(4).at_most(LEARNING).left();
                    let learned =
                        timeout(share, async { Wire::open(&server, share).await?.ask(&question).await });
                    let came = learned.await.unwrap_or(Err(Trouble::Late));
                    let next = errand.learned(came.map(|(answer, _)| answer));
                    self.wires.keep(&self.fleet.in_use());
                    next
                }
                Step::Pause(pause) => {
                    sleep(pause.min(left)).await;
                    errand.go_on()
                }
            };
        }
    }
}

/// Who answers, as one question or as none.
trait Asked: Send + Sync {
    fn ask<'a>(&'a self, question: &'a Question) -> Answering<'a>;
}

type Answering<'a> = Pin<Box<dyn Future<Output = Result<Value, Trouble>> + Send + 'a>>;

/// A connection of the caller's.
struct Theirs<C>(C);

impl<C: ConnectionLike + Clone + Send + Sync> Asked for Theirs<C> {
    fn ask<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        Box::pin(async move {
            let mut connection = self.0.clone();
            question.command.query_async::<Value>(&mut connection).await.map_err(Trouble::from)
        })
    }
}

/// Without the URL, which may have a password in it.
impl fmt::Debug for AsyncRedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncRedisStore")
            .field("prefix", &self.commands.prefix)
            .field("deadline", &self.deadline)
            .field("replicas", &self.replicas.count)
            .finish_non_exhaustive()
    }
}

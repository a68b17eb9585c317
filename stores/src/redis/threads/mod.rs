//! Redis for threads: [`RedisStore`].

mod operations;
mod turn;
mod wire;
mod wires;

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use redis::Value;
use valetkey_core::store::StoreError;

use super::asking::Asking;
use super::errand::{Errand, LEARNING, Step};
use super::fleet::Fleet;
use super::question::{Commands, DEADLINE, Question};
use super::replicas::Replicas;
use super::trouble::{Failed, Trouble};
use wire::{Deadline, Wire};
use wires::Wires;

/// Keeps sessions in a Redis or Valkey that many machines share, for programs that may wait in place: in a [single server](Self::connect), a
/// [cluster](Self::cluster), or the master that [sentinels](Self::sentinels) name.
///
/// A clone shares the connections, whatever its own prefix and deadline are. There is one to each server, made when it is first needed and made
/// anew after it broke; whatever was under way at a single server then is [`StoreError`], and a renewal finds out by itself what came of it.
/// What changes something is sent once to it and never repeated, but [for its replicas](Self::with_replicas). A load is repeated once, if the
/// connection broke while it was idle. A lease that may have been taken when its answer was lost is given back, in the last eighth of the time.
/// [Where there are several servers](Self::cluster), more is.
///
/// An operation takes [five seconds](Self::with_deadline) at most: its turn, connecting, logging in, a record's indexes and all servers that are
/// asked included, whatever they send, announce or hold back. Of an answer no more is read than a record of
/// [`LARGEST_RECORD`](crate::LARGEST_RECORD) takes; one that announces more is not read, and the connection is closed.
/// What a server says in its errors is not repeated in ours, but for the codes that are known.
///
/// A record is as durable as the server is set to make it: `appendfsync always` is what the contract asks for, `everysec`
/// loses a second at a crash, and a replica that takes over may lack the last writes: [`with_replicas`](Self::with_replicas) waits for it to
/// have them. A refresh token that rotates and is lost that way costs a login.
///
/// The server's clock is what ends leases. Everybody who can reach it reads tokens: [`Sealed`](crate::Sealed) prevents that.
/// `rediss://` encrypts the way there, with feature `redis-tls`. It must be Redis 3.2 or newer, and 6 for user names.
#[derive(Clone)]
pub struct RedisStore {
    shared: Arc<Shared>,
    commands: Commands,
    deadline: Duration,
    replicas: Replicas,
}

/// The servers, and the connections to them.
struct Shared {
    fleet: Fleet,
    wires: Wires,
}

impl RedisStore {
    /// A store at `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…`, or `unix:///PATH`. Nothing is sent
    /// yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not such a URL, or if the system has no certificates for `rediss://`.
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        Fleet::one(url).map(Self::of)
    }

    /// A store in a Redis Cluster, of which these servers are some, as `redis://[[USER]:PASSWORD@]HOST[:PORT]` or `rediss://…`: the
    /// others are asked for from whichever of them answers. Name several: one may be the one that fails. Nothing is sent yet.
    ///
    /// All servers are reached by the scheme, user and password of these URLs. At hosts that none of them has, servers are [connected to if the
    /// program allows it](Self::with_node_hosts).
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use valetkey_stores::RedisStore;
    ///
    /// # fn from_the_environment() -> String { String::new() }
    /// let password = from_the_environment();
    /// let servers = ["a", "b", "c"].map(|host| format!("rediss://:{password}@{host}.cache.example:6379"));
    /// let store = RedisStore::cluster(servers)?
    ///     .with_node_hosts(|host| host.ends_with(".cache.example"))
    ///     .with_replicas(1, Duration::from_millis(500));
    /// # Ok::<(), valetkey_blocking::store::StoreError>(())
    /// ```
    ///
    /// # While a server fails
    ///
    /// Until another has taken its place, its records cannot be had: for as long as `cluster-node-timeout`, or the sentinels'
    /// `down-after-milliseconds`, says, and a second or two. An operation asks again until then, within its
    /// [deadline](Self::with_deadline), which therefore should be longer. So every load is answered, and so is what changes something and did
    /// not reach the server, or was refused by it. Where an answer was lost with its server, a lease, and a record in the place of another, are
    /// sent again, since each knows itself; a record that is new, and one that is deleted, are not: that is [`StoreError`], and it is not known
    /// whether it was done.
    ///
    /// Redirects are followed, five in a row and twenty such rows, in three seconds; and a thousand servers are asked for one question at most,
    /// whatever the deadline. A cluster of more than 1,024 servers is [`StoreError`].
    ///
    /// # While slots move
    ///
    /// Records are read, written and deleted all the while, and leases given back. A lease that is taken, and the first record of an index, are of
    /// two keys: they wait for the slot to be closed, within the deadline, and are [`StoreError`] then.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if there is no URL, if one is not of this form or names a database, if they differ in more than host and port,
    /// or if the system has no certificates for `rediss://`.
    pub fn cluster(urls: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, StoreError> {
        Fleet::cluster(urls).map(Self::of)
    }

    /// A store in the Redis that sentinels say is the master. `master` is its URL, with the name by which the sentinels know it in the place of the
    /// host: `redis://[[USER]:PASSWORD@]NAME[/DATABASE]`, or `rediss://…`. The URLs of the sentinels have their own users and passwords, and ports:
    /// mostly 26379. Nothing is sent yet.
    ///
    /// The first sentinel that answers is believed, if the server that it names says itself that it is a master: one that was cut off from the
    /// others may name the old one for as long. At a host where none of the sentinels is, it is
    /// [connected to if the program allows it](Self::with_node_hosts).
    ///
    /// What happens [while a server fails](Self::cluster) is as in a cluster.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use valetkey_stores::RedisStore;
    ///
    /// # fn from_the_environment() -> String { String::new() }
    /// let master = format!("redis://:{}@sessions", from_the_environment());
    /// let sentinels = ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379", "redis://10.0.0.3:26379"];
    /// let store = RedisStore::sentinels(&master, sentinels)?.with_replicas(1, Duration::from_millis(500));
    /// # Ok::<(), valetkey_blocking::store::StoreError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError`] if there is no sentinel, if a URL is not of this form, if the master's names a port, or if the system has no certificates for `rediss://`.
    pub fn sentinels(
        master: &str,
        sentinels: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, StoreError> {
        Fleet::sentinels(master, sentinels).map(Self::of)
    }

    fn of(fleet: Fleet) -> Self {
        let shared = Arc::new(Shared { fleet, wires: Wires::default() });
        Self { shared, commands: Commands::new(), deadline: DEADLINE, replicas: Replicas::default() }
    }

    /// Says to which hosts the servers of a cluster, or sentinels, may lead this store: it is asked for each that no URL names. Without it there
    /// are none. `|_| true` believes whatever is announced. Every port of a host that is named or allowed is trusted: anybody who may listen there, as
    /// others on a machine that is shared, may be announced.
    ///
    /// A server that is announced is sent the password and the records. Who announces it may be wrong, and may be lied to: servers of a cluster
    /// hear of each other on a port where nobody logs in, and a sentinel often has no password. So the program says where its secrets go. The
    /// scheme stays that of the URLs, and with `rediss://` the certificate must be that of the host as it is announced.
    ///
    /// A cluster with a server at another host is [`StoreError`] at the first operation, if it is a replica too: else it would be one when that
    /// takes over. One that is added later, or knew its own name only later, is one for the records that are there.
    ///
    /// This has its own connections: those of stores that it was cloned from are not shared any more.
    #[must_use]
    pub fn with_node_hosts(self, is_allowed: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        let fleet = self.shared.fleet.with_hosts(is_allowed);
        Self { shared: Arc::new(Shared { fleet, wires: Wires::default() }), ..self }
    }

    /// Lets each change wait until this many replicas have it, by Redis's `WAIT`, instead of none: for so long at once. A lease, an index, and a
    /// record in the place of another, which know themselves, are then sent and waited for again, until the [deadline](Self::with_deadline). A
    /// record that is new, and a deletion, are not. If the replicas do not have it by then, it is [`StoreError`]: the change is made at the master,
    /// is seen by all who load, and may be lost with it; a lease is given back.
    ///
    /// A change that is answered without an error is then in the memory of so many replicas, and is not lost if the master fails and one of those
    /// takes its place: in a cluster of one replica for each master, with 1; elsewhere if the number is that of all replicas. With fewer it is
    /// likely: cluster and sentinels prefer the replica that has the most, as they last heard.
    ///
    /// That is promised of an operation of the store, and not of a renewal. One whose tokens no replica has at the deadline looks again, finds
    /// them at the master, and goes on with them as if they were safe: it has no others, since the refresh token before them may be good no more.
    /// If the master then fails, that one may be what is stored again, and the next renewal be refused.
    ///
    /// It costs one more question and answer for each change, of which a record, a lease and each index is one; and as long as the replica takes.
    /// While fewer replicas are up, no change succeeds, each takes until the deadline, and holds the connection most of that time, behind which
    /// loads wait: half a second for `within` is much for a replica, and little for who waits. With one replica for each master that is so after
    /// each failure, until the server that failed is back: have two for each where that must not be.
    ///
    /// It is no consensus. What stays possible: the replica that takes over is one of those that did not have it; master and replica fail together,
    /// before their disks have it; a change that was answered with an error is there after all, and so is a lease, until its time is over, where
    /// giving it back was lost too; and a master that is cut off from the others, with replicas on its side, acknowledges what is lost when they
    /// are united. Loads do not wait, and may see what is lost afterwards: a renewal finds a version then that it does not expect, and begins
    /// anew. `min-replicas-to-write` in Redis's own configuration makes a master that is cut off refuse to write.
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

    fn ask<T>(
        &self,
        question: &Question,
        deadline: Deadline,
        read: impl FnOnce(Value) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        let answer = self.answer(question, deadline).map_err(|failed| failed.trouble);
        answer.and_then(read).map_err(|trouble| trouble.into_error(self.deadline))
    }

    fn answer(&self, question: &Question, deadline: Deadline) -> Result<Value, Failed> {
        let Shared { fleet, wires } = &*self.shared;
        let is_single = fleet.single().is_some();
        let mut errand = Errand::new(fleet, question);
        let mut step = errand.go_on();
        loop {
            let is_over = |_| errand.over(errand.late());
            step = match step {
                Step::Done(answer) => return answer.map_err(|trouble| errand.over(trouble)),
                Step::Ask { server, is_asking } => {
                    deadline.require().map_err(is_over)?;
                    let asking = Asking { question, is_asking, replicas: self.replicas, is_single };
                    let came = wires.ask(&server, &asking, deadline);
                    errand.asked(came)
                }
                Step::Learn { server, question } => {
                    deadline.require().map_err(is_over)?;
                    let share = deadline.share(4).at_most(LEARNING);
                    let came = Wire::open(&server, share).and_then(|wire| wire.ask(&question, share));
                    let next = errand.learned(came.map(|(answer, _)| answer));
                    wires.keep(&fleet.in_use());
                    next
                }
                Step::Pause(pause) => {
                    let left = deadline.require().map_err(is_over)?;
                    sleep(pause.min(left));
                    errand.go_on()
                }
            };
        }
    }

    fn begin(&self) -> Deadline {
        Deadline::after(self.deadline)
    }
}

#[expect(clippy::disallowed_methods, reason = "a store of this kind waits in place")]
fn sleep(time: Duration) {
    thread::sleep(time);
}

/// Without the URL, which may have a password in it.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.commands.prefix)
            .field("deadline", &self.deadline)
            .field("replicas", &self.replicas.count)
            .finish_non_exhaustive()
    }
}

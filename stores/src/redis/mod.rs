//! Sessions in Redis or Valkey: [`RedisStore`] and [`AsyncRedisStore`].
//!
//! ```text
//!  PREFIX{KEY}         hash: record, version
//!  PREFIX{KEY}:lease   string: the lease's name, with a time to live
//!  PREFIX{index-INDEX}:names  sorted set by name: the keys of the records that were written with this index
//!  PREFIX{index-INDEX}:until  sorted set by time: when each of them is over, in milliseconds since 1970 by Redis's clock
//!  PREFIX{index-INDEX}        list: what a former version wrote in their place, the latest first; it is read, and never written
//! ```
//!
//! A record with a lifetime has it as its time to live. An index is in a slot of its own and so written by a question of its
//! own, before the record. A key goes from it a day after its record's time is over, when another is written there, or with the
//! whole of it; one whose record has no lifetime, 400 days after it was last written. It does not go when its record is deleted: a
//! script of one slot cannot know that of another.
//!
//! A key never goes earlier than was said before, so that a write which is refused takes nothing away.
//!
//! Both keys of a record are in one slot of a cluster, by the hash tag. What is done to a record is one script, which Redis runs as one, and so
//! one question and one answer, and so is what is done to a lease; a record's indexes are a question each before it, and a find is two. A
//! question names the keys that it uses and no others, so that it is answered while their slot is on its way. The names of versions are random, and so are those of leases; a lease that is
//! taken names the version anew, so a holder whose lease has ended writes over nobody.
//!
//! A store is of a [`Fleet`](fleet::Fleet): a single server, a cluster, or the master that sentinels name. Who is asked, what is asked again
//! and where, is decided by an [`Errand`](errand::Errand), which both stores carry out.
//!
//! The server is not trusted to answer soon, shortly, or at all: [`Answer`](answer::Answer) says what is read of it, and
//! one deadline is over everything that an operation waits for.

mod answer;
mod asking;
mod by_server;
mod deadline;
mod errand;
mod fleet;
mod learning;
mod list;
mod question;
mod replicas;
mod scripts;
mod server;
mod slots;
#[cfg(feature = "redis-async")]
mod tasks;
mod threads;
mod trouble;

#[cfg(feature = "redis-async")]
pub use tasks::AsyncRedisStore;
pub use threads::RedisStore;

//! Sessions in Redis or Valkey: [`RedisStore`] and [`AsyncRedisStore`].
//!
//! ```text
//!  PREFIX{KEY}         hash: record, version
//!  PREFIX{KEY}:lease   string: the lease's name, with a time to live
//!  PREFIX{index-INDEX} list: the keys of the records that were written with this index, the latest first; 1,000 at most, for
//!                      400 days after the last write
//! ```
//!
//! A record with a lifetime has it as its time to live. An index is in a slot of its own and so written by a question of its
//! own, before the record; it is not shortened when a record goes.
//!
//! Both keys of a record are in one slot of a cluster, by the hash tag. Each operation is one script, which Redis runs as
//! one, and so one question and one answer. The names of versions are random, and so are those of leases; a lease that is
//! taken names the version anew, so a holder whose lease has ended writes over nobody.
//!
//! The server is not trusted to answer soon, shortly, or at all: [`Answer`](answer::Answer) says what is read of it, and
//! one deadline is over everything that an operation waits for.

mod answer;
mod question;
mod server;
#[cfg(feature = "redis-async")]
mod tasks;
mod threads;
mod trouble;

#[cfg(feature = "redis-async")]
pub use tasks::AsyncRedisStore;
pub use threads::RedisStore;

//! The simulator: the renewal protocol of core, played by several processes against one store and one server, in virtual
//! time and by a seed, with everything going wrong that can go wrong.
//!
//! A schedule is a function of its seed. Every message to the store and to the server takes its time, and may be lost on
//! the way there or back, or arrive twice; processes die and come back; tasks give up; clocks jump; leases end under
//! their holders; the store goes away for a while; the user logs out and in again; the server announces log-outs, by logout
//! tokens, of logins that are through or under way; programs refuse good credentials, and force renewals. After each event the ledger checks what must
//! never happen. In the end the faults stop, and everything must recover.

mod ledger;
mod off;
mod process;
mod store;
mod world;

use std::collections::BTreeMap;

pub(crate) use ledger::{Leases, Ledger};
pub(crate) use off::{heard, without_intent};
pub(crate) use store::SharedStore;
pub use world::simulate;

/// A protection of the protocol, which can be switched off to see that the simulator notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Protection {
    /// The store writes whatever version is expected.
    Cas,
    /// The store gives the lease to whoever asks.
    Lease,
    /// No intent reaches the store.
    Intent,
    /// A renewal sees the store as it was at its first look.
    Reread,
    /// A renewal ends with the task that began it.
    SpawnedRenewal,
    /// A log-out deletes the record, and leaves no tombstone.
    Tombstone,
    /// A login does not look for the mark of a log-out that came while it was under way.
    Mark,
    /// What a process holds in memory is handed out without a look at the store.
    Look,
    /// A program that refuses a credential is not heard.
    Refusal,
}

/// What happened in one schedule.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Faults that were injected, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Token requests that reached the server.
    pub requests: u64,
    /// Calls that were answered.
    pub answers: u64,
    /// What must never happen and did; the first few.
    pub violations: Vec<String>,
    /// Whether the grant came to an end that no client could have averted.
    pub ended: bool,
}

//! An exhaustive search of the renewal protocol: every order of what a few processes, their store and their server can do,
//! with everything going wrong that can go wrong, within stated bounds.
//!
//! **What is searched.** The machines are the real ones: a [`SharedSession`](valetkey_core::session::SharedSession) in each
//! process, its renewals, and a log-out. One process has the tokens of a login that are in no store yet; it writes them, and from then on
//! every process forces renewals. Once in a run the user may log out, in a process or by an administrator. The server rotates
//! its refresh tokens, and revokes the grant when one comes twice. What is searched is the order in which the messages reach
//! the store and the server, and what becomes of each: a request or an answer is lost, a request comes after its sender has
//! given it up, the store's answer comes late; processes die and come back without their memory; a lease ends under its
//! holder; clocks step ten minutes on or back. The book that judges is that of the [simulator](crate::simulator), and beside it:
//! where nothing went wrong no caller is told an error; whoever's write is refused, somebody has written since it looked; nothing
//! is written over a log-out; where all is at rest the store has a token that the server takes, or says that one was sent; and
//! nobody waits for what does not come.
//!
//! **What bounds it** are the [`Bounds`]: so many processes, each with so many renewals, and so many things that go wrong in one
//! run, whichever they are, the same one twice too.
//!
//! **What is not searched**: a second login, announced log-outs, looks at the store by a credential's age, credentials that a
//! program refuses, the revocation endpoint, a store that fails for longer than a message, messages that come twice, a process that
//! gives up on its lease because it waited too long. The simulator draws most of these. Time stands still but for this: a program
//! whose renewal failed asks again after five seconds, a clock steps, and a lease ends.
//!
//! **Why nothing is lost by what is left out**
//! - What happens in a process between two messages is one action: nobody else can see it. An answer comes at once unless it
//!   is lost or late. Whoever has waited asks at once; when that is carried out is another action.
//! - Who waits for another's lease looks again only once something has changed that it waits for; else it would see the
//!   same, and wait again.
//! - A lost look is one fault, though its request or its answer may be lost: nothing comes of a look in the store. So for the
//!   answer to a release, which nobody makes use of.
//! - A message that is still on its way and can do nothing any more is dropped: a write over a version that has passed, as
//!   no version comes twice, or the release of a lease that another has by now.
//! - A state that was reached with fewer faults is not searched again with more: all that could happen then can happen from the
//!   first. The processes are alike, so which is which makes no state.
//! - A state is all that can still make a difference, kept as a hash of 128 bits: that two of a hundred million which differ are
//!   taken for one has a probability below 1 in 10²². What is in a machine is told by what it has heard since it last began anew,
//!   beside the records that it holds and writes. Times are told in seconds from now where they are compared with a clock, in
//!   leases where that is all that counts, by which are the same where they only tell renewals apart, and not at all where no run
//!   comes near them. That this leaves out nothing is tried: of the histories that are taken for one, each 64th is gone on with from
//!   both, and whatever can happen next must be the same, eight times. If it is not, the search ends in a panic.
//!
//! The search goes breadth first, so that a counterexample is a shortest one; and each state is reached by playing its
//! actions from the beginning, so that a counterexample can be [played](play) again.

mod action;
mod beginning;
mod heard;
mod key;
mod merges;
mod process;
mod search;
mod server;
mod store;
mod world;

use std::collections::BTreeMap;

pub use action::Action;
pub use search::{check, play};
pub use store::Kind;

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many processes share the session.
    pub processes: usize,
    /// How many renewals a program forces in each.
    pub renewals: u8,
    /// How many things go wrong in one run.
    pub faults: u8,
    /// How many states are kept before the search gives up: some 60 bytes each.
    pub states: usize,
}

/// What a search has found.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The longest shortest way to a state, in actions.
    pub depth: usize,
    /// How many states there are.
    pub states: usize,
    /// How often each action was taken from a state, by its kind.
    pub actions: BTreeMap<&'static str, u64>,
    /// How often two histories that were taken for one were gone on with.
    pub merges: u64,
    /// Whether every action of every state was taken.
    pub complete: bool,
    /// What must never happen and did, by a shortest way, if anything did.
    pub violation: Option<Violation>,
}

/// A counterexample.
#[derive(Clone, Debug)]
pub struct Violation {
    /// What must never happen.
    pub what: String,
    /// How to come there.
    pub way: Vec<Action>,
}

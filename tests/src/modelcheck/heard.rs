//! What a machine has heard, as far as it can still make a difference: [`Heard`].
//!
//! A machine does nothing but answer what it hears, so all of it together is the machine's state. Most of it is forgotten at
//! known places: who looks anew keeps nothing of an earlier look, and so on. Where that is said too boldly, two histories
//! are taken for one that are none, and [`merges`](super::merges) finds them to go on differently.

use valetkey_core::session::RenewalAnswer;
use valetkey_core::store::{Replaced, StoreAnswer, StoreVersion, Stored};

/// What a machine has heard since it began, without what it has forgotten.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) events: Vec<Event>,
    /// The access token that a renewal is to replace: the one of its first look.
    pub(super) refused: Option<Option<String>>,
    /// How often a lease was over before anything was sent.
    pub(super) gave_way: u8,
    /// How much it had heard when it had something to write of its request.
    pub(super) outcome: Option<usize>,
    /// Whether it may have written that, and not heard so.
    pub(super) is_unsure: bool,
    /// Whether it has come to its end, and only gives its lease back.
    pub(super) is_over: bool,
}

/// One answer.
pub(super) enum Event {
    Loaded(Option<Stored>),
    Written(StoreVersion),
    Refused,
    Leased(bool),
    Released,
    Failed,
    /// What the server said, and when by the machine's clock, in milliseconds.
    Response(u16, Vec<u8>, u64),
    NoResponse(u64),
}

impl Heard {
    /// It hears this, when its clock says so; whether to what it was about to write in the end.
    pub(super) fn hears(&mut self, answer: &RenewalAnswer, clock: u64, writes: bool) {
        let event = match answer {
            RenewalAnswer::Store(StoreAnswer::Loaded(stored)) => Event::Loaded(stored.clone()),
            RenewalAnswer::Store(StoreAnswer::Replaced(Replaced::Written(version))) => {
                Event::Written(version.clone())
            }
            RenewalAnswer::Store(StoreAnswer::Replaced(_)) => Event::Refused,
            RenewalAnswer::Store(StoreAnswer::Leased(lease)) => Event::Leased(lease.is_some()),
            RenewalAnswer::Store(StoreAnswer::Released) => Event::Released,
            RenewalAnswer::Store(StoreAnswer::Failed(_)) => Event::Failed,
            RenewalAnswer::Response(response) => {
                Event::Response(response.status().as_u16(), response.body().clone(), clock)
            }
            RenewalAnswer::NoResponse => Event::NoResponse(clock),
        };
        let is_outcome = matches!(event, Event::Response(..) | Event::NoResponse(_));
        self.is_unsure |= writes && matches!(event, Event::Failed);
        self.events.push(event);
        if is_outcome {
            self.outcome = Some(self.events.len());
        }
    }

    /// The version of the record that it came to know last, unless it has nothing to do with that any more.
    pub(super) fn version(&self) -> Option<&StoreVersion> {
        if self.is_over {
            return None;
        }
        self.events.iter().rev().find_map(|event| match event {
            Event::Loaded(stored) => stored.as_ref().map(|stored| &stored.version),
            Event::Written(version) => Some(version),
            _ => None,
        })
    }

    /// It looks at the store anew, to begin with, or under its lease: what it heard before is nothing to it.
    pub(super) fn begins_anew(&mut self) {
        self.events.clear();
        self.outcome = None;
    }

    /// It looks at the store before it writes what came of its request: what it heard since that came is nothing to it.
    pub(super) fn has_only_its_outcome(&mut self) {
        if let Some(outcome) = self.outcome {
            self.events.truncate(outcome);
        }
    }
}

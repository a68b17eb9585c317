//! The steps of a run: how one is opened and closed, and which are forgotten.

use valetkey_core::{Error, Rule, UnixTime};

use super::Run;
use crate::play::Sent;
use crate::play::step::{Came, Kind, Outcome, Reading, Step};

/// How many are shown of responses that nobody asked for: those that are for no authorization of the run, and those that
/// come again after the one that counted.
const MAX_STRAYS: usize = 2;

impl Run {
    pub(super) fn push(&mut self, kind: Kind, request: Sent, not_before: Option<UnixTime>, now: UnixTime) {
        self.steps.push(Step { kind, asked_at: now, request, not_before, outcome: None });
    }

    pub(super) fn close(&mut self, came: Came, reading: Reading, sent_at: UnixTime, at: UnixTime) {
        if let Some(step) = self.steps.last_mut() {
            step.outcome = Some(Outcome { sent_at, at, came, reading });
        }
    }

    /// What went wrong after an answer was read is told with that answer.
    pub(super) fn fail(&mut self, error: Error) {
        if let Some(outcome) = self.steps.last_mut().and_then(|step| step.outcome.as_mut()) {
            outcome.reading.error.get_or_insert(error);
        }
    }

    /// A response beside the one that counted, before the step that is open.
    pub(super) fn insert_refused_arrival(&mut self, came: Came, reading: Reading, now: UnixTime) {
        let Some(first) = self.steps.iter().find(|step| step.kind == Kind::Authorization) else { return };
        let outcome = Some(Outcome { sent_at: now, at: now, came, reading });
        let step = Step { outcome, ..first.clone() };
        let open = self.steps.last().is_some_and(|step| step.outcome.is_none());
        self.steps.insert(self.steps.len() - usize::from(open), step);
        self.forget_all_but_the_last(|step| {
            let outcome = step.outcome.as_ref().filter(|_| step.kind == Kind::Authorization);
            let error = outcome.and_then(|outcome| outcome.reading.error.as_ref());
            error.is_some_and(|error| error.rule() == Some(Rule::Ar12))
        });
    }

    /// Of these steps the last few stay.
    pub(super) fn forget_all_but_the_last(&mut self, is_one: impl Fn(&Step) -> bool) {
        let mut surplus = self.steps.iter().filter(|step| is_one(step)).count().saturating_sub(MAX_STRAYS);
        self.steps.retain(|step| {
            let goes = surplus > 0 && is_one(step);
            surplus -= usize::from(goes);
            !goes
        });
    }
}

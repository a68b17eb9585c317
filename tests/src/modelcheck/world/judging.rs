//! What must hold wherever a run is, beside what the book judges at each message.

use serde_json::Value;

use super::World;
use crate::modelcheck::action::Action;
use crate::modelcheck::store::has_intent;

impl World<'_> {
    /// What must never happen and did.
    pub(crate) fn violation(&self) -> Option<&str> {
        self.ledger.report.violations.first().map(String::as_str)
    }

    /// Looks at the whole.
    pub(crate) fn look(&mut self) {
        let waits = |(process, running): (&_, &Option<_>)| {
            let process: &crate::modelcheck::process::Process = process;
            process.caller.is_some() && running.is_none()
        };
        if self.processes.iter().zip(&self.running).any(waits) {
            self.ledger.violation(self.now, "a caller waits, and nobody renews");
        }
        let is_waiting = self.processes.iter().any(|process| process.caller.is_some());
        if is_waiting && !self.actions().into_iter().any(Action::is_certain) {
            self.ledger.violation(self.now, "a caller waits for ever");
        }
        if self.running.iter().all(Option::is_none) && self.strays.is_empty() {
            self.look_at_rest();
        }
    }

    /// Where all is at rest, a session that goes on can be renewed, or says that the newest token may have been lost.
    fn look_at_rest(&mut self) {
        if self.ledger.is_excused() || self.is_ended {
            return;
        }
        // Of a login that died with its process nobody knows.
        let Some(stored) = self.store.load(self.store_time()) else { return };
        let record: Value = serde_json::from_slice(stored.bytes.expose()).unwrap();
        let is_good = record
            .get("refresh_token")
            .and_then(Value::as_str)
            .is_some_and(|token| self.server.accepts(token));
        if !is_good && !has_intent(&stored.bytes) {
            self.ledger
                .violation(self.now, "all is at rest, and the store has no token that the server would take");
        }
    }

    /// A log-out says that it is done.
    pub(super) fn judge_log_out(&mut self) {
        let stored = self.store.load(self.store_time());
        let is_alive = stored.is_some_and(|stored| {
            let record: Value = serde_json::from_slice(stored.bytes.expose()).unwrap();
            record.get("ended_at").is_none()
        });
        if is_alive {
            self.ledger.violation(self.now, "a log-out is done, and the session is alive");
        }
    }
}

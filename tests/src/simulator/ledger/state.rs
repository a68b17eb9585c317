//! What of the book still makes a difference: for who asks whether two histories come to the same.

use std::collections::{BTreeMap, BTreeSet};

use super::{Leases, Ledger};

impl Ledger {
    /// All by which what happens from now on is judged, at a server that never takes a token twice. Neither the numbers of the
    /// requests nor times are in it.
    pub(crate) fn state(&self, leases: &dyn Leases, now: u64) -> String {
        let tokens = self.refresh_tokens.iter();
        let tokens: BTreeMap<_, _> =
            tokens.map(|(name, known)| (name, (known.order, known.replaced.map(|new| new.by)))).collect();
        let access_tokens: BTreeSet<_> = self.access_tokens.iter().collect();
        let mut requests: Vec<_> =
            self.requests.keys().map(|number| self.request_state(*number, leases, now)).collect();
        requests.sort_unstable();
        let flags = [self.revoked, self.excused, self.lost, self.first_written.is_some()];
        let log_outs = self.log_outs.state();
        format!("{tokens:?} {access_tokens:?} {:?} {flags:?} {log_outs} {requests:?}", self.committed)
    }

    /// The same of one request.
    pub(crate) fn request_state(&self, number: u64, leases: &dyn Leases, now: u64) -> String {
        let Some(sent) = self.requests.get(&number) else { return String::new() };
        let is_held = sent.lease.as_ref().is_some_and(|lease| leases.is_held(lease, now));
        let known = sent.token.as_ref().and_then(|token| self.refresh_tokens.get(token));
        let is_first = known.and_then(|known| known.replaced).is_some_and(|new| new.request == number);
        let committed = self.is_committed(number);
        format!("{:?} {:?} {is_held} {is_first} {committed:?} {}", sent.token, sent.state, sent.replays)
    }

    /// The same of those requests of one who dies whose answers die with it.
    pub(crate) fn open_requests(&self, numbers: &[u64], leases: &dyn Leases, now: u64) -> Vec<String> {
        let is_open = |number: &&u64| {
            let state = self.requests.get(number).map(|sent| sent.state);
            let is_written = self.is_committed(**number) == Some(true);
            matches!(state, Some(super::Sending::InFlight))
                || (matches!(state, Some(super::Sending::Answered)) && !is_written)
        };
        let open = numbers.iter().filter(is_open);
        let mut open: Vec<_> = open.map(|number| self.request_state(*number, leases, now)).collect();
        open.sort_unstable();
        open
    }
}

//! What is true, whatever the processes believe, and what must therefore never happen.

mod log_outs;
mod state;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;
use valetkey_core::Error;
use valetkey_core::error::Cause;
use valetkey_core::store::{Lease, StoreKey, StoredBytes};

use self::log_outs::LogOuts;
pub(super) use self::log_outs::{Came, WebLogin};
use super::Report;

/// A caller gets an answer within this, in milliseconds of true time: the longest lease and the longest waits together.
const BOUND: u64 = 240_000;

/// How old a process's last look at the store may be when it hands out a token, in milliseconds.
const LOOK_AFTER: u64 = 5_000;

/// How long after the first login was written who had looked before may hear late of it, in milliseconds.
const HEARD_AFTER: u64 = 5_000;

/// The fault after which not all clocks agree.
pub(super) const CLOCK_JUMPS: &str = "clock jumps";

/// Who has a lease.
pub(crate) trait Leases {
    /// Whether the lease is still its holder's at a true time in milliseconds.
    fn is_held(&self, lease: &Lease, now: u64) -> bool;
}

/// The book of one schedule.
pub(crate) struct Ledger {
    pub(crate) report: Report,
    rotates: bool,
    grace: u64,
    refresh_tokens: HashMap<String, RefreshToken>,
    /// The highest order of a refresh token of each login that ever was in the store.
    committed: BTreeMap<u64, u64>,
    access_tokens: HashSet<String>,
    first_written: Option<u64>,
    /// How long after the first login was written who had looked before may hear late of it, in milliseconds.
    heard_after: u64,
    requests: BTreeMap<u64, Sent>,
    /// An administrator revoked the grant.
    revoked: bool,
    /// A token was lost, or used twice, in a way that no client could have averted.
    excused: bool,
    /// The login whose tokens the server issued last, from 1.
    issued_login: u64,
    /// Of which login each token is.
    logins: HashMap<String, u64>,
    log_outs: LogOuts,
    /// Whether the server's last refusal was of a token that it had replaced, in an answer that was lost.
    lost: bool,
}

struct RefreshToken {
    order: u64,
    replaced: Option<Replacement>,
}

#[derive(Clone, Copy)]
struct Replacement {
    at: u64,
    request: u64,
    /// The order of the token that came in its place.
    by: u64,
}

/// A token request on its way.
struct Sent {
    /// Under which key its session is.
    key: String,
    token: Option<String>,
    lease: Option<Lease>,
    state: Sending,
    /// Whether it repeats one whose outcome nobody could know when this was sent.
    replays: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    InFlight,
    /// The process has the answer.
    Answered,
    /// The process died, or the network kept the answer: nobody knows what came of it.
    Unknown,
    /// The task gave up, and the renewal with it.
    Cancelled,
}

impl Ledger {
    pub(crate) fn new(rotates: bool, grace: u64) -> Self {
        Self {
            report: Report::default(),
            rotates,
            grace,
            refresh_tokens: HashMap::new(),
            committed: BTreeMap::new(),
            access_tokens: HashSet::new(),
            first_written: None,
            heard_after: HEARD_AFTER,
            requests: BTreeMap::new(),
            revoked: false,
            excused: false,
            issued_login: 0,
            logins: HashMap::new(),
            log_outs: LogOuts::default(),
            lost: false,
        }
    }

    pub(super) fn fault(&mut self, kind: &'static str) {
        *self.report.faults.entry(kind).or_default() += 1;
    }

    pub(crate) fn violation(&mut self, now: u64, what: impl std::fmt::Display) {
        if self.report.violations.len() < 5 {
            self.report.violations.push(format!("at {now} ms: {what}"));
        }
    }

    /// Whether no clock was ever wrong.
    pub(super) fn do_clocks_agree(&self) -> bool {
        !self.report.faults.contains_key(CLOCK_JUMPS)
    }

    pub(super) fn revoked(&mut self) {
        self.revoked = true;
    }

    /// The same where nobody looks before the first login is written.
    pub(crate) fn since_the_first_login(self) -> Self {
        Self { heard_after: 0, ..self }
    }

    /// Whether the grant came to an end that no client could have averted.
    pub(crate) const fn is_excused(&self) -> bool {
        self.revoked || self.excused
    }

    pub(super) fn finish(mut self) -> Report {
        self.report.ended = self.is_excused();
        self.report
    }

    /// A process hands a token request to the network.
    pub(crate) fn sends(
        &mut self,
        request: u64,
        key: &StoreKey,
        token: Option<String>,
        lease: Option<Lease>,
        store: &dyn Leases,
        now: u64,
    ) {
        let mut found = Vec::new();
        let of_this_session = self.requests.iter().filter(|(_, sent)| sent.key == key.as_str());
        for (number, earlier) in of_this_session {
            let holds = earlier.lease.as_ref().is_some_and(|lease| store.is_held(lease, now));
            let same = self.rotates && token.is_some() && earlier.token == token;
            match earlier.state {
                Sending::InFlight if holds || earlier.lease == lease => {
                    found.push(format!(
                        "request {number} is under way, its lease is good, and another is sent"
                    ));
                }
                // Who has the answer and could not write it before its lease ended is overtaken.
                Sending::Answered if same && (holds || self.is_committed(*number) == Some(true)) => {
                    found
                        .push(format!("a refresh token is sent again, though request {number} was answered"));
                }
                _ => {}
            }
        }
        for what in found {
            self.violation(now, what);
        }
        let replays = self.requests.iter().any(|(number, earlier)| {
            let same = self.rotates && token.is_some() && earlier.token == token;
            same && match earlier.state {
                Sending::InFlight | Sending::Unknown => true,
                Sending::Answered => self.is_committed(*number) == Some(false),
                Sending::Cancelled => false,
            }
        });
        self.requests.insert(
            request,
            Sent { key: key.as_str().to_owned(), token, lease, state: Sending::InFlight, replays },
        );
    }

    /// Whether the token that came of a request was ever in the store; `None` if none came.
    fn is_committed(&self, request: u64) -> Option<bool> {
        let mut tokens =
            self.refresh_tokens.iter().filter_map(|(token, known)| Some((token, known.replaced?)));
        let (token, replaced) = tokens.find(|(_, replaced)| replaced.request == request)?;
        Some(replaced.by <= self.committed_of(token))
    }

    /// The highest order of a refresh token of the same login that ever was in the store.
    fn committed_of(&self, token: &str) -> u64 {
        self.logins.get(token).and_then(|login| self.committed.get(login)).copied().unwrap_or_default()
    }

    /// The server is about to answer a request; what a repeated token means for the grant.
    pub(crate) fn reaches_server(&mut self, request: u64, store: &dyn Leases, now: u64, duplicated: bool) {
        self.report.requests += 1;
        self.lost = false;
        let Some(token) = self.requests.get(&request).and_then(|sent| sent.token.clone()) else { return };
        let Some(Replacement { at, request: first, .. }) =
            self.refresh_tokens.get(&token).and_then(|token| token.replaced)
        else {
            return;
        };
        if now.saturating_sub(at) < self.grace {
            return;
        }
        // What was sent while nobody could know the first one's outcome is a replay, however late either arrives; and what
        // was given up for lost, or has lost its lease, may still arrive after its own replay.
        let late = self.requests.get(&request).is_some_and(|sent| {
            let holds = sent.lease.as_ref().is_some_and(|lease| store.is_held(lease, now));
            sent.replays || sent.state == Sending::Unknown || (sent.state == Sending::InFlight && !holds)
        });
        let Some(earlier) = self.requests.get(&first) else { return };
        let state = earlier.state;
        let holds = earlier.lease.as_ref().is_some_and(|lease| store.is_held(lease, now));
        let overtaken = state == Sending::Answered && !holds && self.is_committed(first) == Some(false);
        // The first answer was lost, or is under way or not yet written after its lease has ended, or the network sends
        // twice.
        if late
            || duplicated
            || first == request
            || overtaken
            || matches!(state, Sending::Unknown | Sending::InFlight)
        {
            self.excused = true;
            self.lost = state == Sending::Unknown && first != request;
        }
    }

    /// The server gave tokens.
    pub(crate) fn issues(&mut self, request: Option<u64>, body: &[u8], now: u64) {
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
        self.descends(request, &body);
        let Some(new) = body.get("refresh_token").and_then(Value::as_str) else { return };
        let order = self.refresh_tokens.len() as u64 + 1;
        self.refresh_tokens.insert(new.to_owned(), RefreshToken { order, replaced: None });
        let Some(request) = request else { return };
        let used = self.requests.get(&request).and_then(|sent| sent.token.clone());
        if let Some(token) = used.and_then(|used| self.refresh_tokens.get_mut(&used)) {
            token.replaced.get_or_insert(Replacement { at: now, request, by: order });
        }
    }

    /// Notes of which login these tokens are: a new one, or that of the token that was used.
    fn descends(&mut self, request: Option<u64>, body: &Value) {
        let used = request.and_then(|request| self.requests.get(&request)?.token.clone());
        let login = match (request, used) {
            (None, _) => {
                self.issued_login += 1;
                self.issued_login
            }
            (Some(_), Some(used)) => self.logins.get(&used).copied().unwrap_or_default(),
            (Some(_), None) => return,
        };
        for name in ["access_token", "refresh_token"] {
            if let Some(token) = body.get(name).and_then(Value::as_str) {
                self.logins.insert(token.to_owned(), login);
            }
        }
    }

    /// How many logins there were: the number of the last.
    pub(super) const fn logins_so_far(&self) -> u64 {
        self.issued_login
    }

    pub(crate) fn answered(&mut self, request: u64) {
        self.set(request, Sending::Answered);
    }

    pub(crate) fn unknown(&mut self, request: u64) {
        self.set(request, Sending::Unknown);
    }

    pub(super) fn cancelled(&mut self, request: u64) {
        self.requests.entry(request).and_modify(|sent| sent.state = Sending::Cancelled);
    }

    fn set(&mut self, request: u64, state: Sending) {
        if let Some(sent) = self.requests.get_mut(&request).filter(|sent| sent.state == Sending::InFlight) {
            sent.state = state;
        }
    }

    /// A process died with these requests' answers in its memory, perhaps not yet written.
    pub(crate) fn died(&mut self, requests: &[u64]) {
        for request in requests {
            let uncommitted = self.is_committed(*request) == Some(false);
            if let Some(sent) = self.requests.get_mut(request)
                && (sent.state == Sending::InFlight || (sent.state == Sending::Answered && uncommitted))
            {
                sent.state = Sending::Unknown;
            }
        }
    }

    /// Something was written under this key. Whether it is a log-out's tombstone.
    pub(crate) fn written(&mut self, key: &StoreKey, bytes: &StoredBytes, now: u64) -> bool {
        let Ok(record) = serde_json::from_slice::<Value>(bytes.expose()) else {
            self.violation(now, "a record that is no JSON was written");
            return false;
        };
        let is_tombstone = record.get("ended_at").is_some();
        if is_tombstone {
            self.log_outs.ended(key, now);
        } else {
            self.tokens_written(key, &record, now);
        }
        is_tombstone
    }

    fn tokens_written(&mut self, key: &StoreKey, record: &Value, now: u64) {
        let tokens = ["access_token", "refresh_token"].map(|name| record.get(name).and_then(Value::as_str));
        if let Some(login) = tokens.into_iter().flatten().find_map(|token| self.logins.get(token)).copied()
            && let Err(what) = self.log_outs.stored(key, login)
        {
            self.violation(now, what);
        }
        if let Some(token) = record.get("access_token").and_then(Value::as_str) {
            self.access_tokens.insert(token.to_owned());
            self.first_written.get_or_insert(now);
        }
        let Some(token) = record.get("refresh_token").and_then(Value::as_str) else { return };
        let Some(known) = self.refresh_tokens.get(token) else {
            return self.violation(now, "a refresh token was written that the server never issued");
        };
        let (order, replaced) = (known.order, known.replaced.is_some());
        if self.rotates && replaced && order < self.committed_of(token) {
            self.violation(now, "a retired refresh token was written over a newer one");
        }
        let committed = self.committed_of(token).max(order);
        self.committed.insert(self.logins.get(token).copied().unwrap_or_default(), committed);
    }

    /// A caller is given a credential, by a process whose clock was last set back so that a look is good until then at the latest.
    pub(crate) fn sees(&mut self, access_token: &str, set_back_until: u64, now: u64) {
        if !self.access_tokens.contains(access_token) {
            self.violation(now, "a caller sees an access token that never was in the store");
        }
        if let Some(login) = self.logins.get(access_token)
            && let Some(ended) = self.log_outs.ended_at(*login)
            && now > ended.max(set_back_until) + LOOK_AFTER
        {
            self.violation(now, format!("a token is handed out {} ms after its log-out", now - ended));
        }
    }

    /// A login is through: its name is told to the browser.
    pub(super) fn goes_on(&mut self, login: WebLogin, now: u64) {
        if let Err(what) = self.log_outs.goes_on(login) {
            self.violation(now, what);
        }
    }

    /// A log-out that the server announced is acknowledged.
    pub(super) fn acknowledged(&mut self, came: Came, now: u64) {
        for what in self.log_outs.acknowledged(came) {
            self.violation(now, what);
        }
    }

    /// A caller is answered, by the API or by an error.
    pub(crate) fn told(&mut self, asked: u64, error: Option<&Error>, now: u64) {
        self.report.answers += 1;
        if now.saturating_sub(asked) > BOUND {
            self.violation(now, format!("a caller waited for {} ms", now - asked));
        }
        let Some(Error::AuthorizationRequired(required)) = error else { return };
        // A process whose clock is far off takes an ID token for one of another time, and its renewal for one of another login.
        self.excused |= matches!(required.cause(), Cause::OtherLogin) && !self.do_clocks_agree();
        // Before the login is in the store nobody can use it, and who looked just before may hear of it late, and looks again in a moment.
        if self.first_written.is_none_or(|first| now < first + self.heard_after) {
            return;
        }
        // Who looked before another login may hear late of the log-out before it.
        if !self.revoked && !self.excused && !self.log_outs.are_there() {
            self.violation(
                now,
                format!("a person is asked for, though the grant is alive: {:?}", required.cause()),
            );
        } else if self.lost
            && !self.revoked
            && !self.log_outs.are_there()
            && !matches!(required.cause(), Cause::Lost(_))
        {
            self.violation(now, "an answer was lost, and the server's refusal is told as its own will");
        }
    }

    /// A caller still waits at the end.
    pub(super) fn waits(&mut self, asked: u64, now: u64) {
        if now.saturating_sub(asked) > BOUND {
            self.violation(now, format!("a caller waits since {} ms", now - asked));
        }
    }

    /// The last call of a process, after the faults have stopped.
    pub(super) fn recovered(&mut self, key: &StoreKey, good: bool, error: Option<&Error>, now: u64) {
        let is_logged_out = self.log_outs.are_last(key);
        if !good && !self.revoked && !self.excused && !is_logged_out && self.first_written.is_some() {
            let why = error.map_or_else(|| "the API refuses".to_owned(), ToString::to_string);
            self.violation(now, format!("the faults have stopped, and a process does not recover: {why}"));
        }
    }
}

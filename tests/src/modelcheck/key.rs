//! What a state is known by: all that can still make a difference, in one text, and the hash of that.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use valetkey_core::store::{StoreStep, StoreVersion, Stored, StoredBytes};

use super::heard::Event;
use super::process::{Machine, Process, Running, Waiting};
use super::world::{self, Stray, World};
use crate::simulator::Leases as _;

/// A hash of 128 bits: two of 64 that begin differently.
pub(super) type Key = [u64; 2];

impl World<'_> {
    /// What this state is known by. How many things went wrong is no part of it.
    pub(super) fn key(&self) -> Key {
        let text = self.text();
        [1_u8, 2].map(|begins_with| {
            let mut hasher = DefaultHasher::new();
            (begins_with, &text).hash(&mut hasher);
            hasher.finish()
        })
    }

    /// The same in words.
    pub(super) fn text(&self) -> String {
        let time = self.store_time();
        let there = self.store.load(time);
        let view = View { world: self, there: there.as_ref() };
        let mut text = format!("{:?} {} {}", self.server, self.has_logged_out, self.is_ended);
        let stored = there.as_ref().map(|stored| view.record(&stored.bytes));
        let lease = self.store.lease().map(|(_, until)| view.leases_from_now(until, time));
        let _ = write!(text, "|{stored:?} {lease:?}|{}", self.ledger.state(&self.store, WHENEVER));
        // Which process is which is nothing to anybody.
        let mut processes: Vec<_> = (0..self.processes.len()).map(|process| view.process(process)).collect();
        // Whose intent is in the store is put apart from whose is not.
        let own = stored.as_deref().and_then(|stored| stored.split('@').nth(1)).unwrap_or("none").to_owned();
        let without_times = |text: &String| without_times(text, &own);
        processes.sort_by_cached_key(without_times);
        let mut strays: Vec<_> = self.strays.iter().map(|stray| view.stray(stray)).collect();
        strays.sort_by_cached_key(without_times);
        let log_out = self.running.last().and_then(Option::as_ref).filter(|_| self.logs_out_in.is_none());
        let log_out = log_out.map(|running| view.running(running, time, None));
        let _ = write!(text, "|{processes:?}|{strays:?}|{log_out:?}");
        by_appearance(&text)
    }
}

/// Whose a lease is counts also where its time is over by a clock that may step back: this is before the end of any.
const WHENEVER: u64 = 0;

/// How long a lease is, in seconds.
const LEASE: i64 = world::LEASE.cast_signed() / 1_000;

thread_local! {
    /// What the records of former states were told as, which are few.
    static RECORDS: RefCell<HashMap<Vec<u8>, String>> = RefCell::default();
}

/// What all of a state is seen from.
struct View<'a, 'b> {
    world: &'a World<'b>,
    there: Option<&'a Stored>,
}

impl View<'_, '_> {
    fn process(&self, number: usize) -> String {
        let world = self.world;
        let process = &world.processes[number];
        let clock = process.clock(world.now);
        let record = process.record().map(|record| self.record(&record));
        let credential = process.session.credential().current();
        let credential = credential.as_ref().map(|held| held.access_token().expose());
        let caller = process.caller.as_ref();
        let caller = caller.map(|caller| {
            (caller.awaited.is_some(), caller.renewals, self.leases_from_now(caller.asked, world.now))
        });
        let failures = process.failures.iter().map(|(what, at)| (what, self.seconds_from_now(*at, clock)));
        let failures: Vec<_> = failures.collect();
        let requests = world.ledger.open_requests(&process.requests, &world.store, WHENEVER);
        let mut text = format!(
            "{} {} {caller:?} {failures:?} {record:?} {} {credential:?} {requests:?}",
            process.wants,
            process.skew,
            process.is_unsaved(),
        );
        if let Some(running) = &world.running[number] {
            text += &self.running(running, clock, Some(process));
        }
        if world.logs_out_in == Some(number)
            && let Some(Some(running)) = world.running.last()
        {
            let _ = write!(text, " logs out: {}", self.running(running, clock, Some(process)));
        }
        text
    }

    fn running(&self, running: &Running, clock: u64, of: Option<&Process>) -> String {
        let is_renewal = matches!(running.machine, Machine::Renewal(_));
        let is_late = of.is_some_and(|process| process.ends != running.ends);
        let record = |bytes: &Option<StoredBytes>| bytes.as_ref().map(|bytes| self.record(bytes));
        let lease = running.lease.as_ref().map(|lease| self.world.store.is_held(lease, WHENEVER));
        let asks = matches!(running.waiting, Waiting::Store(StoreStep::Lease(_)));
        let leased_at = (asks || lease.is_some()).then(|| self.leases_from_now(running.leased_at, clock));
        let writes = matches!(running.waiting, Waiting::Store(StoreStep::Replace { .. }));
        let look = running.first_look.as_ref().map(|look| format!("{look:?}"));
        let heard = &running.heard;
        let mut text = format!(
            "{is_renewal} {is_late} {} {:?} {lease:?} {leased_at:?} {look:?} {:?} {:?} {} {} {}",
            running.is_unsaved,
            record(&running.held),
            record(&running.writes),
            heard.refused,
            heard.gave_way,
            heard.is_unsure,
            writes && self.is_current(running.looked_at.as_ref()),
        );
        for event in &heard.events {
            text += &self.event(event, clock);
        }
        // Of all versions that it came to know it expects the last.
        if let Some(version) = heard.version() {
            let _ = write!(text, " knows this {}", self.is_current(Some(version)));
        }
        text + &self.waiting(&running.waiting)
    }

    fn waiting(&self, waiting: &Waiting) -> String {
        match waiting {
            Waiting::Store(step) => format!(" store {}", self.step(step)),
            Waiting::Server(number, _) => format!(" server {}", self.request(*number)),
            Waiting::Time(..) => " waits".to_owned(),
            Waiting::Answer(answer) => {
                let mut heard = super::heard::Heard::default();
                heard.hears(&valetkey_core::session::RenewalAnswer::Store(answer.clone()), 0, false);
                let events = heard.events.iter().map(|event| self.event(event, 0));
                let is_current = self.is_current(heard.version());
                format!(" late {} {is_current}", events.collect::<String>())
            }
        }
    }

    fn stray(&self, stray: &Stray) -> String {
        match stray {
            Stray::Store(step) => self.step(step),
            Stray::Server(number, _) => self.request(*number),
        }
    }

    fn request(&self, number: u64) -> String {
        self.world.ledger.request_state(number, &self.world.store, WHENEVER)
    }

    fn step(&self, step: &StoreStep) -> String {
        match step {
            StoreStep::Load => "load".to_owned(),
            StoreStep::Lease(_) => "lease".to_owned(),
            StoreStep::Release(lease) => format!("release {}", self.world.store.is_held(lease, WHENEVER)),
            StoreStep::Replace { expected, entry } => {
                format!("replace {} {}", self.is_current(expected.as_ref()), self.record(entry.bytes()))
            }
        }
    }

    fn event(&self, event: &Event, clock: u64) -> String {
        match event {
            Event::Loaded(stored) => {
                format!(" loaded {:?}", stored.as_ref().map(|stored| self.record(&stored.bytes)))
            }
            Event::Written(_) => " written".to_owned(),
            Event::Refused => " refused".to_owned(),
            Event::Leased(is_leased) => format!(" leased {is_leased}"),
            Event::Released => " released".to_owned(),
            Event::Failed => " failed".to_owned(),
            // A token's times are a day away.
            Event::Response(200, body, _) => format!(" 200 {}", String::from_utf8_lossy(body)),
            Event::Response(status, body, at) => {
                let at = self.seconds_from_now(*at, clock);
                format!(" {status} {} {at}", String::from_utf8_lossy(body))
            }
            Event::NoResponse(at) => format!(" nothing {}", self.seconds_from_now(*at, clock)),
        }
    }

    /// Whether this version is the one that is there: no other ever will be again.
    fn is_current(&self, version: Option<&StoreVersion>) -> bool {
        version == self.there.map(|stored| &stored.version)
    }

    /// A record without its times: failures are so many seconds away, and when it was intended tells one renewal from another.
    fn record(&self, bytes: &StoredBytes) -> String {
        let mut record = RECORDS.with_borrow(|known| known.get(bytes.expose()).cloned());
        if record.is_none() {
            let (text, is_timeless) = self.record_anew(bytes);
            if is_timeless {
                RECORDS.with_borrow_mut(|known| known.insert(bytes.expose().to_vec(), text.clone()));
            }
            record = Some(text);
        }
        record.unwrap_or_default()
    }

    /// The same, and whether it is the same at any time.
    fn record_anew(&self, bytes: &StoredBytes) -> (String, bool) {
        let mut record: Value = serde_json::from_slice(bytes.expose()).unwrap_or_default();
        let Some(members) = record.as_object_mut() else { return (String::new(), true) };
        for name in ["issued_at", "expires_at", "client_id", "token_endpoint", "whose", "version"] {
            members.remove(name);
        }
        if let Some(ended) = members.get_mut("ended_at") {
            *ended = Value::Bool(true);
        }
        if let Some(at) = members.get_mut("intent").and_then(|intent| intent.get_mut("at")) {
            *at = Value::String(format!("@{at}@"));
        }
        let failure = members.get_mut("failure").and_then(Value::as_object_mut);
        let is_timeless = failure.is_none();
        if let Some(failure) = failure {
            for name in ["at", "until"] {
                if let Some(time) = failure.get_mut(name) {
                    *time = self.seconds_from_now(time.as_u64().unwrap_or_default(), self.world.now).into();
                }
            }
        }
        (record.to_string(), is_timeless)
    }

    /// How many seconds this is from a clock's time now. The milliseconds of a run are the count of its actions.
    fn seconds_from_now(&self, time: u64, now: u64) -> i64 {
        let seconds = |time: u64| i64::try_from(time / 1_000).unwrap_or(i64::MAX);
        seconds(time) - seconds(now)
    }

    /// The same in leases, begun ones counted: what programs wait in a run is too short to end one, so that it is as good as none.
    fn leases_from_now(&self, time: u64, now: u64) -> i64 {
        (self.seconds_from_now(time, now) + LEASE - 1).div_euclid(LEASE)
    }
}

/// The text with each time between two `@` told by where it is first: the store's own comes before all others.
fn by_appearance(text: &str) -> String {
    let mut known: Vec<&str> = Vec::new();
    let told = text.split('@').enumerate().map(|(place, part)| {
        if place % 2 == 0 {
            return Cow::Borrowed(part);
        }
        let number = known.iter().position(|time| *time == part).unwrap_or_else(|| {
            known.push(part);
            known.len() - 1
        });
        Cow::Owned(format!("@{number}"))
    });
    told.collect()
}

/// The text without such times, by which nothing is put into an order, but for this one.
fn without_times(text: &str, own: &str) -> String {
    let parts = text.split('@').enumerate();
    parts.filter(|(place, part)| place % 2 == 0 || *part == own).map(|(_, part)| part).collect()
}

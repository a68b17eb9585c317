//! The world of one schedule: what happens when, and what goes wrong: [`simulate`].

mod logout;
mod refusing;

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use serde_json::Value;
use valetkey_core::session::{
    AwaitedCredential, CallStep, Readiness, RenewalAnswer, RenewalStep, SharedRenewal, SharedSession,
};
use valetkey_core::store::{Replaced, StoreAnswer, StoreError, StoreKey, StoreStep, StoredBytes};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret, Entropy, Error,
    Flow, Grant, Request, Response, Session, Step, UnixTime,
};
use valetkey_sandbox::{CHATBOTS_RIGHTS, DEMO_USERS, Dialect, Endpoint, Failure, Person, Rotation, Sandbox};

use self::logout::LogOut;
use super::ledger::Ledger;
use super::process::{Process, Running};
use super::store::SharedStore;
use super::{Protection, Report};
use crate::{get, heard};

/// When a schedule begins, in milliseconds since 1970.
const START: u64 = 1_700_000_000_000;
/// How long things go wrong, when the last calls are made, and when it ends.
const FAULTS: u64 = 400_000;
const LAST_CALLS: u64 = FAULTS + 240_000;
const END: u64 = LAST_CALLS + 250_000;
/// How long the last calls may be repeated until they succeed.
const PATIENCE: u64 = 20_000;
/// How long a process waits for its store and for the server.
const STORE_TIMEOUT: u64 = 2_000;
const SERVER_TIMEOUT: u64 = 20_000;

const CALLBACK: &str = "https://app.example/callback";
const API: &str = "https://space.example/api/http/absences";

/// Plays the schedule of a seed.
#[must_use]
pub fn simulate(seed: u64, without: Option<Protection>) -> Report {
    let mut world = World::new(seed, without);
    world.begin();
    world.plan_log_outs(seed);
    world.plan_refusals(seed);
    while let Some((time, event)) = world.next() {
        if time > START + END {
            break;
        }
        world.now = time;
        world.happen(event);
    }
    world.end()
}

struct World {
    rng: Rng,
    without: Option<Protection>,
    now: u64,
    events: BTreeMap<(u64, u64), Event>,
    /// Counts events, operations and requests.
    count: u64,
    /// How often something goes wrong, of a thousand messages.
    trouble: u64,
    client: Client,
    key: StoreKey,
    grant: Option<Grant>,
    sandbox: Sandbox,
    store: SharedStore,
    /// Until when the store answers nothing but errors.
    outage: u64,
    processes: Vec<Process>,
    log_out: Option<LogOut>,
    ledger: Ledger,
}

/// Which renewal, of which process: `(process, incarnation, operation)`.
type Place = (usize, u32, u64);

enum Event {
    StoreReceives(Place, StoreStep, bool),
    StoreAnswers(Place, StoreAnswer),
    ServerReceives(Place, u64, Request, bool),
    ServerAnswers(Place, u64, Response),
    /// Whatever a renewal waited for did not come; the number of its token request, if it was that.
    TimesOut(Place, Option<u64>),
    Wakes(Place),
    Asks(usize, usize),
    ApiAnswers(usize, u32, usize, u64, Response),
    ApiTimesOut(usize, u32, usize, u64),
    Crash(usize),
    Restart(usize),
    Cancel(usize, usize),
    ClockJump(usize),
    LeaseEnds,
    StoreOutage,
    ServerTrouble,
    Revocation,
    /// The user logs out, in a process or by an administrator.
    LogsOut(Option<usize>),
    /// The next step of a log-out is due.
    LogsOutFurther,
    LogsIn(usize),
    /// A program finds what it holds no good.
    Refuses(usize),
    /// A program wants a new credential.
    WantsNew(usize),
    FaultsStop,
    LastCall(usize),
}

impl World {
    fn new(seed: u64, without: Option<Protection>) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut bytes = [0; 32];
        rng.fill(&mut bytes);
        let mut sandbox = Sandbox::demo(bytes);
        let grace = [0, 0, 15_000][rng.usize(..3)];
        let settings = sandbox.settings_mut();
        settings.dialect = Dialect::Standard;
        settings.access_token_lifetime = Duration::from_secs(60);
        settings.rotation = match rng.u8(..4) {
            0 => Rotation::Off,
            1 => Rotation::On,
            _ => Rotation::DetectReuse { grace: Duration::from_millis(grace) },
        };
        let rotation = settings.rotation;
        let by_grant = rng.u8(..5) == 0;
        let id = if by_grant { "chatbot" } else { "web" };
        let client = client(&sandbox, id);
        let scope = CHATBOTS_RIGHTS.join(" ");
        let grant = by_grant.then(|| Grant::client_credentials().scope(scope).unwrap());
        let processes = (0..rng.usize(1..=3)).map(|_| Process::new(rng.usize(1..=3))).collect();
        let grace = if matches!(rotation, Rotation::DetectReuse { .. }) { grace } else { 0 };
        Self {
            without,
            now: START,
            events: BTreeMap::new(),
            count: 0,
            trouble: [0, 10, 40, 80][rng.usize(..4)],
            key: match &grant {
                Some(grant) => StoreKey::of_application(&client, grant),
                None => StoreKey::of_user(&client, DEMO_USERS[0].0),
            },
            client,
            grant,
            sandbox,
            store: SharedStore::new(without),
            outage: 0,
            processes,
            log_out: None,
            ledger: Ledger::new(rotation != Rotation::Off && !by_grant, grace),
            rng,
        }
    }

    fn begin(&mut self) {
        // As an adapter does: the tokens of a login are in the store before anybody uses them.
        let first = self.first_session();
        let provided = first.provide(&mut AwaitedCredential::new(), UnixTime::from_millis(self.now));
        self.processes[0].session = Some(first);
        if let Ok((_, Some(renewal))) = provided {
            self.start_renewal(0, 0, renewal);
        }
        for process in 0..self.processes.len() {
            if process > 0 {
                self.processes[process].session = Some(self.session());
            }
            for task in 0..self.processes[process].tasks.len() {
                let time = self.rng.u64(..30_000);
                self.after(time, Event::Asks(process, task));
            }
            self.after(LAST_CALLS + 10 * process as u64, Event::LastCall(process));
        }
        self.after(FAULTS, Event::FaultsStop);
        for _ in 0..self.rng.u64(..=self.trouble / 5) {
            let process = self.rng.usize(..self.processes.len());
            let task = self.rng.usize(..self.processes[process].tasks.len());
            let event = match self.rng.u8(..20) {
                0..5 => Event::Crash(process),
                5..10 => Event::Cancel(process, task),
                10..12 => Event::ClockJump(process),
                12..15 => Event::LeaseEnds,
                15..17 => Event::StoreOutage,
                17..19 => Event::ServerTrouble,
                _ if self.rng.u8(..4) == 0 => Event::Revocation,
                _ => Event::Crash(process),
            };
            let time = self.rng.u64(..FAULTS);
            self.after(time, event);
        }
    }

    /// The session of the process that the person logged in with.
    fn first_session(&mut self) -> SharedSession {
        if self.grant.is_some() {
            return self.session();
        }
        let now = UnixTime::from_millis(self.now);
        let request = AuthorizationRequest::new(&self.client, CALLBACK).unwrap();
        let request = request.scope(CHATBOTS_RIGHTS[1]).unwrap();
        let mut seed = [7_u8; 32];
        seed[0] = seed[0].wrapping_add(self.ledger.logins_so_far());
        let (url, mut pending) = request.begin_unbound(Entropy::from_seed(seed), now).unwrap();
        let [(name, password), _] = DEMO_USERS;
        let arrival = self.sandbox.visit(url.as_str(), &Person::new(name, password), now).unwrap();
        let response = AuthorizationResponse::from_url(arrival.url().unwrap()).unwrap();
        let mut flow = pending.finish(&self.client, &response, now).unwrap();
        let Ok(Step::Send(request)) = flow.step(None, now) else { unreachable!("a code is sent first") };
        // A server in trouble is asked again: it has not looked at the code.
        let mut answers = (0..10).map(|_| self.sandbox.answer(&request, now));
        let response = answers.find(|response| response.status() == 200).expect("the trouble is soon over");
        self.ledger.issues(None, response.body(), self.now);
        let Ok(Step::Done(tokens)) = flow.step(Some(response), now) else {
            unreachable!("it is a good code")
        };
        SharedSession::new(Session::from_tokens(&self.client, &tokens).in_store(self.key.clone()).unwrap())
    }

    /// The session of a process that finds everything in the store.
    fn session(&mut self) -> SharedSession {
        let session = match &self.grant {
            Some(grant) => Session::from_grant(&self.client, grant.clone()),
            None => Session::from_store(&self.client),
        };
        let session = session.with_spread(self.rng.u16(..=1000));
        SharedSession::new(session.in_store(self.key.clone()).unwrap())
    }

    fn next(&mut self) -> Option<(u64, Event)> {
        let ((time, _), event) = self.events.pop_first()?;
        Some((time, event))
    }

    fn after(&mut self, time: u64, event: Event) {
        self.count += 1;
        self.events.insert((self.now + time, self.count), event);
    }

    fn end(mut self) -> Report {
        for process in &self.processes {
            for task in process.tasks.iter().filter(|task| task.call.is_some()) {
                self.ledger.waits(task.asked, self.now);
            }
            for wanting in &process.wanting {
                self.ledger.waits(wanting.asked, self.now);
            }
        }
        self.ledger.finish()
    }

    // The network.

    /// How long a message takes, and whether it is lost or comes twice.
    fn travel(&mut self, kind: [&'static str; 3]) -> (Option<u64>, bool) {
        let [slow, lost, twice] = kind;
        let time = self.rng.u64(1..20);
        match self.rng.u64(..1000) {
            luck if luck < self.trouble => {
                self.ledger.fault(slow);
                (Some(self.rng.u64(..25_000)), false)
            }
            luck if luck < 2 * self.trouble => {
                self.ledger.fault(lost);
                (None, false)
            }
            luck if luck < 2 * self.trouble + self.trouble / 4 => {
                self.ledger.fault(twice);
                (Some(time), true)
            }
            _ => (Some(time), false),
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::StoreReceives(place, step, again) => self.store_receives(place, step, again),
            Event::StoreAnswers(place, answer) => self.renew(place, Some(RenewalAnswer::Store(answer))),
            Event::ServerReceives(place, number, request, again) => {
                self.server_receives(place, number, &request, again);
            }
            Event::ServerAnswers(place, number, response) => {
                if self.is_awaited(place) {
                    self.ledger.answered(number);
                    self.renew(place, Some(RenewalAnswer::Response(response)));
                }
            }
            Event::TimesOut(place, request) => {
                if self.is_awaited(place) {
                    let answer = match request {
                        Some(number) => {
                            self.ledger.unknown(number);
                            RenewalAnswer::NoResponse
                        }
                        None => RenewalAnswer::Store(StoreAnswer::Failed(StoreError::new("no answer"))),
                    };
                    self.renew(place, Some(answer));
                }
            }
            Event::Wakes(place) => self.renew(place, None),
            Event::Asks(process, task) => self.ask(process, task, false),
            Event::LastCall(process) => self.ask(process, 0, true),
            Event::ApiAnswers(process, incarnation, task, number, response) => {
                if self.is_calling(process, incarnation, task, number) {
                    self.advance(process, task, Some(response));
                }
            }
            Event::ApiTimesOut(process, incarnation, task, number) => {
                if self.is_calling(process, incarnation, task, number) {
                    self.processes[process].tasks[task].call = None;
                }
            }
            fault => self.go_wrong(fault),
        }
    }

    fn go_wrong(&mut self, fault: Event) {
        match fault {
            Event::Crash(process) => self.crash(process),
            Event::Restart(process) if self.processes[process].session.is_none() => {
                let session = self.session();
                self.processes[process].session = Some(session);
            }
            Event::Cancel(process, task) => self.cancel(process, task),
            Event::ClockJump(process) => {
                self.ledger.fault("clock jumps");
                self.processes[process].skew = self.rng.i64(-3_600_000..3_600_000);
            }
            Event::LeaseEnds => {
                self.ledger.fault("lease ends under its holder");
                self.store.break_lease();
            }
            Event::StoreOutage => {
                self.ledger.fault("store outage");
                self.outage = self.now + self.rng.u64(..60_000);
            }
            Event::ServerTrouble => {
                self.ledger.fault("server in trouble");
                for _ in 0..self.rng.u8(1..4) {
                    let failure = match self.rng.u8(..3) {
                        0 => Failure::internal(),
                        1 => Failure::rate_limited(self.rng.u64(..20)),
                        _ => Failure::unavailable(self.rng.u64(..20)),
                    };
                    self.sandbox.fail_next(Endpoint::Token, failure);
                }
            }
            Event::Revocation => {
                self.ledger.fault("grant revoked");
                self.ledger.revoked();
                self.sandbox.revoke_user(DEMO_USERS[0].0);
            }
            Event::LogsOut(process) => self.begin_log_out(process),
            Event::LogsOutFurther => self.log_out_further(),
            Event::LogsIn(process) => self.log_in(process),
            Event::Refuses(process) => self.refuse(process),
            Event::WantsNew(process) => self.want_new(process),
            Event::FaultsStop => {
                self.trouble = 0;
                self.outage = 0;
                self.sandbox.behave();
                for process in 0..self.processes.len() {
                    self.processes[process].skew = 0;
                    self.after(1, Event::Restart(process));
                }
            }
            _ => {}
        }
    }

    fn crash(&mut self, process: usize) {
        self.ledger.fault("process dies");
        let requests = self.processes[process].die();
        self.ledger.died(&requests);
        let time = self.rng.u64(1..40_000);
        self.after(time, Event::Restart(process));
    }

    /// A task gives up what it is doing.
    fn cancel(&mut self, process: usize, task: usize) {
        if self.processes[process].tasks[task].call.take().is_none() {
            return;
        }
        self.ledger.fault("task cancelled");
        let host = &mut self.processes[process];
        host.tasks[task].waits = false;
        let dies = self.without == Some(Protection::SpawnedRenewal);
        if let Some(running) = host.renewal.take_if(|running| dies && running.starter == task) {
            if let Some(request) = running.request {
                self.ledger.cancelled(request);
            }
            drop(running);
            self.wake(process);
        }
    }

    // The store and the server.

    fn store_receives(&mut self, place: Place, step: StoreStep, again: bool) {
        let answer = if self.now < self.outage {
            StoreAnswer::Failed(StoreError::new("down"))
        } else {
            let step = if self.without == Some(Protection::Intent) { without_intent(step) } else { step };
            let answer = self.store.answer(&step, self.now);
            if let (StoreStep::Replace { entry, .. }, StoreAnswer::Replaced(Replaced::Written(_))) =
                (&step, &answer)
            {
                self.ledger.written(entry.bytes(), self.now);
            }
            answer
        };
        if !again && let (Some(time), _) = self.travel(STORE_FAULTS) {
            self.after(time, Event::StoreAnswers(place, answer));
        }
    }

    fn server_receives(&mut self, place: Place, number: u64, request: &Request, again: bool) {
        self.ledger.reaches_server(number, &self.store, self.now, again);
        let response = self.sandbox.answer(request, UnixTime::from_millis(self.now));
        if response.status() == 200 {
            self.ledger.issues(Some(number), response.body(), self.now);
        }
        if !again && let (Some(time), _) = self.travel(SERVER_FAULTS) {
            self.after(time, Event::ServerAnswers(place, number, response));
        }
    }

    // A process's renewal.

    fn is_awaited(&self, (process, incarnation, operation): Place) -> bool {
        let host = &self.processes[process];
        let mut all = [&host.renewal, &host.looking].into_iter().flatten();
        host.incarnation == incarnation && all.any(|running| running.waits_for == operation)
    }

    fn start_renewal(&mut self, process: usize, starter: usize, renewal: SharedRenewal) {
        let host = &mut self.processes[process];
        let is_look = renewal.only_looks();
        if host.slot(is_look).is_some() {
            return self.ledger.violation(self.now, "a session has two renewals at once");
        }
        self.count += 1;
        let waits_for = self.count;
        let incarnation = host.incarnation;
        *self.processes[process].slot(is_look) =
            Some(Running { renewal, starter, waits_for, lease: None, first_look: None, request: None });
        self.after(0, Event::Wakes((process, incarnation, waits_for)));
    }

    /// Moves a renewal on, and carries out what it wants.
    fn renew(&mut self, place: Place, answer: Option<RenewalAnswer>) {
        if !self.is_awaited(place) {
            return;
        }
        let (process, incarnation, operation) = place;
        let clock = self.processes[process].clock(self.now);
        let Some(running) = self.processes[process].waiting_for(operation) else { return };
        // Asked before it is stepped: one that is done is nothing any more.
        let is_look = running.renewal.only_looks();
        let answer = answer.map(|answer| running.note(answer, self.without));
        let Ok(step) = running.renewal.step(answer, clock) else {
            return self.ledger.violation(self.now, "a renewal refuses the answer to what it asked");
        };
        self.count += 1;
        running.waits_for = self.count;
        let place = (process, incarnation, running.waits_for);
        match step {
            RenewalStep::Store(step) => {
                let (time, twice) = self.travel(STORE_FAULTS);
                if let Some(time) = time {
                    if twice {
                        self.after(time + 1, Event::StoreReceives(place, step.clone(), true));
                    }
                    self.after(time, Event::StoreReceives(place, step, false));
                }
                self.after(STORE_TIMEOUT, Event::TimesOut(place, None));
            }
            RenewalStep::Send(request) => self.send(place, request),
            RenewalStep::Wait(time) => {
                let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).clamp(1, 3_600_000);
                self.after(time, Event::Wakes(place));
            }
            RenewalStep::Done => {
                *self.processes[process].slot(is_look) = None;
                self.wake(process);
            }
        }
    }

    fn send(&mut self, place: Place, request: Request) {
        self.count += 1;
        let number = self.count;
        let token = refresh_token(&request);
        let host = &mut self.processes[place.0];
        host.requests.push(number);
        let lease = host.renewal.as_mut().and_then(|running| {
            running.request = Some(number);
            running.lease.clone()
        });
        self.ledger.sends(number, token, lease, &self.store, self.now);
        // A task that gives up does so while it waits, which is for the most part for the server.
        let starter = self.processes[place.0].renewal.as_ref().map(|running| running.starter);
        if let Some(task) = starter
            && self.rng.u64(..1000) < 2 * self.trouble
        {
            let time = self.rng.u64(1..100);
            self.after(time, Event::Cancel(place.0, task));
        }
        let (time, twice) = self.travel(SERVER_FAULTS);
        if let Some(time) = time {
            if twice {
                self.after(time + 1, Event::ServerReceives(place, number, request.clone(), true));
            }
            self.after(time, Event::ServerReceives(place, number, request, false));
        }
        self.after(SERVER_TIMEOUT, Event::TimesOut(place, Some(number)));
    }

    // A process's tasks.

    fn ask(&mut self, process: usize, task: usize, is_last: bool) {
        if self.now < START + FAULTS {
            let time = self.rng.u64(..40_000);
            self.after(time, Event::Asks(process, task));
        }
        let host = &mut self.processes[process];
        let Some(session) = &host.session else { return };
        if host.tasks[task].call.is_some() {
            return;
        }
        let call = session.call(&get(API)).unwrap();
        let asking = &mut host.tasks[task];
        asking.call = Some(call);
        asking.asked = self.now;
        asking.number += 1;
        asking.is_last = is_last;
        self.advance(process, task, None);
    }

    /// Wakes the tasks that wait for a renewal.
    fn wake(&mut self, process: usize) {
        for task in 0..self.processes[process].tasks.len() {
            if std::mem::take(&mut self.processes[process].tasks[task].waits) {
                self.advance(process, task, None);
            }
        }
        self.want_further(process);
    }

    fn advance(&mut self, process: usize, task: usize, mut response: Option<Response>) {
        loop {
            let host = &mut self.processes[process];
            let clock = host.clock(self.now);
            let (Some(session), Some(call)) = (&host.session, &mut host.tasks[task].call) else { return };
            let step = call.step(response.as_ref().map(heard));
            if response.is_some() {
                host.tasks[task].answer = response.take();
            }
            let Some(call) = &mut host.tasks[task].call else { return };
            match step {
                Ok(CallStep::Authorize) => {
                    let (readiness, renewal) = match session.authorize(call, clock) {
                        Ok(authorized) => authorized,
                        Err(error) => return self.finish(process, task, None, Some(&error)),
                    };
                    host.tasks[task].waits = readiness == Readiness::Wait;
                    if let Some(renewal) = renewal {
                        self.start_renewal(process, task, renewal);
                    }
                    if readiness == Readiness::Wait {
                        return;
                    }
                }
                Ok(CallStep::Send(authorization)) => {
                    let mut request = get(API);
                    authorization.apply(request.headers_mut());
                    return self.call_api(process, task, &request);
                }
                Ok(CallStep::Wait(_)) => unreachable!("a bearer token needs no signature"),
                Ok(CallStep::Done) => {
                    let answer = host.tasks[task].answer.take();
                    return self.finish(process, task, answer.as_ref(), None);
                }
                Err(error) => return self.finish(process, task, None, Some(&error)),
            }
        }
    }

    fn call_api(&mut self, process: usize, task: usize, request: &Request) {
        if self.is_logging_out(process) {
            self.ledger.violation(self.now, "a caller is given a credential while its process logs out");
        }
        let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        match header.and_then(|value| value.strip_prefix("Bearer ")) {
            Some(token) => self.hand_out(process, token),
            None => self.hand_out(process, "no credential at all"),
        }
        // What happens on the way to the API is no matter of a renewal's; but it may be lost.
        let response = self.sandbox.answer(request, UnixTime::from_millis(self.now));
        let (incarnation, number) =
            (self.processes[process].incarnation, self.processes[process].tasks[task].number);
        match self.travel(API_FAULTS).0 {
            Some(time) => self.after(time, Event::ApiAnswers(process, incarnation, task, number, response)),
            None => self.after(SERVER_TIMEOUT, Event::ApiTimesOut(process, incarnation, task, number)),
        }
    }

    fn is_calling(&self, process: usize, incarnation: u32, task: usize, number: u64) -> bool {
        let host = &self.processes[process];
        host.incarnation == incarnation
            && host.tasks[task].number == number
            && host.tasks[task].call.is_some()
    }

    fn finish(&mut self, process: usize, task: usize, response: Option<&Response>, error: Option<&Error>) {
        let done = &mut self.processes[process].tasks[task];
        done.call = None;
        let (asked, is_last) = (done.asked, done.is_last);
        // Whose own process is logging out is told so, whatever the store has so far.
        let error = error.filter(|error| !self.is_told_of_its_end(process, error));
        self.ledger.told(asked, error, self.now);
        if is_last {
            let good = response.is_some_and(|response| response.status() == 200);
            // A clock that was off may have left more than one token that only looks good: each call gets past one.
            if good || self.now > START + LAST_CALLS + PATIENCE {
                self.ledger.recovered(good, error, self.now);
            } else {
                self.after(5_000, Event::LastCall(process));
            }
        }
    }
}

const STORE_FAULTS: [&str; 3] = ["store message delayed", "store message lost", "store message twice"];
const SERVER_FAULTS: [&str; 3] = ["token message delayed", "token message lost", "token message twice"];
const API_FAULTS: [&str; 3] = ["API message delayed", "API message lost", "API message twice"];

impl Running {
    /// Keeps book of an answer, and falsifies it where a protection is off.
    fn note(&mut self, answer: RenewalAnswer, without: Option<Protection>) -> RenewalAnswer {
        match answer {
            RenewalAnswer::Store(StoreAnswer::Leased(lease)) => {
                self.lease.clone_from(&lease);
                RenewalAnswer::Store(StoreAnswer::Leased(lease))
            }
            RenewalAnswer::Store(StoreAnswer::Loaded(loaded)) if without == Some(Protection::Reread) => {
                let first = self.first_look.get_or_insert(StoreAnswer::Loaded(loaded));
                RenewalAnswer::Store(first.clone())
            }
            answer => answer,
        }
    }
}

fn client(sandbox: &Sandbox, id: &str) -> Client {
    let server = AuthorizationServer::new()
        .authorization_endpoint("https://space.example/oauth/auth")
        .and_then(|server| server.token_endpoint("https://space.example/oauth/token"))
        .unwrap();
    let secret = ClientSecret::new(sandbox.client_secret(id).unwrap()).unwrap();
    Client::new(server, id).secret(secret).and_then(|client| client.api(API)).unwrap()
}

fn refresh_token(request: &Request) -> Option<String> {
    let body = std::str::from_utf8(request.body()).ok()?;
    // The sandbox's tokens have no character that a form would encode.
    body.split('&').find_map(|pair| pair.strip_prefix("refresh_token=")).map(str::to_owned)
}

fn without_intent(step: StoreStep) -> StoreStep {
    let StoreStep::Replace { expected, entry } = step else { return step };
    let Ok(Value::Object(mut members)) = serde_json::from_slice(entry.bytes().expose()) else {
        return StoreStep::Replace { expected, entry };
    };
    members.remove("intent");
    let bytes = StoredBytes::new(Value::Object(members).to_string().into_bytes());
    StoreStep::Replace { expected, entry: entry.with_bytes(bytes) }
}

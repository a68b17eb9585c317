//! The world of one schedule: what happens when, and what goes wrong: [`simulate`].

mod announced;
mod calling;
mod errand;
mod logging_in;
mod logout;
mod refusing;
mod renewing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use valetkey_core::session::{AwaitedCredential, RenewalAnswer};
use valetkey_core::store::{StoreAnswer, StoreError, StoreKey, StoreStep};
use valetkey_core::{Client, Grant, Request, Response, UnixTime};
use valetkey_sandbox::{CHATBOTS_RIGHTS, DEMO_USERS, Dialect, Endpoint, Failure, Rotation, Sandbox};

use self::announced::Posted;
use self::errand::{Errand, OnItsWay};
use self::logging_in::client;
use self::logout::LogOut;
use super::ledger::{CLOCK_JUMPS, Ledger, WebLogin};
use super::process::Process;
use super::store::SharedStore;
use super::{Protection, Report};

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

const API: &str = "https://space.example/api/http/absences";

/// Plays the schedule of a seed.
#[must_use]
pub fn simulate(seed: u64, without: Option<Protection>) -> Report {
    let mut world = World::new(seed, without);
    world.begin();
    world.plan_log_outs(seed);
    world.plan_announced(seed);
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
    /// Where the store keeps the session that everybody knows of; where log-outs are announced, that of the newest login.
    key: StoreKey,
    grant: Option<Grant>,
    sandbox: Sandbox,
    store: SharedStore,
    /// Until when the store answers nothing but errors.
    outage: u64,
    processes: Vec<Process>,
    log_out: Option<LogOut>,
    /// Whether the sessions are those of a web application, whose server announces log-outs: each login is kept under a name of its own.
    is_announced: bool,
    /// The logins of such an application; whether one is through, and the number of the newest that is.
    announced_logins: Vec<WebLogin>,
    has_login: bool,
    newest_login: u64,
    errands: BTreeMap<u64, Errand>,
    posted: Vec<Posted>,
    ledger: Ledger,
}

/// Which renewal, of which process: `(process, incarnation, operation)`.
type Place = (usize, u32, u64);

enum Event {
    StoreReceives(Place, Arc<StoreKey>, StoreStep, bool),
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
    /// The server announces that the newest login has ended, naming its `sid`, its `sub`, or both.
    Announces([bool; 2]),
    /// A logout token comes to some process.
    Posts(usize),
    /// What belongs to an errand, by its number.
    Errand(u64, OnItsWay),
    /// The browser of the newest login, which has this number, comes to this process.
    Meets(usize, u64),
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
        let is_announced = !by_grant && announced::is_drawn(seed);
        let id = if by_grant { "chatbot" } else { "web" };
        let client = if is_announced { announced::client(&mut sandbox) } else { client(&sandbox, id) };
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
            is_announced,
            announced_logins: Vec::new(),
            has_login: false,
            newest_login: 0,
            errands: BTreeMap::new(),
            posted: Vec::new(),
            ledger: Ledger::new(rotation != Rotation::Off && !by_grant, grace),
            rng,
        }
    }

    fn begin(&mut self) {
        if self.is_announced {
            self.begin_web_login(0);
        } else {
            // As an adapter does: the tokens of a login are in the store before anybody uses them.
            let first = self.first_session();
            let provided = first.provide(&mut AwaitedCredential::new(), UnixTime::from_millis(self.now));
            self.processes[0].session = Some(first);
            if let Ok((_, Some(renewal))) = provided {
                self.start_renewal(0, 0, renewal);
            }
        }
        for process in 0..self.processes.len() {
            if process > 0 && !self.is_announced {
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
            Event::StoreReceives(place, key, step, again) => self.store_receives(place, &key, step, again),
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
                self.processes[process].is_dead = false;
                if !self.is_announced || self.has_login {
                    let session = self.session();
                    self.processes[process].session = Some(session);
                }
            }
            Event::Cancel(process, task) => self.cancel(process, task),
            Event::ClockJump(process) => {
                self.ledger.fault(CLOCK_JUMPS);
                let skew = self.rng.i64(-3_600_000..3_600_000);
                self.processes[process].set_clock(skew, self.now);
            }
            Event::LeaseEnds => {
                self.ledger.fault("lease ends under its holder");
                self.store.break_leases();
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
            Event::LogsIn(process) if self.is_announced => self.begin_web_login(process),
            Event::LogsIn(process) => self.log_in(process),
            Event::Announces(named) => self.announce(named),
            Event::Posts(token) => self.post(token),
            Event::Errand(number, what) => self.go_on(number, what),
            Event::Meets(process, login) => self.meet(process, login),
            Event::Refuses(process) => self.refuse(process),
            Event::WantsNew(process) => self.want_new(process),
            Event::FaultsStop => {
                self.trouble = 0;
                self.outage = 0;
                self.sandbox.behave();
                for process in 0..self.processes.len() {
                    self.processes[process].set_clock(0, self.now);
                    self.after(1, Event::Restart(process));
                }
            }
            _ => {}
        }
    }

    fn crash(&mut self, process: usize) {
        self.ledger.fault("process dies");
        let host = &mut self.processes[process];
        host.deaths += 1;
        host.is_dead = true;
        let requests = host.die();
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
}

const STORE_FAULTS: [&str; 3] = ["store message delayed", "store message lost", "store message twice"];
const SERVER_FAULTS: [&str; 3] = ["token message delayed", "token message lost", "token message twice"];
const API_FAULTS: [&str; 3] = ["API message delayed", "API message lost", "API message twice"];

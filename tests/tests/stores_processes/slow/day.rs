//! A day of a session in compressed time: three processes that use it by one folder of files, a server and a disk that fail now and then.

use std::fs;
use std::path::Path;
use std::time::Duration;

use fastrand::Rng;
use valetkey_core::session::{RenewalAnswer, RenewalStep};
use valetkey_core::store::{StoreAnswer, StoreError, StoreKey};
use valetkey_core::{Client, Error, RefreshToken, Session, UnixTime};
use valetkey_sandbox::{Dialect, Rights, Rotation, Sandbox};
use valetkey_stores::FileStore;
use valetkey_tests::NOW;
use valetkey_tests::processes::{Folder, registered};
use valetkey_tests::renewing::held;

use crate::report;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const LIFETIME: Duration = Duration::from_secs(300);

/// Every two hours the server does not answer for twenty minutes, and an hour later the disk takes nothing for ten.
const TROUBLE: Duration = Duration::from_secs(2 * 60 * 60);
const NO_SERVER: Duration = Duration::from_secs(20 * 60);
const NO_STORE: Duration = Duration::from_secs(10 * 60);

/// How long the server gives the same answer again to who has lost it: longer than it is away.
const FORGIVES: Duration = Duration::from_secs(60 * 60);

struct World {
    sandbox: Sandbox,
    key: StoreKey,
    random: Rng,
    passed: Duration,
    /// Token requests that were answered, and that were not.
    answered: u32,
    unanswered: u32,
}

struct Process {
    store: FileStore,
    session: Session,
}

impl World {
    fn now(&self) -> UnixTime {
        NOW.after(self.passed)
    }

    fn into(&self, part: Duration) -> Duration {
        let since = (self.passed + part).as_secs() % TROUBLE.as_secs();
        Duration::from_secs(since)
    }

    fn server_is_away(&self) -> bool {
        self.into(Duration::ZERO) < NO_SERVER
    }

    fn store_is_away(&self) -> bool {
        self.into(TROUBLE / 2) < NO_STORE
    }

    /// One use of the session, to its end.
    fn renew(&mut self, process: &mut Process) -> Result<(), Error> {
        let mut renewal = process.session.renewal().unwrap();
        let mut answer = None;
        loop {
            answer = match renewal.step(answer.take(), self.now()).unwrap() {
                RenewalStep::Store(step) => {
                    let fails = self.store_is_away() || self.random.u32(..200) == 0;
                    // The answer alone is lost, half of the time.
                    let is_done = !fails || (!self.store_is_away() && self.random.bool());
                    let done = is_done.then(|| step.on(&process.store, &self.key, self.now()));
                    let failed = || StoreAnswer::Failed(StoreError::new("the disk was told to fail"));
                    Some(RenewalAnswer::Store(done.filter(|_| !fails).unwrap_or_else(failed)))
                }
                RenewalStep::Send(request) => {
                    let fails = self.server_is_away() || self.random.u32(..50) == 0;
                    let arrives = !fails || (!self.server_is_away() && self.random.bool());
                    let now = self.now();
                    let given = arrives.then(|| self.sandbox.answer(&request, now)).filter(|_| !fails);
                    *(if given.is_some() { &mut self.answered } else { &mut self.unanswered }) += 1;
                    Some(given.map_or(RenewalAnswer::NoResponse, RenewalAnswer::Response))
                }
                RenewalStep::Wait(time) => {
                    self.passed += time;
                    None
                }
                RenewalStep::Done => break,
            };
        }
        process.session.settle(renewal, self.now())
    }
}

fn process(client: &Client, key: &StoreKey, folder: &Path) -> Process {
    Process {
        store: FileStore::open(folder).unwrap(),
        session: Session::from_store(client).in_store(key.clone()).unwrap(),
    }
}

/// Nobody logs in a second time, however the day went; what is handed out is good; and neither requests, nor records, nor files become more.
#[test]
#[ignore = "takes a minute; run by tests/interop/slow/run"]
fn a_session_lives_through_a_day_of_trouble() {
    for seed in 0..4 {
        live_through_a_day(seed);
    }
}

fn live_through_a_day(seed: u64) {
    let mut sandbox = Sandbox::demo([7; 32]);
    sandbox.settings_mut().access_token_lifetime = LIFETIME;
    sandbox.settings_mut().rotation = Rotation::DetectReuse { grace: FORGIVES };
    sandbox.settings_mut().dialect = Dialect::Standard;
    let secret = sandbox.client_secret("web").unwrap().to_owned();
    let client = registered("http://127.0.0.1:1", &secret);
    let pushed = sandbox.push_refresh_token("web", "alice", &Rights::of(["global:Profile.View"])).unwrap();
    let folder = Folder::new();
    let key = StoreKey::of_user(&client, "alice");
    let mut world = World {
        sandbox,
        key: key.clone(),
        random: Rng::with_seed(seed),
        // After the first trouble is over.
        passed: NO_SERVER,
        answered: 0,
        unanswered: 0,
    };
    let end = world.passed + DAY;
    let mut first = process(&client, &key, folder.path());
    let token = RefreshToken::new(pushed.refresh_token).unwrap();
    first.session = Session::from_refresh_token(&client, token).in_store(key.clone()).unwrap();
    while world.renew(&mut first).is_err() {
        world.passed += Duration::from_secs(60);
    }
    let size = || {
        let files = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().len());
        let files: Vec<u64> = files.collect();
        (files.len(), files.iter().sum::<u64>())
    };
    let before = size();
    let mut processes = [first, process(&client, &key, folder.path()), process(&client, &key, folder.path())];
    let (mut good, mut failed, mut restarts) = (0, 0, 0);
    while world.passed < end {
        world.passed += Duration::from_secs(world.random.u64(1..60));
        let at = world.random.usize(..processes.len());
        if world.random.u32(..100) == 0 {
            processes[at] = process(&client, &key, folder.path());
            restarts += 1;
        }
        match world.renew(&mut processes[at]) {
            Ok(()) => {
                let token = held(&processes[at].session).unwrap();
                assert!(
                    world.sandbox.expiry(&token).unwrap() > world.now(),
                    "seed {seed}: what is handed out is good"
                );
                good += 1;
            }
            Err(Error::Store(_) | Error::Unanswered) => failed += 1,
            Err(error) => panic!("seed {seed}, after {:?}: {error}", world.passed),
        }
    }
    // It goes on when all is well again.
    while world.server_is_away() || world.store_is_away() {
        world.passed += Duration::from_secs(60);
    }
    world.passed += Duration::from_secs(120);
    for process in &mut processes {
        while world.renew(process).is_err() {
            world.passed += Duration::from_secs(60);
        }
    }
    report(&format!(
        "seed {seed}: {good} uses were good and {failed} failed; {} token requests, {} more without an answer; {restarts} restarts",
        world.answered, world.unanswered
    ));
    let most = 2 * u32::try_from(DAY.as_secs() / LIFETIME.as_secs()).unwrap();
    // A quarter of the day is trouble.
    assert!(good > 2 * failed && world.answered <= most, "seed {seed}");
    let after = size();
    assert!(after.0 <= before.0 + 2 && after.1 <= 2 * before.1 + 1024, "seed {seed}: {before:?}, {after:?}");
}

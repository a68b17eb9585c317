//! Real processes that share a session, and are killed: by a folder of files, and by a Redis.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "processes live in real time and on a real disk, and what was measured is told"
)]

mod failovers;
mod indexes;
mod ledger;
mod log_outs;
mod resharding;
mod rig;
mod servers;
mod slow;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rig::{Rig, Worker};
use valetkey_core::store::{Entry, Index, Store as _, StoreKey, StoredBytes};
use valetkey_sandbox::{Endpoint, Rotation};
use valetkey_stores::{AsyncRedisStore, RedisStore, Sealed, suite};
use valetkey_tests::owners::everybody_gets_their_own;
use valetkey_tests::processes::{Folder, Redis};
use valetkey_tests::{NOW, client};

const PROCESSES: usize = 8;
const TASKS: usize = 1_250;

/// A lease that is over soon after its holder was killed, and the longest that the store takes to write.
const SHORT_LEASE: &[&str] = &["--lease", "400", "--slow", "15"];

const GRACE: Duration = Duration::from_secs(8);

/// How long processes are killed.
const SIEGE: Duration = Duration::from_secs(60);

#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn the_redis_store_keeps_the_contract() {
    let redis = Redis::durable().unwrap();
    suite::blocking(&RedisStore::connect(&redis.url()).unwrap()).unwrap();
    suite::blocking(&Sealed::new(RedisStore::connect(&redis.url()).unwrap(), [1; 32])).unwrap();
}

#[tokio::test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
async fn the_async_redis_store_keeps_the_contract() {
    let redis = Redis::durable().unwrap();
    suite::asynchronous(&AsyncRedisStore::connect(&redis.url()).unwrap()).await.unwrap();
    let prefixed = AsyncRedisStore::connect(&redis.url()).unwrap().with_prefix("other:").unwrap();
    suite::asynchronous(&prefixed).await.unwrap();
}

/// What an earlier version wrote is found, a lifetime is Redis's own and ends with a write that has none, and a clone shares
/// what it is a clone of.
#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn redis_keeps_what_the_docs_say() {
    let redis = Redis::durable().unwrap();
    let store = RedisStore::connect(&redis.url()).unwrap();
    let mut raw = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let key = StoreKey::of_user(&client(), "alice");
    let place = format!("valetkey:{{{}}}", key.as_str());
    let _: i64 = redis::cmd("HSET")
        .arg(&place)
        .arg("version")
        .arg("v1")
        .arg("record")
        .arg("old")
        .query(&mut raw)
        .unwrap();
    let old = store.load(&key).unwrap().unwrap();
    assert_eq!((old.bytes.expose(), old.version.as_str()), (&b"old"[..], "v1"));

    let entry = |text: &str| Entry::new(StoredBytes::new(text.as_bytes().to_vec()));
    let short = entry("ended").kept_for(Duration::from_secs(60), NOW);
    let version = store.replace(&key, Some(&old.version), Some(&short)).unwrap().written().unwrap();
    let left = |raw: &mut redis::Connection| redis::cmd("PTTL").arg(&place).query::<i64>(raw).unwrap();
    assert!((1..=60_000).contains(&left(&mut raw)));
    let index = Index::of_user("https://as.example", "alice");
    let kept = entry("kept").indexed([index.clone()]);
    let clone = store.clone();
    assert!(clone.replace(&key, Some(&version), Some(&kept)).unwrap().is_done());
    assert_eq!(left(&mut raw), -1);
    assert!(store.find(&index, None).unwrap().keys == std::slice::from_ref(&key));

    // A crash between the index and the record leaves an index that leads to nothing, and does no harm.
    let mark = StoreKey::of_mark(&["never written"]);
    let names = format!("valetkey:{{index-{}}}:names", index.as_str());
    let mut leave = redis::cmd("ZADD");
    let _: i64 = leave.arg(&names).arg(0).arg(mark.as_str()).arg(0).arg("not a key").query(&mut raw).unwrap();
    let mut both = [mark.clone(), key];
    both.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    assert_eq!(store.find(&index, None).unwrap().keys, both);
    assert_eq!(store.load(&mark).unwrap(), None);
}

/// ST-4: two people, a service, two APIs and two exchanges, one Redis: everybody finds their own token, and no other.
#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn s0_in_redis_everybody_gets_their_own_token() {
    let redis = Redis::durable().unwrap();
    everybody_gets_their_own(Arc::new(RedisStore::connect(&redis.url()).unwrap()));
}

/// RF-1: whoever finds an expired token asks for a new one once, all together.
fn ask_once(place: &str) {
    let rig = Rig::new(place, 600, Rotation::On);
    rig.log_in("alice");
    rig.expire("alice");
    let before = rig.token_requests().len();
    let tasks = TASKS.to_string();
    let mut workers: Vec<_> = (0..PROCESSES).map(|_| rig.worker("alice", &["--tasks", &tasks])).collect();
    workers.iter_mut().for_each(Worker::go);
    for worker in &mut workers {
        let outcomes = worker.outcomes();
        assert_eq!(outcomes.len(), TASKS);
        assert!(outcomes.iter().all(|outcome| outcome == "ok"));
    }
    assert_eq!(rig.token_requests().len() - before, 1);
}

#[test]
#[ignore = "starts processes; run by tests/interop/processes/run"]
fn ten_thousand_tasks_of_eight_processes_ask_once_by_files() {
    ask_once(Folder::new().path().to_str().unwrap());
}

#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn ten_thousand_tasks_of_eight_processes_ask_once_by_redis() {
    ask_once(&Redis::durable().unwrap().url());
}

/// A grant whose server allows for lost answers is alive after any number of kills.
fn survive(place: &str) {
    let rig = Rig::new(place, 1, Rotation::DetectReuse { grace: GRACE });
    rig.log_in("alice");
    let more: Vec<&str> = SHORT_LEASE.iter().copied().chain(["--tasks", "4", "--forever"]).collect();
    let start = || {
        let mut worker = rig.worker("alice", &more);
        worker.go();
        worker
    };
    let mut workers: Vec<_> = (0..4).map(|_| start()).collect();
    let (until, mut kills) = (Instant::now() + SIEGE, 0);
    let mut told = BTreeMap::<String, usize>::new();
    while Instant::now() < until {
        sleep(Duration::from_millis(fastrand::u64(10..120)));
        let at = fastrand::usize(0..workers.len());
        workers[at].kill();
        kills += 1;
        for outcome in workers[at].outcomes() {
            *told.entry(outcome).or_default() += 1;
        }
        workers[at] = start();
    }
    workers.iter_mut().for_each(Worker::kill);
    let mut last = rig.worker("alice", SHORT_LEASE);
    last.go();
    assert_eq!(last.outcomes(), ["ok"]);
    let asked = rig.token_requests();
    let (_, newest) = asked.last().unwrap();
    let replayed = asked.windows(2).filter(|pair| pair[0].0 == pair[1].0).count();
    report(&format!(
        "{kills} kills, {} token requests, {replayed} of them replays; told {told:?}",
        asked.len()
    ));
    assert!(asked.iter().all(|(_, given)| given.is_some()), "nothing was refused");
    assert_eq!(rig.record("alice")["refresh_token"].as_str(), newest.as_deref(), "the newest is stored");
    for never in ["lost", "refused", "expired", "other"] {
        assert!(!told.contains_key(never), "{told:?}");
    }
}

#[test]
#[ignore = "starts processes; run by tests/interop/processes/run"]
fn a_grant_survives_kills_by_files() {
    survive(Folder::new().path().to_str().unwrap());
}

#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn a_grant_survives_kills_by_redis() {
    survive(&Redis::durable().unwrap().url());
}

/// Without grace a grant is lost only where the kill fell between the server's rotation and our commit, and then the
/// next caller is told so: for each round the server's log and the store say which it was.
fn lose_only_what_cannot_be_saved(place: &str) {
    let rig = Rig::new(place, 600, Rotation::DetectReuse { grace: Duration::ZERO });
    let more: Vec<&str> = SHORT_LEASE.iter().copied().chain(["--tasks", "2", "--forever"]).collect();
    let (until, mut lost, mut alive) = (Instant::now() + SIEGE, 0, 0);
    // The server's log keeps no more rounds than these.
    while Instant::now() < until && lost + alive < 500 {
        let user = format!("round {}", lost + alive);
        rig.log_in(&user);
        rig.expire(&user);
        let before = rig.token_requests().len();
        let mut workers: Vec<_> = (0..2).map(|_| rig.worker(&user, &more)).collect();
        workers.iter_mut().for_each(Worker::go);
        sleep(Duration::from_millis(fastrand::u64(5..120)));
        workers.iter_mut().for_each(Worker::kill);
        // What is on its way to the server when its sender dies arrives all the same.
        sleep(Duration::from_millis(30));
        // There is none where the second process still lived to replay the first one's request, and to be refused.
        let stored = rig.record(&user)["refresh_token"].as_str().map(str::to_owned);
        rig.expire(&user);
        let mut last = rig.worker(&user, SHORT_LEASE);
        last.go();
        let told = last.outcomes();
        let asked = rig.token_requests();
        // The last request is that of the last process, which has one to make if there is a token.
        let theirs = &asked[before..asked.len() - usize::from(stored.is_some())];
        assert!(
            theirs.iter().filter(|(_, given)| given.is_some()).count() <= 1,
            "one token for one that expired"
        );
        // The server gave a token that the store never had.
        let rotated = theirs.iter().any(|(_, given)| given.is_some() && *given != stored);
        // Or the request of a process that was killed arrived after its replay, which a server without grace takes for
        // theft: whoever comes next holds the newest token, and it is refused.
        let first = theirs.iter().position(|(_, given)| given.is_some());
        let overtaken = first.is_some_and(|first| {
            theirs[first + 1..].iter().any(|(used, given)| given.is_none() && *used == theirs[first].0)
        });
        let expected = match (rotated, overtaken) {
            (true, _) => "lost",
            (false, true) => "refused",
            (false, false) => "ok",
        };
        assert_eq!(told, [expected], "rotated without commit: {rotated}, overtaken: {overtaken}");
        *(if expected == "ok" { &mut alive } else { &mut lost }) += 1;
    }
    report(&format!("{alive} grants alive, {lost} lost between the rotation and the commit, each told so"));
    assert!(alive > 0);
}

#[test]
#[ignore = "starts processes; run by tests/interop/processes/run"]
fn only_an_answer_that_was_not_committed_is_lost_by_files() {
    lose_only_what_cannot_be_saved(Folder::new().path().to_str().unwrap());
}

#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn only_an_answer_that_was_not_committed_is_lost_by_redis() {
    lose_only_what_cannot_be_saved(&Redis::durable().unwrap().url());
}

/// A Redis that is killed and started again: callers see the token that is still good, or a typed error, and nobody
/// needs to do anything.
#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn a_redis_that_was_restarted_is_used_again() {
    let mut redis = Redis::durable().unwrap();
    let rig = Rig::new(&redis.url(), 1, Rotation::On);
    rig.log_in("alice");
    let mut workers: Vec<_> =
        (0..3).map(|_| rig.worker("alice", &["--lease", "400", "--tasks", "4", "--forever"])).collect();
    workers.iter_mut().for_each(Worker::go);
    let mut restarted = Instant::now();
    for _ in 0..3 {
        sleep(Duration::from_secs(3));
        redis.kill();
        sleep(Duration::from_secs(3));
        redis.start_again();
        restarted = Instant::now();
    }
    let asked = rig.token_requests().len();
    sleep(Duration::from_secs(12));
    workers.iter_mut().for_each(Worker::kill);
    assert!(rig.token_requests().len() > asked, "tokens are renewed again");
    let mut told = BTreeMap::<String, usize>::new();
    for worker in &workers {
        let all: Vec<_> = worker.outcomes.try_iter().collect();
        let (at, last) = all.last().unwrap();
        assert!(last == "ok" && *at > restarted);
        all.into_iter().for_each(|(_, outcome)| *told.entry(outcome).or_default() += 1);
    }
    report(&format!("{told:?}"));
    assert!(told.contains_key("store"), "the outage was noticed");
    assert!(told.keys().all(|outcome| ["ok", "store", "unanswered"].contains(&outcome.as_str())), "{told:?}");
}

/// A session that was persisted, its process killed, restores and calls the API without asking the person (ST-1).
#[test]
fn a_session_whose_process_was_killed_is_taken_up() {
    let folder = Folder::new();
    let rig = Rig::new(folder.path().to_str().unwrap(), 600, Rotation::On);
    rig.log_in("alice");
    rig.expire("alice");
    let mut killed = rig.worker("alice", &["--forever"]);
    killed.go();
    assert_eq!(killed.outcomes.recv().unwrap().1, "ok");
    killed.kill();
    let client = rig.client();
    let session = valetkey_blocking::Session::from_store(&client);
    let store = valetkey_stores::FileStore::open(folder.path()).unwrap();
    let api = valetkey_blocking::ApiClient::stored(
        valetkey_blocking::http_client(),
        session,
        rig.key("alice"),
        store,
    )
    .unwrap();
    let profile = valetkey_tests::get(&format!("{}/api/http/team-directory/profiles/me", rig.front.url()));
    assert_eq!(api.send(profile).unwrap().status(), 200);
    let sandbox = rig.front.sandbox();
    assert!(sandbox.log().iter().all(|exchange| exchange.endpoint() != Endpoint::Authorization));
}

/// What was measured, for whoever runs this.
fn report(what: &str) {
    let test = std::thread::current();
    eprintln!("{}: {what}", test.name().unwrap_or("test"));
}

//! A Redis that stops where it is, and goes on later: with all that was sent to it meanwhile.

use std::collections::BTreeMap;
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use valetkey_sandbox::Rotation;
use valetkey_tests::processes::{Redis, redis_at};

use crate::ledger::{Ledger, Stop};
use crate::rig::{Rig, Worker};
use crate::{GRACE, SHORT_LEASE, report};

/// Shorter than the deadline of an operation, about as long, and longer.
const STALLS: [u64; 6] = [300, 2_000, 4_900, 5_100, 7_000, 12_000];

/// What was sent to it and given up is carried out when it goes on. Nobody takes that for their own, nothing that was acknowledged is lost, and
/// everybody goes on by themselves.
#[test]
#[ignore = "needs Redis; run by tests/interop/slow/run"]
fn a_redis_that_stalls_loses_nothing_and_is_used_again() {
    let redis = Redis::durable().unwrap();
    let place = redis.url();
    let rig = Rig::new(&place, 1, Rotation::DetectReuse { grace: GRACE });
    rig.log_in("alice");
    let more: Vec<&str> = SHORT_LEASE.iter().copied().chain(["--tasks", "4", "--forever"]).collect();
    let mut workers: Vec<Worker> = (0..4).map(|_| rig.worker("alice", &more)).collect();
    workers.iter_mut().for_each(Worker::go);
    let ledger = Ledger::default();
    let went_on = scope(|scope| {
        for writer in 0..4 {
            let (ledger, place) = (&ledger, &place);
            scope.spawn(move || ledger.write(&redis_at(place).unwrap(), writer));
        }
        let stop = Stop(&ledger);
        for stall in STALLS {
            sleep(Duration::from_secs(2));
            redis.stall();
            sleep(Duration::from_millis(stall));
            redis.go_on();
        }
        let went_on = Instant::now();
        // Longer than anybody waits for a store that has failed.
        sleep(Duration::from_secs(15));
        drop(stop);
        went_on
    });
    let mut told = BTreeMap::<String, usize>::new();
    for worker in &mut workers {
        worker.kill();
        let all: Vec<_> = worker.outcomes.try_iter().collect();
        let (last, outcome) = all.last().unwrap();
        assert!(outcome == "ok" && *last > went_on, "{outcome}");
        all.into_iter().for_each(|(_, outcome)| *told.entry(outcome).or_default() += 1);
    }
    let settled = ledger.settle(&redis_at(&place).unwrap());
    report(&format!("{settled}; {} renewals; {told:?}", rig.token_requests().len()));
    assert!(told.keys().all(|outcome| ["ok", "store", "unanswered"].contains(&outcome.as_str())), "{told:?}");
    assert!(rig.token_requests().iter().all(|(_, given)| given.is_some()), "nothing was refused");
}

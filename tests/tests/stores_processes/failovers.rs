//! A cluster and sentinels: what every store is held to, and masters that are killed while processes renew.

use std::collections::BTreeMap;
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use valetkey_core::store::{Entry, Store as _, StoreKey, StoredBytes};
use valetkey_sandbox::Rotation;
use valetkey_stores::{Sealed, suite};
use valetkey_tests::processes::{async_redis_at, redis_at};

use crate::ledger::{Ledger, Stop};
use crate::rig::{Rig, Worker};
use crate::servers::Fleet;
use crate::{GRACE, SHORT_LEASE, report};

/// How many processes renew, with four tasks each; and how many threads write.
const PROCESSES: usize = 6;
const WRITERS: usize = 6;

/// How long everybody works before each master is killed; and at the end, longer than anybody waits for a store that has failed.
const CALM: Duration = Duration::from_secs(3);
const LONG_CALM: Duration = Duration::from_secs(12);

/// Both suites on one place; and how often it was asked at the wrong server.
async fn keeps_the_contract(fleet: Fleet) {
    let place = fleet.place();
    let before = fleet.redirects();
    suite::asynchronous(&async_redis_at(&place).unwrap()).await.unwrap();
    let (tasks, threads) = (
        place.clone(),
        tokio::task::spawn_blocking(move || {
            suite::blocking(&redis_at(&place).unwrap()).unwrap();
            suite::blocking(&Sealed::new(redis_at(&place).unwrap(), [1; 32])).unwrap();
        }),
    );
    threads.await.unwrap();
    assert!(redis_at(&tasks).is_ok());
    assert_eq!(fleet.redirects(), before, "every key was asked for at its own server");
}

#[tokio::test]
#[ignore = "needs Redis; run by tests/interop/cluster/run"]
async fn both_stores_keep_the_contract_in_a_cluster() {
    keeps_the_contract(Fleet::cluster().unwrap()).await;
}

#[tokio::test]
#[ignore = "needs Redis; run by tests/interop/cluster/run"]
async fn both_stores_keep_the_contract_behind_sentinels() {
    keeps_the_contract(Fleet::sentinels().unwrap()).await;
}

/// What befalls a server: it is killed and started again, or stops where it is and goes on as if it were still what it was.
#[derive(Clone, Copy)]
enum Blow {
    Kill,
    Stall,
}

/// Masters are killed and started again, one after the other, while many processes renew one session each two of them share, and others
/// write. Nothing that was acknowledged is lost, everybody is answered, and everybody goes on afterwards.
fn survive(mut fleet: Fleet, blow: Blow, kills: usize) {
    let place = fleet.place();
    let rig = Rig::new(&place, 1, Rotation::DetectReuse { grace: GRACE });
    let users: Vec<String> = (0..PROCESSES / 2).map(|number| format!("user {number}")).collect();
    users.iter().for_each(|user| rig.log_in(user));
    let more: Vec<&str> = SHORT_LEASE.iter().copied().chain(["--tasks", "4", "--forever"]).collect();
    let mut workers: Vec<Worker> =
        (0..PROCESSES).map(|number| rig.worker(&users[number / 2], &more)).collect();
    workers.iter_mut().for_each(Worker::go);
    let ledger = Ledger::default();
    let restarted = scope(|scope| {
        for writer in 0..WRITERS {
            let (ledger, place) = (&ledger, &place);
            // Half of them share nothing with anybody, as a process of its own.
            scope.spawn(move || ledger.write(&redis_at(place).unwrap(), writer));
        }
        // A panic must not leave them writing.
        let stop = Stop(&ledger);
        let (mut restarted, mut masters) = (Instant::now(), fleet.masters());
        for kill in 0..kills {
            sleep(CALM);
            if kill % masters.len() == 0 {
                masters = fleet.masters();
            }
            let master = masters[kill % masters.len()];
            match blow {
                Blow::Kill => fleet.kill(master),
                Blow::Stall => fleet.stall(master),
            }
            let begun = Instant::now();
            while fleet.masters().len() < masters.len() && begun.elapsed() < crate::SIEGE {
                sleep(Duration::from_millis(50));
            }
            report(&format!("server {master} is gone; another took over after {:.1?}", begun.elapsed()));
            match blow {
                Blow::Kill => fleet.start_again(master),
                Blow::Stall => fleet.go_on(master),
            }
            fleet.heal();
            restarted = Instant::now();
        }
        sleep(LONG_CALM);
        drop(stop);
        restarted
    });
    let told = everybody_went_on(&mut workers, restarted);
    let settled = ledger.settle(&redis_at(&place).unwrap());
    let asked = rig.token_requests();
    report(&format!("{settled}; {} renewals by {PROCESSES} processes; {told}", asked.len()));
    assert!(asked.iter().all(|(_, given)| given.is_some()), "nothing was refused");
    for user in &users {
        let mut last = rig.worker(user, SHORT_LEASE);
        last.go();
        assert_eq!(last.outcomes(), ["ok"]);
    }
}

/// Each process had a token after the last server was back, and nobody was told that a session is lost.
fn everybody_went_on(workers: &mut [Worker], restarted: Instant) -> String {
    let (mut told, mut outage) = (BTreeMap::<String, usize>::new(), Duration::ZERO);
    for worker in workers {
        worker.kill();
        let all: Vec<_> = worker.outcomes.try_iter().collect();
        let good: Vec<Instant> =
            all.iter().filter(|(_, outcome)| outcome == "ok").map(|(at, _)| *at).collect();
        assert!(good.last().is_some_and(|last| *last > restarted), "it goes on by itself");
        outage = good.windows(2).map(|pair| pair[1] - pair[0]).chain([outage]).max().unwrap_or_default();
        all.into_iter().for_each(|(_, outcome)| *told.entry(outcome).or_default() += 1);
    }
    for never in ["lost", "refused", "expired", "ended", "other"] {
        assert!(!told.contains_key(never), "{told:?}");
    }
    format!("no process was without a token for longer than {outage:.1?}; told {told:?}")
}

#[test]
#[ignore = "needs Redis; run by tests/interop/cluster/run"]
fn a_cluster_survives_a_master() {
    survive(Fleet::cluster().unwrap(), Blow::Kill, 1);
}

/// What takes minutes.
mod long {
    use super::*;

    /// What it costs a change to wait for a replica: told, not asserted.
    #[test]
    #[ignore = "takes minutes; run by tests/interop/cluster/run --all"]
    fn what_it_costs_to_wait_for_a_replica() {
        const WRITES: usize = 500;
        let fleet = Fleet::cluster().unwrap();
        let store = redis_at(&fleet.place()).unwrap();
        for replicas in [0, 1] {
            // However long it takes: on a busy machine a replica may need more than others would wait.
            let store = store.clone().with_replicas(replicas, LONG_CALM);
            let begun = Instant::now();
            for number in 0..WRITES {
                let key = StoreKey::of_mark(&["cost", &replicas.to_string(), &number.to_string()]);
                assert!(
                    store.insert_if_absent(&key, &Entry::new(StoredBytes::new(vec![b'x'; 2000]))).unwrap()
                );
            }
            let each = begun.elapsed() / u32::try_from(WRITES).unwrap();
            report(&format!("a record that waits for {replicas} replicas: {each:.0?}"));
        }
    }

    #[test]
    #[ignore = "takes minutes; run by tests/interop/cluster/run --all"]
    fn a_cluster_survives_all_of_its_masters_in_turn() {
        survive(Fleet::cluster().unwrap(), Blow::Kill, 6);
    }

    #[test]
    #[ignore = "takes minutes; run by tests/interop/cluster/run --all"]
    fn a_master_that_sentinels_watch_is_survived() {
        survive(Fleet::sentinels().unwrap(), Blow::Kill, 3);
    }

    #[test]
    #[ignore = "takes minutes; run by tests/interop/cluster/run --all"]
    fn a_cluster_survives_masters_that_stall() {
        survive(Fleet::cluster().unwrap(), Blow::Stall, 3);
    }

    #[test]
    #[ignore = "takes minutes; run by tests/interop/cluster/run --all"]
    fn a_master_that_sentinels_watch_may_stall() {
        survive(Fleet::sentinels().unwrap(), Blow::Stall, 2);
    }
}

//! LO-15, LO-16: a log-out that the server announces to one process, while another uses the session, and while processes are killed.

use std::thread::sleep;
use std::time::{Duration, Instant};

use valetkey_sandbox::Rotation;
use valetkey_tests::processes::{Folder, Redis};

use crate::rig::{Rig, Worker};
use crate::{GRACE, SHORT_LEASE};

/// How long is waited for what must happen at last.
const PATIENCE: Duration = Duration::from_secs(60);

/// An access token is good for a second, so that who uses the session renews it all the time.
fn rig(place: &str) -> Rig {
    Rig::web(place, 1, Rotation::DetectReuse { grace: GRACE })
}

/// A process that uses the session until it is killed.
fn user(rig: &Rig, session: &str) -> Worker {
    let more: Vec<&str> = SHORT_LEASE.iter().copied().chain(["--forever"]).collect();
    let mut worker = rig.worker(session, &more);
    worker.go();
    worker
}

/// What a process says of a logout token that it receives; nothing if it is killed.
fn receive(rig: &Rig, token: &str, killed_after: Option<Duration>) -> Option<String> {
    let mut worker = rig.worker("nobody", &["--slow", "15", "--logout-token", token]);
    worker.go();
    if let Some(time) = killed_after {
        sleep(time);
        worker.kill();
    }
    worker.outcomes().pop()
}

/// Waits until the worker says this.
fn await_outcome(worker: &Worker, what: &str) {
    let until = Instant::now() + PATIENCE;
    let mut told = worker.outcomes.iter().take_while(|(time, _)| *time < until);
    assert!(told.any(|(_, outcome)| outcome == what), "{what} never comes");
}

/// Whether the session has ended in the store, and nothing of it is left.
fn is_over(rig: &Rig, session: &str) -> bool {
    let record = rig.record(session);
    let is_left = ["access_token", "refresh_token"].iter().any(|name| !record[*name].is_null());
    !record["ended_at"].is_null() && !is_left
}

/// From the moment on that it is told so, nobody who uses the session is given a token again.
fn stays_over(rig: &Rig, session: &str, workers: &mut [Worker]) {
    for worker in &*workers {
        await_outcome(worker, "ended");
    }
    let keeps_saying = |worker: &Worker, times| {
        worker.outcomes.iter().take(times).for_each(|(_, outcome)| assert_eq!(outcome, "ended"));
    };
    // What was on its way to the server has arrived by then.
    workers.iter().for_each(|worker| keeps_saying(worker, 25));
    let asked = rig.token_requests().len();
    workers.iter().for_each(|worker| keeps_saying(worker, 100));
    workers.iter_mut().for_each(Worker::kill);
    assert_eq!(rig.token_requests().len(), asked, "nobody renews what has ended");
    let mut later = rig.worker(session, SHORT_LEASE);
    later.go();
    assert_eq!(later.outcomes(), ["ended"]);
    assert!(is_over(rig, session));
}

fn end_elsewhere(place: &str) {
    let rig = rig(place);
    let (login, other) = (rig.log_in_by_browser("alice"), rig.log_in_by_browser("alice at home"));
    let mut workers = [user(&rig, "alice"), user(&rig, "alice")];
    workers.iter().for_each(|worker| await_outcome(worker, "ok"));
    let token = rig.logout_token(&login);
    assert_eq!(receive(&rig, &token, None).as_deref(), Some("acknowledged"));
    assert!(is_over(&rig, "alice"), "it is over when the server is answered");
    stays_over(&rig, "alice", &mut workers);
    // LO-14, LO-15: once, and that login alone.
    assert_eq!(receive(&rig, &token, None).as_deref(), Some("LO-14"));
    assert_ne!(login, other);
    let mut at_home = rig.worker("alice at home", SHORT_LEASE);
    at_home.go();
    assert_eq!(at_home.outcomes(), ["ok"]);
}

#[test]
#[ignore = "starts processes; run by tests/interop/processes/run"]
fn a_log_out_in_one_process_ends_the_session_that_another_renews_by_files() {
    end_elsewhere(Folder::new().path().to_str().unwrap());
}

#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn a_log_out_in_one_process_ends_the_session_that_another_renews_by_redis() {
    end_elsewhere(&Redis::durable().unwrap().url());
}

/// The server sends its token until one process lives long enough to acknowledge it; or has done so, and died before it could say it.
fn kill_the_receiver(place: &str) {
    let rig = rig(place);
    for round in 0..4 {
        let session = format!("round {round}");
        let token = rig.logout_token(&rig.log_in_by_browser(&session));
        let mut workers = [user(&rig, &session)];
        await_outcome(&workers[0], "ok");
        for _ in 0..3 {
            receive(&rig, &token, Some(Duration::from_millis(fastrand::u64(1..120))));
        }
        let said = receive(&rig, &token, None);
        assert!(matches!(said.as_deref(), Some("acknowledged" | "LO-14")), "{said:?}");
        stays_over(&rig, &session, &mut workers);
    }
}

#[test]
#[ignore = "starts processes; run by tests/interop/processes/run"]
fn a_log_out_whose_receiver_is_killed_is_taken_up_by_the_next_by_files() {
    kill_the_receiver(Folder::new().path().to_str().unwrap());
}

#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn a_log_out_whose_receiver_is_killed_is_taken_up_by_the_next_by_redis() {
    kill_the_receiver(&Redis::durable().unwrap().url());
}

/// What a process was about to renew when it was killed is not brought back by the one that takes its renewal up.
fn kill_the_user(place: &str) {
    let rig = rig(place);
    for round in 0..4 {
        let session = format!("round {round}");
        let token = rig.logout_token(&rig.log_in_by_browser(&session));
        let mut workers = [user(&rig, &session), user(&rig, &session)];
        workers.iter().for_each(|worker| await_outcome(worker, "ok"));
        sleep(Duration::from_millis(fastrand::u64(1..1_200)));
        workers[0].kill();
        assert_eq!(receive(&rig, &token, None).as_deref(), Some("acknowledged"));
        workers[0] = user(&rig, &session);
        stays_over(&rig, &session, &mut workers);
    }
}

#[test]
#[ignore = "starts processes; run by tests/interop/processes/run"]
fn a_renewal_that_was_killed_does_not_undo_a_log_out_by_files() {
    kill_the_user(Folder::new().path().to_str().unwrap());
}

#[test]
#[ignore = "needs Redis; run by tests/interop/processes/run"]
fn a_renewal_that_was_killed_does_not_undo_a_log_out_by_redis() {
    kill_the_user(&Redis::durable().unwrap().url());
}

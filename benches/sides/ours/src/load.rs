//! One token source, shared by tasks and by threads.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use bench_inputs::inputs::{CLIENT_ID, CLIENT_SECRET};
use bench_inputs::{Answers, Load, Recovery, Scenario};
use valetkey_core::{AuthorizationServer, Client, ClientSecret, Grant, Quirk, Session};

fn session(load: &Load) -> Session {
    let server = AuthorizationServer::new()
        .admit(Quirk::LoopbackHttp)
        .token_endpoint(&load.url)
        .expect("a loopback address");
    let client = Client::new(server, CLIENT_ID)
        .secret(ClientSecret::new(CLIENT_SECRET).expect("a secret"))
        .expect("a confidential client");
    Session::from_grant(&client, Grant::client_credentials())
}

pub(crate) fn with_tasks(load: &Load, recovery: Recovery) -> Answers {
    let tokens = async {
        valetkey_async::Tokens::new(valetkey_async::http_client().expect("a client"), session(load))
    };
    bench_callers::with_tasks(load, recovery, tokens, async |tokens| tokens.credential().await.is_ok())
}

pub(crate) fn with_threads(load: &Load, recovery: Recovery) -> Answers {
    let tokens = valetkey_blocking::Tokens::new(valetkey_blocking::http_client(), session(load))
        .with_patience(Load::PATIENCE);
    if load.scenario == Scenario::Expired {
        tokens.credential().expect("a first token");
        thread::sleep(Load::RUN_OUT);
    }
    // All threads are there before the first asks.
    let ready = Barrier::new(load.callers);
    let mut answers = Answers::default();
    thread::scope(|scope| {
        let callers: Vec<_> = (0..load.callers)
            .map(|_| {
                let spawned = thread::Builder::new().stack_size(256 << 10).spawn_scoped(scope, || {
                    ready.wait();
                    let start = Instant::now();
                    (tokens.credential().is_ok(), start.elapsed())
                });
                spawned.expect("a thread")
            })
            .collect();
        for caller in callers {
            let (is_good, after) = caller.join().expect("a caller");
            let is_in_time = after < Load::PATIENCE;
            answers.count(is_in_time.then_some(is_good), after);
        }
    });
    if load.scenario.is_failing() {
        let well = recovery.happen();
        let tokens = tokens.with_patience(Duration::from_secs(5));
        while well.elapsed() < Load::RECOVERY && answers.recovered.is_none() {
            if tokens.credential().is_ok() {
                answers.recovered = Some(well.elapsed());
            }
            thread::sleep(Load::AGAIN);
        }
    }
    answers
}

//! What a request costs over loopback beside the same by hand with reqwest:
//!
//! ```sh
//! taskset -c 0 cargo bench -p valetkey-async --bench loopback
//! ```
//!
//! Client and server share one processor there. With two, the kernel wakes the server on either, which costs more than a whole
//! request, and a ratio says no more than which side was unlucky.
//!
//! Both sides have the timeouts of [`http_client`]. Nothing here is ever asserted.

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock and prints what it found, and its own inputs are in order"
)]

#[path = "../../../adapter-blocking/benches/loopback/by_hand.rs"]
mod by_hand;
#[path = "../../../core/benches/counted/mod.rs"]
mod counted;
#[path = "../../../adapter-blocking/benches/loopback/server.rs"]
mod server;
#[path = "../../../adapter-blocking/benches/loopback/turns.rs"]
mod turns;
#[path = "../../../core/benches/speed/valgrind.rs"]
mod valgrind;

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use valetkey_async::reqwest::{self, redirect};
use valetkey_async::{ApiClient, Client, HttpClient, http_client, now, run};

use by_hand::{BASIC, FORM};
use server::origin;

/// One round of a job, with its inputs.
type Round = Box<dyn FnOnce()>;

/// A job, done by hand and by this library. Each prepares a round; what is prepared is not counted.
struct Job {
    name: &'static str,
    floor: fn() -> Round,
    core: fn() -> Round,
    /// The most that ours may cost, as a multiple of the floor.
    bar: &'static str,
}

const JOBS: [Job; 2] = [
    Job { name: "token request", floor: token_by_hand, core: tokens, bar: "1.02" },
    Job { name: "API call", floor: call_by_hand, core: call, bar: "1.05 instr" },
];

fn main() {
    if server::is_asked_for() {
        return;
    }
    match valgrind::Run::asked_for() {
        Some(run) => run.play(&JOBS),
        None => turns::table(&JOBS),
    }
}

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().expect("a runtime"));
static BARE: LazyLock<reqwest::Client> = LazyLock::new(|| {
    let times = reqwest::Client::builder().connect_timeout(Duration::from_secs(10));
    let times = times.timeout(Duration::from_secs(60)).redirect(redirect::Policy::none());
    times.no_proxy().user_agent("by-hand/1.0").build().expect("a client")
});
static OURS: LazyLock<HttpClient> = LazyLock::new(|| http_client().expect("a client"));
static CLIENT: LazyLock<Client> = LazyLock::new(by_hand::client);
static API: LazyLock<ApiClient> =
    LazyLock::new(|| ApiClient::new(OURS.clone(), by_hand::session(&CLIENT, now())));

fn token_by_hand() -> Round {
    let url = format!("{}/token", origin());
    Box::new(move || {
        let request = BARE
            .post(url)
            .header("authorization", BASIC)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(FORM);
        RUNTIME.block_on(async {
            let answer = request.send().await.expect("an answer");
            by_hand::read(&answer.bytes().await.expect("a body"));
        });
    })
}

fn tokens() -> Round {
    let request = by_hand::token_request(&CLIENT);
    Box::new(|| drop(black_box(RUNTIME.block_on(run(&OURS, request)).expect("tokens"))))
}

fn call_by_hand() -> Round {
    let url = format!("{}/orders", origin());
    let bearer = by_hand::bearer();
    Box::new(move || {
        let request = BARE.get(url).header("authorization", bearer);
        RUNTIME.block_on(async {
            let answer = request.send().await.expect("an answer");
            drop(black_box(answer.bytes().await.expect("a body")));
        });
    })
}

fn call() -> Round {
    let url = format!("{}/orders", origin());
    LazyLock::force(&API);
    Box::new(move || drop(black_box(RUNTIME.block_on(API.get(url)).expect("an answer"))))
}

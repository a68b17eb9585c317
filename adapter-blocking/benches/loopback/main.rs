//! What a request costs over loopback beside the same by hand with ureq:
//!
//! ```sh
//! taskset -c 0 cargo bench -p valetkey-blocking --bench loopback
//! ```
//!
//! Client and server share one processor there. With two, the kernel wakes the server on either, which costs more than a whole
//! request, and a ratio says no more than which side was unlucky.
//!
//! "Its own agent" is what each side's library makes without being told anything: [`http_client`], which has timeouts, and
//! ureq's agent, which has none. "The same agent" is the first for both. Nothing here is ever asserted.

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock and prints what it found, and its own inputs are in order"
)]

mod by_hand;
#[path = "../../../core/benches/counted/mod.rs"]
mod counted;
mod server;
mod turns;
#[path = "../../../core/benches/speed/valgrind.rs"]
mod valgrind;

use std::hint::black_box;
use std::io::Read as _;
use std::sync::LazyLock;
use std::time::Duration;

use valetkey_blocking::ureq::{Agent, config::Config};
use valetkey_blocking::{ApiClient, Client, HttpClient, http, http_client, now, run};

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

const JOBS: [Job; 6] = [
    Job {
        name: "token request, each its own agent",
        floor: || token_by_hand(&BARE),
        core: tokens,
        bar: "1.05 CPU, 1.03 wall",
    },
    Job { name: "token request, the same agent", floor: || token_by_hand(&OURS), core: tokens, bar: "1.02" },
    Job {
        name: "API call, each its own agent",
        floor: || call_by_hand(&BARE),
        core: call,
        bar: "1.05 CPU, 1.03 wall",
    },
    Job { name: "API call, the same agent", floor: || call_by_hand(&OURS), core: call, bar: "1.05 instr" },
    Job {
        name: "API call, ureq's own agent for both",
        floor: || call_by_hand(&BARE),
        core: || call_over(&API_OVER_BARE),
        bar: "1.05 instr",
    },
    Job {
        name: "the call by hand: ureq's own timeout, ours",
        floor: || call_by_hand(&TIMED),
        core: || call_by_hand(&OURS),
        bar: "",
    },
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

static BARE: LazyLock<Agent> = LazyLock::new(Agent::new_with_defaults);
static OURS: LazyLock<HttpClient> = LazyLock::new(http_client);
/// With the time of a whole exchange by ureq's own means.
static TIMED: LazyLock<Agent> = LazyLock::new(|| {
    let times = Config::builder().timeout_connect(Some(Duration::from_secs(10)));
    times.timeout_global(Some(Duration::from_secs(60))).build().into()
});
static CLIENT: LazyLock<Client> = LazyLock::new(by_hand::client);
static API: LazyLock<ApiClient> =
    LazyLock::new(|| ApiClient::new(OURS.clone(), by_hand::session(&CLIENT, now())));
static API_OVER_BARE: LazyLock<ApiClient> =
    LazyLock::new(|| ApiClient::new(BARE.clone(), by_hand::session(&CLIENT, now())));

fn token_by_hand(agent: &'static Agent) -> Round {
    let request = http::Request::post(format!("{}/token", origin()))
        .header("authorization", BASIC)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body(FORM)
        .expect("a request");
    Box::new(move || by_hand::read(&sent(agent, request)))
}

fn tokens() -> Round {
    let request = by_hand::token_request(&CLIENT);
    Box::new(|| drop(black_box(run(&OURS, request).expect("tokens"))))
}

fn call_by_hand(agent: &'static Agent) -> Round {
    let url = format!("{}/orders", origin());
    let bearer = by_hand::bearer();
    Box::new(move || {
        let request = http::Request::get(url).header("authorization", bearer).body(()).expect("a request");
        drop(black_box(sent(agent, request)));
    })
}

fn call() -> Round {
    call_over(&API)
}

fn call_over(api: &'static LazyLock<ApiClient>) -> Round {
    let url = format!("{}/orders", origin());
    LazyLock::force(api);
    Box::new(move || drop(black_box(api.get(url).expect("an answer"))))
}

/// Sends a request and reads the whole answer.
fn sent(agent: &Agent, request: http::Request<impl valetkey_blocking::ureq::AsSendBody>) -> Vec<u8> {
    let mut body = Vec::new();
    let answer = agent.run(request).expect("an answer");
    answer.into_body().into_reader().read_to_end(&mut body).expect("a body");
    body
}

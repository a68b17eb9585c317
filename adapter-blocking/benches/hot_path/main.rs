//! What a credential that is good costs beside its floor, a clock read, an `ArcSwap` load and a comparison:
//!
//! ```sh
//! cargo bench -p valetkey-blocking --bench hot_path
//! ```
//!
//! First the instructions of one round, counted by valgrind, which repeat from run to run; without it the table says so.
//! Then the time, by threads of which each does as many rounds: the sides take turns, and the fastest turn of each
//! counts, because whatever else the machine does only adds. `cloned` is the floor with a clone of the counted pointer,
//! which any caller needs who keeps the credential. At last divan, for the allocations: none, but for what
//! `ArcSwap` keeps of each thread that ever looks. Nothing here is ever asserted.
//!
//! Where several clone one pointer at the same moment, each takes its count from the processor that had it last; so the
//! credential is counted apart for each of a few threads, and `cloned` is slower than what is measured against it.

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a benchmark reads the clock and prints what it found, and its own inputs are in order"
)]

mod measure;

use std::env;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use divan::{AllocProfiler, Bencher};
use measure::{AT_ONCE, Floor, ROUNDS, instructions, times};
use valetkey_blocking::session::SessionRecord;
use valetkey_blocking::{AuthorizationServer, Client, Session, Tokens, UnixTime, http, http_client, now};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// Tokens that were restored with a credential of an hour.
fn tokens() -> Tokens {
    let server = AuthorizationServer::new().token_endpoint("https://as.example/token").expect("an endpoint");
    let registered = Client::new(server, "s6BhdRkqt3").api("https://api.example").expect("an API");
    let now = now().as_secs() * 1000;
    let record = serde_json::json!({
        "version": 1, "client_id": "s6BhdRkqt3", "token_endpoint": "https://as.example/token",
        "access_token": "a".repeat(32), "issued_at": now, "expires_at": now + 3_600_000,
    });
    let record: SessionRecord = serde_json::from_value(record).expect("a record");
    let session = Session::from_record(&registered, record).expect("a session of this client");
    Tokens::new(http_client(), session)
}

const SIDES: [&str; 4] = ["floor", "cloned", "fresh", "credential"];

/// So many rounds of one side.
fn rounds(side: &str, floor: &Floor, tokens: &Tokens, rounds: usize) {
    for _ in 0..rounds {
        match side {
            "floor" => drop(black_box(floor.is_fresh())),
            "cloned" => drop(black_box(floor.cloned())),
            "fresh" => drop(black_box(tokens.fresh())),
            _ => drop(black_box(tokens.credential())),
        }
    }
}

/// How long one side takes for its rounds on so many threads: from the first one's beginning to the last one's end.
fn turn(side: &str, threads: usize) -> Duration {
    let (floor, tokens) = (Floor::new(), tokens());
    let barrier = Barrier::new(threads);
    let moments: Vec<_> = thread::scope(|scope| {
        let each = || {
            barrier.wait();
            let start = Instant::now();
            rounds(side, &floor, &tokens, ROUNDS);
            (start, Instant::now())
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(each)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread that ends")).collect()
    });
    let start = moments.iter().map(|(start, _)| *start).min().expect("a thread at least");
    let end = moments.iter().map(|(_, end)| *end).max().expect("a thread at least");
    end - start
}

fn main() {
    let mut arguments = env::args().skip_while(|argument| argument != "--rounds").skip(1);
    if let (Some(side), Some(number)) = (arguments.next(), arguments.next()) {
        rounds(&side, &Floor::new(), &tokens(), number.parse().unwrap_or(0));
        return;
    }
    instructions(&SIDES);
    times("threads", &SIDES, turn);
    divan::main();
}

#[divan::bench(threads = AT_ONCE)]
fn floor(bencher: Bencher<'_, '_>) {
    let floor = Floor::new();
    bencher.bench(|| floor.is_fresh());
}

#[divan::bench(threads = AT_ONCE)]
fn credential(bencher: Bencher<'_, '_>) {
    let tokens = tokens();
    bencher.bench(|| tokens.credential().expect("a credential that is good"));
}

/// The step of `ApiClient::send` that this is about; the call itself is the caller's request.
#[divan::bench(threads = AT_ONCE)]
fn authorize(bencher: Bencher<'_, '_>) {
    let tokens = tokens();
    let call = || {
        let request = http::Request::get("https://api.example/me").body(Vec::new()).expect("a request");
        tokens.call(&request).expect("a request to the API")
    };
    bencher.with_inputs(call).bench_refs(|call| tokens.authorize(call).expect("a credential that is good"));
}

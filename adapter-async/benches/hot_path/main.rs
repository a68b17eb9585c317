//! What a credential that is good costs beside its floor, a clock read, an `ArcSwap` load and a comparison:
//!
//! ```sh
//! cargo bench -p valetkey-async --bench hot_path
//! ```
//!
//! First the instructions of one round, counted by valgrind, which repeat from run to run; without it the table says so.
//! Then the time, by tasks of which each does as many rounds: the sides take turns, and the fastest turn of each
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
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use divan::{AllocProfiler, Bencher};
use measure::{AT_ONCE, Floor, ROUNDS, instructions, times};
use tokio::runtime::{Builder, Runtime};
use valetkey_async::session::SessionRecord;
use valetkey_async::{
    AuthorizationServer, Client, Session, TokenSource, Tokens, UnixTime, http, http_client, now,
};

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
    Tokens::new(http_client().expect("a client"), session)
}

const SIDES: [&str; 5] = ["floor", "cloned", "fresh", "credential", "source"];

/// So many rounds of one side; `source` is the trait object, which allocates its future.
async fn rounds(side: &str, floor: &Floor, tokens: &Tokens, rounds: usize) {
    let source: &dyn TokenSource = tokens;
    for _ in 0..rounds {
        match side {
            "floor" => drop(black_box(floor.is_fresh())),
            "cloned" => drop(black_box(floor.cloned())),
            "fresh" => drop(black_box(tokens.fresh())),
            "credential" => drop(black_box(tokens.credential().await)),
            _ => drop(black_box(source.credential().await)),
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// How long one side takes for its rounds in so many tasks.
fn turn(side: &'static str, tasks: usize) -> Duration {
    let (floor, tokens) = (Arc::new(Floor::new()), tokens());
    runtime().block_on(async {
        let start = Instant::now();
        let each = |_| {
            let (floor, tokens) = (Arc::clone(&floor), tokens.clone());
            tokio::spawn(async move { rounds(side, &floor, &tokens, ROUNDS).await })
        };
        for task in (0..tasks).map(each).collect::<Vec<_>>() {
            task.await.expect("a task that ends");
        }
        start.elapsed()
    })
}

fn main() {
    let mut arguments = env::args().skip_while(|argument| argument != "--rounds").skip(1);
    if let (Some(side), Some(number)) = (arguments.next(), arguments.next()) {
        let one = Builder::new_current_thread().build().expect("a runtime");
        one.block_on(rounds(&side, &Floor::new(), &tokens(), number.parse().unwrap_or(0)));
        return;
    }
    instructions(&SIDES);
    times("tasks", &SIDES, turn);
    divan::main();
}

/// A future that is ready at its first poll, polled.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the credential is good"),
    }
}

#[divan::bench(threads = AT_ONCE)]
fn floor(bencher: Bencher<'_, '_>) {
    let floor = Floor::new();
    bencher.bench(|| floor.is_fresh());
}

#[divan::bench(threads = AT_ONCE)]
fn credential(bencher: Bencher<'_, '_>) {
    let tokens = tokens();
    bencher.bench(|| ready(tokens.credential()).expect("a credential that is good"));
}

/// The step of `ApiClient::send` that this is about; the call itself is the caller's request.
#[divan::bench(threads = AT_ONCE)]
fn authorize(bencher: Bencher<'_, '_>) {
    let tokens = tokens();
    let call = || {
        let request = http::Request::get("https://api.example/me").body(Vec::new()).expect("a request");
        tokens.call(&request).expect("a request to the API")
    };
    bencher
        .with_inputs(call)
        .bench_refs(|call| ready(tokens.authorize(call)).expect("a credential that is good"));
}

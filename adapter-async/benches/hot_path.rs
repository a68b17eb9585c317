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

use std::env;
use std::error::Error;
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwapOption;
use divan::{AllocProfiler, Bencher};
use tokio::runtime::{Builder, Runtime};
use valetkey_async::{
    AuthorizationServer, Client, Session, SessionRecord, TokenSource, Tokens, UnixTime, client, http, now,
};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// How many tasks at a time, how many rounds each of them does, and how many turns each side takes.
const AT_ONCE: [usize; 4] = [1, 2, 8, 64];
const ROUNDS: usize = 20_000;
const TURNS: usize = 50;

/// The most that the hot path may cost, as a multiple of the floor.
const BAR: f64 = 1.5;

/// The same by hand.
struct Floor(ArcSwapOption<Held>);

struct Held {
    _token: String,
    fresh_until: UnixTime,
}

impl Floor {
    fn new() -> Self {
        let fresh_until = now().after(Duration::from_secs(3000));
        Self(ArcSwapOption::from_pointee(Held { _token: "a".repeat(32), fresh_until }))
    }

    fn is_fresh(&self) -> bool {
        let now = UnixTime::from(SystemTime::now());
        self.0.load().as_ref().is_some_and(|held| now < held.fresh_until)
    }

    fn cloned(&self) -> Option<Arc<Held>> {
        let now = UnixTime::from(SystemTime::now());
        self.0.load().as_ref().filter(|held| now < held.fresh_until).map(Arc::clone)
    }
}

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
    let session = Session::restore(&registered, record).expect("a session of this client");
    Tokens::new(client().expect("a client"), session)
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
    instructions();
    times();
    divan::main();
}

fn instructions() {
    println!("{:12}{:>14}{:>8}{:>8}", "", "instructions", "ratio", "bar");
    let mut floor = None;
    for side in SIDES {
        // The difference leaves only the rounds.
        let counted = count(side, 2000).and_then(|much| Ok((much.saturating_sub(count(side, 1000)?)) / 1000));
        match counted {
            Ok(count) => {
                let floor = *floor.get_or_insert(count);
                println!("{side:12}{count:>14}{:>8.2}{BAR:>8}", ratio(count, floor));
            }
            Err(error) => println!("{side:12} not counted: {error}"),
        }
    }
    println!();
}

fn count(side: &str, rounds: usize) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["--rounds", side, &rounds.to_string()])
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    let report = String::from_utf8(output.stderr)?;
    let (_, count) = report.split_once("Collected :").ok_or("valgrind's report is not understood")?;
    Ok(count.split_whitespace().next().unwrap_or_default().parse()?)
}

fn times() {
    println!("{:12}{:12}{:>14}{:>8}{:>8}", "tasks", "", "ns a round", "ratio", "bar");
    for at_once in AT_ONCE {
        let mut fastest = SIDES.map(|_| Duration::MAX);
        for _ in 0..TURNS {
            for (side, fastest) in SIDES.iter().zip(&mut fastest) {
                *fastest = turn(side, at_once).min(*fastest);
            }
        }
        let fastest = fastest.map(|time| time.as_nanos());
        let [floor, ..] = fastest;
        for (side, time) in SIDES.iter().zip(fastest) {
            let a_round = time / (ROUNDS * at_once) as u128;
            println!("{at_once:<12}{side:12}{a_round:>14}{:>8.2}{BAR:>8}", ratio(time, floor));
        }
    }
    println!();
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is shown with two digits")]
fn ratio(ours: impl TryInto<u64>, floor: impl TryInto<u64>) -> f64 {
    ours.try_into().unwrap_or(u64::MAX) as f64 / floor.try_into().unwrap_or(u64::MAX).max(1) as f64
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
        tokens.call(request).expect("a request to the API")
    };
    bencher
        .with_inputs(call)
        .bench_refs(|call| ready(tokens.authorize(call)).expect("a credential that is good"));
}

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

use std::env;
use std::error::Error;
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwapOption;
use divan::{AllocProfiler, Bencher};
use valetkey_blocking::{
    AuthorizationServer, Client, Session, SessionRecord, Tokens, UnixTime, agent, http, now,
};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// How many threads at a time, how many rounds each of them does, and how many turns each side takes.
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
    Tokens::new(agent(), session)
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
    println!("{:12}{:12}{:>14}{:>8}{:>8}", "threads", "", "ns a round", "ratio", "bar");
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
        tokens.call(request).expect("a request to the API")
    };
    bencher.with_inputs(call).bench_refs(|call| tokens.authorize(call).expect("a credential that is good"));
}

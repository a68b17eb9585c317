//! Runs the simulator over many seeds: `cargo run --release -p valetkey-tests --bin simulate -- --seeds 1000`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use clap::Parser;
use valetkey_tests::simulator::{Protection, Report, simulate};

/// Plays the renewal protocol through seeded schedules of faults and log-outs, and checks what must never happen.
#[derive(Parser)]
struct Arguments {
    /// How many schedules, by the seeds from --from on.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Switches one protection off: violations are then what is looked for.
    #[arg(long)]
    without: Option<Protection>,
    /// One JSON object in place of the text.
    #[arg(long)]
    json: bool,
}

#[derive(Default)]
struct Total {
    faults: BTreeMap<&'static str, u64>,
    requests: u64,
    answers: u64,
    ended: u64,
    violations: Vec<(u64, String)>,
}

impl Total {
    fn add(&mut self, seed: u64, report: Report) {
        for (kind, count) in report.faults {
            *self.faults.entry(kind).or_default() += count;
        }
        self.requests += report.requests;
        self.answers += report.answers;
        self.ended += u64::from(report.ended);
        self.violations.extend(report.violations.into_iter().map(|what| (seed, what)));
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    #[expect(
        clippy::disallowed_methods,
        reason = "a program says how long it took; the schedules have a time of their own"
    )]
    let begun = Instant::now();
    let total = run(&arguments);
    print(&arguments, &total, begun.elapsed().as_secs());
    if total.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(arguments: &Arguments) -> Total {
    let (next, total) = (AtomicU64::new(0), Mutex::new(Total::default()));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= arguments.seeds {
                        return;
                    }
                    let seed = arguments.from + number;
                    let report = simulate(seed, arguments.without);
                    total.lock().unwrap().add(seed, report);
                }
            });
        }
    });
    total.into_inner().unwrap()
}

#[expect(clippy::disallowed_macros, reason = "a program prints its result")]
fn print(arguments: &Arguments, total: &Total, seconds: u64) {
    let first = &total.violations[..total.violations.len().min(20)];
    if arguments.json {
        let violations: Vec<_> =
            first.iter().map(|(seed, what)| serde_json::json!({ "seed": seed, "violation": what })).collect();
        let object = serde_json::json!({
            "schedules": arguments.seeds, "seconds": seconds, "requests": total.requests, "answers": total.answers,
            "ended": total.ended, "faults": total.faults,
            "violation_count": total.violations.len(), "violations": violations,
        });
        return println!("{object}");
    }
    println!(
        "{} schedules in {seconds} s, {} token requests, {} calls answered",
        arguments.seeds, total.requests, total.answers
    );
    println!("grants that no client could have saved: {}", total.ended);
    println!("faults:");
    for (kind, count) in &total.faults {
        println!("  {count:>9}  {kind}");
    }
    println!("violations: {}", total.violations.len());
    for (seed, what) in first {
        println!("  seed {seed}: {what}  (again: --from {seed} --seeds 1)");
    }
}

//! What core costs beside the same jobs written by hand with the same crates: the first five rows of the design's
//! table "Speed".
//!
//! ```sh
//! cargo bench -p valetkey-core --bench speed                # the table, then times
//! cargo bench -p valetkey-core --bench speed -- --record    # the instructions into core/benches/instructions.txt
//! cargo bench -p valetkey-core --bench speed -- --compare   # beside those; fails where they are off
//! ```
//!
//! Instructions and allocations repeat from run to run, so the table is made of these, counted by valgrind; without it
//! the counts are absent and the table says so. Then divan measures time, and allocations once more. No time is ever
//! asserted.

#![expect(
    clippy::disallowed_macros,
    clippy::expect_used,
    reason = "a benchmark prints its results, and its own inputs are in order"
)]

mod core_side;
#[path = "../counted/mod.rs"]
mod counted;
mod floor_side;
mod inputs;
mod recorded;
mod valgrind;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use divan::{AllocProfiler, Bencher};
use recorded::Recorded;
use valgrind::Count;

/// The instructions that are checked in.
const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// One round of a job, with its inputs.
type Round = Box<dyn FnOnce()>;

/// A job, done by hand and by core. Each prepares a round; what is prepared is not counted.
struct Job {
    name: &'static str,
    floor: fn() -> Round,
    core: fn() -> Round,
    /// The most that core may cost in instructions, as a multiple of the floor.
    bar: f64,
}

const JOBS: [Job; 10] = [
    Job {
        name: "authorization URL, built anew",
        floor: floor_side::authorization_url,
        core: core_side::authorization_url,
        bar: 2.0,
    },
    Job {
        name: "authorization URL, prepared once",
        floor: floor_side::authorization_url,
        core: core_side::authorization_url_prepared,
        bar: 0.9,
    },
    Job {
        name: "redirect, against url::Url",
        floor: floor_side::redirect_by_url,
        core: core_side::redirect,
        bar: 0.55,
    },
    Job {
        name: "redirect, against the query alone",
        floor: floor_side::redirect,
        core: core_side::redirect,
        bar: 1.2,
    },
    Job {
        name: "code exchange's request, Basic",
        floor: floor_side::exchange_request,
        core: core_side::exchange_request,
        bar: 0.6,
    },
    Job {
        name: "redirect and exchange, url::Url",
        floor: floor_side::code_exchange_by_url,
        core: core_side::code_exchange,
        bar: 0.56,
    },
    Job {
        name: "redirect and exchange, query alone",
        floor: floor_side::code_exchange,
        core: core_side::code_exchange,
        bar: 0.9,
    },
    Job {
        name: "token response, 10 members, 1.7 KB",
        floor: floor_side::token_response,
        core: core_side::token_response,
        bar: 1.1,
    },
    Job {
        name: "the same, where both keep all members",
        floor: floor_side::token_response_with_all_members,
        core: core_side::token_response,
        bar: 1.0,
    },
    Job { name: "whole flow", floor: floor_side::whole_flow, core: core_side::whole_flow, bar: 1.15 },
];

fn main() -> ExitCode {
    if let Some(run) = valgrind::Run::asked_for() {
        run.play(&JOBS);
        return ExitCode::SUCCESS;
    }
    let is_asked = |option: &str| env::args().any(|argument| argument == option);
    let done = if is_asked("--record") {
        counted().and_then(|now| now.write(Path::new(RECORDED)))
    } else if is_asked("--compare") {
        Recorded::read(Path::new(RECORDED)).and_then(|recorded| recorded.compare(&counted()?))
    } else {
        table();
        divan::main();
        Ok(())
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The instructions of both sides of each job.
fn counted() -> Result<Recorded, Box<dyn std::error::Error>> {
    let mut rows = Vec::new();
    for (place, job) in JOBS.iter().enumerate() {
        for side in ["floor", "core"] {
            rows.push((format!("{}: {side}", job.name), Count::instructions_of(place, side)?));
        }
    }
    Recorded::here(rows)
}

fn table() {
    println!("{:36}{:>34}{:>28}", "", "instructions", "allocations");
    println!(
        "{:36}{:>9}{:>9}{:>8}{:>8}{:>12}{:>8}{:>8}",
        "job", "floor", "core", "ratio", "bar", "floor", "core", "ratio"
    );
    for (place, job) in JOBS.iter().enumerate() {
        let [floor, core] = [Count::of(place, "floor"), Count::of(place, "core")];
        match (floor, core) {
            (Ok(floor), Ok(core)) => println!(
                "{:36}{:>9}{:>9}{:>8.2}{:>8.2}{:>12}{:>8}{:>8.2}",
                job.name,
                floor.instructions,
                core.instructions,
                ratio(core.instructions, floor.instructions),
                job.bar,
                floor.allocations,
                core.allocations,
                ratio(core.allocations, floor.allocations),
            ),
            (Err(error), _) | (_, Err(error)) => println!("{:36} not counted: {error}", job.name),
        }
    }
    println!();
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is shown with two digits")]
fn ratio(core: u64, floor: u64) -> f64 {
    core as f64 / floor as f64
}

#[divan::bench(args = JOBS.iter().map(|job| job.name))]
fn floor(bencher: Bencher<'_, '_>, name: &str) {
    time(bencher, name, |job| job.floor);
}

#[divan::bench(args = JOBS.iter().map(|job| job.name))]
fn core(bencher: Bencher<'_, '_>, name: &str) {
    time(bencher, name, |job| job.core);
}

fn time(bencher: Bencher<'_, '_>, name: &str, side: impl Fn(&Job) -> fn() -> Round) {
    let job = JOBS.iter().find(|job| job.name == name).expect("a job of the table");
    bencher.with_inputs(side(job)).bench_values(|round| round());
}

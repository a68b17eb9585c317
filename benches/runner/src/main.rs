//! Plays all sides, and writes the table: `benches/run`.
//!
//! ```text
//! describe ──▶ count ──▶ time ──▶ load ──▶ RESULTS.md
//! ```
//!
//! Instructions and allocations are counted first, by valgrind, and repeat from run to run. Then the sides take turns, some
//! hundred microseconds each, through pipes, so that whatever else the machine does falls on all of them. Then each token source
//! gets its load, from a server on a loopback address that counts.

mod counted;
mod loaded;
mod machine;
mod report;
mod server;
mod side;
mod timed;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use bench_inputs::{Job, Scenario};

use crate::loaded::Borne;
use crate::report::Figures;
use crate::side::Side;

/// How many callers share a token source.
const CALLERS: [usize; 2] = [100, 1_000];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let only = arguments.iter().position(|argument| argument == "--job").and_then(|at| arguments.get(at + 1));
    let Some(folder) = arguments.iter().find(|argument| argument.contains('/')) else {
        eprintln!("where the programs are is not said: this is started by `benches/run`");
        return ExitCode::FAILURE;
    };
    match run(Path::new(folder), is_quick, only.map(String::as_str)) {
        Ok(report) => {
            println!("{report}");
            if is_quick || only.is_some() {
                eprintln!("RESULTS.md is left as it is: it has what a whole run finds");
                return ExitCode::SUCCESS;
            }
            match fs::write("RESULTS.md", report) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => failed(&error),
            }
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn run(folder: &Path, is_quick: bool, only: Option<&str>) -> Outcome<String> {
    let mut sides = Vec::new();
    for program in programs(folder)? {
        eprintln!("{}: checked", program.display());
        sides.extend(Side::of_program(&program)?);
    }
    let mut jobs = Vec::new();
    for job in Job::ALL.into_iter().filter(|job| only.is_none_or(|only| job.id() == only)) {
        let sides: Vec<&Side> = sides.iter().filter(|side| side.leaves_out(job).is_some()).collect();
        if sides.is_empty() {
            continue;
        }
        eprintln!("{}: counted", job.title());
        let counts = counted::count(&sides, job);
        eprintln!("{}: timed", job.title());
        let times = timed::time(&sides, job, if is_quick { 100 } else { 1_000 })?;
        jobs.push(Figures {
            job,
            sides: sides.iter().map(|side| side.name.clone()).collect(),
            counts,
            times,
        });
    }
    let mut borne = Vec::new();
    if only.is_none_or(|only| only == "load") {
        for scenario in Scenario::ALL {
            for callers in CALLERS.into_iter().take(if is_quick { 1 } else { CALLERS.len() }) {
                for side in sides.iter().filter(|side| side.bears_load) {
                    eprintln!("{}, {callers} callers: {}", scenario.id(), side.name);
                    borne.push(Borne::of(side, scenario, callers)?);
                }
            }
        }
    }
    Ok(report::write(&sides, &jobs, &borne))
}

/// The sides' programs in the order of the table: by hand, ours, the others by their names.
fn programs(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir("sides")? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort_by_key(|name| (name != "floor", name != "ours", name.clone()));
    Ok(names
        .into_iter()
        .map(|name| folder.join(format!("bench-{name}")))
        .filter(|program| {
            let is_there = program.exists();
            if !is_there {
                eprintln!("{} is not there, and will be absent", program.display());
            }
            is_there
        })
        .collect())
}

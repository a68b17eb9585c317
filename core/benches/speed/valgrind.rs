//! Counting by valgrind: the program runs itself under it, once with the rounds only prepared and once with them done;
//! the difference is what the rounds cost.

use std::env;
use std::error::Error;
use std::process::Command;

use crate::{Job, Round};

/// A number that valgrind counted.
type Counted = Result<u64, Box<dyn Error>>;

/// How many rounds are counted.
const ROUNDS: usize = 64;

/// What one round costs.
pub(crate) struct Count {
    pub(crate) instructions: u64,
    pub(crate) allocations: u64,
}

impl Count {
    /// Counts one side of a job.
    pub(crate) fn of(job: usize, side: &str) -> Result<Self, Box<dyn Error>> {
        let per_round = |count: &dyn Fn(&str) -> Counted| -> Counted {
            Ok(count("do")?.saturating_sub(count("prepare")?) / ROUNDS as u64)
        };
        Ok(Self {
            instructions: per_round(&|what| {
                // "Collected : 1234567"
                number(
                    &valgrind(&["--tool=callgrind", "--callgrind-out-file=/dev/null"], job, side, what)?,
                    "Collected :",
                )
            })?,
            allocations: per_round(&|what| {
                // "total heap usage: 1,234 allocs, 1,230 frees, …"; a reallocation counts as one of each.
                number(&valgrind(&["--tool=memcheck"], job, side, what)?, "total heap usage:")
            })?,
        })
    }
}

fn valgrind(options: &[&str], job: usize, side: &str, what: &str) -> Result<String, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(options)
        .arg(env::current_exe()?)
        .args([Run::FLAG, &job.to_string(), side, what])
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("valgrind ended with {}", output.status).into());
    }
    Ok(String::from_utf8(output.stderr)?)
}

/// The number after a label, its thousands separated or not.
fn number(report: &str, label: &str) -> Result<u64, Box<dyn Error>> {
    let (_, rest) = report.split_once(label).ok_or("valgrind's report is not understood")?;
    let digits: String = rest
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(|c| *c != ',')
        .collect();
    Ok(digits.parse()?)
}

/// The program's own part under valgrind.
pub(crate) struct Run {
    job: usize,
    is_core: bool,
    is_done: bool,
}

impl Run {
    const FLAG: &str = "--rounds-of-job";

    /// Whether this process is one to be counted.
    pub(crate) fn asked_for() -> Option<Self> {
        let mut arguments = env::args().skip_while(|argument| argument != Self::FLAG).skip(1);
        Some(Self {
            job: arguments.next()?.parse().ok()?,
            is_core: arguments.next()? == "core",
            is_done: arguments.next()? == "do",
        })
    }

    pub(crate) fn play(&self, jobs: &[Job]) {
        let Some(job) = jobs.get(self.job) else { return };
        let prepare = if self.is_core { job.core } else { job.floor };
        let rounds: Vec<Round> = (0..ROUNDS).map(|_| prepare()).collect();
        // The first of each kind fills caches that are filled once.
        prepare()();
        if self.is_done {
            rounds.into_iter().for_each(|round| round());
        }
    }
}

//! Counting by valgrind: the program runs itself under it, once with the rounds only prepared and once with them done;
//! the difference is what the rounds cost.

use std::env;
use std::error::Error;
use std::thread;

use crate::counted::{Counted, number, report};
use crate::{Job, Round};

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
        // "total heap usage: 1,234 allocs, 1,230 frees, …"; a reallocation counts as one of each.
        let allocations = per_round(&["--tool=memcheck"], "total heap usage:", job, side)?;
        Ok(Self { instructions: Self::instructions_of(job, side)?, allocations })
    }

    /// Its instructions alone.
    pub(crate) fn instructions_of(job: usize, side: &str) -> Counted {
        // "Collected : 1234567"
        per_round(&["--tool=callgrind", "--callgrind-out-file=/dev/null"], "Collected :", job, side)
    }
}

/// What one round adds to the number that valgrind reports after a label.
fn per_round(options: &[&str], label: &str, job: usize, side: &str) -> Counted {
    let count = |what: &str| number(&report(options, &[Run::FLAG, &job.to_string(), side, what])?, label);
    Ok(count("do")?.saturating_sub(count("prepare")?) / ROUNDS as u64)
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

    /// Plays the rounds in a thread of their own, whose stack and heap begin where a page does. The main thread's stack
    /// begins below the environment's variables, and `memcpy` counts differently by where its ends lie: 4 % of a row.
    pub(crate) fn play(&self, jobs: &[Job]) {
        // Joined, so that what the system does when a thread ends is counted in each run, or cancels out.
        thread::scope(|scope| scope.spawn(|| self.play_here(jobs)).join()).expect("the rounds are done");
    }

    fn play_here(&self, jobs: &[Job]) {
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

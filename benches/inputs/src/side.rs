//! How a side is played.

use std::env;
use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use crate::load::{Load, Recovery};
use crate::{Answers, Job, Probing, Scenario};

/// One round of a job, with its inputs.
pub type Round = Box<dyn FnOnce()>;

/// A job as one side does it.
pub struct Play {
    /// Which.
    pub job: Job,
    /// Makes a round; what is made is not measured.
    pub prepare: fn() -> Round,
    /// Does it once, and panics if what comes out is wrong.
    pub check: fn(),
    /// What it does not do that the protocol asks for, in a phrase for the table.
    pub leaves_out: &'static str,
}

/// A library, or one of its ways.
pub struct Side {
    /// What the table calls it.
    pub name: &'static str,
    /// The jobs that it can do.
    pub plays: &'static [Play],
    /// What it does with wrong input.
    pub probes: &'static [Probing],
    /// A token source that is shared, if it has one.
    pub load: Option<fn(&Load, Recovery) -> Answers>,
}

/// How many rounds are counted.
const COUNTED: usize = 32;

/// The program of one or more sides: see the crate's documentation.
pub fn play(sides: &[Side]) -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let found = |name: &str| sides.iter().find(|side| side.name == name);
    let done = match arguments.as_slice() {
        ["describe"] => {
            sides.iter().for_each(Side::describe);
            Some(())
        }
        ["count", side, job, what] => found(side).and_then(|side| side.count(job, *what == "do")),
        ["serve", side] => found(side).and_then(|side| side.serve().ok()),
        ["load", side, scenario, callers, url] => {
            found(side).and_then(|side| side.bear(scenario, callers, url))
        }
        _ => None,
    };
    if done.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Side {
    fn play_of(&self, job: &str) -> Option<&Play> {
        self.plays.iter().find(|play| play.job.id() == job)
    }

    fn describe(&self) {
        println!("side\t{}", self.name);
        for play in self.plays {
            (play.check)();
            (play.prepare)()();
            println!("job\t{}\t{}", play.job.id(), play.leaves_out);
        }
        for (probe, run) in self.probes {
            println!("probe\t{}\t{}", probe.id(), run().word());
        }
        if self.load.is_some() {
            println!("load");
        }
    }

    fn count(&self, job: &str, is_done: bool) -> Option<()> {
        let play = self.play_of(job)?;
        let rounds: Vec<Round> = (0..COUNTED).map(|_| (play.prepare)()).collect();
        // What is filled once is filled by the first.
        (play.prepare)()();
        if is_done {
            rounds.into_iter().for_each(|round| round());
        }
        Some(())
    }

    fn serve(&self) -> io::Result<()> {
        let mut answers = io::stdout().lock();
        for line in io::stdin().lock().lines() {
            let line = line?;
            let Some((job, rounds)) = line.split_once(' ') else { continue };
            let (Some(play), Ok(rounds)) = (self.play_of(job), rounds.parse::<usize>()) else { continue };
            // The one before has left other things in the caches.
            let (warm, rounds) = (rounds / 8 + 1, rounds);
            let warming: Vec<Round> = (0..warm).map(|_| (play.prepare)()).collect();
            let timed: Vec<Round> = (0..rounds).map(|_| (play.prepare)()).collect();
            warming.into_iter().for_each(|round| round());
            let start = Instant::now();
            timed.into_iter().for_each(|round| round());
            writeln!(answers, "{}", start.elapsed().as_nanos())?;
            answers.flush()?;
        }
        Ok(())
    }

    fn bear(&self, scenario: &str, callers: &str, url: &str) -> Option<()> {
        let load =
            Load { scenario: Scenario::of(scenario)?, callers: callers.parse().ok()?, url: url.to_owned() };
        let answers = self.load?(&load, Recovery::new());
        println!(
            "answers\t{}\t{}\t{}\t{}",
            answers.good,
            answers.failed,
            answers.last.as_millis(),
            answers.recovered.map_or_else(|| String::from("-"), |time| time.as_millis().to_string()),
        );
        Some(())
    }
}

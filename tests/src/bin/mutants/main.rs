//! Runs the suite against mutants, each a small change of the library's code that some test must notice:
//! `.ci/mutants`, which asks `cargo mutants` for the list.
//!
//! A build for each of some thousand mutants would take weeks, so all of them are compiled into one copy of the workspace,
//! and a variable of the environment says which one is on (see `splice`). That it is the same set is seen to thrice: the list
//! is cargo-mutants' own; each change, as it was made here, is compared with the one in cargo-mutants' diff; and the outcomes
//! are counted against the list. Each mutant is then run against the tests that reach it (see `reach`), until one fails.

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a program prints what it found, and this one reads and writes files"
)]

mod build;
mod constants;
mod judge;
mod list;
mod reach;
mod report;
mod splice;
mod suite;
mod tree;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::judge::Results;
use crate::list::Listed;
use crate::reach::Reach;
use crate::suite::Suite;

type Failed = Box<dyn std::error::Error>;

/// The feature of the tests with which core keeps the digits of a number: some of its code is compiled with it alone.
const EXACT_NUMBERS: &str = "exact-numbers";

/// Runs the suite against mutants of the library.
#[derive(Parser)]
struct Arguments {
    /// What `cargo mutants --list --json --diff` wrote.
    list: PathBuf,
    /// Draws those of the rooms that do not decide.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many of those are drawn.
    #[arg(long, default_value_t = 300)]
    sample: usize,
    /// Only every n-th mutant from the k-th on, such as 2/7.
    #[arg(long)]
    shard: Option<list::Shard>,
    /// Only mutants whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// Those that were missed are run again, but for those with a reason in tests/mutants-same.txt.
    #[arg(long)]
    missed: bool,
    /// Forgets the outcomes of former runs.
    #[arg(long)]
    fresh: bool,
    /// Prints the names, and runs nothing.
    #[arg(long = "list")]
    names: bool,
    /// Prints what stands, as the tables of tests/MUTANTS.md, and runs nothing.
    #[arg(long)]
    report: bool,
    /// Only tests that take no longer, for a first look: what is missed then is only not caught yet.
    #[arg(long, default_value_t = f64::INFINITY)]
    seconds: f64,
    /// How many mutants are run at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Whether none was missed that changes something.
fn run(arguments: &Arguments) -> Result<bool, Failed> {
    let all = list::read(&arguments.list)?;
    let listed = list::chosen(all, arguments.seed, arguments.sample);
    if arguments.names {
        for mutant in &listed {
            println!("{}", mutant.key);
        }
        return Ok(true);
    }
    let same = list::same()?;
    let mut results = Results::read(&tree::work().join("results"))?;
    if !arguments.report {
        if arguments.fresh {
            results.forget()?;
        }
        judge_all(arguments, &listed, "", &mut results, |mutant, known| match known {
            None => true,
            Some(outcome) => arguments.missed && outcome == "missed" && !same.contains_key(&mutant.key),
        })?;
        // Some code is compiled with the feature alone.
        judge_all(arguments, &listed, EXACT_NUMBERS, &mut results, |mutant, known| {
            known == Some("missed") && !same.contains_key(&mutant.key)
        })?;
    }
    Ok(report::print(&listed, &results, &same, &list::by_hand()?, arguments.seed))
}

/// Runs those that are wanted, in a build with this feature or none.
fn judge_all(
    arguments: &Arguments,
    listed: &[Listed],
    feature: &str,
    results: &mut Results,
    wanted: impl Fn(&Listed, Option<&str>) -> bool,
) -> Result<(), Failed> {
    let chosen = |at: usize, mutant: &Listed| {
        arguments.only.as_ref().is_none_or(|part| mutant.key.contains(part))
            && arguments.shard.is_none_or(|shard| shard.has(at))
    };
    let is_wanted = |mutant: &Listed, results: &Results| {
        wanted(mutant, results.of(&mutant.key).map(|result| result.outcome.as_str()))
    };
    if !listed.iter().enumerate().any(|(at, mutant)| chosen(at, mutant) && is_wanted(mutant, results)) {
        return Ok(());
    }
    let built = build::build(listed, feature)?;
    let suite = Suite::find(&built.binaries)?;
    let reach = Reach::record(suite, listed.len(), feature, arguments.jobs, arguments.seconds)?;
    for (key, why) in &built.unfit {
        results.note(key, why.word(), "")?;
    }
    let wanted: BTreeMap<usize, &Listed> = listed
        .iter()
        .enumerate()
        .filter(|(_, mutant)| !built.unfit.contains_key(&mutant.key))
        .filter(|(at, mutant)| chosen(*at, mutant) && is_wanted(mutant, results))
        .collect();
    println!("{} mutants to run", wanted.len());
    judge::judge(&wanted, &reach, results, arguments.jobs)
}

//! Which tests reach which mutants: each test is run once by itself, and writes down the switches that it passes.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use crate::Failed;
use crate::suite::{Outcome, Suite};
use crate::tree;

pub(crate) struct Reach {
    pub(crate) suite: Suite,
    /// How long each test takes, or nothing if it does not pass by itself in this copy.
    pub(crate) seconds: Vec<Option<f64>>,
    /// The tests of each mutant, by its number.
    pub(crate) tests: Vec<Vec<usize>>,
}

/// What one test did.
#[derive(Clone)]
struct Run {
    seconds: Option<f64>,
    reached: Vec<usize>,
}

impl Reach {
    pub(crate) fn record(
        suite: Suite,
        mutants: usize,
        feature: &str,
        jobs: usize,
        limit: f64,
    ) -> Result<Self, Failed> {
        // A build for each feature, whose tests have their own.
        let path = tree::work().join(format!("reach{feature}"));
        let known = known(&path)?;
        let stamps: Vec<String> = suite.tests.iter().map(|test| stamp(&suite, test)).collect();
        let runs: Vec<Mutex<Option<Run>>> =
            stamps.iter().map(|stamp| Mutex::new(known.get(stamp).cloned())).collect();
        let todo: Vec<usize> = (0..runs.len()).filter(|at| lock(&runs[*at]).is_none()).collect();
        println!("{} tests, {} of them to be run for what they reach", runs.len(), todo.len());
        let next = AtomicUsize::new(0);
        // Noted at once: what is broken off goes on there.
        let notes = OpenOptions::new().append(true).create(true).open(&path)?;
        thread::scope(|scope| {
            for worker in 0..jobs {
                let (next, todo, runs, suite, stamps) = (&next, &todo, &runs, &suite, &stamps);
                let mut notes = &notes;
                scope.spawn(move || {
                    while let Some(test) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let run = one(suite, *test, worker);
                        let _ = notes.write_all(line(&stamps[*test], &run).as_bytes());
                        *lock(&runs[*test]) = Some(run);
                    }
                });
            }
        });
        let runs: Vec<Run> = runs.iter().filter_map(|run| lock(run).clone()).collect();
        write(&path, &stamps, &runs)?;
        let mut tests = vec![Vec::new(); mutants + 1];
        for (test, run) in runs.iter().enumerate() {
            for mutant in run.reached.iter().filter(|_| run.seconds.is_some_and(|seconds| seconds <= limit)) {
                if let Some(tests) = tests.get_mut(*mutant) {
                    tests.push(test);
                }
            }
        }
        for (test, _) in runs.iter().enumerate().filter(|(_, run)| run.seconds.is_none()) {
            println!("aside, it does not pass in the copy: {}", suite.name(test));
        }
        let seconds = runs.into_iter().map(|run| run.seconds).collect();
        Ok(Self { suite, seconds, tests })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// One test, with a record of what it reaches; once more without, if it fails for the record: such as one that counts
/// allocations, or has few files.
fn one(suite: &Suite, test: usize, worker: usize) -> Run {
    let record = tree::work().canonicalize().unwrap_or_default().join(format!("reached-{worker}"));
    let _ = fs::remove_file(&record);
    let passes = |environment: &[(&str, &Path)]| {
        let begun = Instant::now();
        let outcome = suite.run(&[test], 30.0, environment, 0);
        matches!(outcome, Outcome::Passed).then(|| begun.elapsed().as_secs_f64())
    };
    let recorded = passes(&[("MUTANTS_REACHED", &record)]);
    let text = fs::read_to_string(&record).unwrap_or_default();
    let reached: BTreeSet<usize> = text.lines().filter_map(|line| line.parse().ok()).collect();
    let seconds = recorded.or_else(|| passes(&[]));
    Run { seconds, reached: reached.into_iter().collect() }
}

/// A test in the program as it is now.
fn stamp(suite: &Suite, test: &crate::suite::Test) -> String {
    let program = suite.program(test);
    let built = fs::metadata(&program.path).and_then(|metadata| metadata.modified()).ok();
    let built = built.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
    format!("{}::{} {}", program.name, test.name, built.as_millis())
}

fn known(path: &Path) -> Result<HashMap<String, Run>, Failed> {
    let mut known = HashMap::new();
    let Ok(text) = fs::read_to_string(path) else { return Ok(known) };
    for line in text.lines() {
        let mut parts = line.split('\t');
        let (Some(stamp), Some(seconds), Some(reached)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let reached = reached.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        known.insert(stamp.to_owned(), Run { seconds: seconds.parse().ok(), reached });
    }
    Ok(known)
}

fn write(path: &Path, stamps: &[String], runs: &[Run]) -> Result<(), Failed> {
    let lines = stamps.iter().zip(runs).map(|(stamp, run)| line(stamp, run));
    Ok(fs::write(path, lines.collect::<String>())?)
}

fn line(stamp: &str, run: &Run) -> String {
    let seconds = run.seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.3}"));
    let reached: Vec<String> = run.reached.iter().map(ToString::to_string).collect();
    format!("{stamp}\t{seconds}\t{}\n", reached.join(" "))
}

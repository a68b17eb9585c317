//! Runs each mutant against the tests that reach it, until one fails.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::Failed;
use crate::list::Listed;
use crate::reach::Reach;
use crate::suite::Outcome;

/// How many tests are run in one process, first and at most.
const FEW: usize = 6;
const MANY: usize = 96;

#[derive(Clone, Debug)]
pub(crate) struct Result_ {
    /// `caught`, `late`, `missed`, `unviable`, `constant` or `opaque`.
    pub(crate) outcome: String,
    /// The test that failed.
    pub(crate) by: String,
}

/// The outcomes of all runs, appended to a file: a run that is broken off goes on where it was.
pub(crate) struct Results {
    path: PathBuf,
    known: BTreeMap<String, Result_>,
    file: File,
}

impl Results {
    pub(crate) fn read(path: &Path) -> Result<Self, Failed> {
        let mut known = BTreeMap::new();
        for line in fs::read_to_string(path).unwrap_or_default().lines() {
            let mut parts = line.split('\t').map(str::to_owned);
            if let (Some(key), Some(outcome), Some(by)) = (parts.next(), parts.next(), parts.next()) {
                known.insert(key, Result_ { outcome, by });
            }
        }
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self { path: path.to_owned(), known, file })
    }

    pub(crate) fn forget(&mut self) -> Result<(), Failed> {
        self.known.clear();
        self.file = File::create(&self.path)?;
        Ok(())
    }

    pub(crate) fn of(&self, key: &str) -> Option<&Result_> {
        self.known.get(key)
    }

    pub(crate) fn note(&mut self, key: &str, outcome: &str, by: &str) -> Result<(), Failed> {
        let result = Result_ { outcome: outcome.to_owned(), by: by.to_owned() };
        if self.known.get(key).is_some_and(|known| known.outcome == outcome && known.by == by) {
            return Ok(());
        }
        writeln!(self.file, "{key}\t{outcome}\t{by}")?;
        self.known.insert(key.to_owned(), result);
        Ok(())
    }
}

/// What caught the last mutants of each file: it is tried first.
type Killers = Mutex<HashMap<String, Vec<usize>>>;

pub(crate) fn judge(
    wanted: &BTreeMap<usize, &Listed>,
    reach: &Reach,
    results: &mut Results,
    jobs: usize,
) -> Result<(), Failed> {
    // Room by room, the cheap ones first.
    let cost = |at: &usize| {
        (wanted.get(at).map(|mutant| mutant.rank()), reach.tests.get(at + 1).map_or(0, Vec::len))
    };
    let mut order: Vec<usize> = wanted.keys().copied().collect();
    order.sort_by_key(cost);
    let next = AtomicUsize::new(0);
    let killers = Killers::default();
    let results = Mutex::new(results);
    let failed = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(mutant) = wanted.get(at) else { continue };
                    let (outcome, by) = one(at + 1, mutant, reach, &killers);
                    let noted = lock(&results).note(&mutant.key, outcome, &by);
                    if let Err(error) = noted {
                        *lock(&failed) = Some(error.to_string());
                        return;
                    }
                }
            });
        }
    });
    match lock(&failed).take() {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn one(number: usize, mutant: &Listed, reach: &Reach, killers: &Killers) -> (&'static str, String) {
    let reaching = reach.tests.get(number).map(Vec::as_slice).unwrap_or_default();
    for batch in batches(reaching, mutant, reach, killers) {
        let seconds = batch.iter().filter_map(|test| reach.seconds.get(*test).copied().flatten()).sum();
        match reach.suite.run(&batch, seconds, &[], number) {
            Outcome::Passed => {}
            Outcome::Late => return ("late", named(&batch, reach)),
            Outcome::Failed(name) => {
                let Some(killer) = killer(&batch, name.as_deref(), reach) else {
                    return ("caught", named(&batch, reach));
                };
                // Once more by itself, so that a test that happened to fail catches nothing.
                let seconds = reach.seconds.get(killer).copied().flatten().unwrap_or_default();
                if matches!(reach.suite.run(&[killer], seconds, &[], number), Outcome::Passed) {
                    // The rest of its batch has not been run yet.
                    let rest: Vec<usize> = batch.iter().copied().filter(|test| *test != killer).collect();
                    if let Some(test) = each(&rest, number, reach) {
                        return ("caught", reach.suite.name(test));
                    }
                    continue;
                }
                let mut killers = lock(killers);
                let last = killers.entry(mutant.file.clone()).or_default();
                last.retain(|test| *test != killer);
                last.insert(0, killer);
                last.truncate(60);
                return ("caught", reach.suite.name(killer));
            }
        }
    }
    ("missed", String::new())
}

/// The first of these that fails twice.
fn each(tests: &[usize], number: usize, reach: &Reach) -> Option<usize> {
    tests.iter().copied().find(|test| {
        let seconds = reach.seconds.get(*test).copied().flatten().unwrap_or_default();
        let fails = || !matches!(reach.suite.run(&[*test], seconds, &[], number), Outcome::Passed);
        fails() && fails()
    })
}

fn killer(batch: &[usize], name: Option<&str>, reach: &Reach) -> Option<usize> {
    batch
        .iter()
        .copied()
        .find(|test| reach.suite.tests.get(*test).is_some_and(|test| Some(test.name.as_str()) == name))
}

fn named(batch: &[usize], reach: &Reach) -> String {
    let names: BTreeSet<String> = batch.iter().take(1).map(|test| reach.suite.name(*test)).collect();
    let first = names.into_iter().next().unwrap_or_default();
    if batch.len() > 1 { format!("{first} or one of {} after it", batch.len() - 1) } else { first }
}

/// The tests in the order in which they are run, those of one process together: what caught others of this file, then the
/// tests of the mutant's room, then all others, the quick ones first.
fn batches(reaching: &[usize], mutant: &Listed, reach: &Reach, killers: &Killers) -> Vec<Vec<usize>> {
    let seconds = |test: &usize| reach.seconds.get(*test).copied().flatten().unwrap_or(f64::MAX);
    let known = lock(killers).get(&mutant.file).cloned().unwrap_or_default();
    let room = mutant.room();
    let binary = |test: &usize| reach.suite.tests.get(*test).map_or(0, |test| test.binary);
    let of_room = |test: &usize| {
        reach.suite.tests.get(*test).is_some_and(|test| reach.suite.program(test).name == room)
    };
    let first: Vec<usize> = known.into_iter().filter(|test| reaching.contains(test)).take(8).collect();
    let mut rest: Vec<usize> = reaching.iter().copied().filter(|test| !first.contains(test)).collect();
    rest.sort_by(|one, other| {
        (!of_room(one)).cmp(&!of_room(other)).then(seconds(one).total_cmp(&seconds(other)))
    });
    let mut batches = by_program(&first, binary);
    let mut size = FEW;
    let mut left = rest.as_slice();
    while !left.is_empty() {
        let (now, later) = left.split_at(size.min(left.len()));
        batches.extend(by_program(now, binary));
        left = later;
        size = (size * 4).min(MANY);
    }
    batches
}

fn by_program(tests: &[usize], binary: impl Fn(&usize) -> usize) -> Vec<Vec<usize>> {
    let mut batches: Vec<(usize, Vec<usize>)> = Vec::new();
    for test in tests {
        let of = binary(test);
        match batches.iter_mut().find(|(program, _)| *program == of) {
            Some((_, batch)) => batch.push(*test),
            None => batches.push((of, vec![*test])),
        }
    }
    batches.into_iter().map(|(_, batch)| batch).collect()
}

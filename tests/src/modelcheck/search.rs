//! The search itself: breadth first, each state once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use fastrand::Rng;

use super::action::Action;
use super::beginning::Beginning;
use super::key::Key;
use super::merges::{EVERY, differ};
use super::store::Kind;
use super::world::World;
use super::{Bounds, Outcome, Violation};
use crate::simulator::Protection;

/// A state that was reached: from which, and by what.
#[derive(Clone, Copy)]
struct Reached {
    from: u32,
    by: Action,
}

/// What came of an action.
struct Next {
    action: Action,
    key: Key,
    faults: u8,
    violation: Option<String>,
}

/// A history that was taken for another, which came to this state.
struct Merged {
    from: u32,
    by: Action,
    with: u32,
}

/// Searches everything within the bounds, or until something happened that must not.
///
/// # Panics
///
/// If two histories that were taken for one go on differently: then the search says nothing.
#[must_use]
pub fn check(kind: Kind, bounds: Bounds, without: Option<Protection>) -> Outcome {
    let beginning = Beginning::new(kind, bounds, without);
    let mut search = Search {
        reached: Vec::new(),
        seen: HashMap::from([(World::new(&beginning).key(), (0, 0))]),
        merged: Vec::new(),
        histories: 0,
        outcome: Outcome { states: 1, ..Outcome::default() },
        beginning,
    };
    for action in Action::KINDS {
        search.outcome.actions.insert(action.kind(), 0);
    }
    // A number is a state's; 0 is the beginning.
    let mut frontier = vec![0_u32];
    while !frontier.is_empty() {
        let Some(next) = search.go_deeper(&frontier) else { return search.outcome };
        if search.outcome.states > bounds.states {
            return search.outcome;
        }
        search.outcome.depth += usize::from(!next.is_empty());
        frontier = next;
    }
    search.outcome.complete = true;

    search.outcome
}

/// A run in words: what happens, one after the other, and what must never happen and then did.
#[must_use]
pub fn play(
    kind: Kind,
    bounds: Bounds,
    without: Option<Protection>,
    way: &[Action],
) -> (Vec<String>, Option<String>) {
    let beginning = Beginning::new(kind, bounds, without);
    let mut world = World::new(&beginning);
    let mut words = Vec::new();
    for action in way {
        words.push(world.words(*action));
        world.take(*action);
    }
    world.look();
    (words, world.violation().map(str::to_owned))
}

struct Search {
    beginning: Beginning,
    reached: Vec<Reached>,
    /// Each state's number, and with how few faults it was reached.
    seen: HashMap<Key, (u32, u8)>,
    /// Those of the last round that are to be gone on with.
    merged: Vec<Merged>,
    histories: u64,
    outcome: Outcome,
}

impl Search {
    /// The states that are one action further; `None` if something happened that must not.
    fn go_deeper(&mut self, frontier: &[u32]) -> Option<Vec<u32>> {
        let mut next = Vec::new();
        let all = on_all_processors(frontier, |state| take_all(&self.beginning, &self.reached, *state));
        for (from, taken) in frontier.iter().zip(all) {
            for came in taken {
                *self.outcome.actions.entry(came.action.kind()).or_default() += 1;
                next.extend(self.meet(*from, came));
                if self.outcome.violation.is_some() {
                    return None;
                }
            }
        }
        self.outcome.states += next.len();
        self.go_on_with_merged();
        Some(next)
    }

    /// The number of this state, if it is a new one.
    fn meet(&mut self, from: u32, came: Next) -> Option<u32> {
        let Next { action: by, key, faults, violation } = came;
        if let Some(what) = violation {
            let mut way = way(&self.reached, from);
            way.push(by);
            self.outcome.violation = Some(Violation { what, way });
            return None;
        }
        if let Some((with, fewest)) = self.seen.get(&key)
            && *fewest <= faults
        {
            self.histories += 1;
            if *fewest == faults && self.histories.is_multiple_of(EVERY) {
                self.merged.push(Merged { from, by, with: *with });
            }
            return None;
        }
        self.reached.push(Reached { from, by });
        let number = u32::try_from(self.reached.len()).expect("the states have numbers");
        self.seen.insert(key, (number, faults));
        Some(number)
    }

    fn go_on_with_merged(&mut self) {
        let merged = std::mem::take(&mut self.merged);
        self.outcome.merges += merged.len() as u64;
        let found = on_all_processors(&merged, |Merged { from, by, with }| {
            let mut here = way(&self.reached, *from);
            here.push(*by);
            let mut rng = Rng::with_seed(u64::from(*with));
            differ(&self.beginning, [here, way(&self.reached, *with)], &mut rng)
        });
        if let Some(difference) = found.into_iter().flatten().next() {
            panic!("{difference}");
        }
    }
}

fn take_all(beginning: &Beginning, reached: &[Reached], from: u32) -> Vec<Next> {
    let way = way(reached, from);
    let mut first = Some(World::after(beginning, &way));
    let actions = first.as_ref().map(World::actions).unwrap_or_default();
    let next = actions.into_iter().map(|action| {
        let mut world = first.take().unwrap_or_else(|| World::after(beginning, &way));
        world.take(action);
        world.look();
        let violation = world.violation().map(str::to_owned);
        Next { action, key: world.key(), faults: world.faults, violation }
    });
    next.collect()
}

/// How a state is reached from the beginning.
fn way(reached: &[Reached], mut state: u32) -> Vec<Action> {
    let mut way = Vec::new();
    while state > 0 {
        let Reached { from, by } = reached[state as usize - 1];
        way.push(by);
        state = from;
    }
    way.reverse();
    way
}

/// What is made of each, in their order, so that a search is the same each time.
fn on_all_processors<T: Sync, R: Send>(all: &[T], make: impl Fn(&T) -> R + Sync) -> Vec<R> {
    const AT_ONCE: usize = 64;
    let (chunk, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let number = chunk.fetch_add(1, Ordering::Relaxed);
                    let Some(chunk) = all.chunks(AT_ONCE).nth(number) else { return };
                    let made: Vec<_> = chunk.iter().map(&make).collect();
                    done.lock().unwrap().insert(number, made);
                }
            });
        }
    });
    done.into_inner().unwrap().into_values().flatten().collect()
}

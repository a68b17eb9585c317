//! Who writes into a store all the time, and knows what was acknowledged: [`Ledger`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use valetkey_core::store::{Entry, Index, Replaced, Store, StoreError, StoreKey, StoredBytes};

/// What was acknowledged, and how it went.
#[derive(Default)]
pub(crate) struct Ledger {
    is_over: AtomicBool,
    told: Mutex<Told>,
}

/// What came of the operations.
#[derive(Default)]
struct Told {
    writes: usize,
    /// The longest time between two writes that were acknowledged, of any writer.
    outage: Duration,
    errors: BTreeMap<String, usize>,
    /// How often all together were told that one more was counted, and how often that this is not known.
    counted: [u64; 2],
    /// Every mark that was acknowledged.
    marks: BTreeSet<String>,
}

impl Ledger {
    /// Counts in a record of its own until it is told to stop, and makes a mark now and then. What it reads is never less than what was
    /// acknowledged: that would be a write that is lost.
    pub(crate) fn write(&self, store: &dyn Store, writer: usize) {
        let key = StoreKey::of_mark(&["a ledger", &writer.to_string()]);
        let (mut acknowledged, mut written) = (0_u64, Instant::now());
        let (mut errors, mut conflicts) = (0, 0);
        for round in 0.. {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            match self.count_on(store, &key, acknowledged) {
                Ok(Some(number)) => {
                    acknowledged = number;
                    let mut told = self.told.lock().unwrap();
                    told.writes += 1;
                    told.outage = told.outage.max(written.elapsed());
                    written = Instant::now();
                }
                // Its own answer was lost before, and what it had asked for came after it had looked.
                Ok(None) => conflicts += 1,
                Err(error) => {
                    errors += 1;
                    self.failed(&error);
                }
            }
            assert!(conflicts <= errors, "{conflicts} conflicts with nobody, after {errors} errors");
            self.count_together(store);
            if round % 8 == 0 {
                let name = format!("{writer} {round}");
                match store.insert_if_absent(&mark(&name), &marked()) {
                    Ok(is_new) => assert!(is_new && self.told.lock().unwrap().marks.insert(name)),
                    Err(error) => self.failed(&error),
                }
            }
        }
    }

    /// One more than is there, which is what is acknowledged at least.
    fn count_on(
        &self,
        store: &dyn Store,
        key: &StoreKey,
        acknowledged: u64,
    ) -> Result<Option<u64>, StoreError> {
        let stored = store.load(key)?;
        let there = stored.as_ref().map_or(0, |stored| number(&stored.bytes));
        assert!(there >= acknowledged, "{acknowledged} was acknowledged, and {there} is there");
        let next = there + 1;
        let entry = Entry::new(StoredBytes::new(next.to_string().into_bytes()));
        match store.replace(key, stored.as_ref().map(|stored| &stored.version), Some(&entry))? {
            Replaced::Written(_) => Ok(Some(next)),
            // Nobody else writes here.
            _ => Ok(None),
        }
    }

    /// One more in a record that all writers share: each change is made once, or told to be a conflict, in which it was not made.
    fn count_together(&self, store: &dyn Store) {
        let stored = match store.load(&together()) {
            Ok(stored) => stored,
            Err(error) => return self.failed(&error),
        };
        let next = stored.as_ref().map_or(0, |stored| number(&stored.bytes)) + 1;
        let entry = Entry::new(StoredBytes::new(next.to_string().into_bytes()));
        match store.replace(&together(), stored.as_ref().map(|stored| &stored.version), Some(&entry)) {
            Ok(Replaced::Written(_)) => self.told.lock().unwrap().counted[0] += 1,
            Ok(_) => {}
            Err(error) => {
                self.told.lock().unwrap().counted[1] += 1;
                self.failed(&error);
            }
        }
    }

    fn failed(&self, error: &StoreError) {
        *self.told.lock().unwrap().errors.entry(error.to_string()).or_default() += 1;
    }

    /// Everything that was acknowledged is there, and is found. Returns what happened.
    pub(crate) fn settle(&self, store: &dyn Store) -> String {
        let told = self.told.lock().unwrap();
        let mut found = BTreeSet::new();
        let mut after = None;
        loop {
            let page = store.find(&index(), after.as_ref()).unwrap();
            after = page.rest_after(after.as_ref()).unwrap();
            found.extend(page.keys.iter().map(|key| key.as_str().to_owned()));
            if after.is_none() {
                break;
            }
        }
        for name in &told.marks {
            assert!(
                store.load(&mark(name)).unwrap().is_some(),
                "the mark {name} was acknowledged, and is lost"
            );
            assert!(found.contains(mark(name).as_str()), "the mark {name} is not found by its index");
        }
        assert!(told.writes > 0 && !told.marks.is_empty());
        let [counted, unknown] = told.counted;
        let together = number(&store.load(&together()).unwrap().unwrap().bytes);
        assert!(
            counted > 0 && (counted..=counted + unknown).contains(&together),
            "{counted} were counted together, {unknown} may have been, and {together} are there"
        );
        format!(
            "{} writes and {} marks acknowledged, none lost; {together} counted together, where {counted} were told, \
             and {unknown} were not; longest outage {:.1?}; errors {:?}",
            told.writes,
            told.marks.len(),
            told.outage,
            told.errors
        )
    }
}

/// Lets its writers stop when it is dropped, by a panic too.
pub(crate) struct Stop<'a>(pub(crate) &'a Ledger);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::SeqCst);
    }
}

fn together() -> StoreKey {
    StoreKey::of_mark(&["a ledger of all"])
}

fn number(bytes: &StoredBytes) -> u64 {
    std::str::from_utf8(bytes.expose()).unwrap().parse().unwrap()
}

fn mark(name: &str) -> StoreKey {
    StoreKey::of_mark(&["a mark of the ledger", name])
}

fn index() -> Index {
    Index::of_name("the ledger's marks")
}

fn marked() -> Entry {
    Entry::new(StoredBytes::new(b"mark".to_vec())).indexed([index()])
}

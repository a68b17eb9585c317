//! Stores that do one thing otherwise: what the suite refuses, by the sentence that it does not keep, and what it lets through.

mod admitted;
mod indexes;
mod leases;
mod once;
mod pages;
mod place;
mod races;
mod records;
mod tasks;

use std::fs;
use std::path::Path;
use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{
    Entry, Found, Index, Lease, Replaced, Store, StoreError, StoreKey, StoreVersion, Stored, StoredBytes,
};
use valetkey_stores::suite;
use valetkey_tests::sources::files_in;

use self::place::Place;

type Answer<T> = Result<T, StoreError>;
type Hook<F> = Option<Box<F>>;
type Load = dyn Fn(&Place, &StoreKey) -> Option<Stored> + Send + Sync;
type Replace =
    dyn Fn(&Place, &StoreKey, Option<&StoreVersion>, Option<&Entry>) -> Answer<Replaced> + Send + Sync;
type Find = dyn Fn(&Place, &Index, Option<&StoreKey>) -> Found + Send + Sync;
type Insert = dyn Fn(&Place, &StoreKey, &Entry) -> bool + Send + Sync;
type Take = dyn Fn(&Place, &StoreKey) -> Option<StoredBytes> + Send + Sync;
type Ask = dyn Fn(&Place, &StoreKey, Duration, UnixTime) -> Option<Lease> + Send + Sync;
type Release = dyn Fn(&Place, &StoreKey, &Lease) + Send + Sync;

/// A store that does as a [`Place`] does, but for the operations that it is told otherwise.
#[derive(Default)]
struct Altered {
    place: Place,
    load: Hook<Load>,
    replace: Hook<Replace>,
    find: Hook<Find>,
    insert: Hook<Insert>,
    take: Hook<Take>,
    lease: Hook<Ask>,
    release: Hook<Release>,
}

impl Altered {
    fn new() -> Self {
        Self::default()
    }

    fn loading(self, load: impl Fn(&Place, &StoreKey) -> Option<Stored> + Send + Sync + 'static) -> Self {
        Self { load: Some(Box::new(load)), ..self }
    }

    fn replacing(
        self,
        replace: impl Fn(&Place, &StoreKey, Option<&StoreVersion>, Option<&Entry>) -> Replaced
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.trying(move |place, key, expected, entry| Ok(replace(place, key, expected, entry)))
    }

    /// Replaces, or fails.
    fn trying(
        self,
        replace: impl Fn(&Place, &StoreKey, Option<&StoreVersion>, Option<&Entry>) -> Answer<Replaced>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self { replace: Some(Box::new(replace)), ..self }
    }

    fn finding(
        self,
        find: impl Fn(&Place, &Index, Option<&StoreKey>) -> Found + Send + Sync + 'static,
    ) -> Self {
        Self { find: Some(Box::new(find)), ..self }
    }

    fn inserting(self, insert: impl Fn(&Place, &StoreKey, &Entry) -> bool + Send + Sync + 'static) -> Self {
        Self { insert: Some(Box::new(insert)), ..self }
    }

    fn taking(self, take: impl Fn(&Place, &StoreKey) -> Option<StoredBytes> + Send + Sync + 'static) -> Self {
        Self { take: Some(Box::new(take)), ..self }
    }

    fn leasing(
        self,
        lease: impl Fn(&Place, &StoreKey, Duration, UnixTime) -> Option<Lease> + Send + Sync + 'static,
    ) -> Self {
        Self { lease: Some(Box::new(lease)), ..self }
    }

    fn releasing(self, release: impl Fn(&Place, &StoreKey, &Lease) + Send + Sync + 'static) -> Self {
        Self { release: Some(Box::new(release)), ..self }
    }

    /// Notes who has each key, by a lease that was not given back.
    fn noting_leases(self) -> Self {
        let noting = self.leasing(|place, key, ttl, now| {
            let lease = place.lease(key, ttl, now)?;
            place.note(key.as_str(), lease.as_str());
            Some(lease)
        });
        noting.releasing(Place::give_back)
    }
}

impl Store for Altered {
    fn load(&self, key: &StoreKey) -> Answer<Option<Stored>> {
        Ok(self.load.as_ref().map_or_else(|| self.place.load(key), |load| load(&self.place, key)))
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Answer<Replaced> {
        match &self.replace {
            Some(replace) => replace(&self.place, key, expected, entry),
            None => Ok(self.place.replace(key, expected, entry)),
        }
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Answer<Found> {
        let find = self.find.as_ref();
        Ok(find.map_or_else(|| self.place.find(index, after), |find| find(&self.place, index, after)))
    }

    fn insert_if_absent(&self, key: &StoreKey, entry: &Entry) -> Answer<bool> {
        match &self.insert {
            Some(insert) => Ok(insert(&self.place, key, entry)),
            None => Ok(self.replace(key, None, Some(entry))?.is_done()),
        }
    }

    fn take(&self, key: &StoreKey) -> Answer<Option<StoredBytes>> {
        if let Some(take) = &self.take {
            return Ok(take(&self.place, key));
        }
        let Some(stored) = self.load(key)? else { return Ok(None) };
        Ok(self.replace(key, Some(&stored.version), None)?.is_done().then_some(stored.bytes))
    }

    fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Answer<Option<Lease>> {
        let lease = self.lease.as_ref();
        Ok(lease.map_or_else(|| self.place.lease(key, ttl, now), |lease| lease(&self.place, key, ttl, now)))
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Answer<()> {
        let release = self.release.as_ref();
        release.map_or_else(|| self.place.release(key, lease), |release| release(&self.place, key, lease));
        Ok(())
    }
}

/// The suite refuses the store for this sentence.
#[track_caller]
fn breaks(sentence: &str, store: Altered) {
    let told = match suite::blocking(&store) {
        Ok(()) => panic!("a store that breaks it is let through: {sentence}"),
        Err(violation) => violation.to_string(),
    };
    assert_eq!(told.strip_prefix("not kept: "), Some(sentence), "{told}");
}

/// What goes wrong in the store itself is told as the store tells it, also where only `Debug` is seen, as by `unwrap`.
#[test]
fn an_error_of_the_store_is_told_as_it_is() {
    let full = Altered::new().trying(|_, _, _, _| Err(StoreError::new("the disk is full")));
    let violation = suite::blocking(&full).unwrap_err();
    assert_eq!(violation.to_string(), StoreError::new("the disk is full").to_string());
    assert_eq!(format!("{violation:?}"), violation.to_string());
    let violation = suite::blocking(&Altered::new().loading(|_, _| None)).unwrap_err();
    assert_eq!(format!("{violation:?}"), "not kept: what was written is there");
}

/// No sentence of the suite is for show: there is a store here that is refused for it.
#[test]
fn every_sentence_of_the_suite_is_broken_by_a_store() {
    let read = |folder: &str| {
        let files = files_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
        files.iter().map(|file| fs::read_to_string(file).unwrap()).collect::<String>()
    };
    let (suite, broken) = (read("../stores/src/suite"), read("tests/store/altered"));
    let code = suite.lines().filter(|line| !line.trim_start().starts_with("//"));
    // Every second piece between quotes is a text, and those of several words are sentences.
    let sentences: Vec<&str> = code
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .map(|text| text.trim_start_matches("not kept: "))
        .filter(|text| !text.contains('{') && text.split(' ').count() > 3)
        // No store can break it: a store for threads has no future that would have to wait.
        .filter(|text| *text != "a store for threads did not wait")
        .collect();
    assert!(sentences.len() > 60, "{}", sentences.len());
    for sentence in sentences {
        assert!(broken.contains(&format!("\"{sentence}\"")), "no store breaks: {sentence}");
    }
}

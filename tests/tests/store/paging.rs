//! LO-15, LO-19: what a store finds by an index comes page by page, and the suite sees whoever does not keep to that.

use std::fs;
use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{
    Entry, Found, Index, Lease, MOST_FOUND, MemoryStore, Replaced, Store, StoreError, StoreKey, StoreVersion,
    Stored, StoredBytes,
};
use valetkey_stores::{FileStore, suite};
use valetkey_tests::NOW;

use crate::Folder;

/// A store whose pages are wrong in one way.
struct Wrong(MemoryStore, Pages);

#[derive(Clone, Copy, Debug)]
enum Pages {
    /// No more than a page is ever shown.
    One,
    /// Whatever it is asked to begin after.
    TheFirst,
    /// From the key on and not after it.
    WithTheLast,
    /// By how many were shown before, and not by where the page ended.
    ByNumber,
    /// In no order.
    Shuffled,
    /// As many as there are.
    Endless,
}

/// What a store finds on all pages.
fn all(store: &dyn Store, index: &Index) -> Vec<StoreKey> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let found = store.find(index, after.as_ref()).unwrap();
        after = found.rest_after(after.as_ref()).unwrap();
        all.extend(found.keys);
        if after.is_none() {
            return all;
        }
    }
}

impl Store for Wrong {
    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        let all = all(&self.0, index);
        let place = after.map(|after| all.partition_point(|key| key.as_str() <= after.as_str()));
        let from = |place: usize| {
            let keys: Vec<_> = all.iter().skip(place).take(MOST_FOUND).cloned().collect();
            Ok(Found::new(keys, all.len() > place + MOST_FOUND))
        };
        match self.1 {
            Pages::One if after.is_some() => Ok(Found::default()),
            Pages::One => Ok(Found::new(from(0)?.keys, false)),
            Pages::TheFirst => from(0),
            Pages::WithTheLast => from(place.map_or(0, |place| place.saturating_sub(1))),
            Pages::ByNumber => from(place.map_or(0, |place| place.div_ceil(MOST_FOUND) * MOST_FOUND)),
            Pages::Shuffled => {
                let found = from(place.unwrap_or(0))?;
                Ok(Found::new(found.keys.into_iter().rev().collect(), found.has_more))
            }
            Pages::Endless => Ok(Found::new(all.into_iter().skip(place.unwrap_or(0)).collect(), false)),
        }
    }

    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        Store::load(&self.0, key)
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        Store::replace(&self.0, key, expected, entry)
    }

    fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Result<Option<Lease>, StoreError> {
        Store::lease(&self.0, key, ttl, now)
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> Result<(), StoreError> {
        Store::release(&self.0, key, lease)
    }
}

#[test]
fn the_suite_sees_whoever_finds_in_wrong_pages() {
    for (wrong, told) in [
        (Pages::One, "all records are found"),
        (Pages::TheFirst, "must go on after the key"),
        (Pages::WithTheLast, "no key is on two pages"),
        (Pages::ByNumber, "from the first page to the last"),
        (Pages::Shuffled, "no key is on two pages"),
        (Pages::Endless, "a hundred keys at most"),
    ] {
        let violation = suite::blocking(&Wrong(MemoryStore::new(), wrong)).unwrap_err().to_string();
        assert!(violation.contains(told), "{wrong:?}: {violation}");
    }
}

fn entry(index: &Index) -> Entry {
    Entry::new(StoredBytes::new(b"record".to_vec())).indexed([index.clone()])
}

/// Where a page ends is a name, whose record need not be there; what is no name is left out.
#[test]
fn a_page_is_made_of_names_in_whatever_order() {
    let mut keys: Vec<StoreKey> =
        (0..MOST_FOUND + 3).map(|number| StoreKey::of_mark(&[&number.to_string()])).collect();
    let names: Vec<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
    let twice = || names.iter().chain(&names).map(String::as_str).chain(["no name", ""]);
    keys.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    let first = Found::page(twice(), None);
    assert_eq!((&first.keys[..], first.has_more), (&keys[..MOST_FOUND], true));
    let rest = Found::page(twice(), first.keys.last());
    assert_eq!((&rest.keys[..], rest.has_more), (&keys[MOST_FOUND..], false));
    assert_eq!(first.rest_after(None).unwrap().as_ref(), first.keys.last());
    assert_eq!(rest.rest_after(first.keys.last()).unwrap(), None);
    assert!(first.rest_after(first.keys.last()).is_err(), "it has not come further");
    assert!(Found::new(Vec::new(), true).rest_after(None).is_err());
}

/// What is over goes from the memory with its names.
#[test]
fn a_memory_that_drops_what_is_over_finds_it_no_more() {
    let (store, index) = (MemoryStore::new(), Index::of_name("alice"));
    let mark = |number: usize| StoreKey::of_mark(&[&number.to_string()]);
    let short = entry(&index).kept_for(Duration::from_secs(60), NOW);
    for number in 0..100 {
        assert!(Store::insert_if_absent(&store, &mark(number), &short).unwrap());
    }
    assert_eq!(all(&store, &index).len(), 100);
    let later = entry(&index).kept_for(Duration::from_secs(60), NOW.after(Duration::from_secs(600)));
    for number in 100..300 {
        assert!(Store::insert_if_absent(&store, &mark(number), &later).unwrap());
    }
    assert_eq!(all(&store, &index).len(), 200);
}

/// An index of files loses what a crash or the end of a lifetime left in it, a few at each write, and is never read as a whole for
/// each.
#[test]
fn an_index_of_files_is_cleaned_by_and_by() {
    let folder = Folder::new();
    let (store, index) = (FileStore::open(&folder).unwrap(), Index::of_name("alice"));
    let mark = |number: usize| StoreKey::of_mark(&[&number.to_string()]);
    assert!(store.insert_if_absent(&mark(0), &entry(&index)).unwrap());
    let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let file = &files.filter(|name| name.ends_with(".index")).collect::<Vec<_>>()[0];
    let gone: String = (1..=200).map(|number| format!("{}\n", mark(number).as_str())).collect();
    fs::write(folder.at(file), format!("{}\n{gone}", mark(0).as_str())).unwrap();
    assert_eq!(all(&store, &index).len(), 201);
    let mut left = Vec::new();
    for number in 300..313 {
        assert!(store.insert_if_absent(&mark(number), &entry(&index)).unwrap());
        left.push(all(&store, &index).len() - (number - 300 + 2));
    }
    assert_eq!(left[..3], [185, 169, 153], "sixteen are looked at");
    assert_eq!(left.last(), Some(&0), "all have had their turn: {left:?}");
    for number in [0].into_iter().chain(300..313) {
        assert!(all(&store, &index).contains(&mark(number)), "{number}");
    }
}

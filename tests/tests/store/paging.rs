//! LO-15, LO-19: what a store finds by an index comes page by page.

use std::fs;
use std::time::Duration;

use valetkey_core::store::{Entry, Found, Index, MOST_FOUND, MemoryStore, Store, StoreKey, StoredBytes};
use valetkey_stores::FileStore;
use valetkey_tests::NOW;

use crate::Folder;

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

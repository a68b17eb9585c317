//! What is put into a store: how many indexes a record has, and what is shown of its parts.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use valetkey_core::store::{Entry, Index, Lease, MOST_INDEXES, StoreKey, StoreVersion, Stored, StoredBytes};
use valetkey_tests::{NOW, SECRET};

use super::{key, secret};

/// As many as a record may have, each once: the first of them.
#[test]
fn a_record_is_found_by_its_first_four_indexes() {
    let index = |name: &str| Index::of_name(name);
    let indexed = |names: &[&str]| Entry::new(secret()).indexed(names.iter().map(|name| index(name)));
    for (given, kept) in [
        (&[][..], &[][..]),
        (&["a"], &["a"]),
        (&["a", "a"], &["a"]),
        (&["a", "b", "a", "b"], &["a", "b"]),
        (&["a", "b", "c", "d"], &["a", "b", "c", "d"]),
        (&["a", "b", "c", "d", "e"], &["a", "b", "c", "d"]),
        (&["a", "a", "b", "c", "c", "d", "d", "e", "f"], &["a", "b", "c", "d"]),
    ] {
        let kept: Vec<Index> = kept.iter().map(|name| index(name)).collect();
        assert_eq!(indexed(given).indexes(), kept, "{given:?}");
        assert!(kept.len() <= MOST_INDEXES);
    }
    // Those that are named last take the place of the former.
    assert_eq!(indexed(&["a", "b"]).indexed([index("c")]).indexes(), [index("c")]);
}

/// What a store that encrypts changes is the bytes alone.
#[test]
fn an_entry_with_other_bytes_is_kept_and_found_as_before() {
    let minute = Duration::from_secs(60);
    let entry = Entry::new(secret()).kept_for(minute, NOW).indexed([Index::of_name("alice")]);
    let other = entry.with_bytes(StoredBytes::new(b"sealed".to_vec()));
    assert_eq!(other.bytes().expose(), b"sealed");
    assert_eq!((other.lifetime(), other.indexes()), (entry.lifetime(), entry.indexes()));
    let lifetime = other.lifetime().unwrap();
    assert_eq!((lifetime.time(), lifetime.now(), lifetime.until()), (minute, NOW, NOW.after(minute)));
    assert_eq!(Entry::new(secret()).lifetime(), None);
}

/// A store's own texts come back as it wrote them.
#[test]
fn versions_and_leases_are_the_stores_own_texts() {
    assert_eq!(Lease::new("the holder").as_str(), "the holder");
    assert_eq!(StoreVersion::new("the state").as_str(), "the state");
}

/// Keys and indexes are digests, so they may be shown; of a record no more than how long it is.
#[test]
fn what_is_shown_of_an_entry_is_its_names_and_no_secret() {
    let index = Index::of_user("https://as.example", "248289761001");
    assert_eq!(format!("{:?}", secret()), format!("StoredBytes({} bytes)", SECRET.len()));
    assert_eq!(format!("{index:?}"), format!("Index({})", index.as_str()));
    for key in [key(), StoreKey::of_pending("state"), StoreKey::of_mark(&["a", "b"])] {
        assert_eq!(format!("{key:?}"), format!("StoreKey({})", key.as_str()));
    }
    let entry = Entry::new(secret()).kept_for(Duration::from_secs(60), NOW).indexed([index.clone()]);
    let stored = Stored::new(secret(), StoreVersion::new("the state"));
    for (shown, parts) in [
        (format!("{entry:?}"), [format!("{:?}", secret()), format!("{index:?}"), "60s".to_owned()]),
        (format!("{stored:?}"), [format!("{:?}", secret()), "the state".to_owned(), "Stored".to_owned()]),
    ] {
        assert!(!shown.contains(SECRET), "{shown}");
        assert!(parts.iter().all(|part| shown.contains(part)), "{shown}");
    }
}

/// Equal keys are one in a map, and others are spread in it: a program has one key for each of its users.
#[test]
fn keys_are_spread_in_a_map() {
    let hash = |key: &StoreKey| BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
    assert_eq!(hash(&key()), hash(&StoreKey::from_name(key().as_str()).unwrap()));
    let hashes: HashSet<u64> = (0..100).map(|user| hash(&key().named(&format!("user {user}")))).collect();
    assert_eq!(hashes.len(), 100);
}

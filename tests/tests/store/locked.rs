//! What the lock of a record guards, in a folder: its lease, its version, its indexes, and what is over.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Duration;

use valetkey_core::store::{Entry, Index, Replaced, Store, StoreKey, StoredBytes};
use valetkey_stores::FileStore;
use valetkey_tests::{NOW, client};

use super::{Folder, MINUTE, key, secret};

const MILLISECOND: Duration = Duration::from_millis(1);

fn entry(text: &str) -> Entry {
    Entry::new(StoredBytes::new(text.as_bytes().to_vec()))
}

fn user(name: &str) -> StoreKey {
    StoreKey::of_user(&client(), name)
}

fn file(folder: &Folder, kind: &str) -> PathBuf {
    folder.at(&format!("{}.{kind}", key().as_str()))
}

/// RF-1: until its time is over; and a clock that was set back ends it by more than its length, and by no less.
#[test]
fn rf1_a_lease_is_as_long_as_it_was_asked_for() {
    let clocks = [
        (NOW.after(MINUTE - MILLISECOND), false),
        (NOW.after(MINUTE), true),
        (NOW.before(MINUTE), false),
        (NOW.before(MINUTE + MILLISECOND), true),
    ];
    for (now, is_over) in clocks {
        let folder = Folder::new();
        let (holder, other) = (FileStore::open(&folder).unwrap(), FileStore::open(&folder).unwrap());
        holder.lease(&key(), MINUTE, NOW).unwrap().unwrap();
        assert_eq!(other.lease(&key(), MINUTE, now).unwrap().is_some(), is_over, "{now:?}");
    }
}

/// Whose lease has ended gives back nobody else's, not even of the same store.
#[test]
fn a_lease_is_given_back_by_its_own_name() {
    let folder = Folder::new();
    let (store, other) = (FileStore::open(&folder).unwrap(), FileStore::open(&folder).unwrap());
    let ended = store.lease(&key(), MINUTE, NOW).unwrap().unwrap();
    let later = NOW.after(MINUTE);
    let held = store.lease(&key(), MINUTE, later).unwrap().unwrap();
    store.release(&key(), &ended).unwrap();
    assert_eq!(other.lease(&key(), MINUTE, later).unwrap(), None);
    store.release(&key(), &held).unwrap();
    assert!(!file(&folder, "lease").exists() && !file(&folder, "holder").exists());
    assert!(other.lease(&key(), MINUTE, later).unwrap().is_some());
}

/// The file that its holder has locked is gone, as after a copy of the folder that left it out.
#[test]
fn a_lease_that_nobody_has_locked_is_over() {
    let folder = Folder::new();
    let (store, other) = (FileStore::open(&folder).unwrap(), FileStore::open(&folder).unwrap());
    store.lease(&key(), MINUTE, NOW).unwrap().unwrap();
    fs::remove_file(file(&folder, "holder")).unwrap();
    assert!(other.lease(&key(), MINUTE, NOW).unwrap().is_some());
}

#[test]
fn what_cannot_be_removed_is_told() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    fs::create_dir(file(&folder, "holder")).unwrap();
    let error = store.lease(&key(), MINUTE, NOW).unwrap_err().to_string();
    assert!(error.contains(&format!("cannot remove {}: ", file(&folder, "holder").display())), "{error}");
}

/// RF-1: who wrote by the former version, and has slept longer than its lease, writes over nobody.
#[test]
fn rf1_a_lease_names_the_version_anew() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let version = store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
    store.lease(&key(), MINUTE, NOW).unwrap().unwrap();
    let stored = store.load(&key()).unwrap().unwrap();
    assert_eq!(stored.bytes, secret());
    assert_ne!(stored.version, version);
    let late = store.replace(&key(), Some(&version), Some(&entry("late"))).unwrap();
    assert_eq!(late, Replaced::Conflict);
    assert!(store.replace(&key(), Some(&stored.version), Some(&entry("in time"))).unwrap().is_done());
}

/// Those of its last write, and no others.
#[test]
fn a_record_is_found_by_the_indexes_that_it_was_last_written_with() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let [first, both, last] = ["first", "both", "last"].map(Index::of_name);
    let with = |indexes: [&Index; 2]| Entry::new(secret()).indexed(indexes.map(Clone::clone));
    let version = store.replace(&key(), None, Some(&with([&first, &both]))).unwrap().written().unwrap();
    assert!(store.replace(&key(), Some(&version), Some(&with([&both, &last]))).unwrap().is_done());
    let found = [&first, &both, &last].map(|index| store.find(index, None).unwrap().keys.len());
    assert_eq!(found, [0, 1, 1]);
}

/// One from which a crash has lost the key: what others have there is not written again for nothing.
#[test]
#[cfg(unix)]
fn an_index_that_has_not_the_key_is_not_written() {
    use std::os::unix::fs::MetadataExt as _;
    let folder = Folder::new();
    let (store, index) = (FileStore::open(&folder).unwrap(), Index::of_name("alice"));
    let indexed = Entry::new(secret()).indexed([index.clone()]);
    let version = store.replace(&key(), None, Some(&indexed)).unwrap().written().unwrap();
    let path = folder.at(&format!("index-{}.index", index.as_str()));
    fs::write(&path, format!("{}\n", user("bob").as_str())).unwrap();
    let before = fs::metadata(&path).unwrap().ino();
    assert_eq!(store.replace(&key(), Some(&version), None).unwrap(), Replaced::Deleted);
    assert_eq!(fs::metadata(&path).unwrap().ino(), before);
    assert_eq!(store.find(&index, None).unwrap().keys, [user("bob")]);
}

/// Of those that are there sixteen are looked at, and are names of nothing: so they go.
#[test]
fn s5_an_index_of_files_has_a_bound() {
    const MOST: usize = 250_000;
    let folder = Folder::new();
    let (store, index) = (FileStore::open(&folder).unwrap(), Index::of_name("a robot"));
    let mark = |name: &str| StoreKey::of_mark(&[name]);
    let indexed = Entry::new(secret()).indexed([index.clone()]);
    assert!(store.insert_if_absent(&mark("first"), &indexed).unwrap());
    let path = folder.at(&format!("index-{}.index", index.as_str()));
    let fill = |names: usize| {
        fs::write(&path, (0..names).map(|number| format!("{number}\n")).collect::<String>()).unwrap();
    };
    fill(MOST - 1 + 16);
    assert!(store.insert_if_absent(&mark("last"), &indexed).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), MOST);
    fill(MOST + 16);
    let error = store.insert_if_absent(&mark("more"), &indexed).unwrap_err().to_string();
    assert!(error.contains("more than 250000 records"), "{error}");
    assert_eq!(store.load(&mark("more")).unwrap(), None);
}

/// Five minutes after its time is over: the clock of who drops it may be ahead.
#[test]
fn a_short_record_is_dropped_five_minutes_after_it_is_over() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let write = |name: &str, now| store.insert_if_absent(&user(name), &entry(name).kept_for(MINUTE, now));
    assert!(write("alice", NOW).unwrap());
    let over = NOW.after(MINUTE * 6);
    for (name, now, is_there) in [("bob", over.before(MILLISECOND), true), ("carol", over, false)] {
        assert!(write(name, now).unwrap());
        assert_eq!(store.load(&user("alice")).unwrap().is_some(), is_there, "{name}");
    }
}

/// Marks share a few locks: one whose lock is the writer's own is dropped as all others are.
#[test]
fn what_is_over_is_dropped_by_who_has_its_lock() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let mut marks = (0..).map(|number: u32| StoreKey::of_mark(&[&number.to_string()]));
    let letter = |mark: &StoreKey| mark.as_str()["mark-".len()..][..1].to_ascii_lowercase();
    let first = marks.next().unwrap();
    let alike = marks.find(|mark| letter(mark) == letter(&first)).unwrap();
    assert!(store.insert_if_absent(&first, &entry("seen").kept_for(MINUTE, NOW)).unwrap());
    assert!(store.insert_if_absent(&alike, &entry("seen").kept_for(MINUTE, NOW.after(MINUTE * 10))).unwrap());
    assert_eq!(store.load(&first).unwrap(), None);
    let names = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.ends_with(".lock")).count(), 1, "they have one lock");
}

/// Somebody is at a record who has its lock.
#[test]
fn what_somebody_is_at_is_not_dropped() {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    let write = |name: &str, minutes| {
        let entry = entry(name).kept_for(MINUTE, NOW.after(MINUTE * minutes));
        assert!(store.insert_if_absent(&user(name), &entry).unwrap());
    };
    write("alice", 0);
    let lock = File::options().write(true).open(folder.at(&format!("{}.lock", user("alice").as_str())));
    let lock = lock.unwrap();
    lock.lock().unwrap();
    write("bob", 10);
    lock.unlock().unwrap();
    assert!(store.load(&user("alice")).unwrap().is_some());
    write("carol", 20);
    assert_eq!(store.load(&user("alice")).unwrap(), None);
}

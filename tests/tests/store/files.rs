//! Links, FIFOs, sockets and folders in the places of a session's files. None of this needs another user.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fs, thread};

use valetkey_core::UnixTime;
use valetkey_core::store::{Entry, Index, Replaced, Store, StoreError, StoreKey, StoredBytes};
use valetkey_stores::FileStore;
use valetkey_tests::NOW;

use super::{Folder, MINUTE, in_time, key, secret};

/// The files that a session has, by what they end with, each with an operation that opens it.
const FILES: [(&str, Operation); 4] =
    [("session", load), ("lock", load), ("lease", lease), ("holder", lease)];

type Operation = fn(&FileStore) -> Result<(), StoreError>;

fn load(store: &FileStore) -> Result<(), StoreError> {
    store.load(&key()).map(drop)
}

fn lease(store: &FileStore) -> Result<(), StoreError> {
    let now: UnixTime = NOW;
    store.lease(&key(), MINUTE, now).map(drop)
}

fn file(folder: &Folder, kind: &str) -> PathBuf {
    folder.at(&format!("{}.{kind}", key().as_str()))
}

/// A folder with a session and a lease, all files of which are there.
fn used() -> (Folder, FileStore) {
    let folder = Folder::new();
    let store = FileStore::open(&folder).unwrap();
    store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
    store.lease(&key(), MINUTE, NOW).unwrap().unwrap();
    (folder, store)
}

/// Puts something in the place of each file in turn, and asks for what opens it.
fn refused_in_each_place(put: impl Fn(&Path), word: &str) {
    for (kind, operation) in FILES {
        let (folder, store) = used();
        let path = file(&folder, kind);
        fs::remove_file(&path).unwrap();
        put(&path);
        let error = in_time(move || operation(&store)).unwrap_err().to_string();
        assert!(error.contains(word), "{kind}: {error}");
        assert!(error.contains(path.to_str().unwrap()), "{kind}: {error}");
    }
}

#[test]
fn s4_a_file_is_not_opened_by_a_link() {
    let elsewhere = Folder::new();
    for (number, (kind, _)) in FILES.iter().enumerate() {
        let (folder, store) = used();
        // The very file that belongs there: what is refused is the link.
        fs::rename(file(&folder, kind), elsewhere.at(&number.to_string())).unwrap();
        drop(store);
    }
    for number in 0..FILES.len() {
        let target = elsewhere.at(&number.to_string());
        refused_in_each_place(|path| symlink(&target, path).unwrap(), "it is a link");
    }
}

#[test]
fn s4_no_file_is_made_elsewhere_by_a_dangling_link() {
    let elsewhere = Folder::new();
    let target = elsewhere.at("nologin");
    refused_in_each_place(|path| symlink(&target, path).unwrap(), "it is a link");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

/// The file that a new record is written to before it gets its name.
#[test]
fn s4_a_link_in_the_place_of_a_new_file_is_not_written_by() {
    let elsewhere = Folder::new();
    let target = elsewhere.at("kept");
    fs::write(&target, "as it was").unwrap();
    let (folder, store) = used();
    symlink(&target, file(&folder, "new")).unwrap();
    let version = store.load(&key()).unwrap().unwrap().version;
    assert!(matches!(
        store.replace(&key(), Some(&version), Some(&StoredBytes::new(b"newer".to_vec()).into())).unwrap(),
        Replaced::Written(_)
    ));
    assert_eq!(fs::read_to_string(&target).unwrap(), "as it was");
    assert!(fs::symlink_metadata(file(&folder, "session")).unwrap().is_file());
}

/// Somebody who is fast changes the file for a link to another session's between any look at it and its opening.
#[test]
fn s4_there_is_no_moment_at_which_a_link_is_followed() {
    let (other, foreign) = used();
    let version = foreign.load(&key()).unwrap().unwrap().version;
    foreign
        .replace(&key(), Some(&version), Some(&StoredBytes::new(b"another's".to_vec()).into()))
        .unwrap()
        .written()
        .unwrap();
    let (folder, store) = used();
    let place = file(&folder, "session");
    let (mine, link) = (folder.at("mine"), folder.at("link"));
    fs::hard_link(&place, &mine).unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let _ = fs::remove_file(&link);
                symlink(file(&other, "session"), &link).unwrap();
                fs::rename(&link, &place).unwrap();
                fs::hard_link(&mine, &link).unwrap();
                fs::rename(&link, &place).unwrap();
            }
        });
        let mut read = (0..2_000).filter_map(|_| store.load(&key()).ok());
        let foreign = read.find(|stored| stored.as_ref().is_none_or(|stored| stored.bytes != secret()));
        over.store(true, Ordering::Relaxed);
        assert_eq!(foreign, None);
    });
}

#[test]
fn s16_a_fifo_is_not_waited_for() {
    refused_in_each_place(
        |path| {
            let made = Command::new("mkfifo").args(["-m", "600"]).arg(path).status().unwrap();
            assert!(made.success());
        },
        "FIFO",
    );
}

#[test]
fn s16_a_socket_is_not_read() {
    refused_in_each_place(
        |path| {
            // Paths of sockets are short, so it is made where it is short, and moved.
            let short = std::env::temp_dir().join(format!("vk-{}", std::process::id()));
            let _ = fs::remove_file(&short);
            drop(UnixListener::bind(&short).unwrap());
            fs::set_permissions(&short, fs::Permissions::from_mode(0o600)).unwrap();
            fs::rename(&short, path).unwrap();
        },
        "a socket",
    );
}

#[test]
fn s16_a_folder_is_not_read() {
    refused_in_each_place(|path| fs::create_dir(path).unwrap(), "it is a folder");
}

/// Locks too: a user who may open one may hold it for ever.
#[test]
fn s4_a_file_that_others_may_use_is_refused_whatever_it_is_for() {
    for mode in [0o640, 0o604, 0o620, 0o602, 0o660, 0o666] {
        for (kind, operation) in FILES {
            let (folder, store) = used();
            let path = file(&folder, kind);
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = operation(&store).unwrap_err().to_string();
            assert!(error.contains(&format!("{mode:04o}")) && error.contains("0600"), "{kind}: {error}");
            assert!(error.contains(path.to_str().unwrap()), "{kind}: {error}");
        }
    }
}

/// A backup by hard links gives a file a second name. The store reads it all the same, and never writes by that name.
#[test]
fn s4_a_file_with_a_second_name_is_read_and_the_second_name_keeps_what_it_had() {
    let (folder, store) = used();
    let backup = folder.at("backup");
    fs::hard_link(file(&folder, "session"), &backup).unwrap();
    assert_eq!(fs::metadata(&backup).unwrap().nlink(), 2);
    let before = fs::read(&backup).unwrap();
    let stored = store.load(&key()).unwrap().unwrap();
    assert_eq!(stored.bytes, secret());
    store
        .replace(&key(), Some(&stored.version), Some(&StoredBytes::new(b"newer".to_vec()).into()))
        .unwrap()
        .written()
        .unwrap();
    assert_eq!(fs::read(&backup).unwrap(), before);
    assert_eq!(fs::metadata(&backup).unwrap().nlink(), 1);
}

/// Where a file system knows no case, locks whose names differ in nothing else are one file: who holds both would wait for
/// itself.
#[test]
fn the_locks_of_indexes_and_marks_differ_by_more_than_case() {
    let upper_and_lower = |digest: fn(&str) -> String| {
        let mut names = (0..).map(|number: u32| number.to_string());
        let upper = names.find(|name| digest(name).starts_with('A')).unwrap();
        let lower = names.find(|name| digest(name).starts_with('a')).unwrap();
        [upper, lower]
    };
    let (folder, store) = used();
    let indexes =
        upper_and_lower(|name| Index::of_name(name).as_str().to_owned()).map(|name| Index::of_name(&name));
    let marks =
        upper_and_lower(|name| StoreKey::of_mark(&[name]).as_str().trim_start_matches("mark-").to_owned());
    let entry = Entry::new(StoredBytes::new(b"seen".to_vec())).kept_for(MINUTE, NOW).indexed(indexes.clone());
    let (written, store) = in_time(move || {
        let written = marks.map(|name| store.insert_if_absent(&StoreKey::of_mark(&[&name]), &entry).unwrap());
        (written, store)
    });
    assert_eq!(written, [true, true]);
    assert!(indexes.iter().all(|index| store.find(index, None).unwrap().keys.len() == 2));
    let names = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let locks: Vec<String> = names.filter(|name| name.ends_with(".lock")).collect();
    let folded: std::collections::BTreeSet<_> = locks.iter().map(|name| name.to_ascii_lowercase()).collect();
    assert_eq!(folded.len(), locks.len(), "{locks:?}");
    assert!(
        locks.iter().any(|name| name.starts_with("index-"))
            && locks.iter().any(|name| name.starts_with("mark-"))
    );
}

/// Only root makes devices; for everybody else the test says that it has looked at nothing.
#[test]
fn s16_a_device_is_not_read() {
    let (folder, store) = used();
    let path = file(&folder, "session");
    fs::remove_file(&path).unwrap();
    let made = Command::new("mknod").args(["-m", "600"]).arg(&path).args(["c", "1", "3"]).output();
    if !made.is_ok_and(|made| made.status.success()) || fs::File::open(&path).is_err() {
        return eprintln!("no device can be made or opened there: that one is refused was not looked at");
    }
    let error = load(&store).unwrap_err().to_string();
    assert!(error.contains("it is a device, not a file"), "{error}");
}

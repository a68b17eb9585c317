//! The folder of a file store, and the way to it. None of this needs another user.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::{Arc, Mutex};

use valetkey_core::store::Store;
use valetkey_stores::{FileStore, KeyringStore};

use super::fake_keyring::FakeKeyring;
use super::{Folder, in_time, key, secret};

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// What both stores that have a folder say to one.
fn refused(folder: &Path) -> String {
    let keyring = KeyringStore::over(FakeKeyring::store(usize::MAX), "tests", folder).unwrap_err();
    let file = FileStore::open(folder).unwrap_err();
    assert_eq!(file.to_string(), keyring.to_string());
    file.to_string()
}

#[test]
fn s4_a_folder_that_is_a_link_is_refused() {
    let around = Folder::new();
    fs::create_dir(around.at("real")).unwrap();
    mode(&around.at("real"), 0o700);
    symlink("real", around.at("link")).unwrap();
    symlink("nowhere", around.at("dangling")).unwrap();
    for name in ["link", "link/", "link/.", "dangling", "dangling/", "real/../link"] {
        let error = refused(&around.at(name));
        assert!(error.contains("it is a link"), "{name}: {error}");
    }
    assert!(!around.at("nowhere").exists());
    assert_eq!(fs::read_dir(around.at("real")).unwrap().count(), 0);
    FileStore::open(around.at("real")).unwrap().load(&key()).unwrap();
}

#[test]
fn s4_a_folder_that_others_may_write_to_is_refused() {
    for bits in [0o720, 0o702, 0o770, 0o777, 0o1777] {
        let folder = Folder::new();
        mode(folder.as_ref(), bits);
        let error = refused(folder.as_ref());
        assert!(error.contains("others may write"), "{error}");
        assert!(error.contains(&format!("{bits:04o}")) && error.contains("0700"), "{error}");
        assert!(error.contains(folder.0.to_str().unwrap()), "{error}");
    }
    let folder = Folder::new();
    mode(folder.as_ref(), 0o755);
    FileStore::open(&folder).unwrap();
}

/// A user who may write to a folder above could put another folder in the place of this one.
#[test]
fn s4_a_folder_that_anybody_may_move_is_refused() {
    let around = Folder::new();
    for way in ["above/sessions", "above/between/sessions"] {
        fs::create_dir_all(around.at(way)).unwrap();
        for bits in [0o777, 0o703, 0o2777] {
            mode(&around.at("above"), bits);
            let error = refused(&around.at(way));
            assert!(error.contains("anybody may move"), "{error}");
            assert!(error.contains(&format!("{bits:04o}")) && error.contains("chmod"), "{error}");
            assert!(error.contains(around.at("above").to_str().unwrap()), "{error}");
        }
        // What others may write to but where they move nothing, as /tmp; and what a group may write to.
        for bits in [0o1777, 0o775, 0o755] {
            mode(&around.at("above"), bits);
            FileStore::open(around.at(way)).unwrap();
        }
    }
}

/// Nothing is made either, before all of the way is known to be good.
#[test]
fn s4_no_folder_is_made_where_anybody_may_move_it() {
    let around = Folder::new();
    fs::create_dir(around.at("above")).unwrap();
    mode(&around.at("above"), 0o777);
    refused(&around.at("above/new/sessions"));
    assert_eq!(fs::read_dir(around.at("above")).unwrap().count(), 0);
}

/// A link on the way leads where its own way is looked at.
#[test]
fn s4_the_way_by_a_link_is_looked_at_too() {
    let around = Folder::new();
    fs::create_dir_all(around.at("open/data")).unwrap();
    fs::create_dir_all(around.at("closed/data")).unwrap();
    mode(&around.at("open"), 0o777);
    symlink("closed/../closed/data", around.at("good")).unwrap();
    symlink(around.at("open/data"), around.at("bad")).unwrap();
    symlink("bad", around.at("worse")).unwrap();
    symlink("round", around.at("round")).unwrap();
    let store = FileStore::open(around.at("good/sessions")).unwrap();
    store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
    assert!(around.at("closed/data/sessions").is_dir());
    for way in ["bad/sessions", "worse/sessions"] {
        assert!(refused(&around.at(way)).contains("anybody may move"));
    }
    let round = around.at("round/sessions");
    assert!(in_time(move || refused(&round)).contains("too many links"));
    assert_eq!(fs::read_dir(around.at("open/data")).unwrap().count(), 0);
}

#[test]
fn s4_what_is_no_folder_is_refused() {
    let around = Folder::new();
    fs::write(around.at("file"), "").unwrap();
    assert!(refused(&around.at("file")).contains("not a folder"));
    assert!(refused(&around.at("file/sessions")).contains("not a folder"));
}

/// The store goes on in the folder that it opened, and says so when that is not the one that others find.
#[test]
fn s4_a_folder_that_was_swapped_is_noticed() {
    let around = Folder::new();
    let store = FileStore::open(around.at("sessions")).unwrap();
    let version = store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
    fs::rename(around.at("sessions"), around.at("former")).unwrap();
    let missing = store.load(&key()).unwrap_err().to_string();
    assert!(missing.contains(around.at("sessions").to_str().unwrap()), "{missing}");
    FileStore::open(around.at("sessions")).unwrap();
    let swapped = store.replace(&key(), Some(&version), None).unwrap_err().to_string();
    assert!(swapped.contains("open the store again"), "{swapped}");
    assert_eq!(fs::read_dir(around.at("sessions")).unwrap().count(), 0);
    // And it is used again when it is back.
    fs::remove_dir(around.at("sessions")).unwrap();
    fs::rename(around.at("former"), around.at("sessions")).unwrap();
    assert_eq!(store.load(&key()).unwrap().unwrap().bytes, secret());
}

/// Many begin at once where nothing is yet.
#[test]
fn a_folder_that_several_make_at_once_is_made_once() {
    let around = Folder::new();
    let path = around.at("a/b/c/sessions");
    let errors = Arc::new(Mutex::new(Vec::new()));
    let makers: Vec<_> = (0..8)
        .map(|_| {
            let (path, errors) = (path.clone(), Arc::clone(&errors));
            move || {
                if let Err(error) = FileStore::open(path) {
                    errors.lock().unwrap().push(error.to_string());
                }
            }
        })
        .collect();
    in_time(move || {
        std::thread::scope(|scope| makers.into_iter().for_each(|maker| drop(scope.spawn(maker))))
    });
    assert_eq!(*errors.lock().unwrap(), Vec::<String>::new());
    let mode = fs::metadata(around.at("a")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

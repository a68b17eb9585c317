//! The way to a folder: how long it may be, whose it is by then, and what is told of it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use valetkey_core::store::Store;
use valetkey_stores::FileStore;

use super::{Folder, key};

fn refused(path: &Path) -> String {
    FileStore::open(path).unwrap_err().to_string()
}

/// As many links as Linux follows, and no more.
#[test]
fn s4_a_way_has_forty_links_at_most() {
    let folder = Folder::new();
    // By a path that has none itself.
    let around = fs::canonicalize(&folder).unwrap();
    fs::create_dir(around.join("0")).unwrap();
    for number in 1..=41 {
        symlink((number - 1).to_string(), around.join(number.to_string())).unwrap();
    }
    let store = FileStore::open(around.join("40/sessions")).unwrap();
    assert_eq!(store.load(&key()).unwrap(), None);
    assert!(around.join("0/sessions").is_dir());
    let error = refused(&around.join("41/more"));
    assert!(error.contains("too many links are on the way to it"), "{error}");
    assert!(!around.join("0/more").exists());
}

/// What is wrong is told of what it is wrong with: the folder itself, or one on the way to it.
#[test]
fn s4_what_is_refused_is_named() {
    let folder = Folder::new();
    let around = fs::canonicalize(&folder).unwrap();
    let (real, link) = (around.join("real"), around.join("link"));
    fs::create_dir(&real).unwrap();
    symlink(&real, &link).unwrap();
    let error = refused(&link);
    assert!(error.contains(&format!("cannot use the folder {}: it is a link", link.display())), "{error}");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o777)).unwrap();
    let path = real.join("sessions");
    let error = refused(&path);
    let begin =
        format!("cannot use the folder {}: on the way to it, {}: anybody", path.display(), real.display());
    assert!(error.contains(&begin), "{error}");
}

/// Why it is not made, and not only that it is not there.
#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_cannot_be_made_is_told_why() {
    if !Path::new("/sys/kernel").is_dir() {
        return eprintln!("there is no /sys, where nobody makes folders: nothing was looked at");
    }
    let error = refused(Path::new("/sys/valetkey/sessions"));
    let why = ["not permitted", "Permission denied", "Read-only"];
    assert!(why.iter().any(|why| error.contains(why)) && error.contains("/sys/valetkey:"), "{error}");
}

/// Eight who see at once that it is not there, and of whom one makes it, over and over.
#[test]
fn a_folder_that_somebody_else_makes_meanwhile_is_taken() {
    let (around, together) = (Folder::new(), Barrier::new(8));
    thread::scope(|scope| {
        let makers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let rounds = (0..200).map(|round| {
                        together.wait();
                        FileStore::open(around.at(&format!("{round}/sessions"))).map(drop)
                    });
                    // All rounds are gone through: the others wait for this one.
                    rounds.collect::<Vec<_>>()
                })
            })
            .collect();
        let errors = makers.into_iter().flat_map(|maker| maker.join().unwrap()).filter_map(Result::err);
        assert_eq!(errors.map(|error| error.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
    });
}

//! How a store opens its folder and its files, as the kernel tells of the descriptors of this process.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use valetkey_core::store::Store;
use valetkey_stores::FileStore;
use valetkey_tests::NOW;

use super::{Folder, MINUTE, key};

/// What is open at a folder and in it, with the flags that it was opened by.
fn open_at(folder: &Path) -> Vec<(PathBuf, OFlags)> {
    let descriptors = fs::read_dir("/proc/self/fd").unwrap().map(|entry| entry.unwrap());
    let flags = |number: &str| {
        let info = fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap();
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
        OFlags::from_bits_retain(u32::from_str_radix(flags, 8).unwrap())
    };
    // Others are opened and closed meanwhile by tests that run beside this one.
    let links = descriptors.filter_map(|entry| Some((fs::read_link(entry.path()).ok()?, entry.file_name())));
    links
        .filter(|(path, _)| path.starts_with(folder))
        .map(|(path, number)| (path, flags(number.to_str().unwrap())))
        .collect()
}

/// No program that this one starts inherits them, and none was opened by a link.
#[test]
fn s4_what_a_store_has_open_is_its_own_alone() {
    let folder = Folder::new();
    let path = fs::canonicalize(&folder).unwrap();
    let store = FileStore::open(&folder).unwrap();
    let lease = store.lease(&key(), MINUTE, NOW).unwrap().unwrap();
    let holder = path.join(format!("{}.holder", key().as_str()));
    let mut open = open_at(&path);
    open.sort_by(|(one, _), (other, _)| one.cmp(other));
    let [(at, folder_flags), (held, holder_flags)] = &open[..] else { panic!("{open:?}") };
    assert_eq!((at, held), (&path, &holder));
    let both = OFlags::CLOEXEC | OFlags::NOFOLLOW;
    assert!(folder_flags.contains(both | OFlags::DIRECTORY), "{folder_flags:?}");
    assert!(holder_flags.contains(both | OFlags::NONBLOCK | OFlags::WRONLY), "{holder_flags:?}");
    store.release(&key(), &lease).unwrap();
    assert_eq!(open_at(&path).len(), 1, "a lease that was given back has nothing open");
}

//! Files and folders that are another user's.
//!
//! Only root can give a file away, so root alone can play what these tests are about; the gate runs them as root. For
//! everybody else each of them is about what such a person can see: that nothing can be given away, and that what is
//! root's is taken. They say so.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, chown, lchown, symlink};
use std::path::{Path, PathBuf};

use valetkey_core::store::Store;
use valetkey_stores::{FileStore, KeyringStore};
use valetkey_tests::NOW;

use super::fake_keyring::FakeKeyring;
use super::{Folder, MINUTE, key, secret};

/// Nobody.
const OTHER: u32 = 65_534;

/// Gives something to another user. Returns whether that was possible, as it is for root; for others it must not be, and
/// they see that root's folders are not refused for their owner.
fn is_given_away(path: &Path) -> bool {
    let given = match fs::symlink_metadata(path).unwrap().is_symlink() {
        true => lchown(path, Some(OTHER), None),
        false => chown(path, Some(OTHER), None),
    };
    match given {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
            let folder = Path::new("/usr");
            assert_eq!(fs::metadata(folder).unwrap().uid(), 0);
            // It may be read, so it is taken; that nothing can be written there is found out by writing.
            let error = FileStore::open(folder).unwrap().load(&key()).unwrap_err().to_string();
            assert!(!error.contains("belongs to"), "{error}");
            eprintln!(
                "not root: that {} is refused once it is another user's was not looked at",
                path.display()
            );
            false
        }
    }
}

fn assert_tells_the_owner(error: &str, path: &Path) {
    for word in [path.to_str().unwrap(), "belongs to uid 65534", "chown"] {
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn s4_a_folder_of_another_user_is_refused() {
    let folder = Folder::new();
    if !is_given_away(folder.as_ref()) {
        return;
    }
    let error = FileStore::open(&folder).unwrap_err().to_string();
    assert_tells_the_owner(&error, folder.as_ref());
    let keyring = KeyringStore::over(FakeKeyring::store(usize::MAX), "tests", &folder).unwrap_err();
    assert_eq!(keyring.to_string(), error);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn s4_a_file_of_another_user_is_refused() {
    for kind in ["session", "lock", "lease", "holder"] {
        let folder = Folder::new();
        let store = FileStore::open(&folder).unwrap();
        store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
        store.lease(&key(), MINUTE, NOW).unwrap().unwrap();
        let path = folder.at(&format!("{}.{kind}", key().as_str()));
        if !is_given_away(&path) {
            continue;
        }
        // Whatever opens the file: a load has no use for the lease.
        let error = match kind {
            "session" | "lock" => store.load(&key()).unwrap_err(),
            _ => store.lease(&key(), MINUTE, NOW).unwrap_err(),
        };
        assert_tells_the_owner(&error.to_string(), &path);
    }
}

/// The owner of a folder above moves what is in it, whatever modes there are.
#[test]
fn s4_a_folder_in_one_of_another_user_is_refused() {
    let around = Folder::new();
    fs::create_dir_all(around.at("theirs/between/sessions")).unwrap();
    if !is_given_away(&around.at("theirs")) {
        return;
    }
    for way in ["theirs/sessions", "theirs/between/sessions", "theirs/new/sessions"] {
        let error = FileStore::open(around.at(way)).unwrap_err().to_string();
        assert_tells_the_owner(&error, &around.at("theirs"));
    }
    assert_eq!(fs::read_dir(around.at("theirs")).unwrap().count(), 1);
}

/// The owner of a link lets it lead elsewhere.
#[test]
fn s4_the_owner_of_a_link_has_no_folder_made_by_it() {
    let around = Folder::new();
    let target = around.at("target");
    fs::create_dir(&target).unwrap();
    symlink(&target, around.at("theirs")).unwrap();
    if !is_given_away(&around.at("theirs")) {
        return;
    }
    let error = FileStore::open(around.at("theirs/sessions")).unwrap_err().to_string();
    assert_tells_the_owner(&error, &around.at("theirs"));
    assert_eq!(fs::read_dir(&target).unwrap().count(), 0);
}

/// What root plays for an ordinary user: a process of uid 65534 takes what is its own, and what is root's, and nothing of
/// a third user's.
#[test]
fn s4_an_ordinary_user_takes_their_own_and_roots() {
    use std::os::unix::process::CommandExt as _;
    let role: Option<OsString> = std::env::var_os("VALETKEY_ORDINARY_USER");
    if let Some(path) = role.map(PathBuf::from) {
        let own = FileStore::open(path.join("own")).unwrap();
        own.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
        assert_eq!(own.load(&key()).unwrap().unwrap().bytes, secret());
        let roots = FileStore::open(path.join("roots")).unwrap().load(&key()).unwrap_err().to_string();
        assert!(roots.contains("ermission denied"), "{roots}");
        let third = FileStore::open(path.join("third")).unwrap_err().to_string();
        assert!(third.contains("belongs to uid 4242, who"), "{third}");
        assert!(third.contains("this process is uid 65534"), "{third}");
        return;
    }
    let around = Folder::new();
    fs::set_permissions(&around, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for name in ["own", "roots", "third"] {
        fs::create_dir(around.at(name)).unwrap();
        fs::set_permissions(around.at(name), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    if !is_given_away(&around.at("own")) {
        return;
    }
    chown(around.at("third"), Some(4242), None).unwrap();
    // Where this binary is, others may not be let in; a copy of it is.
    let copy = around.at("stores");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let done = std::process::Command::new(&copy)
        .args(["--exact", "owners::s4_an_ordinary_user_takes_their_own_and_roots"])
        .env("VALETKEY_ORDINARY_USER", around.as_ref())
        .current_dir("/")
        .uid(OTHER)
        .gid(OTHER)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

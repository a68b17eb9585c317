//! ST-3: the places of records: links and folders where files are to be, and sealed records that were tampered with.

use std::fs;
use std::path::{Path, PathBuf};

use valetkey_core::store::{MemoryStore, Replaced, Store, StoreKey, StoredBytes};
use valetkey_stores::{FileStore, Sealed};
use valetkey_tests::{NOW, SECRET, client};

fn key() -> StoreKey {
    StoreKey::of_user(&client(), "alice")
}

fn secret() -> StoredBytes {
    StoredBytes::new(SECRET.as_bytes().to_vec())
}

/// A folder that ends with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("valetkey-held-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn file(&self, kind: &str) -> PathBuf {
        self.0.join(format!("{}.{kind}", key().as_str()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The names of a store's files, as it makes them: with a record, a lease, and what a write leaves if it breaks off.
fn kinds(folder: &Folder) -> Vec<String> {
    let mut kinds = vec!["new".to_owned()];
    for file in fs::read_dir(&folder.0).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        kinds.push(name.strip_prefix(key().as_str()).unwrap().strip_prefix('.').unwrap().to_owned());
    }
    kinds
}

/// Everything that a store is asked, in whatever state its files are. Nothing may panic.
fn ask_everything(store: &FileStore) -> Vec<u8> {
    let mut told = Vec::new();
    let loaded = store.load(&key());
    if let Ok(Some(stored)) = &loaded {
        told.extend(stored.bytes.expose());
    }
    let version = loaded.ok().flatten().map(|stored| stored.version);
    let _ = store.replace(&key(), version.as_ref(), Some(&StoredBytes::new(b"another".to_vec()).into()));
    if let Ok(Some(lease)) = store.lease(&key(), std::time::Duration::from_secs(60), NOW) {
        let _ = store.release(&key(), &lease);
    }
    let _ = store.replace(&key(), None, None);
    told
}

fn used(folder: &Folder) -> FileStore {
    let store = FileStore::open(&folder.0).unwrap();
    store.replace(&key(), None, Some(&secret().into())).unwrap().written().unwrap();
    store.lease(&key(), std::time::Duration::from_secs(60), NOW).unwrap().unwrap();
    store
}

/// A soft or a hard link in the place of each file, to a file of the same owner elsewhere: that one is not written over,
/// and what is in it is taken for no record.
#[cfg(unix)]
#[test]
fn held_a_link_in_the_place_of_a_file_is_not_followed_to_what_it_names() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = Folder::new("links");
    let elsewhere = Folder::new("links-elsewhere");
    fs::create_dir_all(&elsewhere.0).unwrap();
    drop(used(&folder));
    let kinds = kinds(&folder);
    assert!(kinds.len() >= 3, "{kinds:?}");
    let target = elsewhere.0.join("precious");
    type Link = fn(&Path, &Path) -> std::io::Result<()>;
    let links: [Link; 2] = [|target, link| symlink(target, link), |target, link| fs::hard_link(target, link)];
    for kind in kinds {
        for link in links {
            let _ = fs::remove_dir_all(&folder.0);
            drop(used(&folder));
            fs::write(&target, "precious").unwrap();
            fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
            let _ = fs::remove_file(folder.file(&kind));
            link(&target, &folder.file(&kind)).unwrap();
            let told = FileStore::open(&folder.0).map(|store| ask_everything(&store)).unwrap_or_default();
            assert!(!told.windows(8).any(|window| window == b"precious"), "{kind} was read");
            assert_eq!(fs::read(&target).unwrap(), b"precious", "{kind} was written through");
        }
    }
}

/// A folder in the place of each file is an error, and nothing in it is lost.
#[test]
fn held_a_folder_in_the_place_of_a_file_is_an_error() {
    let folder = Folder::new("folders");
    drop(used(&folder));
    for kind in kinds(&folder) {
        let _ = fs::remove_dir_all(&folder.0);
        drop(used(&folder));
        let _ = fs::remove_file(folder.file(&kind));
        fs::create_dir(folder.file(&kind)).unwrap();
        fs::write(folder.file(&kind).join("precious"), "precious").unwrap();
        ask_everything(&FileStore::open(&folder.0).unwrap());
        assert_eq!(fs::read(folder.file(&kind).join("precious")).unwrap(), b"precious", "{kind}");
    }
}

/// The names of files are of one plain alphabet, whatever a user, a client or a server is called.
#[test]
fn held_no_name_leads_out_of_the_folder() {
    let folder = Folder::new("names");
    let store = FileStore::open(&folder.0).unwrap();
    let odd = [
        "../../x",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a\u{0}b",
        "a/b",
        "a\\b",
        "C:\\x",
        "con",
        "ü",
        "\u{202e}",
        "-rf",
        "*",
    ];
    for user in odd {
        store.replace(&key().named(user), None, Some(&secret().into())).unwrap().written().unwrap();
    }
    let mut files = 0;
    for file in fs::read_dir(&folder.0).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        files += usize::from(name.ends_with(".session"));
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{name}");
        assert!(!name.starts_with('.') && name.len() < 100, "{name}");
    }
    assert_eq!(files, odd.len());
}

/// What is under a key of a store, sealed.
fn sealed_bytes(store: &MemoryStore, key: &StoreKey) -> Vec<u8> {
    Store::load(store, key).unwrap().unwrap().bytes.expose().to_vec()
}

fn put(store: &MemoryStore, key: &StoreKey, bytes: &[u8]) {
    let version = Store::load(store, key).unwrap().map(|stored| stored.version);

    Store::replace(store, key, version.as_ref(), Some(&StoredBytes::new(bytes.to_vec()).into()))
        .unwrap()
        .written()
        .unwrap();
}

/// A sealed record that was cut at any byte, has any of its bits flipped or more bytes at its end, or is another session's,
/// does not open, and its error shows nothing of it.
#[test]
fn held_a_sealed_record_that_was_tampered_with_does_not_open() {
    let memory = std::sync::Arc::new(MemoryStore::new());
    let store = Sealed::new(memory.clone(), [1; 32]);
    let opens = |key: &StoreKey| match Store::load(&store, key) {
        Ok(stored) => stored.unwrap().bytes == secret(),
        Err(error) => {
            assert!(!format!("{error} {error:?}").contains(SECRET));
            false
        }
    };
    let (alice, bob) = (key().named("alice"), key().named("bob"));
    for key in [&alice, &bob] {
        Store::replace(&store, key, None, Some(&secret().into())).unwrap().written().unwrap();
    }
    let (right, other) = (sealed_bytes(&memory, &alice), sealed_bytes(&memory, &bob));
    assert!(opens(&alice));
    let is_refused = |bytes: &[u8]| {
        put(&memory, &alice, bytes);
        !opens(&alice)
    };
    for length in 0..right.len() {
        assert!(is_refused(&right[..length]), "cut at {length}");
    }
    for bit in 0..right.len() * 8 {
        let mut changed = right.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(is_refused(&changed), "bit {bit}");
    }
    assert!(is_refused(&[&right[..], &[0]].concat()) && is_refused(&right.repeat(2)));
    assert!(is_refused(&other), "bob's");
    // Each half of one with the other half of the other.
    for place in [4, 28, right.len() - 16] {
        assert!(is_refused(&[&right[..place], &other[place..]].concat()), "{place}");
    }
    assert!(is_refused(SECRET.as_bytes()), "what was never sealed");
    put(&memory, &alice, &right);
    assert!(opens(&alice));
}

/// A thousand records of one text have a thousand nonces.
#[test]
fn held_no_two_sealed_records_share_a_nonce() {
    let memory = std::sync::Arc::new(MemoryStore::new());
    let store = Sealed::new(memory.clone(), [1; 32]);
    let mut nonces = std::collections::BTreeSet::new();
    let mut version = None;
    for _ in 0..1_000 {
        let replaced = Store::replace(&store, &key(), version.as_ref(), Some(&secret().into())).unwrap();
        let Replaced::Written(written) = replaced else { panic!("{replaced:?}") };
        version = Some(written);
        nonces.insert(sealed_bytes(&memory, &key())[4..28].to_vec());
    }
    assert_eq!(nonces.len(), 1_000);
}

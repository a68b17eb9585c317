//! What a store is held to, and what the stores refuse: files that are not the user's own, servers that do not answer as they should, records that do
//! not fit.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the tests play other users, servers and keyrings, and say what they could not play"
)]

#[cfg(unix)]
mod above;
mod altered;
mod entries;
mod fake_keyring;
mod fake_redis;
#[cfg(unix)]
mod files;
mod keyring;
mod keyring_errors;
mod kinds;
mod locked;
mod looks;
mod memory;
#[cfg(target_os = "linux")]
mod opened;
mod origin;
#[cfg(unix)]
mod owners;
mod paging;
mod parts;
mod record_sizes;
mod redis;
mod sealed;
mod shown;
mod sizes;
mod suite;
#[cfg(unix)]
mod ways;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use valetkey_core::store::{StoreKey, StoredBytes};
use valetkey_tests::{SECRET, client};

const MINUTE: Duration = Duration::from_secs(60);

/// How long a test waits for what ought to have ended long before.
const PATIENCE: Duration = Duration::from_secs(30);

/// The session that the tests are about.
fn key() -> StoreKey {
    StoreKey::of_user(&client(), "alice")
}

fn secret() -> StoredBytes {
    StoredBytes::new(SECRET.as_bytes().to_vec())
}

/// Does it on a thread, so that what hangs is a test that fails.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, done) = mpsc::channel();
    thread::spawn(move || send.send(work()));
    done.recv_timeout(PATIENCE).expect("it ends by itself")
}

/// A folder that ends with its test.
struct Folder(PathBuf);

impl Folder {
    /// One that is there, with mode 0700.
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("valetkey-stores-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        Self(path)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

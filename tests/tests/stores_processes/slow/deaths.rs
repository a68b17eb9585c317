//! Connections that die after each byte of what is said on them, in either direction.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use valetkey_core::store::{AsyncStore, Entry, Index, Replaced, StoreKey, StoredBytes};
use valetkey_stores::{AsyncRedisStore, Blocking, RedisStore};
use valetkey_tests::NOW;
use valetkey_tests::processes::Redis;

use crate::{SIEGE, report};

/// A way to a Redis that ends once so many bytes went to it, or came from it.
struct Bridge {
    port: u16,
    left: Arc<[AtomicUsize; 2]>,
}

const ENDLESS: usize = usize::MAX / 2;

impl Bridge {
    fn to(redis: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let left = Arc::new([AtomicUsize::new(ENDLESS), AtomicUsize::new(ENDLESS)]);
        let shared = Arc::clone(&left);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(&redis).unwrap();
                for (direction, from, to) in [(0, &client, &server), (1, &server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let left = Arc::clone(&shared);
                    thread::spawn(move || carry(&left[direction], from, to));
                }
            }
        });
        Self { port, left }
    }

    /// From now on so many bytes in this direction; and how many of former ones were used.
    fn allow(&self, direction: usize, bytes: usize) -> usize {
        self.left[1 - direction].store(ENDLESS, Ordering::SeqCst);
        ENDLESS - self.left[direction].swap(bytes, Ordering::SeqCst)
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/3", self.port)
    }
}

fn carry(left: &AtomicUsize, mut from: TcpStream, mut to: TcpStream) {
    let mut chunk = [0; 4096];
    loop {
        let read = match from.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Ok(0) | Err(_) => break,
            Ok(read) => read,
        };
        let may =
            left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(read)));
        let may = may.unwrap().min(read);
        if to.write_all(&chunk[..may]).is_err() || may < read {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// Each operation, by name: what it does over the bridge, and what must be so afterwards.
const OPERATIONS: [&str; 6] = ["load", "replace", "insert", "take", "lease", "find"];

fn key(trial: &str) -> StoreKey {
    StoreKey::of_mark(&["a connection that dies", trial])
}

fn entry(text: &str) -> Entry {
    Entry::new(StoredBytes::new(text.as_bytes().to_vec())).indexed([Index::of_name("deaths")])
}

/// Says whether it was answered, and fails if what it was answered is not so.
async fn is_answered(operation: &str, trial: &str, store: &dyn AsyncStore, direct: &dyn AsyncStore) -> bool {
    let key = key(trial);
    let there = async || direct.load(&key).await.unwrap().map(|stored| stored.bytes);
    let old = entry("old").bytes().clone();
    let new = entry("new").bytes().clone();
    match operation {
        "load" => match store.load(&key).await {
            Ok(stored) => {
                assert_eq!(stored.unwrap().bytes, old);
                true
            }
            Err(_) => false,
        },
        "replace" => {
            let version = direct.load(&key).await.unwrap().unwrap().version;
            match store.replace(&key, Some(&version), Some(&entry("new"))).await {
                Ok(replaced) => {
                    assert!(matches!(replaced, Replaced::Written(_)), "{replaced:?}");
                    assert_eq!(there().await, Some(new));
                    true
                }
                Err(_) => {
                    assert!([old, new].contains(&there().await.unwrap()), "one or the other, and whole");
                    false
                }
            }
        }
        "insert" => {
            direct.take(&key).await.unwrap().unwrap();
            match store.insert_if_absent(&key, &entry("new")).await {
                Ok(is_new) => {
                    assert!(is_new && there().await == Some(new));
                    true
                }
                Err(_) => {
                    assert!(there().await.is_none_or(|there| there == new));
                    false
                }
            }
        }
        "take" => match store.take(&key).await {
            Ok(taken) => {
                assert!(taken == Some(old) && there().await.is_none());
                true
            }
            Err(_) => {
                assert!(there().await.is_none_or(|there| there == old));
                false
            }
        },
        "lease" => match store.lease(&key, SIEGE, NOW).await {
            Ok(lease) => {
                let lease = lease.unwrap();
                assert_eq!(direct.lease(&key, SIEGE, NOW).await.unwrap(), None);
                direct.release(&key, &lease).await.unwrap();
                assert!(direct.lease(&key, SIEGE, NOW).await.unwrap().is_some());
                true
            }
            Err(_) => false,
        },
        _ => match store.find(&Index::of_name("deaths"), None).await {
            Ok(found) => {
                assert!(!found.keys.is_empty());
                true
            }
            Err(_) => false,
        },
    }
}

/// Whatever was said before, a caller is answered, what it is answered is so, and what it is not told has happened or has not.
#[test]
#[ignore = "needs Redis; run by tests/interop/slow/run"]
fn a_connection_may_die_after_each_byte() {
    let redis = Redis::in_memory().unwrap();
    let bridge = Bridge::to(redis.url().trim_start_matches("redis://").to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let direct = AsyncRedisStore::connect(&format!("{}/3", redis.url())).unwrap();
    let mut trials = 0;
    for is_for_tasks in [false, true] {
        // A new one each time, so that it connects, and logs in.
        let open = || -> Box<dyn AsyncStore> {
            match is_for_tasks {
                true => Box::new(AsyncRedisStore::connect(&bridge.url()).unwrap()),
                false => Box::new(Blocking::new(RedisStore::connect(&bridge.url()).unwrap())),
            }
        };
        for operation in OPERATIONS {
            for direction in [0, 1] {
                let mut attempt = |bytes: usize| {
                    trials += 1;
                    let trial = format!("{operation} {is_for_tasks} {direction} {bytes}");
                    runtime.block_on(async {
                        let old = direct.replace(&key(&trial), None, Some(&entry("old"))).await.unwrap();
                        assert!(old.is_done());
                        bridge.allow(direction, bytes);
                        is_answered(operation, &trial, &*open(), &direct).await
                    })
                };
                assert!(attempt(ENDLESS), "{operation}: nothing is in its way");
                let used = bridge.allow(direction, ENDLESS);
                assert!(used > 0);
                for bytes in 0..used {
                    assert!(!attempt(bytes), "{operation}: {bytes} of {used} bytes are no answer");
                }
                assert!(attempt(used), "{operation}: {used} bytes are all");
            }
        }
    }
    report(&format!("{trials} connections, each of which ended elsewhere"));
}

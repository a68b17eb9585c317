//! Both Redis stores, before servers that do not answer as they should. Each test is written once and runs through both.

/// A test of each store from one body: `fn name(store)`, where `store` connects to a URL with a deadline.
macro_rules! for_both {
    ($($(#[$doc:meta])* fn $name:ident<$type:ident>() $body:block)*) => {
        $($(#[$doc])*
        mod $name {
            use super::*;

            fn test<$type: Asked>() $body

            #[test]
            fn for_threads() {
                test::<RedisStore>();
            }

            #[test]
            fn for_tasks() {
                test::<OnTokio>();
            }
        })*
    };
}

mod answers;
mod clusters;
mod connections;
mod deadlines;
mod failovers;
mod learning;
mod leases;
mod lists;
mod pages;
mod places;
mod questions;
mod repeats;
mod replicas;
mod sentinels;
mod sizes;
#[cfg(unix)]
mod sockets;
mod tables;
mod tls;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use valetkey_core::store::{
    AsyncStore, Entry, Found, Index, Lease, Replaced, Store, StoreError, StoreKey, StoreVersion, Stored,
    StoredBytes,
};
use valetkey_stores::{AsyncRedisStore, RedisStore};
use valetkey_tests::NOW;

use super::fake_redis::{FakeRedis, Reply};
use super::{MINUTE, in_time, key, secret};

/// A deadline that a test waits for, and one that it does not.
const SHORT: Duration = Duration::from_millis(200);
/// For what goes on until the deadline, and must get somewhere before it on a busy machine.
const ENOUGH: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(600);

/// Either store, asked as one for threads is.
trait Asked: Send + Sync + Sized + 'static {
    fn connect(url: &str, deadline: Duration) -> Result<Self, StoreError>;
    fn cluster(urls: &[String], deadline: Duration) -> Result<Self, StoreError>;
    fn sentinels(master: &str, urls: &[String], deadline: Duration) -> Result<Self, StoreError>;
    /// Lets servers lead it to this host.
    fn allowing(self, host: &'static str) -> Self;
    fn with_replicas(self, replicas: u32) -> Self;
    fn prefixed(self, prefix: &str) -> Self;
    /// A clone with a deadline of its own.
    fn within(&self, deadline: Duration) -> Self;
    fn shown(&self) -> String;
    fn load(&self) -> Result<Option<Stored>, StoreError>;
    fn replace(&self, record: Option<&StoredBytes>) -> Result<Replaced, StoreError> {
        self.replace_entry(None, record.cloned().map(Into::into).as_ref())
    }
    fn replace_entry(
        &self,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError>;
    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError>;
    fn lease(&self) -> Result<bool, StoreError> {
        self.lease_for(MINUTE).map(|lease| lease.is_some())
    }
    fn lease_for(&self, time: Duration) -> Result<Option<Lease>, StoreError>;
    fn release(&self, lease: &Lease) -> Result<(), StoreError>;
}

impl Asked for RedisStore {
    fn connect(url: &str, deadline: Duration) -> Result<Self, StoreError> {
        Ok(RedisStore::connect(url)?.with_deadline(deadline))
    }

    fn cluster(urls: &[String], deadline: Duration) -> Result<Self, StoreError> {
        Ok(RedisStore::cluster(urls)?.with_deadline(deadline))
    }

    fn sentinels(master: &str, urls: &[String], deadline: Duration) -> Result<Self, StoreError> {
        Ok(RedisStore::sentinels(master, urls)?.with_deadline(deadline))
    }

    fn allowing(self, host: &'static str) -> Self {
        self.with_node_hosts(move |announced| announced == host)
    }

    fn with_replicas(self, replicas: u32) -> Self {
        RedisStore::with_replicas(self, replicas, SHORT)
    }

    fn prefixed(self, prefix: &str) -> Self {
        self.with_prefix(prefix).unwrap()
    }

    fn within(&self, deadline: Duration) -> Self {
        self.clone().with_deadline(deadline)
    }

    fn shown(&self) -> String {
        format!("{self:?}")
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        Store::load(self, &key())
    }

    fn replace_entry(
        &self,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        Store::replace(self, &key(), expected, entry)
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        Store::find(self, index, after)
    }

    fn lease_for(&self, time: Duration) -> Result<Option<Lease>, StoreError> {
        Store::lease(self, &key(), time, NOW)
    }

    fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        Store::release(self, &key(), lease)
    }
}

/// The store for tasks, with a runtime, which clones share as they share their connections.
struct OnTokio(AsyncRedisStore, Arc<Runtime>);

impl OnTokio {
    fn of(store: AsyncRedisStore) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self(store, Arc::new(runtime))
    }
}

impl Asked for OnTokio {
    fn connect(url: &str, deadline: Duration) -> Result<Self, StoreError> {
        Ok(Self::of(AsyncRedisStore::connect(url)?.with_deadline(deadline)))
    }

    fn cluster(urls: &[String], deadline: Duration) -> Result<Self, StoreError> {
        Ok(Self::of(AsyncRedisStore::cluster(urls)?.with_deadline(deadline)))
    }

    fn sentinels(master: &str, urls: &[String], deadline: Duration) -> Result<Self, StoreError> {
        Ok(Self::of(AsyncRedisStore::sentinels(master, urls)?.with_deadline(deadline)))
    }

    fn allowing(self, host: &'static str) -> Self {
        Self(self.0.with_node_hosts(move |announced| announced == host), self.1)
    }

    fn with_replicas(self, replicas: u32) -> Self {
        Self(self.0.with_replicas(replicas, SHORT), self.1)
    }

    fn prefixed(self, prefix: &str) -> Self {
        Self(self.0.with_prefix(prefix).unwrap(), self.1)
    }

    fn within(&self, deadline: Duration) -> Self {
        Self(self.0.clone().with_deadline(deadline), Arc::clone(&self.1))
    }

    fn shown(&self) -> String {
        format!("{:?}", self.0)
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        self.1.block_on(self.0.load(&key()))
    }

    fn replace_entry(
        &self,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<Replaced, StoreError> {
        self.1.block_on(self.0.replace(&key(), expected, entry))
    }

    fn find(&self, index: &Index, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        self.1.block_on(self.0.find(index, after))
    }

    fn lease_for(&self, time: Duration) -> Result<Option<Lease>, StoreError> {
        self.1.block_on(self.0.lease(&key(), time, NOW))
    }

    fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.1.block_on(self.0.release(&key(), lease))
    }
}

type Operation<S> = fn(&S) -> Result<(), StoreError>;

/// Does each operation at a server that answers all of them like this, and returns what they were told.
fn errors<S: Asked>(reply: &Reply, deadline: Duration) -> Vec<String> {
    let operations: [Operation<S>; 4] = [
        |store| store.load().map(drop),
        |store| store.replace(Some(&secret())).map(drop),
        |store| store.replace(None).map(drop),
        |store| store.lease().map(drop),
    ];
    // All at once, since each waits.
    let asked = operations.map(|operation| {
        let reply = reply.clone();
        let fake = FakeRedis::start(move |_, _| reply.clone());
        let store = S::connect(&fake.url(), deadline).unwrap();
        thread::spawn(move || in_time(move || operation(&store)).unwrap_err().to_string())
    });
    asked.map(|asked| asked.join().unwrap()).into()
}

/// What a server of a cluster says of the others: so many slots from the first on at each, with a replica of the last.
fn slots(ranges: &[(u16, u16, &str, u16)]) -> Reply {
    let server = |host: &str, port: u16| format!("*3\r\n${}\r\n{host}\r\n:{port}\r\n+id\r\n", host.len());
    let ranges: Vec<String> = ranges
        .iter()
        .map(|(first, last, host, port)| format!("*3\r\n:{first}\r\n:{last}\r\n{}", server(host, *port)))
        .collect();
    super::fake_redis::send(format!("*{}\r\n{}", ranges.len(), ranges.concat()))
}

/// All slots are at this port of loopback.
fn all_at(port: u16) -> Reply {
    slots(&[(0, 16_383, "127.0.0.1", port)])
}

/// The slot of what a key has between its braces: CRC-16 bit by bit over the polynomial, in a way of its own.
fn slot_of(tag: &str) -> u16 {
    let mut sum = 0_u32;
    for byte in tag.bytes() {
        for bit in (0..8).rev() {
            let is_set = (sum >> 15) & 1 != u32::from(byte >> bit) & 1;
            sum = (sum << 1) & 0xffff;
            if is_set {
                sum ^= 0x1021;
            }
        }
    }
    u16::try_from(sum % 16_384).unwrap()
}

/// What the scripts were called with: the version or the lease, and all else.
fn scripts(fake: &FakeRedis) -> Vec<Vec<String>> {
    fake.commands().into_iter().filter(|command| command[0] == "EVAL").collect()
}

/// How often a server was asked by this command.
fn count(fake: &FakeRedis, name: &str) -> usize {
    fake.commands().iter().filter(|command| command[0] == name).count()
}

/// An answer with a record: its version and itself.
fn record(bytes: &[u8]) -> Vec<u8> {
    let version = "0123456789abcdef0123456789abcdef";
    let head = format!("${}\r\n{version}\n", version.len() + 1 + bytes.len());
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

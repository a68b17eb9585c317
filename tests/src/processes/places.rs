//! Where a Redis store of the tests is: one server, or several.

use std::time::Duration;

use valetkey_core::store::StoreError;
use valetkey_stores::{AsyncRedisStore, RedisStore};

/// How long an operation may take: longer than it takes another server to take over.
const DEADLINE: Duration = Duration::from_secs(15);

/// How long a change waits for a replica.
const REPLICATION: Duration = Duration::from_millis(500);

/// The store at a place: `redis://…` for a single server, `cluster redis://… redis://…` for a cluster of which these servers are some, and
/// `sentinels redis://NAME redis://… redis://…` for the master of this name. In the latter two each change waits for a replica.
///
/// # Errors
///
/// The store's.
pub fn redis_at(place: &str) -> std::result::Result<RedisStore, StoreError> {
    match place.split_once(' ') {
        None => RedisStore::connect(place),
        Some(("cluster", urls)) => Ok(waiting(RedisStore::cluster(urls.split(' '))?)),
        Some((_, urls)) => {
            let (master, sentinels) = urls.split_once(' ').unwrap();
            Ok(waiting(RedisStore::sentinels(master, sentinels.split(' '))?))
        }
    }
}

fn waiting(store: RedisStore) -> RedisStore {
    store.with_replicas(1, REPLICATION).with_deadline(DEADLINE)
}

/// The same for tasks.
///
/// # Errors
///
/// The store's.
pub fn async_redis_at(place: &str) -> std::result::Result<AsyncRedisStore, StoreError> {
    let waiting = |store: AsyncRedisStore| store.with_replicas(1, REPLICATION).with_deadline(DEADLINE);
    match place.split_once(' ') {
        None => AsyncRedisStore::connect(place),
        Some(("cluster", urls)) => Ok(waiting(AsyncRedisStore::cluster(urls.split(' '))?)),
        Some((_, urls)) => {
            let (master, sentinels) = urls.split_once(' ').unwrap();
            Ok(waiting(AsyncRedisStore::sentinels(master, sentinels.split(' '))?))
        }
    }
}

//! Where valetkey keeps sessions between processes, and the suite that any other store can be held to.
//!
//! A session whose tokens are in a store outlives its process, and is shared by many. Each store here keeps the contract
//! of [`valetkey_core::store`], and passes [`suite`]:
//!
//! | store | feature | for | its leases end |
//! |---|---|---|---|
//! | [`FileStore`] | `file`, on by default | the processes of one machine | with their process, or when their time is over |
//! | [`KeyringStore`] | `keyring` | a person's own programs: the records are in the system's keyring | likewise |
//! | [`RedisStore`] | `redis` | threads on many machines, with one Redis, a cluster, or sentinels | when their time is over |
//! | [`AsyncRedisStore`] | `redis-async` | tasks on many machines | likewise |
//! | [`Sealed`] | `sealed` | encrypts the records of any of them | likewise |
//! | [`Blocking`] | `tokio` | makes one for threads serve tasks | likewise |
//!
//! What each looks at, how long it takes at most, and what it keeps:
//!
//! | store | looks at | an operation ends | a record has at most |
//! |---|---|---|---|
//! | [`FileStore`] | the owner, the mode and the kind of the folder, of the way to it and of each file | with the disk | 16 MiB |
//! | [`KeyringStore`] | likewise, for its locks; the keyring looks at who asks | with the keyring, which may ask the person | 16 MiB, in several entries where one takes less |
//! | [`RedisStore`], [`AsyncRedisStore`] | the server's certificate, with `rediss://`; the size of each answer before it is read | after five seconds, or as [`with_deadline`](RedisStore::with_deadline) says | 16 MiB |
//! | [`Sealed`] | that a record is whole, sealed with its key and for its session | with the store that it seals | 16 MiB, of which it needs 44 bytes |
//!
//! What each does with a record that is over, and with an [index](valetkey_core::store::Index):
//!
//! | store | drops what is over | an index is |
//! |---|---|---|
//! | [`FileStore`] | when another with a lifetime is written, of some hundreds at a time, five minutes after that or a fifth of the lifetime: the clock may be ahead | a file `index-DIGEST.index` of keys, 250,000 at most; shortened when a record goes |
//! | [`KeyringStore`] | when the same key is written again | a file in the folder of its locks |
//! | [`RedisStore`], [`AsyncRedisStore`] | by Redis's own expiry | two sorted sets: a key goes a day after its record's lifetime, or 400 days after the last write of one that has none; of more than 250,000 the one that goes first |
//! | [`Sealed`] | with the store that it seals | with that store, in the clear: it is a digest |
//!
//! Each finds in [pages](valetkey_core::store::Store::find). A Redis that a former version has written to, where an index is one list of
//! 1,000 keys, is read as before: what is in the list is found too. A process of that version does not find what newer ones have
//! written, so let none of them receive log-outs while both run; and one that shares a folder of files shortens an index to the 1,000 that
//! were written last.
//!
//! # Redis in several servers
//!
//! | | by | a change is lost with its server |
//! |---|---|---|
//! | one server | [`connect`](RedisStore::connect) | if that is not set to sync every write |
//! | a cluster | [`cluster`](RedisStore::cluster) | if its replica did not have it yet |
//! | a master that sentinels watch | [`sentinels`](RedisStore::sentinels) | if the replica that takes over did not have it yet |
//!
//! [`with_replicas`](RedisStore::with_replicas) lets each change wait until replicas have it, and says what that costs and what stays possible.
//! While another server takes over, operations [ask again](RedisStore::cluster) until their deadline. What servers
//! announce of each other is followed to the hosts that the URLs name, and to others if the program
//! [allows them](RedisStore::with_node_hosts): they are sent its password.
//!
//! Each operation's keys are in one slot of a cluster, by their hash tags; no question is about two slots.
//!
//! # More about all of them
//!
//! The guide has pages for [many users](https://docs.rs/valetkey-async/latest/valetkey_async/guide/many_users/) and for
//! [a store of your own](https://docs.rs/valetkey-async/latest/valetkey_async/guide/own_store/).
//!
//! One store serves all sessions of a program: an [`Arc`](std::sync::Arc) of a store is a store, and a clone of a Redis store
//! shares its connection.
//!
//! A record above [`LARGEST_RECORD`] is refused before anything is written. Errors name paths, owners, modes and what to
//! do; they repeat nothing that a server or a keyring said.
//!
//! A session that waits for the lease of a process that was killed waits a moment with files, where the operating system
//! gives it up at once, and with Redis as long as [`Session::with_lease`](valetkey_core::Session::with_lease) says.
//!
#![cfg_attr(
    feature = "file",
    doc = r#"
# For threads

```no_run
use valetkey_blocking::store::StoreKey;
use valetkey_blocking::{ApiClient, Client, Discovery, Session, http_client, run};
use valetkey_stores::FileStore;

let server = run(&http_client(), Discovery::new("https://login.example")?)?.into_server();
let app = Client::new(server, "client-id").api("https://api.example")?;
let store = FileStore::open("/var/lib/my-service/sessions")?;
// What an earlier process stored after Alice's login is taken up: she is not asked again. A login is stored in the same
// way: `ApiClient::stored(http_client(), Session::from_tokens(&app, &tokens), alice, store)`.
let alice = StoreKey::of_user(&app, "alice");
let api = ApiClient::stored(http_client(), Session::from_store(&app), alice, store)?;
let orders = api.get("https://api.example/orders")?;
# Ok::<(), Box<dyn std::error::Error>>(())
```
"#
)]
#![cfg_attr(
    feature = "file",
    doc = r#"
# More than sessions

```no_run
use std::sync::Arc;
use std::time::Duration;
use valetkey_blocking::store::{Entry, Index, Store, StoreKey, StoredBytes};
use valetkey_blocking::{AuthorizationResponse, PendingAuthorization, now};
use valetkey_stores::FileStore;

# fn callback(pending: PendingAuthorization, response: AuthorizationResponse) -> Result<(), Box<dyn std::error::Error>> {
let store: Arc<dyn Store> = Arc::new(FileStore::open("/var/lib/my-service/sessions")?);
// What waits while the user is at the authorization server: put there once, and taken out once.
pending.put_in(&store, now())?;
let pending = PendingAuthorization::take_from(&store, &response)?;
// What may happen once, such as a token that must not be accepted twice.
let mark = Entry::new(StoredBytes::new(b"seen".to_vec())).kept_for(Duration::from_secs(3600), now());
let key = StoreKey::of_mark(&["logout token", "https://as.example", "bWJq"]);
let is_new = store.insert_if_absent(&key, &mark)?;
// The sessions of a user whose keys nobody knows.
let sessions = store.find(&Index::of_user("https://as.example", "248289761001"), None)?.keys;
# Ok(())
# }
```
"#
)]
#![cfg_attr(
    all(feature = "redis-async", feature = "sealed"),
    doc = r#"
# For tasks

```no_run
use valetkey_async::dialect::space::{Permissions, Space};
use valetkey_async::store::StoreKey;
use valetkey_async::{ApiClient, ClientSecret, Grant, Session, http_client};
use valetkey_stores::{AsyncRedisStore, Sealed};

# async fn service(key: [u8; 32]) -> Result<(), Box<dyn std::error::Error>> {
let space = Space::new("https://mycompany.jetbrains.space")?;
let app = space.application("client-id").secret("client-secret")?;
let scope = Permissions::new().global("Profile.Absences.View").scope()?;
// One token for however many processes use this Redis, and Redis cannot read it.
let store = Sealed::new(AsyncRedisStore::connect("redis://127.0.0.1:6379")?, key);
let grant = Grant::client_credentials().scope(scope)?;
let key = StoreKey::of_application(&app, &grant);
let api = ApiClient::stored(http_client()?, Session::from_grant(&app, grant), key, store).await?;
let absences = api.get(space.api("absences")).await?;
# Ok(())
# }
```
"#
)]
#![cfg_attr(
    not(all(
        feature = "file",
        feature = "keyring",
        feature = "redis-async",
        feature = "sealed",
        feature = "suite",
        feature = "tokio"
    )),
    allow(
        rustdoc::broken_intra_doc_links,
        reason = "the tables have the stores of all features; with all of them on, each link is checked"
    )
)]

#[cfg(feature = "tokio")]
mod blocking;
#[cfg(feature = "file")]
mod file;
#[cfg(feature = "keyring")]
mod keyring;
#[cfg(feature = "file")]
mod locked;
#[cfg(any(feature = "file", feature = "redis", feature = "suite"))]
mod name;
#[cfg(any(feature = "file", feature = "redis", feature = "sealed", feature = "suite"))]
mod record;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sealed")]
mod sealed;
#[cfg(feature = "suite")]
pub mod suite;

#[cfg(feature = "tokio")]
pub use blocking::Blocking;
#[cfg(feature = "file")]
pub use file::FileStore;
#[cfg(feature = "keyring")]
pub use keyring::KeyringStore;
#[cfg(any(feature = "file", feature = "redis", feature = "sealed", feature = "suite"))]
pub use record::LARGEST_RECORD;
#[cfg(feature = "redis-async")]
pub use redis::AsyncRedisStore;
#[cfg(feature = "redis")]
pub use redis::RedisStore;
#[cfg(feature = "sealed")]
pub use sealed::Sealed;

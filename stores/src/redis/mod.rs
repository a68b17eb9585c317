//! Sessions in Redis or Valkey: [`RedisStore`] and [`AsyncRedisStore`].
//!
//! ```text
//!  PREFIX{KEY}         hash: record, version
//!  PREFIX{KEY}:lease   string: the lease's name, with a time to live
//! ```
//!
//! Both keys of a session are in one slot of a cluster, by the hash tag. What compares and writes is one script, which
//! Redis runs as one. The names of versions are random, and so are those of leases; a lease that is taken names the
//! version anew, so a holder whose lease has ended writes over nobody.

#[cfg(feature = "redis-async")]
mod tasks;
mod threads;

use std::time::Duration;

use redis::{Client, Cmd, IntoConnectionInfo, RedisError, Script, ScriptInvocation};
use valetkey_core::store::{Lease, Replaced, StoreError, StoreKey, StoreVersion, Stored, StoredBytes};

#[cfg(feature = "redis-async")]
pub use tasks::AsyncRedisStore;
pub use threads::RedisStore;

use crate::name;

/// What keys begin with, unless said otherwise.
const PREFIX: &str = "valetkey:";

/// How long a connection may take, and how long an answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(5);

/// The longest lease: a day. Redis refuses times that it cannot add to its clock.
const LONGEST_LEASE: u64 = 24 * 60 * 60 * 1000;

/// Expected version ("" for none), new version, record ("" for none).
const REPLACE: &str = "
if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
if ARGV[3] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'version', ARGV[2], 'record', ARGV[3])
end
return 1";

/// The lease's name, which is the new version's too, and its time in milliseconds.
const LEASE: &str = "
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'version', ARGV[1]) end
return 1";

/// The lease's name.
const RELEASE: &str = "
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1";

/// What is asked of Redis, however it is sent.
struct Commands {
    prefix: String,
    replace: Script,
    lease: Script,
    release: Script,
}

/// What a load is answered with: version and record.
type Loaded = (Option<String>, Option<Vec<u8>>);

impl Commands {
    fn new() -> Self {
        Self {
            prefix: PREFIX.to_owned(),
            replace: Script::new(REPLACE),
            lease: Script::new(LEASE),
            release: Script::new(RELEASE),
        }
    }

    fn with_prefix(mut self, prefix: &str) -> Result<Self, StoreError> {
        if prefix.contains(['{', '}']) {
            return Err(StoreError::new(
                "a prefix with braces would part the keys of a session in a cluster",
            ));
        }
        prefix.clone_into(&mut self.prefix);
        Ok(self)
    }

    fn record(&self, key: &StoreKey) -> String {
        format!("{}{{{}}}", self.prefix, key.as_str())
    }

    fn load(&self, key: &StoreKey) -> Cmd {
        let mut command = redis::cmd("HMGET");
        command.arg(self.record(key)).arg("version").arg("record");
        command
    }

    /// The script, and the version that the record then has.
    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        record: Option<&StoredBytes>,
    ) -> Result<(ScriptInvocation<'_>, Replaced), StoreError> {
        let version = StoreVersion::new(name::fresh()?);
        let record = record.map(StoredBytes::expose);
        if record.is_some_and(<[u8]>::is_empty) {
            return Err(StoreError::new("a record must not be empty"));
        }
        let mut script = self.on(&self.replace, key);
        script
            .arg(expected.map_or("", StoreVersion::as_str))
            .arg(version.as_str())
            .arg(record.unwrap_or(&[]));
        Ok((script, if record.is_some() { Replaced::Written(version) } else { Replaced::Deleted }))
    }

    fn lease(&self, key: &StoreKey, ttl: Duration) -> Result<(ScriptInvocation<'_>, Lease), StoreError> {
        let lease = Lease::new(name::fresh()?);
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).clamp(1, LONGEST_LEASE);
        let mut script = self.on(&self.lease, key);
        script.arg(lease.as_str()).arg(millis);
        Ok((script, lease))
    }

    fn release(&self, key: &StoreKey, lease: &Lease) -> ScriptInvocation<'_> {
        let mut script = self.on(&self.release, key);
        script.arg(lease.as_str());
        script
    }

    fn on<'a>(&self, script: &'a Script, key: &StoreKey) -> ScriptInvocation<'a> {
        let record = self.record(key);
        let lease = format!("{record}:lease");
        let mut script = script.key(record);
        script.key(lease);
        script
    }
}

fn stored((version, record): Loaded) -> Option<Stored> {
    Some(Stored { bytes: StoredBytes::new(record?), version: StoreVersion::new(version?) })
}

fn client(url: &str) -> Result<Client, StoreError> {
    let url = url.into_connection_info().map_err(|_| StoreError::new("this is no URL of a Redis"))?;
    #[cfg(feature = "redis-tls")]
    if matches!(url.addr(), redis::ConnectionAddr::TcpTls { .. }) {
        // Without one rustls panics where a program has several; if there is one already, it stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    Client::open(url).map_err(failed)
}

/// What a server's message says is not told but its code: it may quote what it was sent, and a URL has a password in it.
fn failed(error: RedisError) -> StoreError {
    if error.is_io_error() {
        return StoreError::new(error);
    }
    StoreError::new(format!("Redis: {} ({})", error.category(), error.code().unwrap_or("no code")))
}

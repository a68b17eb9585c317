//! What is asked of Redis, and what its answers mean: [`Commands`].

use std::time::Duration;

use redis::{Cmd, Value};
use valetkey_core::store::{
    Entry, Index, Lease, MOST_FOUND, Replaced, StoreError, StoreKey, StoreVersion, Stored, StoredBytes,
};

use super::trouble::Trouble;
use crate::{LARGEST_RECORD, name, record};

/// What keys begin with, if the program does not say.
const PREFIX: &str = "valetkey:";

/// How long an operation may take, if the program does not say.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);

/// The longest lease: a day. Redis refuses times that it cannot add to its clock.
const LONGEST_LEASE: u64 = 24 * 60 * 60 * 1000;

/// The longest lifetime of a record, and that of an index: 400 days, as long as browsers keep a cookie.
const LONGEST_LIFETIME: u64 = 400 * LONGEST_LEASE;

/// The most that is read of an answer that has a record, and of one that has none: a version is 32 bytes.
const RECORD: usize = LARGEST_RECORD + 1024;
pub(super) const NUMBER: usize = 1024;

/// The most that is read of the keys that were found.
const FOUND: usize = 64 * MOST_FOUND + 1024;

/// The largest record. Returns the version, a line feed and the record; or nothing; or 1 for one that is larger.
const LOAD: &str = "
if redis.call('HSTRLEN', KEYS[1], 'record') > tonumber(ARGV[1]) then return 1 end
local version = redis.call('HGET', KEYS[1], 'version')
local record = redis.call('HGET', KEYS[1], 'record')
if not version or not record then return false end
return version .. '\\n' .. record";

/// Expected version (\"\" for none), new version, record (\"\" for none), its lifetime in milliseconds (\"\" for ever).
const REPLACE: &str = "
if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
if ARGV[3] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'version', ARGV[2])
  redis.call('HSET', KEYS[1], 'record', ARGV[3])
  if ARGV[4] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
end
return 1";

/// The key that is found, the last place in the list, the list's lifetime in milliseconds.
const INDEX: &str = "
redis.call('LREM', KEYS[1], 0, ARGV[1])
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], 0, ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1";

/// Returns the keys, a line each.
const FIND: &str = "return table.concat(redis.call('LRANGE', KEYS[1], 0, -1), '\\n')";

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
pub(super) struct Question {
    pub(super) command: Cmd,
    /// The largest answer, in bytes.
    pub(super) largest: usize,
    /// Whether it may be asked again if it is not known whether it was carried out.
    pub(super) changes_nothing: bool,
}

/// What makes questions of operations.
#[derive(Clone)]
pub(super) struct Commands {
    pub(super) prefix: String,
}

impl Commands {
    pub(super) fn new() -> Self {
        Self { prefix: PREFIX.to_owned() }
    }

    pub(super) fn with_prefix(prefix: &str) -> Result<Self, StoreError> {
        if prefix.contains(['{', '}']) {
            return Err(StoreError::new(
                "a prefix with braces would part the keys of a session in a cluster",
            ));
        }
        Ok(Self { prefix: prefix.to_owned() })
    }

    pub(super) fn load(&self, key: &StoreKey) -> Question {
        let mut command = self.script(LOAD, key);
        command.arg(LARGEST_RECORD);
        Question { command, largest: RECORD, changes_nothing: true }
    }

    /// The question, and the version that the record then has.
    pub(super) fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Result<(Question, Replaced), StoreError> {
        record::check_size(entry)?;
        let version = StoreVersion::new(name::fresh()?);
        let record = entry.map(|entry| entry.bytes().expose());
        let lifetime =
            entry.and_then(Entry::lifetime).map(|lifetime| millis(lifetime.time(), LONGEST_LIFETIME));
        if record.is_some_and(<[u8]>::is_empty) {
            return Err(StoreError::new("the record to write is empty, and a record must not be"));
        }
        let mut command = self.script(REPLACE, key);
        command
            .arg(expected.map_or("", StoreVersion::as_str))
            .arg(version.as_str())
            .arg(record.unwrap_or(&[]))
            .arg(lifetime.map(|millis| millis.to_string()).unwrap_or_default());
        let replaced = if record.is_some() { Replaced::Written(version) } else { Replaced::Deleted };
        Ok((changing(command), replaced))
    }

    /// One question for each index of a record, to be asked before the record is written.
    pub(super) fn indexes(&self, key: &StoreKey, entry: Option<&Entry>) -> Vec<Question> {
        let indexes = entry.map(Entry::indexes).unwrap_or_default();
        let question = |index| {
            let mut command = self.index_script(INDEX, index);
            command.arg(key.as_str()).arg(MOST_FOUND - 1).arg(LONGEST_LIFETIME);
            // It may be: the second time changes nothing.
            Question { command, largest: NUMBER, changes_nothing: true }
        };
        indexes.iter().map(question).collect()
    }

    pub(super) fn find(&self, index: &Index) -> Question {
        Question { command: self.index_script(FIND, index), largest: FOUND, changes_nothing: true }
    }

    pub(super) fn index_script(&self, script: &str, index: &Index) -> Cmd {
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(1).arg(format!("{}{{index-{}}}", self.prefix, index.as_str()));
        command
    }

    pub(super) fn lease(&self, key: &StoreKey, ttl: Duration) -> Result<(Question, Lease), StoreError> {
        let lease = Lease::new(name::fresh()?);
        let mut command = self.script(LEASE, key);
        command.arg(lease.as_str()).arg(millis(ttl, LONGEST_LEASE));
        Ok((changing(command), lease))
    }

    pub(super) fn release(&self, key: &StoreKey, lease: &Lease) -> Question {
        let mut command = self.script(RELEASE, key);
        command.arg(lease.as_str());
        changing(command)
    }

    /// The script itself and not its digest: that would be a second question where the server does not know it yet.
    pub(super) fn script(&self, script: &str, key: &StoreKey) -> Cmd {
        let record = format!("{}{{{}}}", self.prefix, key.as_str());
        let lease = format!("{record}:lease");
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(2).arg(record).arg(lease);
        command
    }
}

/// A time to live that Redis takes.
fn millis(time: Duration, longest: u64) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).clamp(1, longest)
}

fn changing(command: Cmd) -> Question {
    Question { command, largest: NUMBER, changes_nothing: false }
}

/// What a load is answered with.
pub(super) fn stored(answer: Value) -> Result<Option<Stored>, Trouble> {
    let mut bytes = match answer {
        Value::Nil => return Ok(None),
        Value::BulkString(bytes) => bytes,
        Value::Int(_) => return Err(Trouble::TooLarge),
        _ => return Err(Trouble::Strange),
    };
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(Trouble::Strange)?;
    let version = bytes.get(..end).and_then(|version| std::str::from_utf8(version).ok());
    let version = StoreVersion::new(version.ok_or(Trouble::Strange)?);
    // In place, so that no copy of the secrets is left behind.
    bytes.drain(..=end);
    if bytes.len() > LARGEST_RECORD {
        return Err(Trouble::TooLarge);
    }
    Ok(Some(Stored::new(StoredBytes::new(bytes), version)))
}

/// What a find is answered with.
pub(super) fn found(answer: Value) -> Result<Vec<StoreKey>, Trouble> {
    let Value::BulkString(bytes) = answer else { return Err(Trouble::Strange) };
    let text = std::str::from_utf8(&bytes).map_err(|_| Trouble::Strange)?;
    Ok(text.lines().filter_map(StoreKey::from_name).take(MOST_FOUND).collect())
}

/// What the others are answered with: whether it was done.
pub(super) fn done(answer: &Value) -> Result<bool, Trouble> {
    match answer {
        Value::Int(0) => Ok(false),
        Value::Int(1) => Ok(true),
        _ => Err(Trouble::Strange),
    }
}

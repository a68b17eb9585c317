//! What is asked of Redis, and what its answers mean: [`Commands`].

use std::time::Duration;

use redis::{Cmd, Value};
use valetkey_core::store::{
    Entry, Found, Index, Lease, MOST_FOUND, Replaced, StoreError, StoreKey, StoreVersion, Stored, StoredBytes,
};

use super::trouble::Trouble;
use crate::{LARGEST_RECORD, name, record};

/// What keys begin with, if the program does not say.
const PREFIX: &str = "valetkey:";

/// How long an operation may take, if the program does not say.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);

/// The longest lease: a day. Redis refuses times that it cannot add to its clock.
const LONGEST_LEASE: u64 = A_DAY;

/// How long a record without a lifetime is found: 400 days, as long as browsers keep a cookie. And the longest lifetime: a quarter more, as a
/// session has it that is kept for so long after it was last used.
const FOUND_FOR: u64 = 400 * A_DAY;
const LONGEST_LIFETIME: u64 = 500 * A_DAY;

/// A record is found for so much longer than it is there: its name is written before it is, and nobody knows how long before.
const A_DAY: u64 = 24 * 60 * 60 * 1000;

/// How many names that are over, or too many, are dropped when another is written: more than one, so that they become fewer.
const DROPPED: usize = 100;

/// The most names of an index: as many as a folder of files keeps. Above it the one goes that is over first, which is the session that was
/// used least of late: a log-out no longer finds that one by this index, and its tokens stay until they end by themselves.
const MOST: usize = 250_000;

/// The most that is read of an answer that has a record, and of one that has none: a version is 32 bytes.
const RECORD: usize = LARGEST_RECORD + 1024;
pub(super) const NUMBER: usize = 1024;

/// The most that is read of the keys that were found: a page and one more, and the list of a former version, which has a thousand.
const FOUND: usize = 64 * (MOST_FOUND + 1 + 1000) + 1024;

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

/// The key that is found, for how long in milliseconds, how many are dropped at most, of those that are over and of those above the most,
/// and that. It is never found for a shorter time than was
/// said before: of two who write a record at once, one does not, and it must not be the one whose time counts.
///
/// Redis before 5 must be told that a script which asks for the time may write.
const INDEX: &str = "
if redis.replicate_commands then redis.replicate_commands() end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local over = now + tonumber(ARGV[2])
local known = redis.call('ZSCORE', KEYS[3], ARGV[1])
if not known or tonumber(known) < over then
  redis.call('ZADD', KEYS[3], string.format('%.0f', over), ARGV[1])
end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
local gone = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[3])
for _, name in ipairs(gone) do
  redis.call('ZREM', KEYS[2], name)
  redis.call('ZREM', KEYS[3], name)
end
local more = math.min(redis.call('ZCARD', KEYS[3]) - tonumber(ARGV[4]), tonumber(ARGV[3]))
if more > 0 then
  for _, name in ipairs(redis.call('ZRANGE', KEYS[3], 0, more - 1)) do
    if name ~= ARGV[1] then
      redis.call('ZREM', KEYS[2], name)
      redis.call('ZREM', KEYS[3], name)
    end
  end
end
local last = redis.call('ZREVRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2]
redis.call('PEXPIREAT', KEYS[2], string.format('%.0f', last))
redis.call('PEXPIREAT', KEYS[3], string.format('%.0f', last))
return 1";

/// Where the page begins, and how many keys it has at most. Returns them, a line each, an empty line, and the list of a former version.
const FIND: &str = "
local page = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], '+', 'LIMIT', 0, ARGV[2])
return table.concat(page, '\\n') .. '\\n\\n' .. table.concat(redis.call('LRANGE', KEYS[1], 0, -1), '\\n')";

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
        let lifetime = entry.and_then(Entry::lifetime);
        let found_for = lifetime.map_or(FOUND_FOR, |lifetime| millis(lifetime.time(), LONGEST_LIFETIME));
        let question = |index| {
            let mut command = self.index_script(INDEX, index);
            command.arg(key.as_str()).arg(found_for.saturating_add(A_DAY)).arg(DROPPED).arg(MOST);
            // It may be: the second time changes nothing.
            Question { command, largest: NUMBER, changes_nothing: true }
        };
        indexes.iter().map(question).collect()
    }

    pub(super) fn find(&self, index: &Index, after: Option<&StoreKey>) -> Question {
        let mut command = self.index_script(FIND, index);
        let from = after.map_or_else(|| "-".to_owned(), |after| format!("({}", after.as_str()));
        command.arg(from).arg(MOST_FOUND + 1);
        Question { command, largest: FOUND, changes_nothing: true }
    }

    /// All of an index are in one slot of a cluster. The first is the list of a former version.
    fn index_script(&self, script: &str, index: &Index) -> Cmd {
        let list = format!("{}{{index-{}}}", self.prefix, index.as_str());
        let (names, until) = (format!("{list}:names"), format!("{list}:until"));
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(3).arg(list).arg(names).arg(until);
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

/// What a find is answered with, which was to begin after this key. The names of the list, of which all are there, are sorted in among
/// those of the page: where that is full, as far as it goes, since what it does not show comes next.
pub(super) fn found(answer: Value, after: Option<&StoreKey>) -> Result<Found, Trouble> {
    let Value::BulkString(bytes) = answer else { return Err(Trouble::Strange) };
    let text = std::str::from_utf8(&bytes).map_err(|_| Trouble::Strange)?;
    let (page, list) = text.split_once("\n\n").ok_or(Trouble::Strange)?;
    let page: Vec<&str> = page.lines().collect();
    let end = page.get(MOST_FOUND).copied();
    let list = list.lines().filter(|name| end.is_none_or(|end| *name <= end));
    let found = Found::page(page.iter().copied().chain(list), after);
    let has_more = found.has_more || end.is_some();
    Ok(Found::new(found.keys, has_more))
}

/// What the others are answered with: whether it was done.
pub(super) fn done(answer: &Value) -> Result<bool, Trouble> {
    match answer {
        Value::Int(0) => Ok(false),
        Value::Int(1) => Ok(true),
        _ => Err(Trouble::Strange),
    }
}

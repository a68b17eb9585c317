//! What is asked of Redis, and what its answers mean: [`Commands`].

use std::time::Duration;

use redis::{Cmd, Value};
use valetkey_core::store::{
    Entry, Found, Index, Lease, MOST_FOUND, Replaced, StoreError, StoreKey, StoreVersion, Stored, StoredBytes,
};

use super::scripts::{FIND, INDEX, LEASE, LISTED, LOAD, RELEASE, REPLACE};
use super::slots::{list, slot_of, text};
use super::trouble::{Failed, Trouble};
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
const NUMBER: usize = 1024;

/// The most that is read of what a server says of its role: a master tells its replicas too.
const ROLE: usize = 64 * 1024;

/// The most that is read of the keys that were found: a page and one more, and the list of a former version, which has a thousand.
const FOUND: usize = 64 * (MOST_FOUND + 1 + 1000) + 1024;

/// What is asked of Redis, however it is sent.
pub(super) struct Question {
    pub(super) command: Cmd,
    /// The largest answer, in bytes.
    pub(super) largest: usize,
    /// Whether the answer may be a list.
    pub(super) is_list: bool,
    /// The slot of its keys, where there are several servers.
    pub(super) slot: u16,
    pub(super) again: Again,
    /// Whether replicas are waited for.
    pub(super) is_kept: bool,
}

/// Whether it may be asked again if it is not known whether it was carried out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// The second time changes nothing.
    Always,
    /// The second time changes nothing, and says that it was done if it was. If it says no, nothing is known: it may have been done, and
    /// somebody else have come since. It is asked again where a server that has failed is replaced by another.
    Recognized,
    /// What it makes or deletes may have been deleted or made again by somebody else in between.
    Never,
}

impl Question {
    /// One that is about no record.
    pub(super) fn plain(command: Cmd) -> Self {
        Self { command, largest: NUMBER, is_list: false, slot: 0, again: Again::Never, is_kept: false }
    }

    /// One that is answered with a list of at most this many bytes.
    pub(super) fn listed(command: Cmd, largest: usize) -> Self {
        Self { largest, is_list: true, ..Self::plain(command) }
    }

    /// Whether the server is a master.
    pub(super) fn role() -> Self {
        Self::listed(redis::cmd("ROLE"), ROLE)
    }
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
        let mut command = script(LOAD, &[&self.record(key)]);
        command.arg(LARGEST_RECORD);
        Question { largest: RECORD, again: Again::Always, ..about(key, command) }
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
        let mut command = script(REPLACE, &[&self.record(key)]);
        command
            .arg(expected.map_or("", StoreVersion::as_str))
            .arg(version.as_str())
            .arg(record.unwrap_or(&[]))
            .arg(lifetime.map(|millis| millis.to_string()).unwrap_or_default());
        // A version never comes again, so one record in the place of another is written once, however often it is asked for.
        let again = if expected.is_some() && record.is_some() { Again::Recognized } else { Again::Never };
        let replaced = if record.is_some() { Replaced::Written(version) } else { Replaced::Deleted };
        Ok((Question { again, is_kept: true, ..about(key, command) }, replaced))
    }

    /// One question for each index of a record, to be asked before the record is written.
    pub(super) fn indexes(&self, key: &StoreKey, entry: Option<&Entry>) -> Vec<Question> {
        let indexes = entry.map(Entry::indexes).unwrap_or_default();
        let lifetime = entry.and_then(Entry::lifetime);
        let found_for = lifetime.map_or(FOUND_FOR, |lifetime| millis(lifetime.time(), LONGEST_LIFETIME));
        let question = |index| {
            let list = self.list_of(index);
            let mut command = script(INDEX, &[&format!("{list}:names"), &format!("{list}:until")]);
            command.arg(key.as_str()).arg(found_for.saturating_add(A_DAY)).arg(DROPPED).arg(MOST);
            let slot = tag_slot(index);
            Question { slot, again: Again::Always, is_kept: true, ..Question::plain(command) }
        };
        indexes.iter().map(question).collect()
    }

    /// Two questions, of one key each: for the page, and for the list of a former version.
    pub(super) fn find(&self, index: &Index, after: Option<&StoreKey>) -> [Question; 2] {
        let list = self.list_of(index);
        let from = after.map_or_else(|| "-".to_owned(), |after| format!("({}", after.as_str()));
        let mut page = script(FIND, &[&format!("{list}:names")]);
        page.arg(from).arg(MOST_FOUND + 1);
        [page, script(LISTED, &[&list])].map(|command| Question {
            largest: FOUND,
            slot: tag_slot(index),
            again: Again::Always,
            ..Question::plain(command)
        })
    }

    /// All of an index are in one slot of a cluster. This is the list of a former version.
    fn list_of(&self, index: &Index) -> String {
        format!("{}{{{}}}", self.prefix, tag(index))
    }

    pub(super) fn lease(&self, key: &StoreKey, ttl: Duration) -> Result<(Question, Lease), StoreError> {
        let lease = Lease::new(name::fresh()?);
        let mut command = script(LEASE, &[&self.record(key), &self.lease_of(key)]);
        command.arg(lease.as_str()).arg(millis(ttl, LONGEST_LEASE));
        Ok((Question { again: Again::Recognized, is_kept: true, ..about(key, command) }, lease))
    }

    pub(super) fn release(&self, key: &StoreKey, lease: &Lease) -> Question {
        let mut command = script(RELEASE, &[&self.lease_of(key)]);
        command.arg(lease.as_str());
        Question { again: Again::Recognized, ..about(key, command) }
    }

    fn record(&self, key: &StoreKey) -> String {
        format!("{}{{{}}}", self.prefix, key.as_str())
    }

    fn lease_of(&self, key: &StoreKey) -> String {
        format!("{}:lease", self.record(key))
    }
}

/// A script with the keys that it uses, and no others: while a slot is on its way from one server to another, a question of several keys is
/// refused until all of them are at one place, and one that is nowhere is at none.
///
/// The script itself and not its digest: that would be a second question where the server does not know it yet.
fn script(script: &str, keys: &[&str]) -> Cmd {
    let mut command = redis::cmd("EVAL");
    command.arg(script).arg(keys.len()).arg(keys);
    command
}

/// A time to live that Redis takes.
pub(super) fn millis(time: Duration, longest: u64) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).clamp(1, longest)
}

/// What is hashed is what is between the braces.
fn about(key: &StoreKey, command: Cmd) -> Question {
    Question { slot: slot_of(key.as_str()), ..Question::plain(command) }
}

fn tag_slot(index: &Index) -> u16 {
    slot_of(&tag(index))
}

fn tag(index: &Index) -> String {
    format!("index-{}", index.as_str())
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

/// What both questions of a find are answered with, which was to begin after this key. The names of the list, of which all are there, are
/// sorted in among those of the page: where that is full, as far as it goes, since what it does not show comes next.
pub(super) fn found(page: &str, list: &str, after: Option<&StoreKey>) -> Found {
    let page: Vec<&str> = page.lines().collect();
    let end = page.get(MOST_FOUND).copied();
    let list = list.lines().filter(|name| end.is_none_or(|end| *name <= end));
    let found = Found::page(page.iter().copied().chain(list), after);
    let has_more = found.has_more || end.is_some();
    Found::new(found.keys, has_more)
}

/// What one of them is answered with: names, a line each.
pub(super) fn names(answer: Value) -> Result<String, Trouble> {
    let Value::BulkString(bytes) = answer else { return Err(Trouble::Strange) };
    String::from_utf8(bytes).map_err(|_| Trouble::Strange)
}

/// What is answered to the question for the role.
pub(super) fn is_of_master(answer: &Value) -> Result<(), Trouble> {
    match answer {
        Value::ServerError(error) => Err(Trouble::refused(error)),
        answer => match list(answer)?.first().map(text).transpose()? {
            Some("master") => Ok(()),
            Some(_) => Err(Trouble::NotMaster),
            None => Err(Trouble::Strange),
        },
    }
}

/// What the others are answered with: whether it was done.
pub(super) fn done(answer: &Value) -> Result<bool, Trouble> {
    match answer {
        Value::Int(0) => Ok(false),
        Value::Int(1) => Ok(true),
        _ => Err(Trouble::Strange),
    }
}

/// Whether a lease was taken. A whole answer that the script never gives is of somebody who knows no leases, so that none is given back.
pub(super) fn leased(answer: Result<Value, Failed>) -> Result<bool, Failed> {
    answer.and_then(|answer| done(&answer).map_err(Failed::unsent))
}

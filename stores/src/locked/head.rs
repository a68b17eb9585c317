//! What is written before a record: [`Head`].
//!
//! ```text
//!  0123456789abcdef0123456789abcdef until:1700000600000 for:600000 index:Ztz2…\n
//! ```
//!
//! The version, then the time in milliseconds since 1970 when the record is over, if it ever is, how many milliseconds that was
//! after it was written, and the indexes by which it is found. A head of an earlier version of this crate is the version alone, or does
//! not say how many.

use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{Entry, StoreError, StoreVersion};

use crate::name;

/// What a store knows of a record beside its bytes.
pub(super) struct Head {
    pub(super) version: StoreVersion,
    until: Option<UnixTime>,
    kept_for: Duration,
    /// The indexes, as their texts.
    pub(super) indexes: Vec<String>,
}

/// The version's length.
const VERSION: usize = 32;

/// A head is no longer than this: a record after it may hold no line feed at all.
const LONGEST: usize = 1024;

/// A record is dropped so much later than it is over, or a quarter of its time as [`Session`](valetkey_core::Session) is told it, which is
/// a fifth of what it is written for: the clock of who drops it may be ahead of the one that it was written by.
const GRACE: Duration = Duration::from_secs(5 * 60);

impl Head {
    /// One with a new version.
    pub(super) fn of(entry: &Entry) -> Result<Self, StoreError> {
        let indexes = entry.indexes().iter().map(|index| index.as_str().to_owned()).collect();
        let until = entry.lifetime().map(|lifetime| lifetime.until());
        let kept_for = entry.lifetime().map(|lifetime| lifetime.time()).unwrap_or_default();
        Ok(Self { version: StoreVersion::new(name::fresh()?), until, kept_for, indexes })
    }

    /// The head and the record after it; nothing if these bytes are something else.
    pub(super) fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let end = bytes.iter().take(LONGEST).position(|byte| *byte == b'\n')?;
        let (head, rest) = bytes.split_at_checked(end)?;
        let mut words = std::str::from_utf8(head).ok()?.split(' ');
        let version = words.next().filter(|version| version.len() == VERSION)?;
        let version = StoreVersion::new(version);
        let mut read = Self { version, until: None, kept_for: Duration::ZERO, indexes: Vec::new() };
        for word in words {
            match word.split_once(':')? {
                ("until", time) => read.until = Some(UnixTime::from_millis(time.parse().ok()?)),
                ("for", time) => read.kept_for = Duration::from_millis(time.parse().ok()?),
                ("index", index) => read.indexes.push(index.to_owned()),
                // What a later version writes is of no consequence to this one.
                _ => {}
            }
        }
        Some((read, rest.get(1..)?))
    }

    /// The same as another version.
    pub(super) fn renamed(self) -> Result<Self, StoreError> {
        Ok(Self { version: StoreVersion::new(name::fresh()?), ..self })
    }

    /// Whether it is to be dropped.
    pub(super) fn is_over(&self, now: UnixTime) -> bool {
        self.until.is_some_and(|until| until.after(GRACE.max(self.kept_for / 5)) <= now)
    }

    /// The head with its line feed.
    pub(super) fn to_text(&self) -> String {
        let mut text = self.version.as_str().to_owned();
        if let Some(until) = self.until {
            let millis = u64::try_from(self.kept_for.as_millis()).unwrap_or(u64::MAX);
            text.push_str(&format!(" until:{} for:{millis}", until.as_millis()));
        }
        for index in &self.indexes {
            text.push_str(&format!(" index:{index}"));
        }
        text.push('\n');
        text
    }
}

//! Records that are longer than an entry takes: [`Parts`].
//!
//! ```text
//!  KEY         the bytes themselves, or where they are: "valetkey parts", side, tag, number, length
//!  KEY.a.0 …   the tag and a part of the bytes, while the head says "a"
//!  KEY.b.0 …   the same, while it says "b"
//!
//!  write   parts on the other side, 0 first ─ head ─ delete the former side, 0 last
//!  delete  head ─ both sides, 0 last
//! ```
//!
//! Writing the head is one step of the keyring, and is what changes the record: before it the old parts are all there, and
//! after it the new ones. The parts of a side are always the first so many, whenever a process is killed, since they are
//! written upwards and deleted downwards. So whatever was left behind is found by counting from 0, and nothing must be
//! searched for. It is deleted when the record is next written or deleted, or is found not to be there.
//!
//! The tag is new with each write, and so no part of another record is ever taken for one of this.

use valetkey_core::store::StoreError;
use zeroize::Zeroizing;

use crate::locked::There;
use crate::{LARGEST_RECORD, name};

/// A place that keeps a few bytes under names.
pub(super) trait Entries: Send + Sync {
    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError>;
    /// Whole or not at all.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;
    fn remove(&self, name: &str) -> Result<(), StoreError>;
}

/// Keeps bytes in as many entries as they need.
pub(super) struct Parts<E> {
    entries: E,
    size: usize,
}

/// The smallest entry that is worth its tag, and that any head fits, in bytes.
pub(super) const SMALLEST: usize = 256;

/// What a head begins with: a record begins with its version, which is hexadecimal.
const HEAD: &str = "valetkey parts";

/// The length of a tag, in bytes.
const TAG: usize = 32;

/// The most bytes, and the most parts that they are in.
const LONGEST: usize = LARGEST_RECORD + 1024;
const MOST: usize = LONGEST.div_ceil(SMALLEST - TAG);

/// The sides, by their numbers.
const SIDES: [&str; 2] = ["a", "b"];

impl<E: Entries> Parts<E> {
    pub(super) fn new(entries: E, size: usize) -> Self {
        Self { entries, size }
    }

    pub(super) fn with_size(self, size: usize) -> Self {
        Self { size, ..self }
    }

    /// The bytes, and the side that their parts are on if they have any.
    pub(super) fn read(&self, key: &str) -> Result<There<Option<usize>>, StoreError> {
        let Some(bytes) = self.entries.read(key)? else {
            // A process may have been killed while it deleted, and have left parts behind. If these cannot be deleted
            // now, the caller begins anew all the same.
            let _ = self.clear_all(key, None);
            return Ok((None, None));
        };
        match Head::of(&bytes)? {
            None => Ok((Some(bytes), None)),
            Some(head) => Ok((Some(self.join(key, &head)?), Some(head.side))),
        }
    }

    /// Writes all of it or nothing. `former` is the side that the bytes which are there now have parts on.
    pub(super) fn write(&self, key: &str, bytes: &[u8], former: Option<usize>) -> Result<(), StoreError> {
        // Once the head is written the record is too, whatever becomes of what it no longer names: the next write will
        // find that.
        if bytes.len() <= self.size {
            self.entries.write(key, bytes)?;
            let _ = self.clear_all(key, former);
            return Ok(());
        }
        let side = if former == Some(0) { 1 } else { 0 };
        let head = match self.split(key, side, bytes) {
            Ok(head) => head,
            Err(error) => {
                // No head names them.
                let _ = self.clear(key, side, 0);
                return Err(error);
            }
        };
        // If this fails it may have been written all the same, so the parts stay.
        self.entries.write(key, head.to_text().as_bytes())?;
        let _ = self.clear(key, side, head.count);
        let _ = self.clear(key, 1 - side, 0);
        Ok(())
    }

    pub(super) fn remove(&self, key: &str, former: Option<usize>) -> Result<(), StoreError> {
        self.entries.remove(key)?;
        self.clear_all(key, former)
    }

    fn split(&self, key: &str, side: usize, bytes: &[u8]) -> Result<Head, StoreError> {
        let tag = name::fresh()?;
        let mut count = 0;
        for part in bytes.chunks(self.size.saturating_sub(TAG).max(1)) {
            let mut entry = Zeroizing::new(Vec::with_capacity(TAG + part.len()));
            entry.extend_from_slice(tag.as_bytes());
            entry.extend_from_slice(part);
            self.entries.write(&part_name(key, side, count), &entry)?;
            count += 1;
        }
        Ok(Head { side, tag, count, length: bytes.len() })
    }

    fn join(&self, key: &str, head: &Head) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let broken = || {
            StoreError::new(
                "a part of the record is missing in the keyring, or is another's: delete the record's entries there, and log in again",
            )
        };
        // Of its whole size at once, so that no copy of the secrets is left behind where it grew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(head.length));
        for number in 0..head.count {
            let entry = self.entries.read(&part_name(key, head.side, number))?.ok_or_else(broken)?;
            let part = entry.strip_prefix(head.tag.as_bytes()).ok_or_else(broken)?;
            if part.len() > head.length - bytes.len() {
                return Err(broken());
            }
            bytes.extend_from_slice(part);
        }
        if bytes.len() == head.length { Ok(bytes) } else { Err(broken()) }
    }

    /// Deletes the parts on both sides, if there may be any: each look into a keyring takes its time.
    fn clear_all(&self, key: &str, former: Option<usize>) -> Result<(), StoreError> {
        if former.is_none() && self.size == usize::MAX {
            return Ok(());
        }
        self.clear(key, 0, 0)?;
        self.clear(key, 1, 0)
    }

    /// Deletes the parts of a side from this number on, the last one first.
    fn clear(&self, key: &str, side: usize, from: usize) -> Result<(), StoreError> {
        let mut end = from;
        while end < MOST && self.entries.read(&part_name(key, side, end))?.is_some() {
            end += 1;
        }
        for number in (from..end).rev() {
            self.entries.remove(&part_name(key, side, number))?;
        }
        Ok(())
    }
}

fn part_name(key: &str, side: usize, number: usize) -> String {
    format!("{key}.{}.{number}", SIDES.get(side).unwrap_or(&""))
}

/// Where the parts are, and what they make.
struct Head {
    side: usize,
    tag: String,
    count: usize,
    length: usize,
}

impl Head {
    /// Nothing if these are the bytes themselves.
    fn of(bytes: &[u8]) -> Result<Option<Self>, StoreError> {
        let Some(text) = bytes.strip_prefix(HEAD.as_bytes()) else { return Ok(None) };
        let parse = || {
            let mut words = std::str::from_utf8(text).ok()?.split_ascii_whitespace();
            let side = words.next()?;
            let side = SIDES.iter().position(|name| *name == side)?;
            let tag = words.next().filter(|tag| tag.len() == TAG)?.to_owned();
            let count = words.next()?.parse().ok().filter(|count| *count <= MOST)?;
            let length = words.next()?.parse().ok().filter(|length| *length <= LONGEST)?;
            words.next().is_none().then_some(Self { side, tag, count, length })
        };
        parse().map(Some).ok_or_else(|| StoreError::new("the stored record was not written by this store"))
    }

    fn to_text(&self) -> String {
        let side = SIDES.get(self.side).unwrap_or(&"");
        format!("{HEAD} {side} {} {} {}", self.tag, self.count, self.length)
    }
}

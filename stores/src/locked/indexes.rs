//! The files by which records are found: [`Indexes`].
//!
//! ```text
//!  index-DIGEST.index    the keys, a line each, in no order that counts
//!  index-D.lock          for all whose digest begins with D
//! ```
//!
//! The writer of a record holds the record's lock and then those of its indexes until the record is written. So a key in an
//! index without a record is what a crash left, or a former version that dropped a record when it was over, and goes sooner or later when
//! others are written there: each looks at a few. Locks are always taken in this order, and those of indexes in that of their names, so nobody
//! waits in a circle.

use std::collections::BTreeSet;

use valetkey_core::store::{Found, StoreError, StoreKey};
use zeroize::Zeroizing;

use super::folder::{Folder, Lock};

/// The indexes of a folder.
pub(super) struct Indexes<'a>(pub(super) &'a Folder);

/// Says that indexes are locked, until it is dropped.
pub(super) struct Held(#[expect(dead_code, reason = "they are held, not used")] Vec<Lock>);

const INDEX: &str = "index";

/// The most keys of an index, whose file is read and written as one: 14 MiB at most.
const MOST: usize = 250_000;

/// How many of the others are looked at, for whether they are still there, when a key is added: more than one, so that they become fewer.
const LOOKED_AT: usize = 16;

impl Indexes<'_> {
    /// Waits until nobody else is at these.
    pub(super) fn lock<'i>(&self, indexes: impl IntoIterator<Item = &'i String>) -> Result<Held, StoreError> {
        let locks: BTreeSet<String> = indexes.into_iter().map(|index| lock_name(index)).collect();
        Ok(Held(locks.iter().map(|lock| self.0.lock(lock)).collect::<Result<_, _>>()?))
    }

    /// The page of the keys after this one.
    pub(super) fn page(&self, index: &str, after: Option<&StoreKey>) -> Result<Found, StoreError> {
        let bytes = self.bytes(index)?;
        Ok(Found::page(lines(&bytes), after))
    }

    /// Adds this key, if it is not there. Those that have not been looked at for longest are looked at: they go, or come last.
    pub(super) fn add(
        &self,
        index: &str,
        key: &StoreKey,
        is_there: impl Fn(&StoreKey) -> bool,
    ) -> Result<(), StoreError> {
        let bytes = self.bytes(index)?;
        let before: Vec<&str> = lines(&bytes).collect();
        // A renewal changes no index.
        if before.contains(&key.as_str()) {
            return Ok(());
        }
        let (turn, others) = before.split_at_checked(LOOKED_AT).unwrap_or((before.as_slice(), &[]));
        let kept = turn.iter().filter(|name| StoreKey::from_name(name).is_some_and(|other| is_there(&other)));
        let now: Vec<&str> = others.iter().chain(kept).copied().chain([key.as_str()]).collect();
        if now.len() > MOST {
            return Err(StoreError::new(format!(
                "more than {MOST} records would be found by one index, and a folder keeps no more: end sessions that nobody \
                 uses, give them a lifetime, or keep them in Redis"
            )));
        }
        self.write(index, &now)
    }

    pub(super) fn remove(&self, index: &str, key: &StoreKey) -> Result<(), StoreError> {
        let bytes = self.bytes(index)?;
        let before: Vec<&str> = lines(&bytes).collect();
        let kept: Vec<&str> = before.iter().copied().filter(|name| *name != key.as_str()).collect();
        match kept.len() {
            0 => self.0.remove(&name(index), INDEX),
            length if length == before.len() => Ok(()),
            _ => self.write(index, &kept),
        }
    }

    fn bytes(&self, index: &str) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        Ok(self.0.read(&name(index), INDEX)?.unwrap_or_default())
    }

    fn write(&self, index: &str, names: &[&str]) -> Result<(), StoreError> {
        let mut text = names.join("\n");
        text.push('\n');
        self.0.write(&name(index), INDEX, text.as_bytes())
    }
}

/// The names in an index's file. What is not text is no name.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &str> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter_map(|line| std::str::from_utf8(line).ok())
        .filter(|line| !line.is_empty())
}

fn name(index: &str) -> String {
    format!("index-{index}")
}

fn lock_name(index: &str) -> String {
    // In one case: where a file system knows no case, two names would be one lock, taken twice by one holder.
    format!("index-{}", index.get(..1).unwrap_or_default().to_ascii_lowercase())
}

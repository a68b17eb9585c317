//! The files by which records are found: [`Indexes`].
//!
//! ```text
//!  index-DIGEST.index    the keys, a line each, the latest last
//!  index-D.lock          for all whose digest begins with D
//! ```
//!
//! The writer of a record holds the record's lock and then those of its indexes until the record is written. So a key in an
//! index without a record is what a crash left, and goes with the next that is written there. Locks are always taken in this
//! order, and those of indexes in that of their names, so nobody waits in a circle.

use std::collections::BTreeSet;

use valetkey_core::store::{MOST_FOUND, StoreError, StoreKey};

use super::folder::{Folder, Lock};

/// The indexes of a folder.
pub(super) struct Indexes<'a>(pub(super) &'a Folder);

/// Says that indexes are locked, until it is dropped.
pub(super) struct Held(#[expect(dead_code, reason = "they are held, not used")] Vec<Lock>);

const INDEX: &str = "index";

impl Indexes<'_> {
    /// Waits until nobody else is at these.
    pub(super) fn lock<'i>(&self, indexes: impl IntoIterator<Item = &'i String>) -> Result<Held, StoreError> {
        let locks: BTreeSet<String> = indexes.into_iter().map(|index| lock_name(index)).collect();
        Ok(Held(locks.iter().map(|lock| self.0.lock(lock)).collect::<Result<_, _>>()?))
    }

    /// The keys, the latest first.
    pub(super) fn read(&self, index: &str) -> Result<Vec<StoreKey>, StoreError> {
        let Some(bytes) = self.0.read(&name(index), INDEX)? else { return Ok(Vec::new()) };
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.lines().rev().filter_map(StoreKey::from_name).take(MOST_FOUND).collect())
    }

    /// Makes this key the latest, and leaves out those that are no more.
    pub(super) fn add(
        &self,
        index: &str,
        key: &StoreKey,
        is_there: impl Fn(&StoreKey) -> bool,
    ) -> Result<(), StoreError> {
        let before = self.read(index)?;
        // The latest stays the latest, with nothing to write: a renewal changes no index.
        if before.first() == Some(key) {
            return Ok(());
        }
        let kept = before.iter().filter(|other| *other != key && is_there(other)).take(MOST_FOUND - 1);
        self.write(index, &std::iter::once(key).chain(kept).collect::<Vec<_>>())
    }

    pub(super) fn remove(&self, index: &str, key: &StoreKey) -> Result<(), StoreError> {
        let before = self.read(index)?;
        match before.iter().filter(|other| *other != key).collect::<Vec<_>>() {
            kept if kept.is_empty() => self.0.remove(&name(index), INDEX),
            kept if kept.len() == before.len() => Ok(()),
            kept => self.write(index, &kept),
        }
    }

    /// Writes the keys, of which the first is the latest.
    fn write(&self, index: &str, keys: &[&StoreKey]) -> Result<(), StoreError> {
        let text: String = keys.iter().rev().map(|key| format!("{}\n", key.as_str())).collect();
        self.0.write(&name(index), INDEX, text.as_bytes())
    }
}

fn name(index: &str) -> String {
    format!("index-{index}")
}

fn lock_name(index: &str) -> String {
    // In one case: where a file system knows no case, two names would be one lock, taken twice by one holder.
    format!("index-{}", index.get(..1).unwrap_or_default().to_ascii_lowercase())
}

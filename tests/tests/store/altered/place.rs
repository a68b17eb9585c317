//! Where a wrong store keeps its records, and what it notes besides.

use std::collections::HashMap;
use std::sync::Mutex;
use std::thread::{self, ThreadId};
use std::time::Duration;

use valetkey_core::UnixTime;
use valetkey_core::store::{
    Entry, Found, Index, Lease, MemoryStore, Replaced, Store, StoreKey, StoreVersion, Stored, StoredBytes,
};

/// A memory that does all as it should, and room for notes.
pub(super) struct Place {
    memory: MemoryStore,
    notes: Mutex<HashMap<String, String>>,
    entries: Mutex<HashMap<StoreKey, Entry>>,
    home: ThreadId,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            memory: MemoryStore::new(),
            notes: Mutex::default(),
            entries: Mutex::default(),
            home: thread::current().id(),
        }
    }
}

impl Place {
    pub(super) fn load(&self, key: &StoreKey) -> Option<Stored> {
        Store::load(&self.memory, key).unwrap()
    }

    pub(super) fn replace(
        &self,
        key: &StoreKey,
        expected: Option<&StoreVersion>,
        entry: Option<&Entry>,
    ) -> Replaced {
        Store::replace(&self.memory, key, expected, entry).unwrap()
    }

    /// Replaces whatever is there.
    pub(super) fn overwrite(&self, key: &StoreKey, entry: Option<&Entry>) -> Replaced {
        let now = self.load(key).map(|stored| stored.version);
        self.replace(key, now.as_ref(), entry)
    }

    /// Loses the end of the record that is there.
    pub(super) fn shorten(&self, key: &StoreKey) {
        if let Some(stored) = self.load(key) {
            let _ = self.overwrite(key, Some(&StoredBytes::new(stored.bytes.expose()[1..].to_vec()).into()));
        }
    }

    pub(super) fn insert(&self, key: &StoreKey, entry: &Entry) -> bool {
        self.replace(key, None, Some(entry)).is_done()
    }

    pub(super) fn take(&self, key: &StoreKey) -> Option<StoredBytes> {
        Store::take(&self.memory, key).unwrap()
    }

    pub(super) fn find(&self, index: &Index, after: Option<&StoreKey>) -> Found {
        Store::find(&self.memory, index, after).unwrap()
    }

    /// What is found on all pages.
    pub(super) fn find_all(&self, index: &Index) -> Vec<StoreKey> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let found = self.find(index, after.as_ref());
            after = found.rest_after(after.as_ref()).unwrap();
            all.extend(found.keys);
            if after.is_none() {
                return all;
            }
        }
    }

    pub(super) fn lease(&self, key: &StoreKey, ttl: Duration, now: UnixTime) -> Option<Lease> {
        Store::lease(&self.memory, key, ttl, now).unwrap()
    }

    pub(super) fn release(&self, key: &StoreKey, lease: &Lease) {
        Store::release(&self.memory, key, lease).unwrap();
    }

    /// Releases, and forgets the lease that was noted for the key if it is this one.
    pub(super) fn give_back(&self, key: &StoreKey, lease: &Lease) {
        self.release(key, lease);
        if self.noted(key.as_str()).as_deref() == Some(lease.as_str()) {
            self.forget(key.as_str());
        }
    }

    /// Releases whoever is noted to have the key.
    pub(super) fn free(&self, key: &StoreKey) {
        if let Some(lease) = self.noted(key.as_str()) {
            self.release(key, &Lease::new(lease));
        }
    }

    /// Notes a text under a name, and returns what was noted before.
    pub(super) fn note(&self, name: &str, text: &str) -> Option<String> {
        self.notes.lock().unwrap().insert(name.to_owned(), text.to_owned())
    }

    pub(super) fn noted(&self, name: &str) -> Option<String> {
        self.notes.lock().unwrap().get(name).cloned()
    }

    pub(super) fn forget(&self, name: &str) -> Option<String> {
        self.notes.lock().unwrap().remove(name)
    }

    pub(super) fn forget_all(&self) {
        self.notes.lock().unwrap().clear();
    }

    /// The names under which a text is noted that has this in it.
    pub(super) fn noted_with(&self, part: &str) -> Vec<String> {
        let notes = self.notes.lock().unwrap();
        notes.iter().filter(|(_, text)| text.contains(part)).map(|(name, _)| name.clone()).collect()
    }

    /// Remembers an entry of the key, or forgets it.
    pub(super) fn remember(&self, key: &StoreKey, entry: Option<&Entry>) {
        let mut entries = self.entries.lock().unwrap();
        match entry {
            Some(entry) => drop(entries.insert(key.clone(), entry.clone())),
            None => drop(entries.remove(key)),
        }
    }

    pub(super) fn remembered(&self, key: &StoreKey) -> Option<Entry> {
        self.entries.lock().unwrap().get(key).cloned()
    }

    /// The keys of the entries that it remembers and whose lifetime is over by then, or not.
    pub(super) fn that_are_over(&self, is_over: bool, now: UnixTime) -> Vec<StoreKey> {
        let entries = self.entries.lock().unwrap();
        let ends = |entry: &Entry| entry.lifetime().map(|lifetime| lifetime.until() <= now);
        entries.iter().filter(|(_, entry)| ends(entry) == Some(is_over)).map(|(key, _)| key.clone()).collect()
    }

    /// Whether this is another thread than the one that made the store.
    pub(super) fn is_elsewhere(&self) -> bool {
        thread::current().id() != self.home
    }
}

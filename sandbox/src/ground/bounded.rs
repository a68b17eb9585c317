//! A map that forgets its oldest entry when it is full, so that nobody can make the sandbox grow without end.

use std::collections::BTreeMap;

/// Entries by text, at most [`CAPACITY`] of them. Not `Debug`: the texts are codes and tokens.
#[derive(Clone)]
pub(crate) struct Bounded<V> {
    entries: BTreeMap<String, (u64, V)>,
    /// The keys in the order of their arrival.
    arrivals: BTreeMap<u64, String>,
    next: u64,
}

/// Live codes, tokens or tickets of one kind: enough for any test, little for any memory.
pub(crate) const CAPACITY: usize = 10_000;

impl<V> Bounded<V> {
    pub(crate) const fn new() -> Self {
        Self { entries: BTreeMap::new(), arrivals: BTreeMap::new(), next: 0 }
    }

    pub(crate) fn insert(&mut self, key: String, value: V) {
        self.remove(&key);
        if self.entries.len() >= CAPACITY
            && let Some((_, oldest)) = self.arrivals.pop_first()
        {
            self.entries.remove(&oldest);
        }
        self.arrivals.insert(self.next, key.clone());
        self.entries.insert(key, (self.next, value));
        self.next = self.next.wrapping_add(1);
    }

    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.entries.get_mut(key).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<V> {
        let (arrival, value) = self.entries.remove(key)?;
        self.arrivals.remove(&arrival);
        Some(value)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut().map(|(_, value)| value)
    }

    pub(crate) fn find(&self, chosen: impl Fn(&V) -> bool) -> Option<&V> {
        self.entries.values().map(|(_, value)| value).find(|value| chosen(value))
    }

    pub(crate) fn find_mut(&mut self, chosen: impl Fn(&V) -> bool) -> Option<&mut V> {
        self.values_mut().find(|value| chosen(value))
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

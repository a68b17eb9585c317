//! What a server has by name, some forty of a kind at most: [`Table`].

use std::borrow::Borrow;

/// A sorted row of names and what they stand for. A `BTreeMap` does the same, but its code is compiled anew for each pair of
/// types, some kilobytes for each of the seven that a server has; and every program has a server.
#[derive(Clone)]
pub(in crate::server) struct Table<K, V>(Vec<(K, V)>);

/// An empty one.
impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> Table<K, V> {
    /// In the place of what the name has stood for.
    pub(in crate::server) fn insert(&mut self, name: K, value: V) {
        match self.find(&name) {
            Ok(at) => {
                if let Some(known) = self.0.get_mut(at) {
                    known.1 = value;
                }
            }
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    pub(in crate::server) fn remove(&mut self, name: &K) {
        if let Ok(at) = self.find(name) {
            self.0.remove(at);
        }
    }

    pub(in crate::server) fn get<Q: Ord + ?Sized>(&self, name: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.find(name).ok().and_then(|at| self.0.get(at)).map(|(_, value)| value)
    }

    /// By their names in order.
    pub(in crate::server) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    fn find<Q: Ord + ?Sized>(&self, name: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(known, _)| known.borrow().cmp(name))
    }
}

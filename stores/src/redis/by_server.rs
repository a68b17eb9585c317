//! What is kept for each server: [`ByServer`].

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::slots::Node;

/// One for each server, made when it is first needed.
#[derive(Default)]
pub(super) struct ByServer<T>(Mutex<HashMap<Node, Arc<T>>>);

/// More servers than a cluster has. Servers that announce ever others fill no memory.
const MOST: usize = 1024;

impl<T: Default> ByServer<T> {
    pub(super) fn of(&self, node: &Node) -> Arc<T> {
        let mut all = self.all();
        if all.len() >= MOST && !all.contains_key(node) {
            all.clear();
        }
        Arc::clone(all.entry(node.clone()).or_default())
    }

    /// Drops those of all others, which are gone, or have nothing any more. Who uses one just now still does.
    pub(super) fn keep(&self, nodes: &HashSet<Node>) {
        self.all().retain(|node, _| nodes.contains(node));
    }

    /// Whole after each line that changes it, so a panic elsewhere did no harm.
    fn all(&self) -> MutexGuard<'_, HashMap<Node, Arc<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

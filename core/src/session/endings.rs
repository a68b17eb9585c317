//! Which log-outs of a session are under way: [`Endings`].

use std::sync::{Arc, Weak};

/// The log-outs of one session that were begun and not settled. One whose end was dropped stays until another has ended the
/// session: nobody knows how far it came.
#[derive(Default)]
pub(super) struct Endings(Vec<Weak<()>>);

impl Endings {
    /// Counts one more. Its end keeps what this returns.
    pub(super) fn begin(&mut self) -> Arc<()> {
        let mark = Arc::new(());
        self.0.push(Arc::downgrade(&mark));
        mark
    }

    /// Counts the one with this mark no longer, and no other.
    pub(super) fn settle(&mut self, mark: &Arc<()>) {
        self.0.retain(|begun| !std::ptr::eq(begun.as_ptr(), Arc::as_ptr(mark)));
    }

    /// Forgets those whose ends were dropped: the session has ended, whatever they came to.
    pub(super) fn forget_dropped(&mut self) {
        self.0.retain(|begun| begun.strong_count() > 0);
    }

    /// Whether none is under way, and none was dropped of which nobody knows.
    pub(super) const fn are_over(&self) -> bool {
        self.0.is_empty()
    }
}

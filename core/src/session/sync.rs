//! The one lock of a session that is shared. Elsewhere core has none that anybody waits for.
//!
//! The tests compile this crate a second time with `cfg(shuttle)`, where the lock is one whose schedules are explored
//! (`tests/shuttle`).

use std::sync::PoisonError;
#[cfg(not(shuttle))]
pub(super) use std::sync::{Mutex, MutexGuard};

#[cfg(shuttle)]
pub(super) use shuttle::sync::{Mutex, MutexGuard};

/// A panic elsewhere leaves a session as it was before a step: it can be used on.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! One operation as a value, for machines that step: [`StoreStep`], [`StoreAnswer`].

use std::time::Duration;

use crate::ground::time::UnixTime;
use crate::store::entry::{Entry, Lease, Replaced, StoreVersion, Stored};
use crate::store::key::StoreKey;
use crate::store::{AsyncStore, Store, StoreError};

/// What a [`Renewal`](crate::session::Renewal) wants done with the store, or a [`SessionEnd`](crate::session::SessionEnd).
///
/// It has no more arms than these: a host that handles each of them handles all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreStep {
    /// [`Store::load`].
    Load,
    /// [`Store::replace`].
    Replace {
        /// The version that the record must still have.
        expected: Option<StoreVersion>,
        /// What is to be written.
        entry: Entry,
    },
    /// [`Store::lease`], for this long.
    Lease(Duration),
    /// [`Store::release`].
    Release(Lease),
}

/// What came of a [`StoreStep`]: an arm for each, and one for a store that failed.
#[derive(Clone, Debug)]
pub enum StoreAnswer {
    /// To [`StoreStep::Load`].
    Loaded(Option<Stored>),
    /// To [`StoreStep::Replace`].
    Replaced(Replaced),
    /// To [`StoreStep::Lease`].
    Leased(Option<Lease>),
    /// To [`StoreStep::Release`].
    Released,
    /// To any of them.
    Failed(StoreError),
}

impl StoreStep {
    /// Carries the step out on a store.
    #[must_use]
    pub fn on(self, store: &dyn Store, key: &StoreKey, now: UnixTime) -> StoreAnswer {
        let answer = match self {
            Self::Load => store.load(key).map(StoreAnswer::Loaded),
            Self::Replace { expected, entry } => {
                store.replace(key, expected.as_ref(), Some(&entry)).map(StoreAnswer::Replaced)
            }
            Self::Lease(ttl) => store.lease(key, ttl, now).map(StoreAnswer::Leased),
            Self::Release(lease) => store.release(key, &lease).map(|()| StoreAnswer::Released),
        };
        answer.unwrap_or_else(StoreAnswer::Failed)
    }

    /// Carries the step out on an async store.
    pub async fn on_async(self, store: &dyn AsyncStore, key: &StoreKey, now: UnixTime) -> StoreAnswer {
        let answer = match self {
            Self::Load => store.load(key).await.map(StoreAnswer::Loaded),
            Self::Replace { expected, entry } => {
                store.replace(key, expected.as_ref(), Some(&entry)).await.map(StoreAnswer::Replaced)
            }
            Self::Lease(ttl) => store.lease(key, ttl, now).await.map(StoreAnswer::Leased),
            Self::Release(lease) => store.release(key, &lease).await.map(|()| StoreAnswer::Released),
        };
        answer.unwrap_or_else(StoreAnswer::Failed)
    }
}

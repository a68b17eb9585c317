//! What a renewal came to: [`Outcome`], and tokens that no store has yet: [`Unsaved`].

use crate::ground::error::Error;
use crate::ground::time::UnixTime;
use crate::session::kept::Kept;
use crate::session::record::SessionRecord;
use crate::session::renewal::commit::{Commit, Kind};
use crate::store::index::Index;

/// Tokens that are not in the store. A session seldom has any, and makes no room for them beforehand.
#[derive(Clone)]
pub(crate) struct Unsaved(pub(super) Box<Commit>);

impl Unsaved {
    /// The tokens of a new login, which replace whatever there was.
    pub(crate) fn login(record: SessionRecord) -> Self {
        Self(Box::new(Commit::new(Kind::Login, record, 0, None, Ok(()))))
    }
}

impl Unsaved {
    /// What a store finds it by.
    pub(crate) fn index(&mut self, indexes: &[Index]) {
        self.0.record.indexes = indexes.to_vec();
    }

    /// How long a store keeps it.
    pub(crate) fn keep(&mut self, kept: Kept) {
        self.0.record.kept = Some(kept);
    }

    /// The record with them.
    pub(crate) const fn record(&self) -> &SessionRecord {
        &self.0.record
    }
}

impl Commit {
    pub(super) fn holds_tokens(&self) -> bool {
        matches!(self.kind, Kind::Login | Kind::Tokens)
    }

    /// Its tokens, for the next renewal to write.
    pub(super) fn unsaved(self) -> Option<Unsaved> {
        self.holds_tokens().then(|| Unsaved(Box::new(self.patient())))
    }
}

/// What a renewal came to.
pub(crate) struct Outcome {
    pub(crate) result: Result<(), Error>,
    /// What is known to be in the store.
    pub(crate) record: Option<SessionRecord>,
    /// When the store was asked for that: it may have taken a log-out a moment later.
    pub(crate) seen_at: Option<UnixTime>,
    /// Whether its tokens were granted to a request of ours, and not to somebody else's.
    pub(crate) granted: bool,
    /// Tokens that could not be written.
    pub(crate) unsaved: Option<Unsaved>,
}

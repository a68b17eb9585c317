//! The last part of a renewal: what came of its request is written, unless somebody has written since.

use crate::ground::error::{Error, ended};
use crate::ground::store_error::StoreError;
use crate::ground::time::UnixTime;
use crate::session::purpose::is_for_others;
use crate::session::renewal::commit::{Commit, Kind, Merged};
use crate::session::renewal::machine::{Renewal, State};
use crate::session::renewal::outcome::Outcome;
use crate::session::renewal::revoking::{Revoking, revocation};
use crate::session::renewal::turn::{read, read_for_login};
use crate::store::entry::Stored;

impl Renewal {
    pub(super) fn merge(&mut self, commit: Commit, stored: Option<Stored>, now: UnixTime) {
        let read = |stored: Stored| match commit.kind {
            Kind::Login => Ok(read_for_login(&stored, &self.plan)),
            _ => read(&stored, &self.plan),
        };
        let stored = match stored.map(read).transpose() {
            Ok(stored) => stored,
            // Somebody has logged in for something else since: what came is for nobody any more.
            Err(error) if is_for_others(&error) => {
                let outcome = Outcome {
                    result: Err(error),
                    record: None,
                    seen_at: None,
                    granted: false,
                    unsaved: None,
                };
                return self.revoke(&commit, outcome, now);
            }
            Err(error) => return self.give_up(commit, error),
        };
        match commit.merge(stored) {
            Merged::Write(commit) => self.state = State::Commit(commit),
            Merged::Written(commit) => self.committed(*commit),
            Merged::Theirs(record) => {
                let usable = record.access_token.is_some()
                    && record.access_token != self.refused
                    && record.expires_at.is_none_or(|expiry| now < expiry);
                if usable {
                    return self.end(Ok(()), Some(*record));
                }
                // Theirs has expired already, by our clock: it is looked at like any other.
                self.wait_for_others(now);
            }
            Merged::Dropped(result) => self.end(result, None),
            Merged::Ended(commit, record) => {
                let outcome = Outcome {
                    result: Err(ended()),
                    record: Some(*record),
                    seen_at: None,
                    granted: false,
                    unsaved: None,
                };
                self.revoke(&commit, outcome, now);
            }
        }
    }

    /// Ends the tokens that came and that are nobody's any more, where the server can; then it comes to this.
    fn revoke(&mut self, commit: &Commit, outcome: Outcome, now: UnixTime) {
        let tokens = (commit.kind == Kind::Tokens).then_some(&commit.record);
        match tokens.and_then(|tokens| revocation(&self.plan.client, tokens)) {
            Some(flow) => {
                self.state = State::Revoke(Box::new(Revoking::new(flow, self.plan.lease, outcome, now)));
            }
            None => self.end_with(outcome),
        }
    }

    pub(super) fn committed(&mut self, mut commit: Commit) {
        commit.record.was_stored = true;
        // Once: a store may show a token that was refused again and again.
        if commit.kind == Kind::Ended && commit.record.failure.is_none() && !self.fell_back {
            self.fell_back = true;
            self.held = Some(commit.record);
            self.state = State::Reread;
            return;
        }
        let granted = commit.holds_tokens();
        self.end_with(Outcome {
            result: commit.result,
            record: Some(commit.record),
            seen_at: None,
            granted,
            unsaved: None,
        });
    }

    pub(super) fn commit_later(&mut self, mut commit: Box<Commit>, error: StoreError, now: UnixTime) {
        if commit.pause.begin(now) {
            self.state = State::CommitLater(commit);
        } else {
            self.give_up(*commit, Error::Store(error));
        }
    }

    /// The store cannot be written. Tokens are kept aside, for the next renewal to write; a failure is told all the same.
    pub(super) fn give_up(&mut self, commit: Commit, error: Error) {
        let result = if commit.holds_tokens() { Err(error) } else { commit.result.clone() };
        self.end_with(Outcome {
            result,
            record: None,
            seen_at: None,
            granted: false,
            unsaved: commit.unsaved(),
        });
    }
}

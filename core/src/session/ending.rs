//! A session's log-out: how it begins, and how the session takes it over.

use crate::ground::error::{Error, ended, misuse};
use crate::ground::time::UnixTime;
use crate::session::Session;
use crate::session::end::SessionEnd;
use crate::session::ended::Ended;

impl Session {
    /// Begins a log-out: ends the session in its store, for all processes, and then revokes its tokens where the server
    /// can (RFC 7009 §2). Run it to its end, then [`settle_end`](Self::settle_end) it. A renewal under way need not be
    /// waited for: it finds the session ended.
    ///
    /// From now on the session hands out no credential, and says that it [has ended](crate::error::Cause::Ended). If the
    /// log-out fails, it goes on as it was, once every other that was begun is settled too. If an end is dropped and not settled,
    /// nobody knows how far it came: the session hands out no credential until a repeated log-out has ended it.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] for a permanent token, which ends where it came from.
    pub fn end(&mut self) -> Result<SessionEnd, Error> {
        let Some(client) = &self.client else {
            return Err(misuse("a permanent token cannot be ended here: delete it where it was made"));
        };
        let mut end = SessionEnd::of(client);
        end.purpose = Some(self.purpose.clone());
        end.unsaved = self.unsaved.as_ref().map(|unsaved| unsaved.record().clone());
        end.held = self.record.clone().filter(|record| !record.is_ended());
        end.mark = Some(self.endings.begin());
        self.shared.set(None, None);
        Ok(end)
    }

    /// Takes the end of the session over, and says what became of it. The session has no credential from now on, and gets
    /// one only after another login; the application's own begins anew by its grant.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store failed for half a minute: it is not known whether the session has ended, nothing was
    /// revoked, and the log-out is to be repeated. [`Error::Unanswered`] if it was not carried to its end, and its tombstone
    /// is not known to be in the store. Once that is there the session has ended, whatever becomes of its tokens.
    pub fn settle_end(&mut self, end: SessionEnd, now: UnixTime) -> Result<Ended, Error> {
        let tombstone = end.tombstone.clone();
        if let Some(mark) = &end.mark {
            self.endings.settle(mark);
        }
        let came = end.finish().inspect_err(|_| self.hold())?;
        self.endings.forget_dropped();
        let tombstone = tombstone.or_else(|| self.record.as_ref().map(|record| record.tombstone(now)));
        (self.record, self.unsaved, self.refused) = (tombstone, None, None);
        // A session that one task owns is in no other store, and this one has not seen the end.
        self.memory = None;
        self.ends += 1;
        self.shared.set(None, None);
        // Every caller is told this, until the store shows another login.
        let _ = self.fail(ended(), None, now);
        Ok(came)
    }
}

//! A session's record is kept while somebody uses it, and dropped some time after: [`Session::with_lifetime`].

use std::time::Duration;

use crate::ground::error::Error;
use crate::ground::time::UnixTime;
use crate::session::Session;
use crate::session::kept::Kept;
use crate::session::record::SessionRecord;
use crate::store::entry::Entry;

impl SessionRecord {
    /// As it is written now.
    pub(crate) fn keep(&mut self, now: UnixTime) {
        self.kept = self.kept.map(|kept| kept.anew(now));
    }

    /// Whether it is used now and must be written anew, to be kept for long enough.
    pub(crate) fn must_be_kept(&self, now: UnixTime) -> bool {
        !self.is_ended() && self.kept.is_some_and(|kept| kept.is_due(now))
    }

    /// Whether its time is over, and a while more, for clocks that are apart: a store may have it, and need not.
    pub(crate) fn is_over(&self, now: UnixTime) -> bool {
        !self.is_ended() && self.kept.is_some_and(|kept| kept.is_over(now))
    }

    /// What is to be written in the place of this record, which was just loaded, so that the store keeps it for as long as
    /// [`Session::with_lifetime`] says after a use that is now; `None` if it does so anyway. Written by
    /// [`replace`](crate::store::Store::replace) over the version that was loaded: if somebody wrote since, that was a use too.
    ///
    /// `lifetime` is the session's; without one the record's own counts, if it has one.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if it cannot be written as a record.
    pub fn kept_longer(&self, lifetime: Option<Duration>, now: UnixTime) -> Result<Option<Entry>, Error> {
        let kept = lifetime.map(|time| Kept::of(time).written_like(self.kept)).or(self.kept);
        match kept.filter(|kept| !self.is_ended() && kept.is_due(now)) {
            Some(kept) => {
                let record = Self { kept: Some(kept.anew(now)), ..self.clone() };
                record.to_entry(now).map(Some).map_err(Error::Store)
            }
            None => Ok(None),
        }
    }
}

impl Session {
    /// Lets its store drop it when nobody has used it for this long, so that no tokens stay there for ever: it is there for at least
    /// so long after each use, and for a quarter longer at most, until its store drops what is over. Two minutes at least, and 400 days at
    /// most. Where nothing is said it is kept until it ends.
    ///
    /// For a web application it is as long as its own session lasts without a visit, or longer: so a person who is logged in by
    /// their cookie has their tokens. It is no bound for how long somebody stays logged in.
    ///
    /// A use is whatever writes it (a login, a renewal), a renewal that finds a good token in the store and takes it, and each
    /// [look](Self::with_look_after) at its store, one in a quarter of this time at least while it hands out credentials. A use that asks for
    /// nothing writes it once in a quarter of this time. A session that never looks, because it is stepped by hand or was told
    /// so by [`Duration::MAX`], is used by its renewals alone.
    ///
    /// The record says it, so that a process which was told nothing keeps it as long. Of two that were told different times the longer one
    /// counts at once, and the shorter one once a quarter of the longer has passed, or at the next renewal.
    ///
    /// A session whose time is over [has ended](crate::error::Cause::Ended), also for a program that used it all the while and was cut
    /// off from its store: it cannot know whether somebody logged out meanwhile, and revokes the tokens that it could not write.
    ///
    /// The clocks of those who share a store must agree to well within this time, to a quarter of it at most. One that still has the record
    /// is believed for five minutes, or a quarter of this time, after that: by a clock that is further ahead, live sessions have ended.
    #[must_use]
    pub fn with_lifetime(mut self, time: Duration) -> Self {
        let kept = Kept::of(time);
        if let Some(unsaved) = &mut self.unsaved {
            unsaved.keep(kept);
        }
        if let Some(record) = &mut self.record {
            record.kept = Some(kept.written_like(record.kept));
        }
        self.purpose = self.purpose.with_kept(kept);
        self.hold_anew();
        self
    }
}

//! What a renewal writes, and what it does when somebody wrote since: [`Commit`].

use crate::ground::error::Error;
use crate::session::record::SessionRecord;
use crate::session::renewal::failure::Intent;
use crate::session::renewal::pause::Pause;
use crate::store::entry::StoreVersion;
use crate::terms::secret::RefreshToken;

/// A record that is to be written.
#[derive(Clone)]
pub(super) struct Commit {
    pub(super) kind: Kind,
    pub(super) record: SessionRecord,
    pub(super) expected: Option<StoreVersion>,
    /// The generation that it follows, and the refresh token that was used.
    base: u64,
    pub(super) used: Option<RefreshToken>,
    /// What was written before the request was sent.
    intent: Option<Intent>,
    /// The login that was there when this was to be written first.
    seen: Option<String>,
    /// Whether it may have been written without our knowing.
    pub(super) is_unsure: bool,
    /// What the renewal comes to once it is written.
    pub(super) result: Result<(), Error>,
    pub(super) pause: Pause,
}

/// What it is that is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The tokens of a new authorization.
    Login,
    /// New tokens.
    Tokens,
    /// That a grant has come to its end.
    Ended,
    /// That a renewal failed.
    Failed,
}

/// What to do after a look at what is there.
pub(super) enum Merged {
    Write(Box<Commit>),
    /// It was written already.
    Written(Box<Commit>),
    /// Somebody else's record is newer.
    Theirs(Box<SessionRecord>),
    /// It is not worth writing any more.
    Dropped(Result<(), Error>),
    /// The session was ended since: the tokens that came are not written.
    Ended(Box<Commit>, Box<SessionRecord>),
}

impl Commit {
    pub(super) fn new(
        kind: Kind,
        record: SessionRecord,
        base: u64,
        used: Option<RefreshToken>,
        result: Result<(), Error>,
    ) -> Self {
        Self {
            kind,
            record,
            expected: None,
            base,
            used,
            intent: None,
            seen: None,
            is_unsure: false,
            result,
            pause: Pause::for_store(),
        }
    }

    /// The same after an intent that was written as this version.
    pub(super) fn after(self, intent: Option<Intent>, expected: Option<StoreVersion>) -> Self {
        Self { intent, expected, ..self }
    }

    /// The same with patience anew.
    pub(super) fn patient(self) -> Self {
        Self { pause: Pause::for_store(), ..self }
    }

    /// Decides, by what the store has now.
    pub(super) fn merge(mut self, stored: Option<(SessionRecord, StoreVersion)>) -> Merged {
        let Some((there, version)) = stored else {
            if self.kind == Kind::Login {
                self.expected = None;
                return Merged::Write(Box::new(self));
            }
            // Its intent was there, so somebody has deleted it: a log-out, by other means than a tombstone.
            let gone = self.record.emptied();
            return Merged::Ended(Box::new(self), Box::new(gone));
        };
        // It may have been written, and its answer lost: a login since then has replaced it.
        let is_replaced = self.is_unsure && there.login.is_some() && there.login != self.seen;
        // A login is written over a tombstone, but for that very one, and for a later one's.
        if there.is_ended() && (self.kind != Kind::Login || there.same_login(&self.record) || is_replaced) {
            return Merged::Ended(Box::new(self), Box::new(there));
        }
        if there.same_tokens(&self.record)
            && there.generation == self.record.generation
            && (self.kind != Kind::Login || there.same_login(&self.record))
            && self.kind != Kind::Failed
        {
            return Merged::Written(Box::new(self));
        }
        self.expected = Some(version);
        match self.kind {
            // It was written, and its answer lost; what is there is what others have made of it since.
            Kind::Login if there.same_login(&self.record) => return Merged::Theirs(Box::new(there)),
            Kind::Login if is_replaced => return Merged::Theirs(Box::new(there)),
            Kind::Login => {
                self.record.generation = there.generation.saturating_add(1);
                if !self.is_unsure {
                    self.seen.clone_from(&there.login);
                }
            }
            // A login wins over what came of the one before it.
            _ if there.another_login(&self.record) => return Merged::Theirs(Box::new(there)),
            _ if there.generation > self.base => return Merged::Theirs(Box::new(there)),
            Kind::Tokens => {}
            // Somebody has sent the same token since, and may be the one who is given a new one.
            Kind::Ended if there.intent.is_some() && there.intent != self.intent => {
                return Merged::Dropped(Err(Error::Unanswered));
            }
            // Deleted only if it is still that very token (ER-7).
            Kind::Ended if there.refresh_token == self.used => {}
            Kind::Ended => return Merged::Theirs(Box::new(there)),
            // Only kept for longer by somebody who uses it: nobody has renewed it since, and how long to wait is theirs to know too.
            Kind::Failed
                if there.generation == self.base
                    && there.intent == self.intent
                    && there.refresh_token == self.used => {}
            Kind::Failed => return Merged::Dropped(self.result),
        }
        Merged::Write(Box::new(self))
    }
}

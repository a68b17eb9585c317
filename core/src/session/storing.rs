//! Where a [`Session`] is kept, and whose it is there ([ST-4](crate::Rule::St4)).

use std::time::Duration;

use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::subject::Subject;
use crate::session::Session;
use crate::session::renewal::outcome::Unsaved;
use crate::store::key::StoreKey;
use crate::store::owner::{OwnGrant, Owner};
use crate::token::grant::Grant;

impl Session {
    /// Keeps it in a store that outlives it, under this key, which says whose it is. Tokens of a login are used only once
    /// they are there, in the place of what was there before. Any other session takes up what the store has, if that is
    /// what the session is for: the same owner's, for the same resources and audience. The adapters' `stored` does this.
    ///
    /// # Errors
    ///
    /// - [`Error::Misuse`] ([ST-4](crate::Rule::St4)) if the key is a user's and the tokens are the application's own, or
    ///   the other way about; if the key does not tell its owner apart from others (an empty name, a grant with secrets and
    ///   no name); if the session was restored from a record that is another owner's; ([ST-1](crate::Rule::St1)) if the key
    ///   is another client's; and for a permanent token, which is stored where it came from.
    /// - [`Error::AuthorizationRequired`] ([ST-4](crate::Rule::St4)) if it was restored from a record of version 1, which
    ///   does not say whose it is, and the key is that of one user among many.
    pub fn in_store(mut self, key: StoreKey) -> Result<Self, Error> {
        let (Some(client), Some(record)) = (&self.client, &self.record) else {
            return Err(misuse(
                "a permanent token is not kept in a store: read it at each start from where it is kept",
            ));
        };
        key.require(client)?;
        self.require_grant(key.owner())?;
        if record.whose.as_deref() != Some(key.whose()) {
            self.require_owner(key.owner())?;
        }
        let purpose = std::mem::take(&mut self.purpose).kept_under(&key);
        if let Some(mut record) = self.record.take() {
            // A record of this version that was in no store yet says nothing: it is what the program says now.
            if record.whose.is_some() || record.is_unnamed() {
                purpose.require_owner(&record)?;
            }
            record.was_stored = false;
            if key.owner().is_application() {
                record.subject = Some(Subject::Application);
            }
            self.record = Some(purpose.stamp(record));
        }
        if let (true, Some(record)) = (self.login, &self.record) {
            self.unsaved = Some(Unsaved::login(record.clone()));
            self.shared.set(None, None);
        }
        (self.purpose, self.key) = (purpose, Some(Box::new(key)));
        // What it holds is good only once the store was looked at.
        self.hold_seen();
        Ok(self)
    }

    /// Renews by this grant where there is no refresh token: for a session whose record has no grant.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ST-4](crate::Rule::St4)) if the grant gets tokens that are somebody else's than the session's:
    /// the application's own for a user's session, or the other way about; or if its store's key was made for another grant.
    pub fn with_grant(mut self, grant: Grant) -> Result<Self, Error> {
        if let Some(Owner::Application(own)) = self.key.as_deref().map(StoreKey::owner) {
            if !own.is(&grant) {
                return Err(misuse_of(Rule::St4, ANOTHER_GRANT));
            }
        } else {
            let subject = if self.key.is_some() { Some(Subject::User) } else { self.subject() };
            if subject.is_some_and(|subject| subject != grant.subject()) {
                return Err(misuse_of(
                    Rule::St4,
                    "the grant gets tokens that are not on behalf of the session's subject: give it a session of its own",
                ));
            }
        }
        // A session that holds nothing yet gets its first tokens by the grant, and is for what that names.
        let named = self.named_by(Some(grant.clone()));
        if let Some(record) = self.record.as_mut().filter(|record| !record.holds_tokens()) {
            (record.purpose, record.resources) = (named.clone(), grant.resources());
            self.purpose = self.purpose.with_grant(&grant).with_named(named);
        }
        self.begin = self.begin.or(grant.begin());
        self.grant = Some(Box::new(grant));
        Ok(self)
    }

    /// The grant that renews it gets tokens of the key's owner, however the session came to be.
    fn require_grant(&self, owner: &Owner) -> Result<(), Error> {
        match (owner, &self.grant) {
            (Owner::Application(own), Some(grant)) if !own.is(grant) => {
                Err(misuse_of(Rule::St4, ANOTHER_GRANT))
            }
            (Owner::User(_) | Owner::OnlyUser, Some(grant)) if grant.subject() == Subject::Application => {
                Err(misuse_of(Rule::St4, OF_THE_APPLICATION))
            }
            _ => Ok(()),
        }
    }

    /// What is known of its tokens does not contradict what the key says of their owner.
    fn require_owner(&self, owner: &Owner) -> Result<(), Error> {
        match owner {
            Owner::Application(own) if self.grant.is_none() && !self.came_by(own) => Err(misuse_of(
                Rule::St4,
                "the store's key is the application's, and these tokens came by another grant, on a user's behalf \
                 perhaps: keep a user's session under `StoreKey::of_user`",
            )),
            Owner::User(_) | Owner::OnlyUser if self.subject() == Some(Subject::Application) => {
                Err(misuse_of(Rule::St4, OF_THE_APPLICATION))
            }
            _ => Ok(()),
        }
    }

    /// Whether its tokens came by this grant, as far as that is known.
    fn came_by(&self, own: &OwnGrant) -> bool {
        match &self.origin {
            Some(origin) => own.origin().is(origin),
            None => {
                let came_by_login = self.record.as_ref().is_some_and(|record| record.login.is_some());
                !came_by_login && self.subject() != Some(Subject::User)
            }
        }
    }

    /// Holds the lease of its store this long for a renewal; 30 seconds by default. Longer than a token request can
    /// take, and shorter than callers can wait for a process that died. A renewal that has sent nothing by its end, since a
    /// key answers later, begins anew, and ends unanswered after twice that time.
    #[must_use]
    pub const fn with_lease(mut self, time: Duration) -> Self {
        self.lease = time;
        self
    }

    /// Whether it holds tokens that are not in the store yet: those of a login, or those that could not be written.
    #[must_use]
    pub const fn is_unsaved(&self) -> bool {
        self.unsaved.is_some()
    }

    /// What a store keeps it under; `None` if it was not put [in a store](Self::in_store).
    #[must_use]
    pub const fn key(&self) -> Option<&StoreKey> {
        match &self.key {
            Some(key) => Some(key),
            None => None,
        }
    }
}

const ANOTHER_GRANT: &str = "the store's key was made for another grant than the session renews by: make it \
                             of this session's grant";
const OF_THE_APPLICATION: &str = "the store's key is a user's, and these tokens are the application's own: keep them under \
                                  `StoreKey::of_application`";

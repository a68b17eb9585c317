//! What a session is for, which everything that is loaded for it must be for too: [`Purpose`] ([ST-4](crate::Rule::St4)).

use crate::ground::error::{Error, misuse_of, other_resources, owner_unknown};
use crate::ground::required::Cause;
use crate::ground::rule::Rule;
use crate::ground::subject::Subject;
use crate::session::kept::Kept;
use crate::session::record::SessionRecord;
use crate::store::index::Index;
use crate::store::key::StoreKey;
use crate::store::origin::same;
use crate::terms::resource::Resource;
use crate::token::grant::Grant;
use crate::token::response::TokenResponse;
use crate::wire::version::RecordVersion;

/// What a session is for. Where a session was told nothing, it takes what there is.
#[derive(Clone, Default)]
pub(crate) struct Purpose {
    /// Whose it is, if it is in a store.
    whose: Option<String>,
    /// On whose behalf a record must be that does not say whose it is, if one may be taken up.
    unnamed: Option<Subject>,
    resources: Option<Vec<Resource>>,
    /// The audience and its like: see [`Grant::purpose`].
    named: Option<Option<String>>,
    /// What its record is found by, in the place of what that says.
    indexes: Option<Vec<Index>>,
    /// How long its record is kept, likewise.
    kept: Option<Kept>,
    /// The login that its tokens descend from, if it has one of its own.
    login: Option<String>,
}

impl Purpose {
    /// Of tokens whose request is known.
    pub(crate) fn of_tokens(tokens: &TokenResponse) -> Self {
        if tokens.grant_type().is_none() {
            return Self::default();
        }
        Self {
            resources: Some(tokens.resources().to_vec()),
            named: Some(tokens.purpose()),
            ..Self::default()
        }
    }

    /// Of a record that was stored by other means than a store.
    pub(crate) fn of_record(record: &SessionRecord) -> Self {
        Self { whose: record.whose.clone(), login: record.login.clone(), ..Self::default() }
    }

    pub(crate) fn with_resources(self, resources: Vec<Resource>) -> Self {
        Self { resources: Some(resources), ..self }
    }

    pub(crate) fn with_named(self, named: Option<String>) -> Self {
        Self { named: Some(named), ..self }
    }

    pub(crate) fn with_indexes(self, indexes: Vec<Index>) -> Self {
        Self { indexes: Some(indexes), ..self }
    }

    pub(crate) fn with_kept(self, kept: Kept) -> Self {
        Self { kept: Some(kept), ..self }
    }

    pub(crate) fn with_login_of(self, record: &SessionRecord) -> Self {
        Self { login: record.login.clone(), ..self }
    }

    pub(crate) fn with_grant(self, grant: &Grant) -> Self {
        Self { resources: Some(grant.resources()), named: Some(grant.purpose()), ..self }
    }

    pub(crate) fn kept_under(self, key: &StoreKey) -> Self {
        let unnamed = key.owner().takes_unnamed();
        Self { whose: Some(key.whose().to_owned()), unnamed, ..self }
    }

    /// The record as this session's, if it is what the session is for.
    pub(crate) fn admit(&self, record: SessionRecord) -> Result<SessionRecord, Error> {
        self.require_owner(&record)?;
        let record = self.kept(self.indexed(record));
        // Without a token in it there is nothing that was for something else.
        if !record.holds_tokens() {
            let resources = self.resources.clone().unwrap_or_else(|| record.resources.clone());
            let purpose = self.named.clone().unwrap_or_else(|| record.purpose.clone());
            return Ok(self.stamp(SessionRecord { resources, purpose, ..record }));
        }
        if self.resources.as_ref().is_some_and(|expected| !same(expected, &record.resources))
            || self.named.as_ref().is_some_and(|expected| *expected != record.purpose)
        {
            return Err(other_resources());
        }
        Ok(self.stamp(record))
    }

    /// The record as it is found by what the session names. What a login is found by goes on no other login's record: a log-out
    /// that names the one must not find the other.
    fn indexed(&self, record: SessionRecord) -> SessionRecord {
        match &self.indexes {
            Some(indexes) if self.login.is_none() || self.login == record.login => {
                SessionRecord { indexes: indexes.clone(), ..record }
            }
            _ => record,
        }
    }

    /// The record as it is to be kept when it is next written.
    fn kept(&self, record: SessionRecord) -> SessionRecord {
        match self.kept {
            Some(kept) => SessionRecord { kept: Some(kept.written_like(record.kept)), ..record },
            None => record,
        }
    }

    /// The same for a session that has a grant of its own, which needs nobody: where the tokens that are there came by such a
    /// grant and are for something else, the session begins anew.
    pub(crate) fn admit_or_begin(
        &self,
        record: SessionRecord,
        grant: &Grant,
    ) -> Result<SessionRecord, Error> {
        // A record of version 1 does not say how its tokens came.
        let came_by_login = record.login.is_some() || record.is_unnamed();
        let anew = SessionRecord { subject: Some(grant.subject()), ..record.emptied() };
        match self.admit(record) {
            Err(error) if is_for_others(&error) && came_by_login => Err(misuse_of(
                Rule::St4,
                "the stored tokens are of a login, and for other resources, or another audience, than this session's: tell the \
                 sessions of one owner apart by `StoreKey::named`",
            )),
            Err(error) if is_for_others(&error) => self.admit(anew),
            admitted => admitted,
        }
    }

    /// Says in a record whose it is, if that is known.
    pub(crate) fn stamp(&self, record: SessionRecord) -> SessionRecord {
        match &self.whose {
            Some(whose) => {
                SessionRecord { version: RecordVersion::Two, whose: Some(whose.clone()), ..record }
            }
            None => record,
        }
    }

    pub(crate) fn require_owner(&self, record: &SessionRecord) -> Result<(), Error> {
        match (&self.whose, record.is_unnamed()) {
            (Some(_), true) => match (self.unnamed, record.subject) {
                (Some(expected), Some(subject)) if expected == subject => Ok(()),
                // The first records did not say even that.
                (Some(Subject::User), None) => Ok(()),
                _ => Err(owner_unknown()),
            },
            (expected, _) if *expected == record.whose => Ok(()),
            (_, _) => Err(misuse_of(
                Rule::St4,
                "the stored session belongs to another user, or to the application itself, and is not used: keep each \
                 under a `StoreKey` of its own",
            )),
        }
    }
}

/// Whether tokens were refused since they are for something else than the session.
pub(crate) fn is_for_others(error: &Error) -> bool {
    matches!(error, Error::AuthorizationRequired(why) if matches!(why.cause(), Cause::OtherResources))
}

impl SessionRecord {
    /// Refuses a record that was stored for somebody else than the one whom the key is for. A
    /// [session in a store](crate::Session::in_store) does this by itself; it is for programs that read records of their
    /// own accord.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ST-4](crate::Rule::St4)) if it is another owner's; [`Error::AuthorizationRequired`]
    /// ([ST-4](crate::Rule::St4)) if it is of version 1, which does not say whose it is, and the key is that of one user
    /// among many.
    pub fn require_owner(&self, key: &StoreKey) -> Result<(), Error> {
        Purpose::default().kept_under(key).require_owner(self)
    }
}

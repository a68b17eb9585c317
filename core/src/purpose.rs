//! What a session is for, which everything that is loaded for it must be for too: [`Purpose`] (ST-4).

use std::collections::BTreeSet;

use crate::error::{Error, misuse_of, owner_unknown};
use crate::record::SessionRecord;
use crate::store::StoreKey;
use crate::version::RecordVersion;
use crate::{Grant, Resource, Rule, Scope, Subject, TokenResponse};

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
}

impl Purpose {
    /// Of tokens whose request is known.
    pub(crate) fn of_tokens(tokens: &TokenResponse) -> Self {
        if tokens.grant_type().is_none() {
            return Self::default();
        }
        Self {
            resources: Some(tokens.resources().to_vec()),
            named: Some(tokens.purpose().map(str::to_owned)),
            ..Self::default()
        }
    }

    /// Of a record that was stored by other means than a store.
    pub(crate) fn of_record(record: &SessionRecord) -> Self {
        Self { whose: record.whose.clone(), ..Self::default() }
    }

    pub(crate) fn with_resources(self, resources: Vec<Resource>) -> Self {
        Self { resources: Some(resources), ..self }
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
        // Without a token in it there is nothing that was for something else.
        if !record.holds_tokens() {
            let resources = self.resources.clone().unwrap_or_else(|| record.resources.clone());
            let purpose = self.named.clone().unwrap_or_else(|| record.purpose.clone());
            return Ok(self.stamp(SessionRecord { resources, purpose, ..record }));
        }
        if self.resources.as_ref().is_some_and(|expected| !same(expected, &record.resources))
            || self.named.as_ref().is_some_and(|expected| *expected != record.purpose)
        {
            return Err(misuse_of(
                Rule::St4,
                "the stored tokens are for other resources, or another audience, than this session's: tell the \
                 sessions of one owner apart by `StoreKey::named`",
            ));
        }
        Ok(self.stamp(record))
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

/// By which grant tokens came, as far as that tells the application's own tokens apart.
#[derive(Clone)]
pub(crate) struct Origin {
    grant_type: String,
    subject: Option<Subject>,
    purpose: Option<String>,
    resources: Vec<Resource>,
    scope: Option<Scope>,
}

impl Origin {
    pub(crate) fn of_grant(grant: &Grant) -> Self {
        Self {
            grant_type: grant.kind().to_owned(),
            subject: Some(grant.subject()),
            purpose: grant.purpose(),
            resources: grant.resources(),
            scope: grant.requested_scope().cloned(),
        }
    }

    /// Of tokens whose request is known.
    pub(crate) fn of_tokens(tokens: &TokenResponse) -> Option<Self> {
        Some(Self {
            grant_type: tokens.grant_type()?.to_owned(),
            subject: tokens.subject(),
            purpose: tokens.purpose().map(str::to_owned),
            resources: tokens.resources().to_vec(),
            scope: tokens.asked_scope().cloned(),
        })
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        let tokens = |scope: &Option<Scope>| -> Option<BTreeSet<String>> {
            scope.as_ref().map(|scope| scope.iter().map(str::to_owned).collect())
        };
        self.grant_type == other.grant_type
            && self.subject == other.subject
            && self.purpose == other.purpose
            && same(&self.resources, &other.resources)
            && tokens(&self.scope) == tokens(&other.scope)
    }
}

/// As sets.
fn same(some: &[Resource], others: &[Resource]) -> bool {
    some.iter().all(|one| others.contains(one)) && others.iter().all(|one| some.contains(one))
}

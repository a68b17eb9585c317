//! By which grant tokens came: [`Origin`] ([ST-4](crate::Rule::St4)).

use crate::ground::among::Among;
use crate::ground::subject::Subject;
use crate::terms::resource::Resource;
use crate::terms::scope::Scope;
use crate::token::grant::Grant;
use crate::token::response::TokenResponse;

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
            grant_type: grant.grant_type().to_owned(),
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
            purpose: tokens.purpose(),
            resources: tokens.resources().to_vec(),
            scope: tokens.asked_scope().cloned(),
        })
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        self.grant_type == other.grant_type
            && self.subject == other.subject
            && self.purpose == other.purpose
            && same(&self.resources, &other.resources)
            && self.scope == other.scope
    }
}

/// As sets.
pub(crate) fn same(some: &[Resource], others: &[Resource]) -> bool {
    some == others || (are_among(some, others) && are_among(others, some))
}

fn are_among(some: &[Resource], others: &[Resource]) -> bool {
    Among::new(others.iter().map(Resource::as_str)).have_all(some.iter().map(Resource::as_str))
}

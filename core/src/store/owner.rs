//! Whose a stored session is: [`Owner`] ([ST-4](crate::Rule::St4)).

use crate::ground::sorted::sorted;
use crate::ground::subject::Subject;
use crate::store::origin::Origin;
use crate::terms::scope::Scope;
use crate::token::grant::Grant;
use crate::wire::digest::digest;

/// Whose a stored session is, as the program said.
#[derive(Clone)]
pub(crate) enum Owner {
    /// One user among many, by the program's own name.
    User(String),
    OnlyUser,
    Application(OwnGrant),
    /// Not said, for a store that holds one session.
    Nobody,
}

/// What is known in public of a grant that gets the application's own tokens.
#[derive(Clone)]
pub(crate) struct OwnGrant {
    digest: String,
    origin: Origin,
    /// Whether there is more in it that tells its tokens apart, and that no key may hold.
    pub(crate) has_secrets: bool,
}

impl Owner {
    pub(crate) fn user(user: &str) -> Self {
        Self::User(user.to_owned())
    }

    pub(crate) fn application(grant: &Grant) -> Self {
        Self::Application(OwnGrant {
            digest: public_digest(grant),
            origin: Origin::of_grant(grant),
            has_secrets: grant.has_secrets(),
        })
    }

    /// The kind, for people, and a digest of what the program said.
    pub(crate) fn whose(&self, name: Option<&str>) -> String {
        let (kind, owner) = match self {
            Self::User(user) => ("user", Some(user.as_str())),
            Self::OnlyUser => ("only-user", None),
            Self::Application(grant) => ("application", Some(grant.digest.as_str())),
            Self::Nobody => ("nobody", None),
        };
        format!("{kind}:{}", digest(kind, [owner, name]))
    }

    pub(crate) const fn is_application(&self) -> bool {
        matches!(self, Self::Application(_))
    }

    /// On whose behalf records must be that do not say whose they are (version 1), if they may be this owner's: where
    /// nobody else's could be there.
    pub(crate) const fn takes_unnamed(&self) -> Option<Subject> {
        match self {
            Self::OnlyUser => Some(Subject::User),
            Self::Application(_) => Some(Subject::Application),
            Self::User(_) | Self::Nobody => None,
        }
    }
}

impl OwnGrant {
    /// Whether this is the grant that the key was made of, or another one that gets the same tokens.
    pub(crate) fn is(&self, grant: &Grant) -> bool {
        self.digest == public_digest(grant)
    }

    pub(crate) const fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// Everything that the grant names in public, in an order of its own: scopes are sets. How wide a token may be tells
/// tokens apart too.
fn public_digest(grant: &Grant) -> String {
    let mut parts: Vec<String> =
        grant.public_parameters().map(|(name, value)| format!("{name}={value}")).collect();
    for (name, scope) in [("scope", grant.requested_scope()), ("limit", grant.limit())] {
        // An empty limit is one too.
        parts.extend(scope.map(|_| format!("has {name}")));
        parts.extend(scope.into_iter().flat_map(Scope::iter).map(|one| format!("{name}={one}")));
    }
    parts = sorted(parts);
    parts.dedup();
    digest("application", parts.iter().map(|part| Some(part.as_str())))
}

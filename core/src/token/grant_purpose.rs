//! Which parameters of a [`Grant`] are public, and what they and its type say of the tokens that it gets.

use std::borrow::Cow;

use crate::ground::sorted::sorted;
use crate::ground::subject::Subject;
use crate::ground::wiped::Wiped;
use crate::terms::secret::RefreshToken;
use crate::token::grant::{AUTHORIZATION_CODE, DEVICE_CODE, Grant, TOKEN_EXCHANGE};
use crate::wire::digest::digest_of_any;
use crate::wire::form;

/// The parameters whose values are public by their nature. Those of an application's grant are in its
/// [`StoreKey`](crate::store::key::StoreKey); any other is taken for a secret.
const PUBLIC: [&str; 22] = [
    "access_type",
    "account_id",
    "acr_values",
    "action",
    "actor_token_type",
    "audience",
    "authorization_details",
    "claims",
    "connection",
    "grant_type",
    "organization",
    "realm",
    "redirect_uri",
    "requested_issuer",
    "requested_subject",
    "requested_token_type",
    "resource",
    "subject_issuer",
    "subject_token_type",
    "tenant",
    "tenant_id",
    "username",
];

/// The grants that get the first tokens of their owner, and those that follow: which of them it was makes no difference to
/// what the tokens are for.
const PLAIN: [&str; 5] = [AUTHORIZATION_CODE, "client_credentials", DEVICE_CODE, "password", "refresh_token"];

/// Of these, what says how the token is got, or what a later login of the same user may change. The others say which
/// token it is.
const NOT_OF_PURPOSE: [&str; 7] = [
    "access_type",
    "action",
    "actor_token_type",
    "authorization_details",
    "redirect_uri",
    "resource",
    "subject_token_type",
];

impl Grant {
    pub(crate) fn is_token_exchange(&self) -> bool {
        self.kind == TOKEN_EXCHANGE
    }

    /// The code of the refusal that this grant meets in its ordinary course, which decides what is done next.
    pub(crate) fn usual_refusal(&self) -> Option<&'static str> {
        match self.kind.as_ref() {
            "refresh_token" => Some("invalid_grant"),
            DEVICE_CODE => Some("authorization_pending"),
            _ => None,
        }
    }

    pub(crate) fn is_refresh_token(&self) -> bool {
        self.kind == "refresh_token"
    }

    /// Whether it is this refresh token.
    pub(crate) fn is_of(&self, token: &RefreshToken) -> bool {
        form::pairs(&self.form).any(|(name, value)| name == "refresh_token" && value == token.expose())
    }

    /// Whether it may get the application's own tokens, and not only a user's.
    pub(crate) fn is_own(&self) -> bool {
        self.subject == Subject::Application || !PLAIN.contains(&self.grant_type())
    }

    /// The values that a server must not get us to log: all that are not public by their nature.
    pub(crate) fn secrets(&self) -> Vec<Wiped> {
        form::pairs(&self.form)
            .filter(|(name, _)| !PUBLIC.contains(&&**name))
            .map(|(_, value)| Wiped::new(value.into_owned()))
            .collect()
    }

    /// Whether a parameter of it may be a secret.
    pub(crate) fn has_secrets(&self) -> bool {
        !self.late().is_empty() || form::pairs(&self.form).any(|(name, _)| !PUBLIC.contains(&&*name))
    }

    /// The parameters that are public by their nature, but for the scope.
    pub(crate) fn public_parameters(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let audience = self.audience.as_deref().map(|audience| ("audience".into(), audience.into()));
        form::pairs(&self.form).filter(|(name, _)| PUBLIC.contains(&&**name)).chain(audience)
    }

    /// Which of an owner's tokens it gets, beside scope and resources: a digest of the audience and its like, with the type
    /// of a grant that trades one thing for another; `None` for a login that names nothing of the kind.
    pub(crate) fn purpose(&self) -> Option<String> {
        digest_of_any("purpose", &self.of_purpose())
    }

    /// What that digest is of: parameters, in order. It is made where a session asks for it, so that a program without one is
    /// linked without the hash.
    pub(crate) fn of_purpose(&self) -> Vec<String> {
        let is_plain = PLAIN.contains(&self.grant_type());
        let is_of_purpose = |name: &str| match name {
            "grant_type" => !is_plain,
            name => PUBLIC.contains(&name) && !NOT_OF_PURPOSE.contains(&name),
        };
        // Most grants name nothing of the kind, and are told by a glance: these names are written as they are.
        if self.audience.is_none() && !form::encoded(&self.form).any(|(name, _)| is_of_purpose(name)) {
            return Vec::new();
        }
        let mut parts: Vec<String> = self
            .public_parameters()
            .filter(|(name, _)| is_of_purpose(name))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        parts = sorted(parts);
        parts.dedup();
        parts
    }
}

//! What is known of a person (OpenID Connect Core §5.1), and what asks for it (§5.4).

use serde_json::json;

use crate::ground::keys::Claims;
use crate::{Rights, Sandbox};

/// Every claim about a person, and the scope that asks for it.
pub(crate) const CLAIMS: [(&str, &str); 7] = [
    ("name", "profile"),
    ("given_name", "profile"),
    ("family_name", "profile"),
    ("preferred_username", "profile"),
    ("updated_at", "profile"),
    ("email", "email"),
    ("email_verified", "email"),
];

/// When every profile was changed last, in seconds since 1970.
const UPDATED_AT: u64 = 1_600_000_000;

impl Sandbox {
    /// The claims about a person that a scope asks for, and those that are wanted by name.
    pub(crate) fn claims_about(
        &self,
        username: &str,
        scope: &Rights,
        wants: impl Fn(&str) -> bool,
    ) -> Claims {
        let Some(user) = self.user(username) else { return Claims::new() };
        let (given, family) = user.display_name.split_once(' ').unwrap_or((&user.display_name, ""));
        let value = |claim: &str| match claim {
            "name" => json!(user.display_name),
            "given_name" => json!(given),
            "family_name" => json!(family),
            "preferred_username" => json!(user.username),
            "updated_at" => json!(UPDATED_AT),
            "email" => json!(user.email),
            _ => json!(true),
        };
        let is_asked = |asked: &str| scope.iter().any(|token| token == asked);
        CLAIMS
            .into_iter()
            .filter(|(claim, scope)| is_asked(scope) || wants(claim))
            .map(|(claim, _)| (claim.to_owned(), value(claim)))
            .collect()
    }
}

//! Who logged in, for people: [`told`], [`named`].

use valetkey_blocking::identity::{Identity, Login, StandardClaims};

use super::visible::one_line;

/// Who logged in, in words: what people call them, and what tells them from everybody else.
pub(crate) fn told(login: &Login) -> String {
    let identity = named(login.identity());
    match called(&login.standard_claims()) {
        Some(name) => format!("{} ({identity})", one_line(name)),
        None => identity,
    }
}

/// What tells a person from everybody else, in words.
pub(crate) fn named(identity: &Identity) -> String {
    format!("subject {} at {}", one_line(identity.subject()), one_line(identity.issuer()))
}

/// What people call them, of what the server says.
fn called(claims: &StandardClaims) -> Option<&str> {
    claims.name().or_else(|| claims.preferred_username()).or_else(|| claims.email())
}

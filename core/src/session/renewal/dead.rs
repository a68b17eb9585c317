//! When a refresh token is taken for dead that the server refuses in words of its own: [`RefusalPolicy`].

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::authorize::response::digest;
use crate::ground::error_code;
use crate::ground::refused::{Refused, Retry};
use crate::ground::time::UnixTime;
use crate::terms::secret::RefreshToken;

/// What a session makes of a refusal of its refresh token that is final and does not say `invalid_grant`. Many servers say
/// otherwise that a refresh token is dead (`invalid_request`, `unauthorized_client`, or nothing at all), and a session that took
/// none of that for an end would ask with a dead token for ever.
///
/// These count:
///
/// - the status 400, 402 or 403, whatever the body is;
/// - the status 401 with a registered code; without one it is about the client's authentication (RFC 6749 §5.2);
/// - an `error` that is a text in an answer of success.
///
/// These do not count, whatever their status is: an answer with `Retry-After`, for which the session waits; a code that asks to try
/// again later, or to ask less often; and one that is about the client or its request (`invalid_client`, `invalid_scope`,
/// `insufficient_scope`, `unsupported_grant_type` and their like), also as the `code` in an `error` that is an object.
///
/// Refusals without a registered code may come from something in between, a gateway or a firewall: they are counted a minute apart,
/// so that a fault of some seconds logs nobody out. So is `unauthorized_client`, which is about the client (RFC 6749 §5.2), but which
/// some servers say of a dead refresh token. A server whose own words are known is told them once, and then the first ends the
/// session: [`refusal_means`](crate::AuthorizationServer::refusal_means).
///
/// Refusals of the very same refresh token are counted in the session's record, for all processes of its store together. After the
/// last the session is [`AuthorizationRequired`](crate::Error::AuthorizationRequired), told as
/// [`Cause::Refused`](crate::error::Cause::Refused). A person is needed at once, whatever the policy, after `invalid_grant`, and after
/// `interaction_required`, `login_required`, `consent_required` and `account_selection_required` (OpenID Connect Core §3.1.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalPolicy {
    /// So many in a row end it, 0 is taken for 1. Three by default. With 1 the first that counts ends the session, be it a firewall's
    /// page of the status 403: for servers that are known to say it in such words, and that nothing stands before.
    After(u32),
    /// None ends it: the session asks again, a minute apart at most.
    Never,
}

impl Default for RefusalPolicy {
    fn default() -> Self {
        Self::After(3)
    }
}

impl RefusalPolicy {
    /// Whether so many refusals end the session.
    const fn ends(self, count: u32) -> bool {
        match self {
            Self::After(most) => count >= most,
            Self::Never => false,
        }
    }
}

/// How often a refresh token was refused in words that are not known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refusals {
    /// A digest of the token.
    token: String,
    count: u32,
    /// When the last of them was counted.
    at: UnixTime,
}

/// How far apart refusals are counted that may not be the authorization server's, or not about the token.
const APART: Duration = Duration::from_secs(60);

/// What a refusal says of the grant.
pub(crate) enum Verdict {
    /// It has come to its end.
    Dead,
    /// Nothing is known of it, so far; what is remembered.
    Unsure(Option<Refusals>),
}

/// Judges the refusal of a request with this refresh token, or with another grant.
pub(crate) fn judge(
    refused: &Refused,
    used: Option<&RefreshToken>,
    earlier: Option<&Refusals>,
    policy: RefusalPolicy,
    now: UnixTime,
) -> Verdict {
    if refused.is_invalid_grant() {
        return Verdict::Dead;
    }
    let Some(used) = used else { return Verdict::Unsure(None) };
    let token = digest(used.expose());
    let earlier = earlier.filter(|earlier| earlier.token == token);
    if !is_final(refused) {
        return Verdict::Unsure(earlier.cloned());
    }
    let is_soon = |earlier: &&Refusals| earlier.at <= now && now.since(earlier.at) < APART;
    if let Some(earlier) = earlier.filter(is_soon).filter(|_| !is_plain(refused)) {
        return Verdict::Unsure(Some(earlier.clone()));
    }
    let count = earlier.map_or(0, |earlier| earlier.count).saturating_add(1);
    if needs_person(refused) || policy.ends(count) {
        return Verdict::Dead;
    }
    Verdict::Unsure(Some(Refusals { token, count, at: now }))
}

/// The refusals of OpenID Connect Core §3.1.2.6 that only a person mends.
const PERSON: [&str; 4] =
    ["account_selection_required", "consent_required", "interaction_required", "login_required"];

/// The refusals that are about the client or its request, whatever refresh token is in it, or that ask for patience.
const OTHER: [&str; 24] = [
    "insufficient_scope",
    "invalid_authorization_details",
    "invalid_client",
    "invalid_client_attestation",
    "invalid_client_metadata",
    "invalid_dpop_proof",
    "invalid_redirect_uri",
    "invalid_resource",
    "invalid_scope",
    "invalid_software_statement",
    "invalid_target",
    "rate-limited",
    "rate_limit_exceeded",
    "rate_limited",
    "server_error",
    "slow_down",
    "temporarily_unavailable",
    "too_many_attempts",
    "too_many_requests",
    "unapproved_software_statement",
    "unsupported_grant_type",
    "use_attestation_challenge",
    "use_dpop_nonce",
    "use_fresh_attestation",
];

fn needs_person(refused: &Refused) -> bool {
    refused.meant().is_some_and(|code| PERSON.contains(&code))
}

/// Whether it is in plain words of an authorization server about the token.
fn is_plain(refused: &Refused) -> bool {
    refused.meant().is_some_and(|code| error_code::is_known(code) && code != "unauthorized_client")
}

fn is_final(refused: &Refused) -> bool {
    let Some(status) = refused.status() else { return false };
    let may_be_token = match (status.as_u16(), refused.meant()) {
        // By itself it is about the client's authentication (RFC 6749 §5.2).
        (401, code) => code.is_some_and(error_code::is_known),
        (400..=403, _) | (200..=299, Some(_)) => true,
        _ => false,
    };
    let asks_for_patience = refused.retry() != Retry::Never || refused.retry_after().is_some();
    may_be_token && !asks_for_patience && !is_about_other(refused)
}

fn is_about_other(refused: &Refused) -> bool {
    match refused.meant() {
        Some(code) => OTHER.contains(&code),
        None => {
            let inner = refused.member::<Inner<'_>>("error").ok().flatten();
            inner.is_some_and(|inner| OTHER.contains(&&*inner.code))
        }
    }
}

/// An `error` that is an object.
#[derive(Deserialize)]
struct Inner<'a> {
    #[serde(borrow)]
    code: Cow<'a, str>,
}

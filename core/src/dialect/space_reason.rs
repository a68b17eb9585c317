//! Why Space refuses: [`Reason`].

use crate::ground::error_code::ErrorCode;
use crate::ground::refused::Refused;
use crate::ground::wiped::Wiped;

/// Why Space refused, in its own codes and OAuth's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The access token has expired: renew it. A session does that by itself.
    TokenExpired,
    /// The refresh token behind the access token was revoked: the person must authorize again.
    RefreshTokenRevoked,
    /// No credential that Space knows (`authentication-required`, `invalid_client`).
    AuthenticationRequired,
    /// A right is missing (`permission-denied`, `access_denied`): ask for it.
    PermissionDenied,
    /// `validation-error`, `invalid_request`: the request is at fault.
    Validation,
    /// `not-found`.
    NotFound,
    /// `duplicated-entity`.
    DuplicatedEntity,
    /// `rate-limited`: later, after [`Refused::retry_after`].
    RateLimited,
    /// `payload-too-large`.
    PayloadTooLarge,
    /// `internal-server-error`, and any status of the 5xx class.
    InternalServerError,
    /// Any other.
    Other,
}

impl Reason {
    /// Reads a refusal of Space's token endpoint or API.
    ///
    /// Space tells an expired token from a revoked one by its description only, so that text is compared; whatever
    /// else it may say one day is [`AuthenticationRequired`](Self::AuthenticationRequired).
    #[must_use]
    pub fn of(refused: &Refused) -> Self {
        // What is shown may lack a short secret of the request: it is compared as it came, where it is still known.
        let came = refused.member::<String>("error_description").ok().flatten().map(Wiped::new);
        let description =
            came.as_deref().map(|text| text.trim()).or(refused.description()).unwrap_or_default();
        match refused.code().map(ErrorCode::came) {
            Some("authentication-required") if description == "Access token has expired" => {
                Self::TokenExpired
            }
            Some("authentication-required" | "invalid_grant")
                if description.to_ascii_lowercase().contains("refresh token")
                    && description.contains("revoked") =>
            {
                Self::RefreshTokenRevoked
            }
            Some("authentication-required" | "invalid_client" | "invalid_token") => {
                Self::AuthenticationRequired
            }
            Some("permission-denied" | "access_denied" | "insufficient_scope") => Self::PermissionDenied,
            Some("validation-error" | "invalid_request") => Self::Validation,
            Some("not-found") => Self::NotFound,
            Some("duplicated-entity") => Self::DuplicatedEntity,
            Some("rate-limited") => Self::RateLimited,
            Some("payload-too-large") => Self::PayloadTooLarge,
            Some("internal-server-error" | "server_error") => Self::InternalServerError,
            _ => Self::by_status(refused),
        }
    }

    fn by_status(refused: &Refused) -> Self {
        match refused.status().map_or(0, |status| status.as_u16()) {
            429 => Self::RateLimited,
            413 => Self::PayloadTooLarge,
            500..=599 => Self::InternalServerError,
            _ => Self::Other,
        }
    }
}

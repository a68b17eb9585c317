//! A server's error code: compared as it came, shown without secrets. [`ErrorCode`].

use std::fmt;

use crate::ground::text;
use crate::ground::wiped::Wiped;

/// The longest error code, in characters ([ER-1](crate::Rule::Er1)).
const MAX_CODE: usize = 128;

/// The codes that are in a registry or a specification, or that a dialect here decides on. Everybody knows them, so none
/// is hidden because a short secret, such as `client`, is a part of it.
const KNOWN: &[&str] = &[
    // RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7009 §2.2.1
    "access_denied",
    "insufficient_scope",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_token",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "unsupported_token_type",
    // RFC 7591 §3.2.2
    "invalid_client_metadata",
    "invalid_redirect_uri",
    "invalid_software_statement",
    "unapproved_software_statement",
    // RFC 8628 §3.5
    "authorization_pending",
    "expired_token",
    "slow_down",
    // RFC 8693 and RFC 8707, RFC 9200, RFC 9396, RFC 9449, RFC 9470
    "incompatible_ace_profiles",
    "insufficient_user_authentication",
    "invalid_authorization_details",
    "invalid_dpop_proof",
    "invalid_target",
    "unsupported_pop_key",
    "use_dpop_nonce",
    // OpenID Connect Core §3.1.2.6, its Error Code unmet_authentication_requirements, and CIBA
    "account_selection_required",
    "consent_required",
    "expired_login_hint_token",
    "interaction_required",
    "invalid_binding_message",
    "invalid_request_object",
    "invalid_request_uri",
    "invalid_user_code",
    "login_required",
    "missing_user_code",
    "registration_not_supported",
    "request_not_supported",
    "request_uri_not_supported",
    "session_selection_required",
    "transaction_failed",
    "unknown_user_id",
    "unmet_authentication_requirements",
    // OpenID Federation, and OpenID for Verifiable Credentials
    "credential_request_denied",
    "invalid_credential_request",
    "invalid_encryption_parameters",
    "invalid_issuer",
    "invalid_metadata",
    "invalid_nonce",
    "invalid_proof",
    "invalid_request_uri_method",
    "invalid_subject",
    "invalid_transaction_data",
    "invalid_trust_anchor",
    "invalid_trust_chain",
    "not_found",
    "unknown_credential_configuration",
    "unknown_credential_identifier",
    "unsupported_parameter",
    "vp_formats_not_supported",
    "wallet_unavailable",
    // UMA 2.0, attestation-based client authentication, first-party applications
    "insufficient_authorization",
    "invalid_client_attestation",
    "invalid_session",
    "need_info",
    "redirect_to_web",
    "request_denied",
    "request_submitted",
    "use_attestation_challenge",
    "use_fresh_attestation",
    // Space
    "authentication-required",
    "duplicated-entity",
    "internal-server-error",
    "not-found",
    "payload-too-large",
    "permission-denied",
    "rate-limited",
    "validation-error",
    // Entra ID and Auth0
    "invalid_resource",
    "mfa_required",
    "too_many_attempts",
];

/// Whether everybody knows this code.
pub(crate) fn is_known(code: &str) -> bool {
    known(code).is_some()
}

/// The code, if everybody knows it.
pub(crate) fn known(code: &str) -> Option<&'static str> {
    KNOWN.iter().copied().find(|known| *known == code)
}

/// A server's error code: an open set, of which RFC 6749 names a few.
///
/// Compare it with a `&str`: that is the code as it came, so `code == "invalid_client"` holds whatever the client's secret
/// is. What is shown, and what [`as_str`](Self::as_str) has, is the same for every registered code. A code that is not
/// registered and holds one of the request's secrets, or something that looks like a token, is shown without it.
///
/// ```
/// # use valetkey_core::{Response, UnixTime};
/// # use valetkey_core::error::{ErrorCode, Refused};
/// # fn act(refused: &Refused) -> &'static str {
/// match refused.code() {
///     Some(code) if *code == "invalid_scope" => "ask for less",
///     Some(code) if *code == "mfa_required" => "a second factor is needed",
///     _ => "tell the person",
/// }
/// # }
/// # let response: Response = http::Response::builder().status(400).body(br#"{"error":"invalid_scope"}"#.to_vec()).unwrap();
/// # assert_eq!(act(&Refused::parse(&response, UnixTime::from_secs(0))?), "ask for less");
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct ErrorCode {
    came: Wiped,
    /// How it is shown, if not as it came.
    shown: Option<String>,
}

impl ErrorCode {
    /// The code, if it is one: `None` if it is empty, too long, or has a character that is not allowed
    /// ([ER-1](crate::Rule::Er1)).
    pub(crate) fn admit(code: &str, secrets: &[&str]) -> Option<Self> {
        if code.len() > MAX_CODE || !text::is_nqschar(code) {
            return None;
        }
        let shown = (!is_known(code)).then(|| text::displayable(code, secrets)).filter(|shown| shown != code);
        Some(Self { came: Wiped::new(code.to_owned()), shown })
    }

    /// The code as it came, which may hold a secret: for decisions.
    pub(crate) fn came(&self) -> &str {
        &self.came
    }

    /// The code as it may be shown. To decide, compare the code itself: see [`ErrorCode`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.came)
    }
}

impl PartialEq for ErrorCode {
    fn eq(&self, other: &Self) -> bool {
        self.came == other.came
    }
}

impl Eq for ErrorCode {}

impl PartialEq<str> for ErrorCode {
    fn eq(&self, other: &str) -> bool {
        self.came() == other
    }
}

impl PartialEq<&str> for ErrorCode {
    fn eq(&self, other: &&str) -> bool {
        self.came() == *other
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ErrorCode").field(&self.as_str()).finish()
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

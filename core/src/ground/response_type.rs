//! What an authorization response is to bring: [`ResponseType`].

use serde::{Deserialize, Serialize};

/// What the authorization server is asked to send back through the browser (`response_type`).
///
/// No type has an access token in it: one that passes through the browser is bound to nothing (RFC 9700 §2.1.2,
/// [AQ-15](crate::Rule::Aq15)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ResponseType {
    /// A code: the code flow (RFC 6749 §4.1), and the default.
    #[default]
    #[serde(rename = "code")]
    Code,
    /// A code, and an ID token that it is bound to: the hybrid flow (OpenID Connect Core §3.3). The ID token is the server's
    /// signature under the response (FAPI 1.0 Advanced §5.2.2.1).
    #[serde(rename = "code id_token")]
    CodeIdToken,
    /// An ID token alone: who logged in, and no tokens (OpenID Connect Core §3.2).
    #[serde(rename = "id_token")]
    IdToken,
}

impl ResponseType {
    /// The value of `response_type`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::CodeIdToken => "code id_token",
            Self::IdToken => "id_token",
        }
    }

    /// Whether a code comes, which is traded for tokens.
    #[must_use]
    pub const fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeIdToken)
    }

    /// Whether an ID token comes through the browser.
    #[must_use]
    pub const fn has_id_token(self) -> bool {
        matches!(self, Self::CodeIdToken | Self::IdToken)
    }

    pub(crate) fn is_code(&self) -> bool {
        *self == Self::Code
    }
}

//! How an access token is used: [`TokenType`] (RFC 6749 §7.1).

use serde::{Deserialize, Serialize};

/// How an access token is used.
///
/// Serializes as its registered name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TokenType {
    /// Its holder may use it (RFC 6750).
    #[default]
    Bearer,
    /// The holder of the token and its key may use it (RFC 9449): each request shows a proof of the key.
    #[serde(rename = "DPoP")]
    Dpop,
    /// Of no use at an API by itself (`N_A`, RFC 8693 §2.2.1): a token exchange may issue such a token, an ID token or
    /// an assertion for example. No session takes it.
    #[serde(rename = "N_A")]
    NotApplicable,
}

impl TokenType {
    /// Whether possession of the token is enough to use it.
    #[must_use]
    pub const fn is_bearer(&self) -> bool {
        matches!(self, Self::Bearer)
    }
}

//! What is known of the ID tokens and the UserInfo for a client.

use crate::jose::algorithm::Algorithm;

/// What is known of the ID tokens for a client.
#[derive(Clone, Default)]
pub(super) struct IdTokens {
    /// `id_token_signed_response_alg`.
    pub(super) algorithm: Option<Algorithm>,
    /// Who else may be named in them.
    pub(super) audiences: Vec<String>,
    /// `userinfo_signed_response_alg`.
    pub(super) user_info: Option<Algorithm>,
}

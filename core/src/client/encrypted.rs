//! What a client is registered to have encrypted: [`Message`], [`Encrypted`].

use crate::jose::jwe::{DecryptionKeys, Encryption};

/// A kind of message that a server may encrypt to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    IdToken,
    UserInfo,
    AuthorizationResponse,
    Introspection,
}

impl Message {
    /// What people call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::IdToken => "the ID token",
            Self::UserInfo => "UserInfo",
            Self::AuthorizationResponse => "the authorization response",
            Self::Introspection => "the introspection",
        }
    }

    /// Where a program says that it is registered to be encrypted.
    pub(super) const fn method(self) -> &'static str {
        match self {
            Self::IdToken => "id_token_encryption",
            Self::UserInfo => "user_info_encryption",
            Self::AuthorizationResponse => "authorization_response_encryption",
            Self::Introspection => "introspection_encryption",
        }
    }

    /// The server's lists of `alg` and of `enc` for it.
    pub(super) const fn lists(self) -> [&'static str; 2] {
        match self {
            Self::IdToken => {
                ["id_token_encryption_alg_values_supported", "id_token_encryption_enc_values_supported"]
            }
            Self::UserInfo => {
                ["userinfo_encryption_alg_values_supported", "userinfo_encryption_enc_values_supported"]
            }
            Self::AuthorizationResponse => [
                "authorization_encryption_alg_values_supported",
                "authorization_encryption_enc_values_supported",
            ],
            Self::Introspection => [
                "introspection_encryption_alg_values_supported",
                "introspection_encryption_enc_values_supported",
            ],
        }
    }
}

/// What is known of the encryption for a client.
#[derive(Clone, Default)]
pub(super) struct Encrypted {
    pub(super) keys: Option<DecryptionKeys>,
    pub(super) registered: Vec<(Message, Encryption)>,
}

/// Whether a text has five parts, as a JWE has.
pub(crate) fn is_encrypted(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'.').count() == 4
}

//! The profiles of OpenID's FAPI working group, by name: [`SecurityProfile`].

use serde::{Deserialize, Serialize};

use crate::ground::rule::Rule;
use crate::jose::algorithm::Algorithm;

/// A set of requirements that a client, its server and its API are held to together: the profiles of the OpenID Foundation's
/// FAPI working group. A client is held to one by [`Client::security_profile`](crate::Client::security_profile), where the
/// table is of what each of them wants.
///
/// Serializes as its [name](Self::name).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SecurityProfile {
    /// FAPI 2.0 Security Profile ([FA-1](crate::Rule::Fa1)): pushed requests, a code, tokens that only this client can use.
    #[serde(rename = "fapi-2")]
    Fapi2,
    /// FAPI 2.0 Message Signing ([FA-2](crate::Rule::Fa2)): the same, and requests, responses and introspections are signed.
    #[serde(rename = "fapi-2-message-signing")]
    Fapi2MessageSigning,
    /// FAPI 1.0 Advanced ([FA-4](crate::Rule::Fa4)): signed requests, responses that an ID token or the server signs, tokens
    /// that are bound to a certificate.
    #[serde(rename = "fapi-1-advanced")]
    Fapi1Advanced,
}

impl SecurityProfile {
    /// Every profile.
    pub const ALL: &[Self] = &[Self::Fapi2, Self::Fapi2MessageSigning, Self::Fapi1Advanced];

    /// A stable kebab-case name, for configuration files: `fapi-2`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fapi2 => "fapi-2",
            Self::Fapi2MessageSigning => "fapi-2-message-signing",
            Self::Fapi1Advanced => "fapi-1-advanced",
        }
    }

    /// The profile of this name, compared exactly; `None` for one that is unknown.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|profile| profile.name() == name)
    }

    /// The rule that says what it is.
    pub(crate) const fn rule(self) -> Rule {
        match self {
            Self::Fapi2 => Rule::Fa1,
            Self::Fapi2MessageSigning => Rule::Fa2,
            Self::Fapi1Advanced => Rule::Fa4,
        }
    }

    /// Whether it is one of FAPI 2.0, in which every request is pushed and every response names its issuer.
    pub(crate) const fn is_fapi_2(self) -> bool {
        matches!(self, Self::Fapi2 | Self::Fapi2MessageSigning)
    }

    /// Whether a request is signed, and a response as a whole if no ID token in it stands for that.
    pub(crate) const fn signs_messages(self) -> bool {
        matches!(self, Self::Fapi2MessageSigning | Self::Fapi1Advanced)
    }

    /// What JWTs are signed by, those of the server too. Ed25519 has two names.
    pub(crate) const fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Fapi2 | Self::Fapi2MessageSigning => {
                &[Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519]
            }
            Self::Fapi1Advanced => &[Algorithm::Ps256, Algorithm::Es256],
        }
    }
}

//! The methods of the page "Authorize in Space": what each is for, and what to think of it.

use serde::{Deserialize, Serialize};
use valetkey_core::Subject;

/// An authorization method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A token that a person made, and that never expires.
    PermanentToken,
    /// RFC 6749 §4.1 with PKCE.
    AuthorizationCode,
    /// RFC 6749 §6, with a refresh token that was got before.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 6749 §4.2, deprecated.
    Implicit,
    /// RFC 6749 §4.3, deprecated.
    Password,
}

impl Method {
    /// Each method, in the page's order.
    pub const ALL: &[Self] = &[
        Self::PermanentToken,
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::Implicit,
        Self::Password,
    ];

    /// The name in URLs and transcripts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PermanentToken => "permanent-token",
            Self::AuthorizationCode => "authorization-code",
            Self::RefreshToken => "refresh-token",
            Self::ClientCredentials => "client-credentials",
            Self::Implicit => "implicit",
            Self::Password => "password",
        }
    }

    /// The method of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|method| method.name() == name)
    }

    /// The name as people read it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::PermanentToken => "Permanent token",
            Self::AuthorizationCode => "Authorization Code",
            Self::RefreshToken => "Refresh Token",
            Self::ClientCredentials => "Client Credentials",
            Self::Implicit => "Implicit",
            Self::Password => "Resource Owner Password Credentials",
        }
    }

    /// What it is best for.
    #[must_use]
    pub const fn best_for(self) -> &'static str {
        match self {
            Self::PermanentToken => "Trying out an application that is still in development",
            Self::AuthorizationCode => "Web applications with authorization logic on the server",
            Self::RefreshToken => "Going on when the access token has expired and the person is away",
            Self::ClientCredentials => "Applications that act for themselves, such as chatbots",
            Self::Implicit => "Once: applications with all their logic in a browser",
            Self::Password => "At most: scripts that act for the user who runs them",
        }
    }

    /// Whose behalf it may be, as the page's column says.
    #[must_use]
    pub const fn on_behalf(self) -> &'static str {
        match self {
            Self::PermanentToken => "User or application",
            Self::ClientCredentials => "Application",
            _ => "User",
        }
    }

    /// The subject in the sandbox's example.
    #[must_use]
    pub const fn subject(self) -> Subject {
        match self {
            Self::ClientCredentials => Subject::Application,
            _ => Subject::User,
        }
    }

    /// The page's advice in a word or two.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::PermanentToken => "testing only",
            Self::AuthorizationCode | Self::RefreshToken | Self::ClientCredentials => "recommended",
            Self::Implicit => "deprecated",
            Self::Password => "not recommended",
        }
    }

    /// Whether the advice is to use it.
    #[must_use]
    pub const fn is_recommended(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::RefreshToken | Self::ClientCredentials)
    }

    /// How it goes, in two sentences.
    #[must_use]
    pub const fn how(self) -> &'static str {
        match self {
            Self::PermanentToken => {
                "A person makes a token once and hands it to the program, which sends it with every request. \
                 There is nothing to ask a server for, nothing that expires, and nobody who notices when it leaks."
            }
            Self::AuthorizationCode => {
                "The browser takes the person to the server to log in and consent, and comes back with a code that \
                 works once. The program trades the code, its PKCE verifier and its secret for the tokens."
            }
            Self::RefreshToken => {
                "The program holds a refresh token and trades it for a new access token, as often as it needs one. \
                 A server that rotates answers with a new refresh token too, and the old one is then worthless."
            }
            Self::ClientCredentials => {
                "The program sends its own identifier and secret, and gets a token for what an administrator \
                 granted it. No person is involved, so whatever needs a person's consent is out of reach."
            }
            Self::Implicit => {
                "The server puts the access token itself into the redirect, in the fragment of the URL. It passes \
                 through the address bar, is bound to nothing and cannot be renewed: use Authorization Code."
            }
            Self::Password => {
                "The person types their password into the program, which trades it for a token. The program sees \
                 the password, and no second factor is ever asked for: use Authorization Code."
            }
        }
    }

    /// Whether a person's browser goes to the authorization endpoint.
    #[must_use]
    pub const fn has_browser(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::Implicit)
    }

    /// Whether it asks the token endpoint for its first token.
    #[must_use]
    pub const fn has_token_request(self) -> bool {
        !matches!(self, Self::PermanentToken | Self::Implicit)
    }
}

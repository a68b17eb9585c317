//! The endpoints of an authorization server, by the names that its metadata gives them: [`Endpoint`].

macro_rules! endpoints {
    ($($variant:ident $name:literal $spoken:literal $source:literal $text:literal;)+) => {
        /// An endpoint of an authorization server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Endpoint {
            $(#[doc = concat!("`", $name, "`: ", $text, " (", $source, ").")] $variant,)+
        }

        impl Endpoint {
            /// Every endpoint that the library knows.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name in a server's metadata: `revocation_endpoint`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What an error calls it.
            pub(crate) const fn spoken(self) -> &'static str {
                match self { $(Self::$variant => $spoken,)+ }
            }
        }
    };
}

endpoints! {
    Authorization "authorization_endpoint" "authorization endpoint" "RFC 8414 §2" "where the person's browser goes";
    DeviceAuthorization "device_authorization_endpoint" "device authorization endpoint" "RFC 8628 §4" "where a device without a browser begins";
    EndSession "end_session_endpoint" "end of session endpoint" "OpenID Connect RP-Initiated Logout §2.1" "where the person's browser goes to log out";
    Introspection "introspection_endpoint" "introspection endpoint" "RFC 8414 §2" "says what a token is worth";
    Jwks "jwks_uri" "jwks_uri" "RFC 8414 §2" "the server's public keys";
    PushedAuthorization "pushed_authorization_request_endpoint" "pushed authorization request endpoint" "RFC 9126 §5" "takes authorization requests past the browser";
    Registration "registration_endpoint" "registration endpoint" "RFC 8414 §2" "registers clients";
    Revocation "revocation_endpoint" "revocation endpoint" "RFC 8414 §2" "ends a token";
    Token "token_endpoint" "token endpoint" "RFC 8414 §2" "trades grants for tokens";
    Userinfo "userinfo_endpoint" "userinfo endpoint" "OpenID Connect Discovery §3" "says who a person is";
}

impl Endpoint {
    /// The list in the metadata that says how clients authenticate here; `None` where none does, or where the token
    /// endpoint's counts.
    pub(crate) const fn authentication_methods(self) -> Option<&'static str> {
        match self {
            Self::Introspection => Some("introspection_endpoint_auth_methods_supported"),
            Self::Revocation => Some("revocation_endpoint_auth_methods_supported"),
            _ => None,
        }
    }

    /// Likewise for the algorithms of client assertions.
    pub(crate) const fn authentication_algorithms(self) -> Option<&'static str> {
        match self {
            Self::Introspection => Some("introspection_endpoint_auth_signing_alg_values_supported"),
            Self::Revocation => Some("revocation_endpoint_auth_signing_alg_values_supported"),
            _ => None,
        }
    }

    /// What an error calls the program's changing of what is sent here, and of the answer.
    pub(crate) const fn adjusting(self) -> &'static str {
        match self {
            Self::DeviceAuthorization => "the adjusting of a device authorization request",
            Self::Introspection => "the adjusting of an introspection",
            Self::PushedAuthorization => "the adjusting of a pushed authorization request",
            Self::Revocation => "the adjusting of a revocation",
            _ => "the adjusting of a token request",
        }
    }

    /// Whether a client that binds its tokens shows a proof here (RFC 9449 §5, §10.1).
    pub(crate) const fn takes_proofs(self) -> bool {
        matches!(self, Self::Token | Self::PushedAuthorization)
    }
}

//! The methods of today's OAuth, and which of them a server and a client have in common: [`Method`].

use valetkey_blocking::authorize::ResponseMode;
use valetkey_blocking::jose::Algorithm;
use valetkey_blocking::server::Endpoint;
use valetkey_blocking::{Client, Subject};

use super::place::Place;

/// The scope that asks who the person is.
pub(super) const OPENID: &str = "openid";

/// Each method, from the usual to the rare.
pub(super) const METHODS: &[Method] = &[
    Method::ClientCredentials,
    Method::PrivateKeyJwt,
    Method::AuthorizationCode,
    Method::Pushed,
    Method::SignedRequest,
    Method::SignedResponse,
    Method::Dpop,
    Method::RichDetails,
    Method::OpenId,
    Method::RefreshToken,
    Method::Device,
    Method::TokenExchange,
    Method::Introspection,
    Method::Revocation,
];

/// A method, or what is done with the tokens of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    ClientCredentials,
    PrivateKeyJwt,
    AuthorizationCode,
    Pushed,
    SignedRequest,
    SignedResponse,
    Dpop,
    RichDetails,
    OpenId,
    RefreshToken,
    Device,
    TokenExchange,
    Introspection,
    Revocation,
}

impl Method {
    /// The method's name in `--json`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client-credentials",
            Self::PrivateKeyJwt => "private-key-jwt",
            Self::AuthorizationCode => "authorization-code",
            Self::Pushed => "pushed-request",
            Self::SignedRequest => "signed-request",
            Self::SignedResponse => "signed-response",
            Self::Dpop => "dpop",
            Self::RichDetails => "authorization-details",
            Self::OpenId => "openid",
            Self::RefreshToken => "refresh-token",
            Self::Device => "device",
            Self::TokenExchange => "token-exchange",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
        }
    }

    /// On whose behalf it acts.
    pub(super) const fn subject(self) -> Subject {
        match self {
            Self::ClientCredentials | Self::PrivateKeyJwt => Subject::Application,
            _ => Subject::User,
        }
    }

    /// What it is for.
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::ClientCredentials | Self::AuthorizationCode | Self::RefreshToken => "recommended",
            Self::PrivateKeyJwt => "recommended: no secret is sent",
            Self::Pushed => "recommended: the browser sees nothing",
            Self::SignedRequest => "nobody changes the request",
            Self::SignedResponse => "nobody changes the response",
            Self::Dpop => "recommended: a stolen token is useless",
            Self::RichDetails => "for more than a scope can say",
            Self::OpenId => "recommended: who logged in is proven",
            Self::Device => "where there is no browser",
            Self::TokenExchange => "from service to service",
            Self::Introspection => "for an API that asks",
            Self::Revocation => "for a log-out",
        }
    }

    /// Whether the server offers it, and the client and the user can take it.
    pub(super) fn is_offered(self, client: &Client, place: &Place) -> bool {
        let server = client.server();
        let has = |endpoint| server.url_of(endpoint).is_some();
        let lists = |name: &str, value: &str| {
            server.listed(name).is_some_and(|listed| listed.iter().any(|one| one == value))
        };
        // Without a list, the grants that RFC 8414 §2 takes for granted.
        let grants = |grant: &str| match server.listed("grant_types_supported") {
            Some(listed) => listed.iter().any(|one| one == grant),
            None => grant == "authorization_code",
        };
        let is_confidential = client.method().name() != "none";
        let person = place.has_person();
        let code = person && grants("authorization_code") && has(Endpoint::Authorization);
        match self {
            Self::ClientCredentials => is_confidential && grants("client_credentials"),
            Self::PrivateKeyJwt => {
                place.key().is_some() && lists("token_endpoint_auth_methods_supported", "private_key_jwt")
            }
            Self::AuthorizationCode => code && !server.announces("require_pushed_authorization_requests"),
            Self::Pushed => code && has(Endpoint::PushedAuthorization),
            Self::SignedRequest => code && place.key().is_some(),
            Self::SignedResponse => {
                code && has(Endpoint::Jwks) && lists("response_modes_supported", ResponseMode::Jwt.name())
            }
            Self::Dpop => code && lists("dpop_signing_alg_values_supported", Algorithm::Es256.name()),
            Self::RichDetails => code && place.details().is_some(),
            Self::OpenId => {
                code && has(Endpoint::Jwks) && has(Endpoint::Userinfo) && lists("scopes_supported", OPENID)
            }
            Self::RefreshToken => code && grants("refresh_token"),
            Self::Device => {
                person
                    && grants("urn:ietf:params:oauth:grant-type:device_code")
                    && has(Endpoint::DeviceAuthorization)
            }
            Self::TokenExchange => {
                code && is_confidential && grants("urn:ietf:params:oauth:grant-type:token-exchange")
            }
            Self::Introspection => code && is_confidential && has(Endpoint::Introspection),
            Self::Revocation => code && has(Endpoint::Revocation),
        }
    }
}

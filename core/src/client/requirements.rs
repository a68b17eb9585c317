//! What each security profile requires, as one table: the clause, whether it is kept, and what to write if it is not.

use crate::client::held::Held;
use crate::client::security_profile::SecurityProfile;
use crate::ground::quirk::Quirk;
use crate::ground::response_mode::ResponseMode;
use crate::ground::rule::Rule;

/// A clause, and what it asks for.
pub(super) type Requirement = (&'static str, Check);

/// Whether it is kept, and what is the matter and what to write if it is not.
type Check = (fn(&Held<'_>) -> bool, &'static str);

const AUTHENTICATED: Check = (
    |held| held.is_authenticated(),
    "the client must authenticate by a key or by its certificate: write `Client::assertion`, `Client::tls_client_auth` or \
     `Client::self_signed_tls_client_auth` in the place of a secret or a token",
);

const DISCOVERED: Check = (
    |held| held.is_discovered(),
    "the issuer and the endpoints of the server must be those of its own metadata: discover it by `Discovery`, and describe \
     no endpoint by hand",
);

const UNDER_TLS: Check = (
    |held| held.admits_none(&[Quirk::LoopbackHttp]),
    "every connection must be TLS: leave the quirk `loopback-http` out",
);

const NOT_ADJUSTED: Check = (
    |held| !held.client.is_adjusted(),
    "what a program changes in requests and answers is held to nothing: leave `Client::adjusted_by` out",
);

const ID_TOKENS_VERIFIED: Check = (
    |held| held.admits_none(&[Quirk::IdTokenUnread, Quirk::IdTokenByTls]),
    "the signature of an ID token must be verified: leave the quirks `id-token-unread` and `id-token-by-tls` out",
);

const SIGNED: Check = (
    |held| held.signs_request(),
    "the request must be signed: sign it by `AuthorizationRequest::signed`, as a client with a key (`Client::assertion`) \
     does by itself",
);

/// FAPI 2.0 Security Profile ([FA-1](crate::Rule::Fa1)).
const FAPI_2: &[Requirement] = &[
    ("FAPI 2.0 Security Profile §5.3.3.1 (2)", AUTHENTICATED),
    (
        "FAPI 2.0 Security Profile §5.3.3.1 (5)",
        (
            |held| held.is_addressed_to_issuer(),
            "the assertions of the client must be for the issuer: leave the quirk `endpoint-audience` out",
        ),
    ),
    (
        "FAPI 2.0 Security Profile §5.4.1 (1)",
        (
            |held| held.signs_well(),
            "what the client signs must be by PS256, ES256 or Ed25519: give it a key for one of them",
        ),
    ),
    (
        "FAPI 2.0 Security Profile §5.3.3.1 (1)",
        (
            |held| held.client.bound_to().is_some() || held.client.has_certificate(),
            "the tokens must be bound to this client: write `Client::dpop` or `Client::with_certificate`",
        ),
    ),
    (
        "FAPI 2.0 Security Profile §5.3.3.1 (1)",
        (
            |held| held.admits_none(&[Quirk::BearerForDpop]),
            "a bearer token is not bound to this client: leave the quirk `bearer-for-dpop` out",
        ),
    ),
    ("FAPI 2.0 Security Profile §5.3.3.1 (9)", DISCOVERED),
    ("FAPI 2.0 Security Profile §5.2.1", UNDER_TLS),
    ("FAPI 2.0 Security Profile §5.3.3", NOT_ADJUSTED),
    ("FAPI 2.0 Security Profile §5.4.1 (1)", ID_TOKENS_VERIFIED),
    (
        "FAPI 2.0 Security Profile §5.3.2.1 (2)",
        (
            |held| held.grant != Some("password"),
            "the password of a person is not traded for tokens: use `AuthorizationRequest`",
        ),
    ),
    (
        "FAPI 2.0 Security Profile §5.3.3.2 (3)",
        (
            |held| held.challenges(),
            "a request has a code challenge by S256: leave the quirk `no-code-challenge` and \
             `AuthorizationServer::code_challenge_in_hex` out",
        ),
    ),
    (
        "FAPI 2.0 Security Profile §5.3.3.2 (4)",
        (
            |held| held.admits_none(&[Quirk::IssMissing, Quirk::IssDiscarded]),
            "a response must name its issuer: leave the quirks `iss-missing` and `iss-discarded` out",
        ),
    ),
    (
        "FAPI 2.0 Security Profile §5.3.3.2 (1)",
        (
            |held| held.asks(|front| front.response_type == "code"),
            "the request must ask for a code and nothing else: use `AuthorizationRequest` with the response type \"code\"",
        ),
    ),
    (
        "FAPI 2.0 Security Profile §5.3.3.2 (2)",
        (
            |held| held.asks(|front| front.is_pushed),
            "the request must be pushed: use `start` in the place of `begin`",
        ),
    ),
];

/// What FAPI 2.0 Message Signing adds ([FA-2](crate::Rule::Fa2)).
const MESSAGE_SIGNING: &[Requirement] = &[
    ("FAPI 2.0 Message Signing §5.3.2 (1)", SIGNED),
    (
        "FAPI 2.0 Message Signing §5.4.2 (1)",
        (
            |held| held.asks(|front| front.mode == ResponseMode::Jwt),
            "the response must be signed: leave `AuthorizationRequest::response_mode` out, or ask for `ResponseMode::Jwt`",
        ),
    ),
    (
        "FAPI 2.0 Message Signing §5.5.2 (2)",
        (
            |held| held.admits_none(&[Quirk::IntrospectionForApi]),
            "a signed introspection must be for the client that asked: leave the quirk `introspection-for-api` out",
        ),
    ),
];

/// FAPI 1.0 Advanced, which has the requirements of its Baseline too ([FA-4](crate::Rule::Fa4)).
const FAPI_1: &[Requirement] = &[
    ("FAPI 1.0 Advanced §5.2.2 (14)", AUTHENTICATED),
    (
        "FAPI 1.0 Advanced §8.6 (1)",
        (
            |held| held.signs_well(),
            "what the client signs must be by PS256 or ES256: give it a key for one of them",
        ),
    ),
    (
        "FAPI 1.0 Advanced §5.2.3 (1)",
        (
            |held| held.client.has_certificate() && held.client.bound_to().is_none(),
            "the tokens must be bound to the client's certificate: write `Client::with_certificate`, and leave `Client::dpop` out",
        ),
    ),
    ("FAPI 1.0 Baseline §5.2.3 (11)", DISCOVERED),
    ("FAPI 1.0 Baseline §7.1", UNDER_TLS),
    ("FAPI 1.0 Advanced §5.2.3", NOT_ADJUSTED),
    ("FAPI 1.0 Advanced §5.2.3.1 (2)", ID_TOKENS_VERIFIED),
    (
        "FAPI 1.0 Baseline §5.2.2 (20)",
        (
            |held| held.asks(|front| front.redirect_uri.starts_with("https://")),
            "the redirect URI must be https: register one, and give it to `AuthorizationRequest::new`",
        ),
    ),
    ("FAPI 1.0 Advanced §5.2.3 (8)", SIGNED),
    (
        "FAPI 1.0 Advanced §5.2.2 (2)",
        (
            |held| {
                held.asks(|front| match front.response_type {
                    "code id_token" => true,
                    response_type => response_type == "code" && front.mode == ResponseMode::Jwt,
                })
            },
            "the request must ask for \"code id_token\", or for a code in a signed response: write \
             `AuthorizationRequest::response_type`, or leave `AuthorizationRequest::response_mode` out",
        ),
    ),
    (
        "FAPI 1.0 Advanced §5.2.3 (15)",
        (
            |held| held.asks(|front| !front.is_pushed) || held.challenges(),
            "a pushed request has a code challenge by S256: leave the quirk `no-code-challenge` and \
             `AuthorizationServer::code_challenge_in_hex` out",
        ),
    ),
];

impl SecurityProfile {
    /// The rows that it is held to, each with the rule that they are of.
    pub(super) fn requirements(self) -> impl Iterator<Item = (Rule, &'static Requirement)> {
        let tables: &[(Rule, &'static [Requirement])] = match self {
            Self::Fapi2 => &[(Rule::Fa1, FAPI_2)],
            Self::Fapi2MessageSigning => &[(Rule::Fa1, FAPI_2), (Rule::Fa2, MESSAGE_SIGNING)],
            Self::Fapi1Advanced => &[(Rule::Fa4, FAPI_1)],
        };
        tables.iter().flat_map(|(rule, table)| table.iter().map(move |row| (*rule, row)))
    }
}

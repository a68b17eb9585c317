//! A client that keeps each clause of its profile, and every request that it can make.

use std::sync::Arc;

use serde_json::{Value, json};
use valetkey_core::authorize::AuthorizationStart;
use valetkey_core::client::SecurityProfile;
use valetkey_core::jose::{Algorithm, KeyPair, RustCrypto};
use valetkey_core::openid::UnverifiedUserInfoRequest;
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::token::TokenType;
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationServer, Client, DeviceAuthorizationRequest, Discovery,
    Dpop, Error, Flow, Grant, Quirks, RefreshToken, Step, TokenRequest,
};
use valetkey_tests::jose::key_pair;
use valetkey_tests::{NOW, entropy, json as answer};

pub(super) const ISSUER: &str = "https://as.example";
pub(super) const CALLBACK: &str = "https://app.example/callback";

/// The metadata of a server that knows everything of the profiles, but for `iss`, which it does not advertise.
pub(super) fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://as.example/authorize",
        "token_endpoint": "https://as.example/token",
        "pushed_authorization_request_endpoint": "https://as.example/par",
        "device_authorization_endpoint": "https://as.example/device",
        "introspection_endpoint": "https://as.example/introspect",
        "revocation_endpoint": "https://as.example/revoke",
        "userinfo_endpoint": "https://as.example/userinfo",
        "jwks_uri": "https://as.example/jwks",
        "response_types_supported": ["code", "code id_token", "id_token", "token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256", "PS256"],
        "mtls_endpoint_aliases": { "token_endpoint": "https://mtls.as.example/token" },
    })
}

/// The server as its metadata describe it.
pub(super) fn discovered(quirks: Quirks) -> AuthorizationServer {
    let discovery = Discovery::new(ISSUER).unwrap().admit_all(quirks);
    discovery.parse(answer(200, &metadata().to_string()), NOW).unwrap().into_server()
}

pub(super) fn server() -> AuthorizationServer {
    discovered(Quirks::STRICT)
}

pub(super) fn key(algorithm: Algorithm) -> Arc<KeyPair> {
    key_pair(&RustCrypto, algorithm)
}

pub(super) fn proof(algorithm: Algorithm) -> Dpop {
    Dpop::of(key(algorithm), entropy(3)).unwrap()
}

/// A client of this server, with a key to authenticate by.
pub(super) fn with_key(server: AuthorizationServer) -> Client {
    Client::new(server, "s6BhdRkqt3").assertion(key(Algorithm::Es256), entropy(2)).unwrap()
}

/// The same, with what the profile binds its tokens to, and not held to it yet.
pub(super) fn bound(profile: SecurityProfile, client: Client) -> Client {
    match profile {
        SecurityProfile::Fapi1Advanced => client.with_certificate(),
        _ => client.dpop(proof(Algorithm::Es256)).unwrap(),
    }
}

/// A client that keeps every clause.
pub(super) fn good(profile: SecurityProfile) -> Client {
    bound(profile, with_key(server())).security_profile(profile)
}

/// The tokens' type.
pub(super) const fn token_type(profile: SecurityProfile) -> TokenType {
    match profile {
        SecurityProfile::Fapi1Advanced => TokenType::Bearer,
        _ => TokenType::Dpop,
    }
}

pub(super) fn token() -> AccessToken {
    AccessToken::new("2YotnFZFEjr1zCsicMWpAA").unwrap()
}

fn refresh_token() -> RefreshToken {
    RefreshToken::new("tGzv3JOkF0XG5Qx2TlKWIA").unwrap()
}

pub(super) fn request(client: &Client) -> Result<AuthorizationRequest, Error> {
    AuthorizationRequest::new(client, CALLBACK)?.scope("openid accounts")
}

/// Begins an authorization in the way of the client.
pub(super) fn start(client: &Client) -> Result<AuthorizationStart, Error> {
    request(client)?.start_unbound(entropy(4), NOW)
}

fn sent<F: Flow>(flow: Result<F, Error>) -> Result<(), Error> {
    match flow?.step(None, NOW)? {
        Step::Send(_) | Step::Done(_) => Ok(()),
        Step::Wait(_) => panic!("nothing to wait for"),
    }
}

/// What came of each request that a client makes, by its name.
pub(super) fn every_request(
    client: &Client,
    token_type: TokenType,
) -> [(&'static str, Result<(), Error>); 8] {
    [
        ("authorization", start(client).map(drop)),
        ("push", request(client).and_then(|request| request.push_unbound(entropy(4), NOW)).map(drop)),
        ("token", sent(TokenRequest::new(client, Grant::client_credentials()))),
        ("device", sent(DeviceAuthorizationRequest::new(client))),
        ("introspection", sent(Introspection::new(client, &token()))),
        ("revocation", sent(Revocation::access_token(client, &token()))),
        ("userinfo", sent(UnverifiedUserInfoRequest::new(client, &token(), token_type))),
        ("refresh", sent(TokenRequest::new(client, Grant::refresh_token(&refresh_token())))),
    ]
}

/// FA-3: the clause that a refusal names, with the rule of it; and that it says what to write.
pub(super) fn clause<T>(outcome: Result<T, Error>) -> String {
    let Err(error) = outcome else { panic!("it was taken") };
    let text = error.to_string();
    let rule = error.rule().unwrap_or_else(|| panic!("no rule in: {text}")).id();
    let said = text.strip_prefix("misuse: ").unwrap_or_else(|| panic!("no misuse: {text}"));
    let (clause, what) = said.split_once(": ").unwrap_or_else(|| panic!("no clause in: {text}"));
    assert!(clause.starts_with("FAPI ") && clause.contains('§'), "{text}");
    assert!(what.contains('`') || what.contains("give it a key"), "it does not say what to write: {text}");
    format!("{rule} {clause}")
}

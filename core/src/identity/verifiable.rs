//! Whether a login can be verified, asked before anything is sent; and by what it is.

use crate::client::Client;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed, misuse_of};
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::identity::asked::is_openid;
use crate::jose::algorithm::Algorithm;
use crate::jose::built_in::built_in;
use crate::jose::verification_keys::VerificationKeys;
use crate::server::AuthorizationServer;
use crate::server::keys::ServerKeys;
use crate::terms::scope::Scope;

/// Whether a scope asks for a login, whose ID token will be verified. That it can be is asked before anything is sent.
pub(crate) fn is_login(client: &Client, scope: Option<&Scope>) -> Result<bool, Error> {
    let quirks = client.server().quirks();
    if !is_openid(scope) || quirks.contains(Quirk::IdTokenUnread) {
        return Ok(false);
    }
    match require_verifiable(client) {
        // A server that gives no ID token needs no keys for one.
        Err(_) if quirks.contains(Quirk::NoIdToken) => Ok(false),
        verifiable => verifiable.map(|_| true),
    }
}

/// What verifies an ID token of the token endpoint; `None` where the connection alone vouches for it, since that is admitted.
pub(crate) fn require_verifiable(client: &Client) -> Result<Option<ServerKeys>, Error> {
    let server = client.server();
    if server.issuer.is_none() {
        return Err(misuse_of(
            Rule::Id9,
            "the scope openid asks for an ID token, which names its issuer, and the issuer of this server is not known: \
             discover the server, or name its `issuer`",
        )
        .unless_admitted(Quirk::IdTokenUnread));
    }
    if server.lacks_tenants() {
        return Err(misuse_of(
            Rule::Id55,
            "the issuer of the server stands for many tenants (`{tenantid}`): say whose people may log in, by \
             `AuthorizationServer::tenants`, or by `any_tenant`",
        ));
    }
    let keys = keys_of(client)?;
    require_metadata(server, keys.is_some())?;
    if keys.is_none() && !server.quirks().contains(Quirk::IdTokenByTls) {
        let what = if built_in().is_some() {
            "the scope openid asks for an ID token, and the keys that verify it are not known: discover the server, or name its \
             `Endpoint::Jwks` and then its keys, by `AuthorizationServer::keys` with `ServerKeys::published`"
        } else {
            "the scope openid asks for an ID token, and this program is built without the cryptography that verifies it: enable \
             the feature `aws-lc-rs` of the valetkey crate in Cargo.toml (in pure Rust, `rust-crypto`)"
        };
        return Err(misuse_of(Rule::Id8, what).unless_admitted(Quirk::IdTokenByTls));
    }
    Ok(keys)
}

/// What a login needs of the metadata of a server that was discovered ([DI-11](crate::Rule::Di11)), OpenID Connect Discovery §3.
fn require_metadata(server: &AuthorizationServer, has_keys: bool) -> Result<(), Error> {
    // Keys that the program names do as well as those that the server publishes.
    if server.is_published() && !has_keys && server.url_of(Endpoint::Jwks).is_none() {
        server.quirks().require(Quirk::IdTokenByTls, || {
            malformed(Rule::Di11, "the metadata of the server have no jwks_uri, which an OpenID provider has")
        })?;
    }
    match server.missing_for_login() {
        None => Ok(()),
        Some(missing) => server.quirks().require(Quirk::SparseLoginMetadata, || {
            let what = format!("the metadata of the server have no {missing}, which an OpenID provider has");
            malformed(Rule::Di11, what)
        }),
    }
}

/// Whether there are keys for an ID token that did not come from the token endpoint, so that no connection vouches for it
/// ([ID-8](crate::Rule::Id8)).
pub(crate) fn require_keys(client: &Client) -> Result<(), Error> {
    if keys_of(client)?.is_some() {
        return Ok(());
    }
    Err(misuse_of(
        Rule::Id8,
        "an ID token that comes by another way than the token endpoint is verified by keys, and those of the server are not known: \
         discover the server, or name its keys by `AuthorizationServer::keys`",
    ))
}

/// What verifies the ID tokens for this client.
fn keys_of(client: &Client) -> Result<Option<ServerKeys>, Error> {
    keys_by(client, client.registered_id_token_algorithm())
}

/// What verifies a JWT by the algorithm that this client is registered for: the server's keys, or the client's secret where that
/// is what is registered.
pub(crate) fn keys_by(client: &Client, registered: Option<Algorithm>) -> Result<Option<ServerKeys>, Error> {
    match (registered, client.secret_text()) {
        (Some(algorithm), Some(secret)) if algorithm.is_symmetric() => {
            VerificationKeys::secret(algorithm, secret.as_bytes()).map(|keys| Some(keys.into()))
        }
        _ => Ok(client.server().keys.clone()),
    }
}

/// The algorithm is the registered one, or else one of those that the server lists ([ID-4](crate::Rule::Id4),
/// [ID-28](crate::Rule::Id28)); where it lists none, its keys know which were agreed on.
pub(crate) fn require_agreed(client: &Client, name: &str) -> Result<(), Error> {
    let is_agreed = match client.registered_id_token_algorithm() {
        Some(registered) => registered.name() == name,
        None => name != "none" && client.server().admits("id_token_signing_alg_values_supported", name),
    };
    if is_agreed {
        return Ok(());
    }
    // What the token calls its algorithm is shown only if it is one of those that are known here.
    Err(match Algorithm::from_name(name) {
        Some(algorithm) => malformed(
            Rule::Id28,
            format!(
                "the ID token is signed by {algorithm}, which was not agreed on: if the client is registered for that, say so by \
                 `Client::id_token_algorithm`"
            ),
        ),
        None => malformed(Rule::Id28, "the ID token is not signed by an algorithm that was agreed on"),
    })
}

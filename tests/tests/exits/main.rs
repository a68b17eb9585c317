//! Never without an exit: what a server does that the RFCs do not allow is refused by an error that names its way through,
//! taken where that is admitted, and recorded on the result.

mod bodies;
mod challenge;
mod envelopes;
mod kinds;
mod meanings;
mod named;
mod recorded;
mod refusals;
mod rows;
mod switches;
mod taken;

use valetkey_core::server::Endpoint;
use valetkey_core::{AuthorizationServer, Client, Error, Quirk, Response, TokenResponse};
use valetkey_tests::{NOW, client_of, json, server};

/// A token response of a server that is met strictly but for these.
fn parsed(response: Response, quirks: &[Quirk]) -> Result<TokenResponse, Error> {
    TokenResponse::parse(response, NOW, &admitting(quirks))
}

fn admitting(quirks: &[Quirk]) -> AuthorizationServer {
    quirks.iter().fold(server(), |server, &quirk| server.admit(quirk))
}

/// A token response with one more member.
fn with(member: &str) -> Response {
    json(200, &format!(r#"{{"access_token":"a","token_type":"Bearer",{member}}}"#))
}

/// A client of a server that has every endpoint of the back channel.
fn whole(server: AuthorizationServer) -> Client {
    let back = [
        (Endpoint::DeviceAuthorization, "https://as.example/device"),
        (Endpoint::Introspection, "https://as.example/introspect"),
        (Endpoint::PushedAuthorization, "https://as.example/par"),
        (Endpoint::Revocation, "https://as.example/revoke"),
        (Endpoint::Jwks, "https://as.example/jwks"),
    ];
    client_of(
        back.into_iter().fold(server, |server, (endpoint, url)| server.endpoint(endpoint, url).unwrap()),
    )
}

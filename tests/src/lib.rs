//! What valetkey's tests share: a client and answers to start from, and the bodies of the fuzz targets.

pub mod answering;
pub mod arbitrary;
pub mod crawl;
pub mod ending;
pub mod fuzz;
pub mod jose;
pub mod jwe;
pub mod modelcheck;
pub mod openid;
pub mod owners;
pub mod processes;
pub mod profile_table;
#[cfg(doctest)]
mod readme;
pub mod renewing;
pub mod script;
pub mod secrets;
pub mod simulator;
pub mod sources;
pub mod stored;
pub mod world;

use http::{HeaderMap, StatusCode};
use valetkey_core::{AuthorizationServer, Client, ClientSecret, Entropy, Request, Response, UnixTime};

/// When every test happens.
pub const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

/// A secret of every kind, planted where it must not come out.
pub const SECRET: &str = "planted-SECRET-0123456789";

/// A server with both endpoints and an issuer.
#[must_use]
pub fn server() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer("https://as.example")
        .unwrap()
        .authorization_endpoint("https://as.example/authorize")
        .unwrap()
        .token_endpoint("https://as.example/token")
        .unwrap()
}

/// A confidential client of that server, with an API.
#[must_use]
pub fn client() -> Client {
    client_of(server())
}

/// The same client at another server.
#[must_use]
pub fn client_of(server: AuthorizationServer) -> Client {
    Client::new(server, "s6BhdRkqt3")
        .secret(ClientSecret::new(SECRET).unwrap())
        .unwrap()
        .api("https://api.example")
        .unwrap()
}

/// Entropy that differs by its number.
#[must_use]
pub fn entropy(number: u8) -> Entropy {
    Entropy::from_seed([number; 32])
}

/// An answer in JSON, as a well-behaved server labels it.
#[must_use]
pub fn json(status: u16, body: &str) -> Response {
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("cache-control", "no-store")
        .body(body.as_bytes().to_vec())
        .unwrap()
}

/// What a call is told of an answer.
#[must_use]
pub fn heard(answer: &Response) -> (StatusCode, &HeaderMap) {
    (answer.status(), answer.headers())
}

/// A GET.
#[must_use]
pub fn get(url: &str) -> Request {
    http::Request::get(url).body(Vec::new()).unwrap()
}

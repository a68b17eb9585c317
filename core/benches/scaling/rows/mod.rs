//! The rows, by what they are about, and what they start from.

mod answers;
mod documents;
mod programs;
mod scopes;
mod stored;

use valetkey_core::{AuthorizationServer, Client, Response, UnixTime};

use crate::Row;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
pub(crate) const REDIRECT_URI: &str = "https://app.example/callback";

pub(crate) fn all() -> Vec<Row> {
    [answers::ROWS, scopes::ROWS, documents::ROWS, stored::ROWS, programs::ROWS].concat()
}

fn server() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer("https://as.example")
        .and_then(|server| server.authorization_endpoint("https://as.example/authorize"))
        .and_then(|server| server.token_endpoint("https://as.example/token"))
        .expect("a server")
}

fn client() -> Client {
    Client::new(server(), "s6BhdRkqt3")
}

/// An answer of this status with a JSON body.
fn answer(status: u16, body: String) -> Response {
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("cache-control", "no-store")
        .body(body.into_bytes())
        .expect("a response")
}

/// So many of something, each by its number, separated.
fn many(count: usize, separator: &str, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(separator)
}

/// A number in six places, in an order that nobody has sorted.
fn mixed(number: usize) -> usize {
    (number * 7919 + 13) % 1_000_003
}

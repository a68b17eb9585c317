//! What is kept in memory while people are away, and between two requests, in bytes:
//!
//! ```sh
//! cargo bench -p valetkey-core --bench memory
//! ```
//!
//! The client is shared by all and not counted. Nothing here is ever asserted.

#![expect(
    clippy::disallowed_macros,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark prints its results, and its own inputs are in order"
)]

mod kept;

use kept::{heading, row};
use valetkey_core::session::{AwaitedCredential, RenewalAnswer, RenewalStep, SharedSession};
use valetkey_core::store::MemoryStore;
use valetkey_core::{
    AuthorizationRequest, AuthorizationServer, Client, ClientSecret, Entropy, Grant, Response, Session,
    TokenResponse, UnixTime,
};

const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
const SESSIONS: usize = 10_000;
const PENDING: usize = 100_000;

fn main() {
    let client = client();
    let request = AuthorizationRequest::new(&client, "https://app.example/oauth/callback")
        .and_then(|request| request.scope("profile email offline_access"))
        .expect("a request");
    heading();
    row("pending authorization", PENDING, "", |number| {
        request.begin_unbound(entropy(number), NOW).expect("a pending authorization").1
    });
    row("token response, 1.4 KB", SESSIONS, "", tokens);
    row("session, before its first token", SESSIONS, "", |_| application(&client));
    row("session, a token of 1.2 KB", SESSIONS, "4096", |number| {
        Session::from_tokens(&client, &tokens(number))
    });
    row("shared session, a token of 1.2 KB", SESSIONS, "4096", |number| {
        SharedSession::new(Session::from_tokens(&client, &tokens(number)))
    });
    row("the same renewed, with its memory store", SESSIONS, "", |number| renewed(&client, number));
}

fn client() -> Client {
    let server = AuthorizationServer::new()
        .issuer("https://as.example")
        .and_then(|server| server.authorization_endpoint("https://as.example/oauth/authorize"))
        .and_then(|server| server.token_endpoint("https://as.example/oauth/token"))
        .expect("a server");
    let client = Client::new(server, "s6BhdRkqt3").secret(ClientSecret::new("gX1fBAt3bV").expect("a secret"));
    client.and_then(|client| client.api("https://api.example")).expect("a client")
}

fn entropy(number: usize) -> Entropy {
    let mut seed = [7; 32];
    let (number_of, _) = seed.split_at_mut(size_of::<usize>());
    number_of.copy_from_slice(&number.to_be_bytes());
    Entropy::from_seed(seed)
}

fn application(client: &Client) -> Session {
    Session::from_grant(client, Grant::client_credentials().scope("orders:read").expect("a scope"))
}

/// An answer of the token endpoint, with an access token of 1.2 KB.
fn answer(number: usize) -> Response {
    let body = format!(
        r#"{{"access_token":"{}{number:08}","token_type":"Bearer","expires_in":3600,"refresh_token":"{}{number:08}","scope":"openid profile email offline_access"}}"#,
        "a".repeat(1192),
        "r".repeat(35),
    );
    http::Response::builder()
        .header("content-type", "application/json")
        .header("cache-control", "no-store")
        .body(body.into_bytes())
        .expect("a response")
}

fn tokens(number: usize) -> TokenResponse {
    TokenResponse::parse(answer(number), NOW, &AuthorizationServer::new()).expect("tokens")
}

/// A session that has been renewed, and the store that it alone has.
fn renewed(client: &Client, number: usize) -> (SharedSession, MemoryStore) {
    let (session, store) = (SharedSession::new(application(client)), MemoryStore::new());
    let mut awaited = AwaitedCredential::new();
    while let (_, Some(mut renewal)) = session.provide(&mut awaited, NOW).expect("a renewal") {
        let mut heard = None;
        loop {
            heard = match renewal.step(heard.take(), NOW).expect("a step") {
                RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(&store, renewal.key(), NOW))),
                RenewalStep::Send(_) => Some(RenewalAnswer::Response(answer(number))),
                RenewalStep::Wait(_) => panic!("nobody else renews it"),
                RenewalStep::Done => break,
            };
        }
    }
    awaited.take().expect("a credential");
    (session, store)
}

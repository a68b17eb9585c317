//! What the processes tell each other, a line of JSON each, and what they agree on.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use valetkey_async::server::Endpoint;
use valetkey_async::{AuthorizationServer, Client, Quirk};
use valetkey_core::jose::Algorithm;

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const CLIENT: &str = "web";
/// It signs ID tokens and logout tokens too: their signatures are no matter of this measurement.
pub(crate) const SECRET: &str = "load-SECRET-0123456789-0123456789-0123456789";

/// How old the last look at the store may be where a token is handed out.
pub(crate) const LOOK_AFTER: Duration = Duration::from_secs(5);

/// From the one that measures.
#[derive(Serialize, Deserialize)]
pub(crate) enum Order {
    /// Log these people in, by their numbers.
    LogIn { id: u64, from: usize, to: usize },
    /// Use all sessions, again and again.
    Use { id: u64 },
    /// Receive a logout token.
    LogOut { id: u64, token: String },
    /// Is this person logged in?
    Ask { id: u64, person: usize },
    /// The log-out of this person was acknowledged, in milliseconds since 1970.
    Ended { person: usize, at: u64 },
    /// What was found.
    Report { id: u64 },
}

/// To the one that measures, about an order.
#[derive(Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) id: u64,
    pub(crate) what: Outcome,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Outcome {
    Done,
    LoggedIn(bool),
    Failed(String),
    Report(Box<Found>),
}

/// What a process found.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Found {
    /// Tokens that were handed out in all.
    pub(crate) credentials: u64,
    /// How often a session was asked for a token after its log-out.
    pub(crate) asked_afterwards: u64,
    /// The latest after its log-out that a call began which was given a token, in milliseconds.
    pub(crate) latest: u64,
    /// Those that began too late to be given one, and were.
    pub(crate) too_late: Vec<usize>,
    /// Sessions that had ended by a log-out and were used again.
    pub(crate) came_back: Vec<usize>,
    /// How calls of sessions that nobody logged out failed.
    pub(crate) failures: Vec<String>,
}

/// The web application as the server knows it.
pub(crate) fn client(server: &str) -> Client {
    let at = |path: &str| format!("{server}{path}");
    let server = AuthorizationServer::new()
        .admit(Quirk::LoopbackHttp)
        .issuer(ISSUER)
        .and_then(|known| known.authorization_endpoint("https://as.example/authorize"))
        .and_then(|known| known.token_endpoint(&at("/token")))
        .and_then(|known| known.endpoint(Endpoint::Revocation, &at("/revoke")))
        .unwrap();
    let client = Client::new(server, CLIENT).secret(SECRET).unwrap();
    client.api("https://api.example").and_then(|client| client.id_token_algorithm(Algorithm::Hs256)).unwrap()
}

/// The name of a person's session.
pub(crate) fn session(person: usize) -> String {
    format!("session-{person}")
}

/// Whose login it is at the server: `sub` and `sid`.
pub(crate) fn names(person: usize) -> [String; 2] {
    [format!("person-{person}"), format!("login-{person}")]
}

/// Milliseconds since 1970, by the clock that all processes have.
pub(crate) fn milliseconds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "log-outs are measured in real time")]
    let time = SystemTime::now();
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

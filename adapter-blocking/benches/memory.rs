//! What the tokens of many people keep in memory, in bytes:
//!
//! ```sh
//! cargo bench -p valetkey-blocking --bench memory
//! ```
//!
//! The HTTP client, the registered client and a store are shared by all, and not counted. Nothing here is ever asserted.

#![expect(
    clippy::disallowed_macros,
    clippy::expect_used,
    reason = "a benchmark prints its results, and its own inputs are in order"
)]

#[path = "../../core/benches/memory/kept.rs"]
mod kept;

use kept::{heading, row};
use valetkey_blocking::session::SessionRecord;
use valetkey_blocking::{ApiClient, AuthorizationServer, Client, Session, Tokens, http_client};

const SESSIONS: usize = 10_000;

fn main() {
    let server = AuthorizationServer::new().token_endpoint("https://as.example/token").expect("an endpoint");
    let client = Client::new(server, "s6BhdRkqt3").api("https://api.example").expect("an API");
    let http = http_client();
    heading();
    row("Tokens, a token of 1.2 KB", SESSIONS, "4096", |number| {
        Tokens::new(http.clone(), session(&client, number))
    });
    row("ApiClient, a token of 1.2 KB", SESSIONS, "4096", |number| {
        ApiClient::new(http.clone(), session(&client, number))
    });
}

/// A session that was restored with a token of 1.2 KB.
fn session(client: &Client, number: usize) -> Session {
    let record = serde_json::json!({
        "version": 1, "client_id": "s6BhdRkqt3", "token_endpoint": "https://as.example/token",
        "access_token": format!("{}{number:08}", "a".repeat(1192)), "refresh_token": format!("{}{number:08}", "r".repeat(35)),
        "scope": "openid profile email offline_access", "expires_at": 2_000_000_000_000_u64,
    });
    let record: SessionRecord = serde_json::from_value(record).expect("a record");
    Session::from_record(client, record).expect("a session of this client")
}

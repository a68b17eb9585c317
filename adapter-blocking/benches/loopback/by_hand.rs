//! What a program by hand makes of its requests and answers, whatever carries them.

use std::hint::black_box;

use serde::Deserialize;

use crate::server::{origin, token};
use valetkey_core::session::SessionRecord;
use valetkey_core::{
    AuthorizationServer, Client, ClientSecret, Grant, Quirk, Session, TokenRequest, UnixTime,
};

/// `s6BhdRkqt3:gX1fBAt3bV`, as a program by hand keeps it.
pub(crate) const BASIC: &str = "Basic czZCaGRSa3F0MzpnWDFmQkF0M2JW";
pub(crate) const FORM: &str = "grant_type=client_credentials&scope=orders%3Aread+orders%3Awrite";

#[derive(Deserialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) token_type: String,
    pub(crate) expires_in: u64,
    pub(crate) scope: String,
}

/// Reads the answer of the token endpoint.
pub(crate) fn read(body: &[u8]) {
    let tokens: Tokens = serde_json::from_slice(body).expect("tokens");
    assert!(!tokens.access_token.is_empty() && tokens.token_type == "Bearer" && tokens.expires_in > 0);
    black_box(tokens.scope);
}

/// The value of the header that a program by hand sends with a token.
pub(crate) fn bearer() -> String {
    format!("Bearer {}", token())
}

/// The same program by core: its client, which has the server itself for an API.
pub(crate) fn client() -> Client {
    let server = AuthorizationServer::new().admit(Quirk::LoopbackHttp);
    let server = server.token_endpoint(&format!("{}/token", origin())).expect("an endpoint");
    let client = Client::new(server, "s6BhdRkqt3");
    let client = client.secret(ClientSecret::new("gX1fBAt3bV").expect("a secret")).expect("Basic");
    client.api(origin()).expect("an API")
}

pub(crate) fn token_request(client: &Client) -> TokenRequest {
    let grant = Grant::client_credentials().scope("orders:read orders:write").expect("a scope");
    TokenRequest::new(client, grant).expect("a request")
}

/// A session with a token of 1.2 KB that is good for an hour.
pub(crate) fn session(client: &Client, now: UnixTime) -> Session {
    let now = now.as_secs() * 1000;
    let record = serde_json::json!({
        "version": 1, "client_id": "s6BhdRkqt3", "token_endpoint": format!("{}/token", origin()),
        "access_token": token(), "issued_at": now, "expires_at": now + 3_600_000,
    });
    let record: SessionRecord = serde_json::from_value(record).expect("a record");
    Session::from_record(client, record).expect("a session of this client")
}

//! What every run of a search begins with.

use valetkey_core::session::SharedSession;
use valetkey_core::store::StoreKey;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret, Entropy, Flow,
    Session, Step, TokenResponse, UnixTime,
};

use super::Bounds;
use super::server::Server;
use super::store::Kind;
use crate::simulator::Protection;

/// When it begins, in milliseconds since 1970. A run's first thousand actions take a millisecond each, so its seconds are those
/// that somebody waited, or that a clock has stepped.
pub(super) const START: u64 = 1_700_000_000_000;

pub(super) struct Beginning {
    pub(super) kind: Kind,
    pub(super) bounds: Bounds,
    pub(super) without: Option<Protection>,
    pub(super) client: Client,
    pub(super) key: StoreKey,
    /// Those of the login, which the first process has and the store has not.
    tokens: TokenResponse,
}

impl Beginning {
    pub(super) fn new(kind: Kind, bounds: Bounds, without: Option<Protection>) -> Self {
        let server = AuthorizationServer::new()
            .authorization_endpoint("https://as.example/authorize")
            .and_then(|server| server.token_endpoint("https://as.example/token"))
            .unwrap();
        let secret = ClientSecret::new("a secret of the search").unwrap();
        let client = Client::new(server, "web").secret(secret).unwrap();
        let key = StoreKey::of_user(&client, "alice");
        let tokens = tokens_of_login(&client);
        Self { kind, bounds, without, client, key, tokens }
    }

    /// The session of the process that the user logged in with.
    pub(super) fn first_session(&self) -> SharedSession {
        SharedSession::new(
            Session::from_tokens(&self.client, &self.tokens).in_store(self.key.clone()).unwrap(),
        )
    }

    /// The session of a process that finds everything in the store.
    pub(super) fn session(&self) -> SharedSession {
        SharedSession::new(Session::from_store(&self.client).in_store(self.key.clone()).unwrap())
    }
}

fn tokens_of_login(client: &Client) -> TokenResponse {
    let now = UnixTime::from_millis(START);
    let request = AuthorizationRequest::new(client, "https://app.example/callback").unwrap();
    let (_, mut pending) = request.begin_unbound(Entropy::from_seed([7; 32]), now).unwrap();
    let arrival = format!("https://app.example/callback?code=c&state={}", pending.state());
    let response = AuthorizationResponse::from_url(&arrival).unwrap();
    let mut flow = pending.finish(client, &response, now).unwrap();
    assert!(matches!(flow.step(None, now), Ok(Step::Send(_))), "a code is sent first");
    match flow.step(Some(Server::first()), now) {
        Ok(Step::Done(tokens)) => tokens,
        other => unreachable!("it is a good code: {other:?}"),
    }
}

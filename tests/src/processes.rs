//! What the worker and those who start it agree on.

use valetkey_core::{AuthorizationServer, Client, ClientSecret, Quirk};

/// The sandbox's client `web`, at the sandbox of this URL.
#[must_use]
pub fn registered(url: &str, secret: &str) -> Client {
    let server = AuthorizationServer::new()
        .admit(Quirk::LoopbackHttp)
        .token_endpoint(&format!("{url}/oauth/token"))
        .unwrap();
    Client::new(server, "web").secret(ClientSecret::new(secret).unwrap()).unwrap().api(url).unwrap()
}

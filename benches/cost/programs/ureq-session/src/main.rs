//! An API is called with tokens that renew themselves, by the library.

use std::error::Error;

use valetkey_blocking::{ApiClient, AuthorizationServer, Client, Grant, Session, http_client};

fn main() -> Result<(), Box<dyn Error>> {
    let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
    let client = Client::new(server, "client-id").secret("client-secret")?.api("https://api.example")?;
    let grant = Grant::client_credentials().scope("orders:read")?;
    let api = ApiClient::new(http_client(), Session::from_grant(&client, grant));
    let orders = api.get("https://api.example/orders")?;
    println!("{}: {}", orders.status(), String::from_utf8_lossy(orders.body()));
    Ok(())
}

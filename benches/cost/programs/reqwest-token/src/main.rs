//! A token by client credentials (RFC 6749 §4.4), by the library.

use std::error::Error;

use valetkey_async::{AuthorizationServer, Client, Grant, TokenRequest, http_client, run};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
    let client = Client::new(server, "client-id").secret("client-secret")?;
    let grant = Grant::client_credentials().scope("orders:read")?;
    let tokens = run(&http_client()?, TokenRequest::new(&client, grant)?).await?;
    println!("good for {:?}", tokens.expires_in());
    Ok(())
}

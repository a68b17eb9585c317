//! A service that is called with a user's token, and calls another with a token of its own for the same user (RFC 8693).
//!
//! `cargo run -p valetkey-async --example token_exchange` needs no account: see `base.rs`. The user's token comes by a login
//! here; a service takes it out of the request that it is called with.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::time::Duration;

use valetkey_async::token::TokenExchange;
use valetkey_async::{ApiClient, AuthorizationRequest, Client, Discovery, Grant, TokenRequest};
use valetkey_async::{http_client_for, log_in, run};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let app = Client::new(server, "client-id").api("https://api.example")?; // its tokens go nowhere else
    let request = |redirect_uri: String| AuthorizationRequest::new(&app, redirect_uri)?.scope("orders:read");
    let tokens = log_in(&http, request, |url| stage.show(url), Duration::from_secs(300)).await?;
    let server = app.server().clone();
    let service = Client::new(server, "service-id").secret("client-secret")?.api("https://api.example")?;
    let exchange = TokenExchange::of(tokens.access_token()).resource("https://api.example")?;
    let tokens = run(&http, TokenRequest::new(&service, Grant::from(exchange))?).await?;
    let api = ApiClient::from_tokens(http, &service, &tokens);
    let answer = api.get("https://api.example/orders").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

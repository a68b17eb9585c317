//! A request that is pushed (PAR, RFC 9126): the browser carries a reference to it, and nothing that could be read or
//! changed. If a server takes nothing else, `log_in` pushes by itself.
//!
//! `cargo run -p valetkey-async --example pushed` needs no account: see `base.rs`.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::time::Duration;

use valetkey_async::{ApiClient, AuthorizationRequest, Client, Discovery, http_client_for, log_in, run};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let app = Client::new(server, "client-id").api("https://api.example")?; // its tokens go nowhere else
    let request = |redirect_uri: String| {
        AuthorizationRequest::new(&app, redirect_uri)?.scope("orders:read").map(AuthorizationRequest::pushed)
    };
    let tokens = log_in(&http, request, |url| stage.show(url), Duration::from_secs(300)).await?;
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let answer = api.get("https://api.example/orders").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

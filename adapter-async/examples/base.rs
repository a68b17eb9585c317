//! A program on the user's own machine: it finds the server by its issuer's URL, logs the user in with the browser, and
//! calls an API. Each of the other examples changes a few lines of this one.
//!
//! `cargo run -p valetkey-async --example base` needs no account: a sandbox stands in for every server; with
//! `-- --once`, Alice takes your place. For real servers, replace the first two lines with `let http = http_client()?;`, and
//! `stage.show(url)` with `println!("Open {url}")`.
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
    let request = |redirect_uri: String| AuthorizationRequest::new(&app, redirect_uri)?.scope("orders:read");
    let tokens = log_in(&http, request, |url| stage.show(url), Duration::from_secs(300)).await?;
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let answer = api.get("https://api.example/orders").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

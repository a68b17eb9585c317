//! Tokens that are bound to a key (DPoP, RFC 9449): a thief who does not have the key too can do nothing with them.
//!
//! `cargo run -p valetkey-async --example dpop` needs no account: see `base.rs`. A program of yours needs the feature
//! `aws-lc-rs` of valetkey-async, or `rust-crypto`, which is pure Rust.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::time::Duration;

use valetkey_async::jose::{Algorithm, AwsLc};
use valetkey_async::{ApiClient, AuthorizationRequest, Client, Discovery, Dpop};
use valetkey_async::{entropy, http_client_for, log_in, run};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let dpop = Dpop::generate(&AwsLc, Algorithm::Es256, entropy()?)?;
    let app = Client::new(server, "client-id").dpop(dpop)?.api("https://api.example")?;
    let request = |redirect_uri: String| AuthorizationRequest::new(&app, redirect_uri)?.scope("orders:read");
    let tokens = log_in(&http, request, |url| stage.show(url), Duration::from_secs(300)).await?;
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let answer = api.get("https://api.example/orders").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

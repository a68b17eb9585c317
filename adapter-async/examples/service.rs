//! A service that acts on its own behalf: its tasks share one client, the first call gets a token, and only one of them
//! renews it.
//!
//! `cargo run -p valetkey-async --example service` needs no account: see `base.rs`.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;

use tokio::task::JoinSet;
use valetkey_async::{ApiClient, Client, Discovery, Grant, Session, http_client_for, run};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let service = Client::new(server, "service-id").secret("client-secret")?.api("https://api.example")?;
    let grant = Grant::client_credentials().scope("orders:read")?;
    let api = ApiClient::new(http, Session::from_grant(&service, grant));
    let mut tasks = JoinSet::new();
    for _ in 0..200 {
        let api = api.clone();
        tasks.spawn(async move { api.get("https://api.example/orders").await });
    }
    while let Some(answer) = tasks.join_next().await {
        if !answer??.status().is_success() {
            return Err("the API refused".into());
        }
    }
    println!("200 answers");
    Ok(())
}

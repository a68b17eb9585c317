//! Many users with one store: each has a session under the program's own name for them. A renewal is made once for all
//! tasks of a user, and a log-out ends the session in all processes.
//!
//! `cargo run -p valetkey-async --example many_users` needs no account: see `base.rs`, and the guide's page `by_hand` for the
//! login of a web application. `MemoryStore` ends with the process; the crate `valetkey-stores` has others.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::time::Duration;

use valetkey_async::store::MemoryStore;
use valetkey_async::{AuthorizationRequest, Client, Discovery, Sessions, http_client_for, log_in, run};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let app = Client::new(server, "client-id").api("https://api.example")?; // its tokens go nowhere else
    let request = |redirect_uri: String| AuthorizationRequest::new(&app, redirect_uri)?.scope("orders:read");
    let tokens = log_in(&http, request, |url| stage.show(url), Duration::from_secs(300)).await?;
    let sessions = Sessions::new(http, &app, MemoryStore::new());
    sessions.login("alice", &tokens).await?;
    let api = sessions.api("alice")?;
    let answer = api.get("https://api.example/orders").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    sessions.logout("alice").await?;
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

//! A Keycloak on this computer, in development mode: on http, which is admitted by name and for loopback addresses only.
//!
//! Its issuer is `http://localhost:8080/realms/REALM`. `cargo run -p valetkey-async --example keycloak` needs none, and has
//! another port: see `base.rs`.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::time::Duration;

use valetkey_async::{
    ApiClient, AuthorizationRequest, Client, Discovery, Quirk, http_client_for, log_in, run,
};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let realm = &stage.local("http://localhost:8080/realms/demo"); // without the stage, the text alone
    let discovery = Discovery::new(realm)?.admit(Quirk::LoopbackHttp);
    let server = run(&http, discovery).await?.into_server();
    let app = Client::new(server, "client-id").api("https://api.example")?; // its tokens go nowhere else
    let request = |redirect_uri: String| AuthorizationRequest::new(&app, redirect_uri)?.scope("orders:read");
    let tokens = log_in(&http, request, |url| stage.show(url), Duration::from_secs(300)).await?;
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let answer = api.get("https://api.example/orders").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

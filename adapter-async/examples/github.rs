//! GitHub, which publishes no metadata: its profile has the endpoints, and admits by name where it departs from the RFCs. The secret
//! goes in the body, as GitHub documents it.
//!
//! Register an OAuth app with the callback URL `http://127.0.0.1/callback`. `cargo run -p valetkey-async --example github`
//! needs none: see `base.rs`.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::time::Duration;

use valetkey_async::server::Profile;
use valetkey_async::{ApiClient, AuthorizationRequest, Client, http_client_for, log_in};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = Profile::GITHUB.server().ok_or("GitHub's endpoints are fixed")?;
    let app = Client::new(server, "web-id").secret_in_body("client-secret")?;
    let app = app.api("https://api.github.com")?; // its tokens go nowhere else
    let request = |redirect_uri: String| AuthorizationRequest::new(&app, redirect_uri)?.scope("read:user");
    let tokens = log_in(&http, request, |url| stage.show(url), Duration::from_secs(300)).await?;
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let answer = api.get("https://api.github.com/user").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

//! Google: its issuer leads to all the rest. A refresh token comes if it is asked for, and again only with the user's consent.
//!
//! Register a client of the type *Desktop app*; Google gives it a secret too. `cargo run -p valetkey-async --example google`
//! needs none: see `base.rs`.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::time::Duration;

use valetkey_async::authorize::Prompt;
use valetkey_async::server::Profile;
use valetkey_async::{ApiClient, AuthorizationRequest, Client, http_client_for, log_in, run};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = run(&http, Profile::GOOGLE.discovery("https://accounts.google.com")?).await?.into_server();
    let app = Client::new(server, "web-id").secret("client-secret")?;
    let app = app.api("https://www.googleapis.com")?; // its tokens go nowhere else
    let request = |redirect_uri: String| {
        AuthorizationRequest::new(&app, redirect_uri)?
            .scope("https://www.googleapis.com/auth/calendar.readonly")?
            .offline() // a refresh token too
            .prompt([Prompt::Consent]) // again at each login, not at the first only
    };
    let tokens = log_in(&http, request, |url| stage.show(url), Duration::from_secs(300)).await?;
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let answer = api.get("https://www.googleapis.com/calendar/v3/users/me/calendarList").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

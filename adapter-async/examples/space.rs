//! JetBrains Space; Hub and YouTrack are alike (`dialect::hub`). The dialect knows the endpoints, and writes the scopes.
//!
//! `cargo run -p valetkey-async --example space` needs no account: see `base.rs`.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::time::Duration;

use valetkey_async::dialect::space::{Permissions, Space};
use valetkey_async::{ApiClient, http_client_for, log_in};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let space = Space::new("https://mycompany.jetbrains.space")?;
    let app = space.application("web-id").secret("client-secret")?; // its tokens go nowhere else
    let scope = Permissions::new().global("Profile.Absences.View").scope()?;
    let request = |redirect_uri: String| Ok(app.authorization_code(redirect_uri)?.scope(scope)?.offline());
    let tokens = log_in(&http, request, |url| stage.show(url), Duration::from_secs(300)).await?;
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let answer = api.get(space.api("absences")).await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

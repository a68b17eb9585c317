//! A script: it logs the user in through the browser, at any issuer, greets them by name, and calls an API.
//!
//! `cargo run -p valetkey-blocking --example script` needs no account: a sandbox stands in for every server; with
//! `-- --once`, Alice takes your place. For real servers, replace the first two lines with `let http = http_client();`, and
//! `stage.show(url)` with `println!("Open {url}")`.
#![expect(clippy::disallowed_macros, reason = "a script prints")]

use std::error::Error;
use std::time::Duration;

use valetkey_blocking::{ApiClient, AuthorizationRequest, Client, Discovery, http_client_for, log_in, run};
use valetkey_sandbox::Stage;

fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = run(&http, Discovery::new("https://login.example")?)?.into_server();
    let app = Client::new(server, "client-id").api("https://api.example")?; // its tokens go nowhere else
    let request = |uri: String| AuthorizationRequest::new(&app, uri)?.scope("openid profile orders:read");
    let tokens = log_in(&http, request, |url| stage.show(url), Duration::from_secs(300))?;
    let login = tokens.login().ok_or("no ID token: ask for the scope openid")?;
    println!("Hello, {}", login.standard_claims().name().unwrap_or("you"));
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let answer = api.get("https://api.example/orders")?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

//! A device without a browser, or a program on a far machine: the user enters a code on another device (RFC 8628).
//!
//! `cargo run -p valetkey-async --example device_login` needs no account, and Alice approves: see `base.rs`.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;

use valetkey_async::{
    ApiClient, Client, DeviceAuthorizationRequest, DevicePoll, Discovery, http_client_for, run,
};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let app = Client::new(server, "client-id").api("https://api.example")?; // its tokens go nowhere else
    let device = run(&http, DeviceAuthorizationRequest::new(&app)?.scope("orders:read")?).await?;
    stage.approve(device.verification_uri(), device.user_code());
    let tokens = run(&http, DevicePoll::new(&app, device)?).await?;
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let answer = api.get("https://api.example/orders").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

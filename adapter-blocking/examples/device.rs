//! A device without a browser, or a program on a far machine: the user enters a code on another device (RFC 8628).
//!
//! `cargo run -p valetkey-blocking --example device` needs no account: a sandbox stands in for every server, and Alice
//! approves. For real servers, replace the first two lines with `let http = http_client();`, and `stage.approve(…)` with a
//! `println!` of the page and the code.
#![expect(clippy::disallowed_macros, reason = "a device prints")]

use std::error::Error;

use valetkey_blocking::{ApiClient, Client, Discovery, http_client_for, run};
use valetkey_blocking::{DeviceAuthorizationRequest, DevicePoll};
use valetkey_sandbox::Stage;

fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = run(&http, Discovery::new("https://login.example")?)?.into_server();
    let app = Client::new(server, "client-id").api("https://api.example")?; // its tokens go nowhere else
    let device = run(&http, DeviceAuthorizationRequest::new(&app)?.scope("orders:read")?)?;
    stage.approve(device.verification_uri(), device.user_code());
    let tokens = run(&http, DevicePoll::new(&app, device)?)?;
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let answer = api.get("https://api.example/orders")?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

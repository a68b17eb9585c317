//! A token by client credentials (RFC 6749 §4.4), by hand: no check is made.

use std::error::Error;
use std::time::Duration;

use serde::Deserialize;

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    expires_in: Option<u64>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let builder = reqwest::Client::builder().connect_timeout(Duration::from_secs(10));
    let builder = builder.timeout(Duration::from_secs(60)).redirect(reqwest::redirect::Policy::none());
    let form = [("grant_type", "client_credentials"), ("scope", "orders:read")];
    let request = builder.build()?.post("https://as.example/token");
    let answer = request.basic_auth("client-id", Some("client-secret")).form(&form).send().await?;
    let tokens: Tokens = serde_json::from_slice(&answer.error_for_status()?.bytes().await?)?;
    println!("{} bytes, good for {:?}", tokens.access_token.len(), tokens.expires_in);
    Ok(())
}

//! A service that authenticates by signing (`private_key_jwt`, RFC 7523 §2.2): its key stays with it, and the server knows the
//! public part.
//!
//! `cargo run -p valetkey-async --example private_key_jwt` needs no account: see `base.rs`. A service of yours reads the key
//! from a file, or signs by an HSM: see `jose::Signer`. It needs the feature `aws-lc-rs` of valetkey-async, or `rust-crypto`.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::sync::Arc;

use valetkey_async::jose::{Algorithm, AwsLc, KeyPair};
use valetkey_async::{ApiClient, Client, Discovery, Grant, Session, entropy, http_client_for, run};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let key = Arc::new(KeyPair::from_pem(&AwsLc, Algorithm::Es256, stage.key())?);
    let service = Client::new(server, "signing-id").assertion(key, entropy()?)?.api("https://api.example")?;
    let grant = Grant::client_credentials().scope("orders:read")?;
    let api = ApiClient::new(http, Session::from_grant(&service, grant));
    let answer = api.get("https://api.example/orders").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

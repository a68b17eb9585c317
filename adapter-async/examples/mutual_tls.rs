//! A service that authenticates by its certificate (mutual TLS, RFC 8705). Its tokens are bound to the certificate.
//!
//! `cargo run -p valetkey-async --example mutual_tls` needs no account: see `base.rs`. A service of yours reads the certificate
//! and its key from a file, and writes `http_client_with(builder)?`. The timeouts are the program's own: reqwest has none by itself.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::time::Duration;

use valetkey_async::reqwest::{self, Certificate, Identity};
use valetkey_async::{ApiClient, Client, Discovery, Grant, Session, http_client_obeying, run};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let identity = Identity::from_pem(stage.certificate().as_bytes())?;
    let trusted = Certificate::from_pem(stage.authority().as_bytes())?;
    let builder = reqwest::Client::builder().identity(identity).tls_certs_merge([trusted]);
    let builder = builder.connect_timeout(Duration::from_secs(10)).timeout(Duration::from_secs(60));
    let http = http_client_obeying(builder, stage.network().proxies())?;
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let service =
        Client::new(server, "certified-id").self_signed_tls_client_auth()?.api("https://api.example")?;
    let grant = Grant::client_credentials().scope("orders:read")?;
    let api = ApiClient::new(http, Session::from_grant(&service, grant));
    let answer = api.get("https://api.example/orders").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}

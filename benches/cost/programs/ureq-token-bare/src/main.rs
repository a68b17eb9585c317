//! A token by client credentials (RFC 6749 §4.4), by hand: no check is made.

use std::error::Error;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    expires_in: Option<u64>,
}

fn agent() -> Agent {
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    let config = Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_global(Some(Duration::from_secs(60)))
        .max_redirects(0)
        .tls_config(tls);
    config.build().into()
}

fn tokens(agent: &Agent) -> Result<Tokens, Box<dyn Error>> {
    let basic = format!("Basic {}", STANDARD.encode("client-id:client-secret"));
    let form = [("grant_type", "client_credentials"), ("scope", "orders:read")];
    let mut answer = agent.post("https://as.example/token").header("authorization", basic).send_form(form)?;
    Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let tokens = tokens(&agent())?;
    println!("{} bytes, good for {:?}", tokens.access_token.len(), tokens.expires_in);
    Ok(())
}

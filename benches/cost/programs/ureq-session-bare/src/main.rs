//! An API is called with tokens that renew themselves, by hand: no check is made.

use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    expires_in: u64,
}

struct Api {
    agent: Agent,
    /// The token, and until when it is good.
    token: Mutex<Option<(String, Instant)>>,
}

impl Api {
    fn token(&self) -> Result<String, Box<dyn Error>> {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, until)) = &*token
            && *until > Instant::now()
        {
            return Ok(token.clone());
        }
        let basic = format!("Basic {}", STANDARD.encode("client-id:client-secret"));
        let form = [("grant_type", "client_credentials"), ("scope", "orders:read")];
        let mut answer =
            self.agent.post("https://as.example/token").header("authorization", basic).send_form(form)?;
        let new: Tokens = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
        let until = Instant::now() + Duration::from_secs(new.expires_in);
        *token = Some((new.access_token.clone(), until));
        Ok(new.access_token)
    }

    fn get(&self, url: &str) -> Result<(u16, String), Box<dyn Error>> {
        for _ in 0..2 {
            let bearer = format!("Bearer {}", self.token()?);
            let mut answer = self.agent.get(url).header("authorization", bearer).call()?;
            if answer.status() != 401 {
                return Ok((answer.status().as_u16(), answer.body_mut().read_to_string()?));
            }
            *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        Err("the API refused two tokens".into())
    }
}

fn agent() -> Agent {
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    let config = Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_global(Some(Duration::from_secs(60)))
        .max_redirects(0)
        .http_status_as_error(false)
        .tls_config(tls);
    config.build().into()
}

fn main() -> Result<(), Box<dyn Error>> {
    let api = Api { agent: agent(), token: Mutex::new(None) };
    let (status, body) = api.get("https://api.example/orders")?;
    println!("{status}: {body}");
    Ok(())
}

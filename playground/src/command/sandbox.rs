//! `valetkey sandbox`: the authorization server by itself, for one's own tests.

use std::time::Duration;

use clap::Args;
use serde_json::json;
use valetkey_sandbox::{BOBS_RIGHTS, CHATBOTS_RIGHTS, DEMO_USERS, Front, Sandbox};

use super::{Failed, say};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The port; any free one by default.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Prints one JSON object, with all that a test needs, in place of the text.
    #[arg(long)]
    json: bool,
    /// Derives every secret from this text, so that a test knows them. By default they differ each time.
    #[arg(long)]
    seed: Option<String>,
    /// Speaks standard OAuth in place of Space's dialect: metadata at the usual place, the device grant, and more.
    #[arg(long)]
    standard: bool,
}

/// Serves until the program is stopped.
pub(crate) fn run(arguments: &Arguments) -> Result<bool, Failed> {
    let seed = match &arguments.seed {
        Some(text) => seed_of(text),
        None => valetkey_blocking::entropy()?.derive("sandbox"),
    };
    let front = Front::start_on(arguments.port, Sandbox::demo(seed))?;
    if arguments.standard {
        front.publish();
    }
    let clients = ["chatbot", "web", "native", "legacy"];
    let secret = |client: &str| front.sandbox().client_secret(client).map(str::to_owned);
    if arguments.json {
        let clients: serde_json::Map<_, _> =
            clients.iter().map(|client| ((*client).to_owned(), json!(secret(client)))).collect();
        let users: serde_json::Map<_, _> =
            DEMO_USERS.iter().map(|(name, password)| ((*name).to_owned(), json!(password))).collect();
        say(&json!({ "url": front.url(), "clients": clients, "users": users }).to_string())?;
    } else {
        // The address is what others wait for; a reader that stops listening is served all the same.
        say(front.url())?;
        for client in clients {
            let _ = say(&format!("client {client}  secret {}", secret(client).as_deref().unwrap_or("none")));
        }
        for (name, password) in DEMO_USERS {
            let _ = say(&format!("user {name}  password {password}"));
        }
        let _ = say(&format!("chatbot may {}; bob may {}", CHATBOTS_RIGHTS.join(" "), BOBS_RIGHTS.join(" ")));
    }
    loop {
        std::thread::park_timeout(Duration::from_secs(3600));
    }
}

/// The text's own bytes, hashed: a seed for tests, and no secret.
fn seed_of(text: &str) -> [u8; 32] {
    let mut seed = [0_u8; 32];
    for (index, byte) in text.bytes().enumerate() {
        if let Some(place) = seed.get_mut(index % 32) {
            *place = place.wrapping_mul(31).wrapping_add(byte);
        }
    }
    valetkey_blocking::Entropy::from_seed(seed).derive("sandbox seed")
}

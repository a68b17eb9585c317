//! `valetkey sandbox`: the authorization server by itself, for one's own tests.

use std::time::Duration;

use clap::Args;
use serde_json::json;
use valetkey_sandbox::{
    Application, BOBS_RIGHTS, CHATBOTS_RIGHTS, DEMO_USERS, FlowKind, Front, Rights, Sandbox,
};

use super::{Failed, say};
use crate::shell::terminal::tell;

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
    /// Lets a web page of this origin call it from a browser (CORS), and registers the public client `page` for it, which
    /// comes back to the origin's `/`.
    #[arg(long, value_name = "ORIGIN", requires = "standard", value_parser = origin)]
    page: Option<String>,
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
    let mut clients = vec!["chatbot", "web", "native", "legacy"];
    if let Some(origin) = &arguments.page {
        open_to_page(&mut front.sandbox(), origin);
        clients.push("page");
    }
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
        for client in &clients {
            let _ = say(&format!("client {client}  secret {}", secret(client).as_deref().unwrap_or("none")));
        }
        for (name, password) in DEMO_USERS {
            let _ = say(&format!("user {name}  password {password}"));
        }
        let _ = say(&format!("chatbot may {}; bob may {}", CHATBOTS_RIGHTS.join(" "), BOBS_RIGHTS.join(" ")));
        tell(&profile(front.url(), arguments.standard));
    }
    loop {
        std::thread::park_timeout(Duration::from_secs(3600));
    }
}

/// A profile of it, for a login with this program.
fn profile(url: &str, is_standard: bool) -> String {
    let (key, who, api) = match is_standard {
        true => ("server", "openid profile ", format!("api = \"{url}\"\n")),
        false => ("space", "", String::new()),
    };
    let right = BOBS_RIGHTS.last().copied().unwrap_or_default();
    format!(
        "To log in to it by `valetkey login sandbox`, and then call it by `valetkey call -p sandbox /api/http/absences`, put\n\
         this into the configuration file:\n\n\
         [profile.sandbox]\n\
         {key} = \"{url}\"\n\
         client_id = \"native\"\n\
         scope = \"{who}{right}\"\n\
         {api}\
         store = \"file\"\n\
         quirks = [\"loopback-http\"]"
    )
}

fn open_to_page(sandbox: &mut Sandbox, origin: &str) {
    sandbox.settings_mut().allowed_origins.push(origin.to_owned());
    sandbox.add_application(
        Application::public("page")
            .name("Web page")
            .flow(FlowKind::AuthorizationCode)
            .without_flow(FlowKind::Password)
            .redirect_uri(&format!("{origin}/"))
            .may_request(Rights::All),
    );
}

/// As a browser writes it, to which it is compared.
fn origin(text: &str) -> Result<String, String> {
    let origin = text.strip_suffix('/').unwrap_or(text);
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")).unwrap_or_default();
    if host.is_empty()
        || host.contains(['/', '?', '#', '@', '*'])
        || host.chars().any(|c| c.is_ascii_uppercase())
    {
        return Err(
            "an origin is scheme, host and port alone, in small letters: http://127.0.0.1:8000".to_owned()
        );
    }
    Ok(origin.to_owned())
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

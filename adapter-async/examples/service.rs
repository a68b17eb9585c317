//! A service: many tasks that call an API on the application's own behalf, with one client.
//!
//! `cargo run -p valetkey-async --example service` needs no account: the server is a sandbox.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;

use tokio::task::JoinSet;
use valetkey_async::dialect::space::{Permissions, Space};
use valetkey_async::{ApiClient, ClientSecret, http_client};
use valetkey_sandbox::{Endpoint, Front, Sandbox};

/// Each task has a connection of its own, whose two ends are both in this process.
const TASKS: usize = 200;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Front::start(Sandbox::demo([0; 32]))?;
    let secret = server.sandbox().client_secret("chatbot").unwrap_or_default().to_owned();

    // The service. Against a real server it begins with `Space::new("https://mycompany.jetbrains.space")`.
    let space = Space::on_loopback(server.url())?;
    let app = space.application("chatbot").secret(ClientSecret::new(secret)?)?;
    let scope = Permissions::new().global("Profile.Absences.View").scope()?;
    let api = ApiClient::new(http_client()?, app.client_credentials(scope));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (api, url) = (api.clone(), space.api("absences"));
        tasks.spawn(async move { api.get(url).await.ok().filter(|answer| answer.status().is_success()) });
    }
    let answers = tasks.join_all().await.into_iter().flatten().count();

    let sandbox = server.sandbox();
    let renewals = sandbox.log().iter().filter(|exchange| exchange.endpoint() == Endpoint::Token).count();
    println!("{TASKS} tasks, {answers} answers, {renewals} token request(s)");
    if (answers, renewals) == (TASKS, 1) {
        Ok(())
    } else {
        Err("not every task got its answer with one token".into())
    }
}

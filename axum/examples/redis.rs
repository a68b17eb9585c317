//! One application in several processes, whose sessions are in one Redis: start it twice.
//!
//! `cargo run -p valetkey-axum --example redis` needs neither an account nor a Redis: a sandbox is in the place of every server, and the
//! sessions are in memory; with `-- --once` Alice logs in and out. With `-- redis://127.0.0.1 127.0.0.1:8080` they are in that Redis, and the
//! application is at this address. Start it again at `127.0.0.1:8081`, and who has logged in at the one is logged in at the other, because
//! browsers give both the same cookies; who logs out at the one is logged out at both.
//!
//! So it is with what the server sends: register `/logout/back-channel` at the address of the proxy in front of them. Whatever
//! process it comes to, all of them end the session. A login may begin in one process and end in another: what waits for it is in the browser,
//! sealed by the key that all have.
//!
//! For real servers write `http_client()?` and no stage, your own https address for `here` without `on_loopback`, a sealing key of your own, and
//! neither layer nor shutdown. A Redis that others can read is given to `Sealed` of `valetkey-stores`, which encrypts what is in it.

use std::env;
use std::error::Error;
use std::time::Duration;

use axum::extract::State;
use axum::{Router, middleware::map_response, routing::get};
use maud::{Markup, PreEscaped, html};
use tokio::net::TcpListener;
use tokio::time::timeout;
use valetkey_async::{Client, Discovery, http_client_for, run};
use valetkey_axum::{EXAMPLE_KEY, NoStore, User, WebLogin};
use valetkey_sandbox::Stage;
use valetkey_stores::AsyncRedisStore;

async fn home(State(login): State<WebLogin>, user: Option<User>) -> NoStore<Markup> {
    let name = user.as_ref().map_or("stranger", User::name);
    let process = std::process::id();
    NoStore(
        html! { p { "Hello, " (name) " of process " (process) } (PreEscaped(login.button(user.as_ref()))) },
    )
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--once");
    let (redis, address) = (arguments.next(), arguments.next().unwrap_or("127.0.0.1:0".into()));
    let (stage, listener) = (Stage::start()?, TcpListener::bind(address).await?);
    let (http, here) = (http_client_for(&stage.network())?, format!("http://{}", listener.local_addr()?));
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let client = Client::new(server, "web-id").secret("client-secret")?;
    let login = WebLogin::builder(http, &here, EXAMPLE_KEY).on_loopback().client(client);
    let login = match redis {
        Some(url) => login.store(AsyncRedisStore::connect(&url)?).build()?,
        None => login.build()?,
    };
    let web = Router::new().route("/", get(home)).merge(login.router()).with_state(login.clone());
    let web = axum::serve(listener, web.layer(map_response(stage.leads())));
    web.with_graceful_shutdown(stage.visited(here)).await?;
    // What goes on after its request was answered, so that no new token is lost.
    Ok(timeout(Duration::from_secs(30), login.settled()).await?)
}

//! A web application that greets its user by name, and logs people in and out.
//!
//! `cargo run -p valetkey-axum --example login` needs no account: a sandbox is in the place of every server. Click where it says;
//! with `-- --once` Alice does. For real servers write `http_client()?` and no stage, your own https address for `here` without `on_loopback`,
//! a sealing key of your own, 32 random bytes that all processes share, and neither layer nor shutdown.
//! What keeps it safe is in the crate's documentation; maud escapes the name, and no cache keeps a page in which it is. At the end, `settled` waits
//! for what goes on after its request was answered.

use std::error::Error;
use std::time::Duration;

use axum::extract::State;
use axum::{Router, middleware::map_response, routing::get, serve};
use maud::{Markup, PreEscaped, html};
use tokio::net::TcpListener;
use tokio::time::timeout;
use valetkey_async::{Client, Discovery, http_client_for, run};
use valetkey_axum::{EXAMPLE_KEY, NoStore, User, WebLogin};
use valetkey_sandbox::Stage;

async fn home(State(login): State<WebLogin>, user: Option<User>) -> NoStore<Markup> {
    let name = user.as_ref().map_or("stranger", User::name);
    NoStore(html! { p { "Hello, " (name) } (PreEscaped(login.button(user.as_ref()))) })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (stage, socket) = (Stage::start()?, TcpListener::bind("127.0.0.1:0").await?);
    let (http, here) = (http_client_for(&stage.network())?, format!("http://{}", socket.local_addr()?));
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let client = Client::new(server, "web-id").secret("client-secret")?;
    let login = WebLogin::builder(http, &here, EXAMPLE_KEY).on_loopback().client(client).build()?;
    let web = Router::new().route("/", get(home)).merge(login.router()).with_state(login.clone());
    serve(socket, web.layer(map_response(stage.leads()))).with_graceful_shutdown(stage.visited(here)).await?;
    Ok(timeout(Duration::from_secs(30), login.settled()).await?)
}

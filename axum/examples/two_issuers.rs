//! A web application with a choice of two servers: staff log in by the one, guests by the other.
//!
//! `cargo run -p valetkey-axum --example two_issuers` needs no account: two sandboxes are in the place of the servers. Click where it
//! says; with `-- --once` Alice logs in and out by each of them. For real servers write `http_client()?` and no stages, https issuers
//! without `admit`, your own https address for `here` without `on_loopback`, a sealing key of your own, and no shutdown.
//!
//! Each server has a callback of its own, `/callback/staff` and `/callback/guests`, and `build` refuses two that are one (DI-8). So a
//! response of one server never counts as the other's, whatever an evil one of them has the browser bring (AR-10): the
//! application's tests have one try it.

use std::error::Error;

use axum::extract::State;
use axum::{Router, routing::get};
use maud::{Markup, PreEscaped, html};
use tokio::net::TcpListener;
use valetkey_async::{Client, Discovery, HttpClient, Quirk, http_client_for, run};
use valetkey_axum::{EXAMPLE_KEY, NoStore, User, WebLogin};
use valetkey_sandbox::Stage;

/// `GET /`: who it is, and by which server. The button leads to the page with the choice.
async fn home(State(login): State<WebLogin>, user: Option<User>) -> NoStore<Markup> {
    NoStore(html! {
        @match &user {
            Some(user) => p { "Hello, " (user.name()) " of the " (user.provider()) },
            None => p { "Hello, stranger" },
        }
        (PreEscaped(login.button(user.as_ref())))
    })
}

async fn client(http: &HttpClient, issuer: &str) -> Result<Client, Box<dyn Error>> {
    let server = run(http, Discovery::new(issuer)?.admit(Quirk::LoopbackHttp)).await?.into_server();
    Ok(Client::new(server, "web-id").secret("client-secret")?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (staff, guests) = (Stage::start()?, Stage::start()?);
    let (http, listener) = (http_client_for(&staff.network())?, TcpListener::bind("127.0.0.1:0").await?);
    let here = format!("http://{}", listener.local_addr()?);
    let login = WebLogin::builder(http.clone(), &here, EXAMPLE_KEY)
        .on_loopback()
        .client_named("staff", client(&http, &staff.local("http://localhost:8080/realms/staff")).await?)
        .client_named("guests", client(&http, &guests.local("http://localhost:8081/realms/guests")).await?)
        .build()?;
    let web = Router::new().route("/", get(home)).merge(login.router()).with_state(login);
    let visited = async move {
        staff.visited(here.clone()).await;
        guests.visited(here).await;
    };
    Ok(axum::serve(listener, web).with_graceful_shutdown(visited).await?)
}

//! A single-page application and its backend. The page is static, its script asks the backend, and the backend asks the API in the user's
//! name: it makes a token of the session's cookie, and the browser never has one.
//!
//! `cargo run -p valetkey-axum --example spa` needs no account: a sandbox is in the place of every server. Click where it says; with
//! `-- --once` Alice does. For real servers write `http_client()?` and no stage, your own https address for `here` without `on_loopback`, a
//! sealing key of your own, and neither layer nor shutdown.
//!
//! What a script asks for is answered 401 if nobody is logged in, and no redirect, which it would follow to another site. The cookie is not for
//! scripts (`HttpOnly`), and other sites' scripts cannot use it (`SameSite=Lax`, and no CORS). What changes something is to be a POST
//! that says it comes from this page: look at `Sec-Fetch-Site` there.

use std::error::Error;

use axum::extract::State;
use axum::response::{Html, IntoResponse};
use axum::{Router, middleware::map_response, routing::get};
use maud::{PreEscaped, html};
use tokio::net::TcpListener;
use valetkey_async::{Client, Discovery, http_client_for, run};
use valetkey_axum::{EXAMPLE_KEY, User, WebLogin};
use valetkey_sandbox::Stage;

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Orders</title>
<main data-from="/me"><form method="post" action="/login"><button>Log in</button></form></main>
<script>
const main = document.querySelector("main");
fetch(main.dataset.from).then(async (me) => { if (me.ok) main.innerHTML = await me.text(); });
</script>
</html>"#;

/// `GET /me`, for the script: who it is, and what the API has for them. 401 for nobody.
async fn me(State(login): State<WebLogin>, user: User) -> impl IntoResponse {
    let answer = user.api().get("https://api.example/orders").await;
    let orders = answer.map(|answer| String::from_utf8_lossy(answer.body()).into_owned());
    let orders = orders.unwrap_or_else(|_| "cannot be had: log in again".to_owned());
    let me = html! { p { "Hello, " (user.name()) ". Your orders: " (orders) } (PreEscaped(login.button(Some(&user)))) };
    ([("cache-control", "no-store")], me)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (stage, listener) = (Stage::start()?, TcpListener::bind("127.0.0.1:0").await?);
    let (http, here) = (http_client_for(&stage.network())?, format!("http://{}", listener.local_addr()?));
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let client = Client::new(server, "web-id").secret("client-secret")?.api("https://api.example")?;
    let login = WebLogin::builder(http, &here, EXAMPLE_KEY).on_loopback();
    let login = login.client_asking(client, |request| request.scope("openid profile orders:read")).build()?;
    let web = Router::new().route("/", get(async || Html(PAGE))).route("/me", get(me));
    let web = web.merge(login.router()).with_state(login).layer(map_response(stage.leads()));
    Ok(axum::serve(listener, web).with_graceful_shutdown(stage.visited(here)).await?)
}

//! A single-page application and its backend. The page's script asks the backend, and the backend asks the API in the user's name: it finds
//! the user's token by the session's cookie, and the browser never has one.
//!
//! `cargo run -p valetkey-axum --example spa` needs no account: a sandbox is in the place of every server. Click where it says; with
//! `-- --once` Alice does. For real servers write `http_client()?` and no stage, your own https address for `here` without `on_loopback`, a
//! sealing key of your own, and neither layer nor shutdown.
//!
//! What a script asks for is answered 401 if nobody is logged in, and no redirect, which it would follow to another site. The cookie is not for
//! scripts (`HttpOnly`), and other sites' scripts cannot use it (`SameSite=Lax`, and no CORS). What changes something is a POST, and
//! is refused unless the browser says by `Sec-Fetch-Site` that a page of ours sends it. The script writes what it hears as text, and never as HTML.

use std::error::Error;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::IntoResponse;
use axum::{Router, middleware::map_response, routing::get, routing::post};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::timeout;
use valetkey_async::{Client, Discovery, http_client_for, run};
use valetkey_axum::{EXAMPLE_KEY, NoStore, User, WebLogin};
use valetkey_sandbox::Stage;

const ORDERS: &str = "https://api.example/orders";

const SCRIPT: &str = r#"
const main = document.querySelector("main");
const order = document.getElementById("order");
async function show() {
    const answer = await fetch(main.dataset.from);
    if (!answer.ok) return;
    const { name, orders } = await answer.json();
    main.textContent = `Hello, ${name}. Your orders: ${orders ? JSON.stringify(orders) : "cannot be had just now"}`;
    order.hidden = false;
}
order.addEventListener("click", async () => {
    const answer = await fetch("/orders", { method: "POST" });
    if (answer.ok) await show();
    else main.textContent = `The order was not taken: ${answer.status}`;
});
show();
"#;

/// `GET /`: the page, in which the script writes what `/me` says.
async fn page(State(login): State<WebLogin>, user: Option<User>) -> NoStore<Markup> {
    NoStore(html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Orders" } }
            body {
                main data-from="/me" { "Hello, stranger." }
                button id="order" hidden { "Order a valet key" }
                (PreEscaped(login.button(user.as_ref())))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    })
}

/// `GET /me`, for the script: who it is, and what the API has for them, `null` if it does not say. 401 for nobody.
async fn me(user: User) -> impl IntoResponse {
    let orders: Option<Value> = match user.api().get(ORDERS).await {
        Ok(answer) if answer.status().is_success() => serde_json::from_slice(answer.body()).ok(),
        _ => None,
    };
    let me = json!({ "name": user.name(), "orders": orders }).to_string();
    NoStore(([("content-type", "application/json")], me))
}

/// `POST /orders`, for the script: orders a valet key. Another page's request, of a sibling host too, is refused.
async fn order(user: User, headers: HeaderMap) -> Result<StatusCode, StatusCode> {
    if headers.get("sec-fetch-site").is_none_or(|site| site != "same-origin") {
        return Err(StatusCode::FORBIDDEN);
    }
    let request = Request::post(ORDERS).header("content-type", "application/json");
    let request = request.body(r#"{"of":"a valet key"}"#).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let answer = user.api().send(request).await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    Ok(if answer.status().is_success() { StatusCode::NO_CONTENT } else { StatusCode::BAD_GATEWAY })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (stage, listener) = (Stage::start()?, TcpListener::bind("127.0.0.1:0").await?);
    let (http, here) = (http_client_for(&stage.network())?, format!("http://{}", listener.local_addr()?));
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let client = Client::new(server, "web-id").secret("client-secret")?.api("https://api.example")?;
    let login = WebLogin::builder(http, &here, EXAMPLE_KEY).on_loopback();
    let login = login.client_asking(client, |request| request.scope("openid profile orders:read")).build()?;
    let web = Router::new().route("/", get(page)).route("/me", get(me)).route("/orders", post(order));
    let web = web.merge(login.router()).with_state(login.clone()).layer(map_response(stage.leads()));
    axum::serve(listener, web).with_graceful_shutdown(stage.visited(here)).await?;
    // What goes on after its request was answered, so that no new token is lost.
    Ok(timeout(Duration::from_secs(30), login.settled()).await?)
}

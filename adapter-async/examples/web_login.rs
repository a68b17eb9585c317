//! A web application that logs its users in and greets each by name, calls an API on their behalf, and logs them out.
//!
//! `cargo run -p valetkey-async --example web_login` needs no account: a sandbox is in the place of every server. Click where
//! it says; with `-- --once` Alice does. For real servers write `http_client()?` and no stage, your own https
//! address for `here`, and neither layer nor shutdown. With `--once` it says on purpose that a response was refused (AR-14): that is
//! Bob's, which is played to Alice's browser as an attacker would do it. Safari keeps no secure cookie of an application on http, not even on this computer.
//!
//! What keeps it safe, and is to be kept:
//!
//! - A login is bound to the browser that began it: the value of its cookie is given to `begin`, and to the response by
//!   `received_in`. So nobody is logged in to somebody else's session by a link.
//! - A session's cookie is a new random value at each login: one that was planted before is worth nothing. Scripts cannot
//!   read it (`HttpOnly`), other sites' forms come without it (`SameSite=Lax`), and no other host sets it (`__Host-`). It
//!   is the name of the user's tokens in `Sessions`; the store has a digest of it only.
//! - An account is found by its `Identity`, issuer and subject, which the ID token has proven: a name is for greeting alone.
//! - Logging in and out are POSTs, which no link and no image makes.
//! - maud escapes what it writes into a page. What went wrong goes to the log, where valetkey's errors show no secret.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use maud::html;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use valetkey_async::identity::Identity;
use valetkey_async::store::MemoryStore;
use valetkey_async::{AuthorizationRequest, AuthorizationResponse, Client, Discovery, HttpClient};
use valetkey_async::{PendingAuthorization, Sessions, entropy, http_client_for, now, run};
use valetkey_sandbox::Stage;

#[derive(Clone)]
struct App {
    http: HttpClient,
    client: Client,
    store: Arc<MemoryStore>, // a store of the crate valetkey-stores outlives the process, and is shared by several
    sessions: Sessions,
    accounts: Arc<Mutex<HashMap<Identity, String>>>, // a table in a database, whose key is issuer and subject
    redirect_uri: String,
}

/// `GET /`: greets a user by name, shows what the API has for them, and lets anybody else log in.
async fn home(State(app): State<App>, jar: CookieJar) -> Result<impl IntoResponse, Failed> {
    let (text, to, button) = match app.sessions.logged_in(&session(&jar)?).await? {
        Some(user) => {
            let who = user.identity().ok_or("the session is nobody's")?;
            let name = app.accounts.lock().await.get(who).cloned().unwrap_or_default();
            let orders = user.api().get("https://api.example/orders").await;
            let show = |orders: valetkey_async::Response| String::from_utf8_lossy(orders.body()).into_owned();
            let orders = orders.map_or_else(|_| "cannot be had: log in again".to_owned(), show);
            (format!("Hello, {name}. Your orders, {orders}"), "/logout", "Log out")
        }
        None => ("Welcome".into(), "/login", "Log in"),
    };
    let page = html! { p { (text) } form method="post" action=(to) { button { (button) } } };
    Ok(([("cache-control", "no-store")], Html(page.into_string())))
}

/// `POST /login`: sends the browser to the authorization server.
async fn login(State(app): State<App>, jar: CookieJar) -> Result<(CookieJar, Redirect), Failed> {
    let browser = entropy()?.text("login");
    let request = AuthorizationRequest::new(&app.client, &app.redirect_uri)?;
    let (url, pending) = request.scope("openid profile orders:read")?.begin(&browser, entropy()?, now())?;
    pending.put_in_async(&app.store, now()).await?;
    Ok((jar.add(cookie("__Host-login", browser)), Redirect::to(url.as_str())))
}

/// `GET /callback`: the browser is back, with a code or an error.
async fn callback(State(app): State<App>, jar: CookieJar, uri: Uri) -> Result<(CookieJar, Redirect), Failed> {
    let response = AuthorizationResponse::from_query(&app.redirect_uri, uri.query().unwrap_or_default())?;
    let response = response.received_in(jar.get("__Host-login").map_or("", Cookie::value));
    let pending = PendingAuthorization::take_from_async(&app.store, &response).await?;
    let tokens = match pending.ok_or("no login waits for this")?.finish(&app.client, &response, now()) {
        Err(error) if error.is_access_denied() => return Ok((jar, Redirect::to("/"))),
        flow => run(&app.http, flow?).await?,
    };
    let login = tokens.login().ok_or("no ID token: ask for the scope openid")?;
    let name = login.standard_claims().name().unwrap_or("whose name is not known").to_owned();
    app.accounts.lock().await.insert(login.identity().clone(), name);
    // The session that this browser has had ends.
    let (jar, home) = logout(State(app.clone()), jar.remove(cookie("__Host-login", String::new()))).await?;
    let session = entropy()?.text("session");
    app.sessions.login(&session, &tokens).await?;
    Ok((jar.add(cookie("__Host-session", session)), home))
}

/// `POST /logout`: ends the session, and revokes its tokens.
async fn logout(State(app): State<App>, jar: CookieJar) -> Result<(CookieJar, Redirect), Failed> {
    app.sessions.logout(&session(&jar)?).await?;
    Ok((jar.remove(cookie("__Host-session", String::new())), Redirect::to("/")))
}

/// The name of the browser's session; where it has none, a new one, which is nobody's.
fn session(jar: &CookieJar) -> Result<String, Failed> {
    let known = jar.get("__Host-session").map(Cookie::value).filter(|session| !session.is_empty());
    Ok(known.map_or(entropy()?.text("nobody"), str::to_owned))
}

fn cookie(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").secure(true).http_only(true).same_site(SameSite::Lax).build()
}

/// What went wrong, for the log; the page does not say it.
struct Failed;

impl<E: Into<Box<dyn Error>>> From<E> for Failed {
    fn from(error: E) -> Self {
        eprintln!("{}", error.into());
        Self
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, Html("It did not work. <a href=/>Back</a>")).into_response()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (stage, store) = (Stage::start()?, Arc::new(MemoryStore::new()));
    let (http, listener) = (http_client_for(&stage.network())?, TcpListener::bind("127.0.0.1:0").await?);
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let client = Client::new(server, "web-id").secret("client-secret")?.api("https://api.example")?;
    let sessions = Sessions::new(http.clone(), &client, Arc::clone(&store));
    let here = format!("http://{}", listener.local_addr()?);
    let (accounts, redirect_uri) = (Arc::default(), format!("{here}/callback"));
    let app = App { http, client, store, sessions, accounts, redirect_uri };
    let web = Router::new().route("/", get(home)).route("/login", post(login)).route("/logout", post(logout));
    let web = web.route("/callback", get(callback)).with_state(app).layer(map_response(stage.leads()));
    Ok(axum::serve(listener, web).with_graceful_shutdown(stage.visited(here)).await?)
}

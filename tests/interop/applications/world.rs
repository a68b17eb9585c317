//! A web application in two processes with one store, the server by which people log in, another site, and browsers.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::middleware::map_response;
use axum::response::{Html, Response};
use axum::routing::get;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use valetkey_async::host::ProxyRules;
use valetkey_async::store::MemoryStore;
use valetkey_async::{Client, Discovery, HttpClient, http_client_obeying, reqwest, run, send};
use valetkey_axum::{Failure, User, WebLogin, WebLoginBuilder};
use valetkey_sandbox::DEMO_USERS;

use crate::authority::Authority;
use crate::chromium::Visit;
use crate::provider::{CLIENT, Provider, SECRET};

/// Where the application is, another site, and one of the application's own site that is not the application.
const APPLICATION: &str = "app.example";
const ELSEWHERE: &str = "evil.example";
const BESIDE: &str = "other.app.example";
/// The server by itself, and as a host of the application's site.
pub(crate) const SERVER: &str = "login.example";
pub(crate) const SERVER_BESIDE: &str = "login.app.example";

const KEY: [u8; 32] = *b"0123456789abcdef0123456789abcdef";

/// Of the sandbox's users, by their place.
pub(crate) const ALICE: usize = 0;
pub(crate) const BOB: usize = 1;

/// One application, whose processes differ in the port alone: its cookies are for all of them.
pub(crate) struct World {
    pub(crate) provider: Provider,
    /// `https://app.example:PORT` of the process that the application's URL leads to, and of the other one.
    pub(crate) base: String,
    pub(crate) other: String,
    other_site: Site,
    failures: Arc<Mutex<Vec<String>>>,
    authority: Authority,
    http: HttpClient,
}

/// Pages that others write.
struct Site {
    pages: Arc<Mutex<Vec<String>>>,
    port: u16,
}

impl World {
    /// Everything runs; the server is at this host.
    pub(crate) async fn with_server(host: &str) -> Self {
        Self::set_up(host, |settings| settings).await
    }

    /// The same with settings of the test's own.
    pub(crate) async fn set_up(host: &str, set: impl Fn(WebLoginBuilder) -> WebLoginBuilder) -> Self {
        let names = [APPLICATION, ELSEWHERE, BESIDE, SERVER, SERVER_BESIDE];
        let authority = Authority::of(&names);
        let listeners = [listener().await, listener().await];
        let urls = listeners.each_ref().map(|listener| format!("https://{APPLICATION}:{}", port(listener)));
        let [base, other] = urls;
        let provider = Provider::start(host, &authority, &base).await;
        let http = client_of(&authority, &names);
        let server = run(&http, Discovery::new(provider.issuer()).unwrap()).await.unwrap().into_server();
        let client = Client::new(server, CLIENT).secret(SECRET).unwrap().api(provider.issuer()).unwrap();
        let store = Arc::new(MemoryStore::new());
        let failures: Arc<Mutex<Vec<String>>> = Arc::default();
        for listener in listeners {
            let failures = Arc::clone(&failures);
            let note = move |failure: &Failure| {
                failures
                    .lock()
                    .unwrap()
                    .push(failure.rule().map_or_else(|| failure.to_string(), str::to_owned));
            };
            let settings = WebLogin::builder(http.clone(), &base, KEY)
                .store(Arc::clone(&store))
                .on_failure(note)
                .client_asking(client.clone(), |request| request.scope("openid profile global:Profile.View"));
            let login = set(settings).build().unwrap();
            authority.serve(listener, application(login, provider.issuer()));
        }
        let other_site = Site::open(&authority).await;
        Self { provider, base, other, other_site, failures, authority, http }
    }

    pub(crate) async fn new() -> Self {
        Self::with_server(SERVER).await
    }

    /// A new browser at the application's first page.
    pub(crate) async fn browser(&self) -> Visit {
        let leads = "--host-resolver-rules=MAP *.example 127.0.0.1".to_owned();
        Visit::of_page_by(&self.base, &[self.authority.option(), leads]).await
    }

    /// A new browser in which somebody is logged in.
    pub(crate) async fn browser_of(&self, who: usize) -> Visit {
        let mut visit = self.browser().await;
        self.log_in(&mut visit, who).await;
        visit
    }

    /// By the button of the first page, to the server and back.
    pub(crate) async fn log_in(&self, visit: &mut Visit, who: usize) {
        visit.press("form[action='/login'] button").await;
        self.allow(visit, who).await;
    }

    /// On the server's page.
    pub(crate) async fn allow(&self, visit: &mut Visit, who: usize) {
        let (name, password) = DEMO_USERS[who];
        for (field, text) in [("username", name), ("password", password)] {
            visit.find(&format!("input[name={field}]")).await.send_keys(text).await.unwrap();
        }
        visit.press("button[value=allow]").await;
    }

    /// Whom the application's first page greets in this browser, by this process.
    pub(crate) async fn greeted(&self, visit: &Visit, process: &str) -> String {
        visit.client.goto(process).await.unwrap();
        visit.text("#greeting").await
    }

    /// The server posts a logout token to a process: the status, and the rules that it was refused by.
    pub(crate) async fn announce(&self, process: &str, claims: &Value) -> (u16, Vec<String>) {
        self.post_logout(process, &self.provider.signs(claims)).await
    }

    pub(crate) async fn post_logout(&self, process: &str, token: &str) -> (u16, Vec<String>) {
        let request = http::Request::post(format!("{process}/logout/back-channel"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("logout_token={token}").into_bytes())
            .unwrap();
        let answer = send(&self.http, request).await.unwrap();
        (answer.status().as_u16(), self.rules())
    }

    /// Sends a request of no browser.
    pub(crate) async fn sends(&self, request: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        send(&self.http, request).await.unwrap()
    }

    /// The rules by which something was refused since this was asked last.
    pub(crate) fn rules(&self) -> Vec<String> {
        std::mem::take(&mut *self.failures.lock().unwrap())
    }

    /// The URL of a page that another site has, at a host of its own.
    pub(crate) fn elsewhere(&self, page: Markup) -> String {
        self.other_site.page(ELSEWHERE, page)
    }

    /// The same at a host of the application's own site.
    pub(crate) fn beside(&self, page: Markup) -> String {
        self.other_site.page(BESIDE, page)
    }

    /// The application by another name, as a `Host` that somebody else wrote.
    pub(crate) fn by_another_name(&self) -> String {
        self.base.replace(APPLICATION, BESIDE)
    }

    /// Nobody was sent elsewhere than to these hosts, and the console has complaints of refused pages alone.
    pub(crate) async fn ends(&self, visit: Visit) {
        let ours =
            [&self.base, &self.other, &self.by_another_name(), self.provider.issuer()].map(ToOwned::to_owned);
        let site = format!(":{}", self.other_site.port);
        visit
            .end_with(move |told| {
                told.contains("the server responded with a status of")
                    || ours.iter().any(|url| told.starts_with(url.as_str()))
                    || told.contains(&site)
            })
            .await;
    }
}

impl Site {
    async fn open(authority: &Authority) -> Self {
        let listener = listener().await;
        let port = port(&listener);
        let pages: Arc<Mutex<Vec<String>>> = Arc::default();
        let held = Arc::clone(&pages);
        let routes = Router::new().route(
            "/{number}",
            get(move |Path(number): Path<usize>| {
                let page = held.lock().unwrap()[number].clone();
                async move { Html(page) }
            }),
        );
        authority.serve(listener, routes);
        Self { pages, port }
    }

    fn page(&self, host: &str, body: Markup) -> String {
        let mut pages = self.pages.lock().unwrap();
        pages.push(page("Another site", &body).into_string());
        format!("https://{host}:{}/{}", self.port, pages.len() - 1)
    }
}

/// An application as in `axum/examples/login.rs`, with a page for those who are logged in, and one that calls an API.
fn application(login: WebLogin, issuer: &str) -> Router {
    let api = format!("{issuer}/api/http/team-directory/profiles/me");
    let me = move |user: User| {
        let api = api.clone();
        async move {
            let answer = user.api().get(&api).await;
            let said =
                answer.map_or_else(|error| format!("failed: {error}"), |answer| answer.status().to_string());
            page("The API", &html! { p #said { (said) } })
        }
    };
    Router::new()
        .route("/", get(home))
        .route("/orders", get(orders))
        .route("/me", get(me))
        .merge(login.router())
        .layer(map_response(never_kept))
        .with_state(login)
}

async fn home(State(login): State<WebLogin>, user: Option<User>) -> Markup {
    let name = user.as_ref().map_or("stranger", User::name);
    page(
        "The application",
        &html! { p #greeting { "Hello, " (name) } (PreEscaped(login.button(user.as_ref()))) },
    )
}

async fn orders(user: User, RawQuery(asked): RawQuery) -> Markup {
    page(
        "Orders",
        &html! { p #greeting { "Orders of " (user.name()) } p #asked { (asked.unwrap_or_default()) } },
    )
}

/// Pages for who is logged in are kept by no cache.
async fn never_kept(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn page(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; link rel="icon" href="data:,"; title { (title) } }
            body { main { h1 { (title) } (body) } }
        }
    }
}

/// Whom the program and the test send requests by: the test's names are on this computer.
fn client_of(authority: &Authority, names: &[&str]) -> HttpClient {
    let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let builder = reqwest::Client::builder().tls_certs_only([root]);
    let builder =
        names.iter().fold(builder, |builder, name| builder.resolve(name, ([127, 0, 0, 1], 0).into()));
    http_client_obeying(builder, &ProxyRules::direct()).unwrap()
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().unwrap().port()
}

/// The cookies of a browser for the page that it is at, by name: what they are worth, and their marks.
pub(crate) async fn cookies(visit: &Visit) -> Vec<(String, String, Value)> {
    let cookies = visit.client.get_all_cookies().await.unwrap();
    let told = |cookie: &fantoccini::cookies::Cookie<'static>| {
        let marks = json!({
            "secure": cookie.secure(), "http_only": cookie.http_only(), "path": cookie.path(),
            "same_site": cookie.same_site().map(|it| it.to_string()),
        });
        (cookie.name().to_owned(), cookie.value().to_owned(), marks)
    };
    cookies.iter().map(told).collect()
}

/// The name of a session that a browser has.
pub(crate) async fn session(visit: &Visit) -> Option<String> {
    cookies(visit).await.into_iter().find(|(name, ..)| name == "__Host-session").map(|(_, value, _)| value)
}

/// Gives a browser this session.
pub(crate) async fn plant(visit: &Visit, base: &str, session: &str) {
    let cookie = json!({
        "name": "__Host-session", "value": session, "url": base, "path": "/", "secure": true, "httpOnly": true,
        "sameSite": "Lax",
    });
    visit.chromium("Network.setCookie", cookie).await;
}

//! The application, its users, and the server by which they log in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use valetkey_async::host::{Network, ProxyRules};
use valetkey_async::jose::{Algorithm, JwtSigner, RustCrypto};
use valetkey_async::server::Endpoint;
use valetkey_async::{AuthorizationServer, Client, HttpClient, Quirk, http_client_for, now};
use valetkey_axum::{Failure, NoStore, User, WebLogin, WebLoginBuilder};
use valetkey_tests::jose::{key_pair, verification_keys};

use crate::browser::{Browser, Page};
use crate::switched_store::SwitchedStore;

pub(crate) const BASE: &str = "https://app.example";
pub(crate) const KEY: [u8; 32] = *b"0123456789abcdef0123456789abcdef";
pub(crate) const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What the server has to give, and what it was asked.
#[derive(Default)]
struct Told {
    /// The claims behind each code.
    codes: HashMap<String, Value>,
    redeemed: usize,
    /// The refresh tokens that were used, each of which is good once.
    renewed: Vec<String>,
    revoked: Vec<String>,
    /// Renewals and revocations are answered as far as it has permits.
    held: Option<Arc<Semaphore>>,
    /// How many of both were asked for.
    asked: watch::Sender<usize>,
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) http: HttpClient,
    pub(crate) server: AuthorizationServer,
    pub(crate) store: Arc<SwitchedStore>,
    pub(crate) failures: Arc<Mutex<Vec<Option<String>>>>,
    told: Arc<Mutex<Told>>,
    asked: watch::Receiver<usize>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let told: Arc<Mutex<Told>> = Arc::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/token", post(token)).route("/revoke", post(revoke));
        let routes = routes.with_state(Arc::clone(&told));
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let server = AuthorizationServer::new()
            .admit(Quirk::LoopbackHttp)
            .issuer("https://as.example")
            .unwrap()
            .authorization_endpoint("https://as.example/authorize")
            .unwrap()
            .token_endpoint(&format!("{place}/token"))
            .unwrap()
            .endpoint(Endpoint::Revocation, &format!("{place}/revoke"))
            .unwrap()
            .keys(verification_keys(&RustCrypto, Algorithm::Es256));
        let http = http_client_for(&Network::new(ProxyRules::direct())).unwrap();
        let asked = told.lock().unwrap().asked.subscribe();
        Self { http, server, store: Arc::default(), failures: Arc::default(), told, asked }
    }

    pub(crate) fn client(&self) -> Client {
        client_of(self.server.clone())
    }

    /// The settings of the application in one process; all processes have one store and one key.
    pub(crate) fn settings(&self) -> WebLoginBuilder {
        self.settings_at(BASE)
    }

    pub(crate) fn settings_at(&self, base: &str) -> WebLoginBuilder {
        let failures = Arc::clone(&self.failures);
        let note = move |failure: &Failure| {
            failures.lock().unwrap().push(failure.rule().map(str::to_owned));
        };
        WebLogin::builder(self.http.clone(), base, KEY).store(Arc::clone(&self.store)).on_failure(note)
    }

    /// The application in another process.
    pub(crate) fn web(&self) -> Router {
        web(&self.settings().client(self.client()).build().unwrap())
    }

    /// The rules that were broken since this was asked last.
    pub(crate) fn rules(&self) -> Vec<String> {
        let failures = std::mem::take(&mut *self.failures.lock().unwrap());
        failures.into_iter().map(|rule| rule.unwrap_or_else(|| "none".to_owned())).collect()
    }

    /// Where the server sends the browser when this person has allowed it.
    pub(crate) fn allows(&self, asked: &str, sub: &str, name: &str) -> String {
        let asked = parameters(asked);
        self.gives(&asked, claims_of(sub, name, &asked))
    }

    pub(crate) fn gives(&self, asked: &HashMap<String, String>, claims: Value) -> String {
        let mut told = self.told.lock().unwrap();
        let code = format!("code-{}", told.codes.len());
        told.codes.insert(code.clone(), claims);
        let callback = asked["redirect_uri"].strip_prefix(BASE).unwrap();
        format!("{callback}?code={code}&state={}", asked["state"])
    }

    /// Logs a person in: what the browser is answered at last.
    pub(crate) async fn log_in(&self, web: &Router, browser: &mut Browser, sub: &str, name: &str) -> Page {
        let asked = browser.posts(web, "/login", "").await;
        let back = self.allows(asked.to(), sub, name);
        browser.goes(web, &back).await
    }

    /// A browser in which this person is logged in.
    pub(crate) async fn browser_of(&self, web: &Router, sub: &str, name: &str) -> Browser {
        let mut browser = Browser::default();
        assert_eq!(self.log_in(web, &mut browser, sub, name).await.to(), "/");
        browser
    }

    pub(crate) fn redeemed(&self) -> usize {
        self.told.lock().unwrap().redeemed
    }

    pub(crate) fn revoked(&self) -> usize {
        self.told.lock().unwrap().revoked.len()
    }

    pub(crate) fn renewed(&self) -> Vec<String> {
        self.told.lock().unwrap().renewed.clone()
    }

    /// From now on renewals and revocations are answered as far as there are permits.
    pub(crate) fn holds(&self) -> Arc<Semaphore> {
        let held = Arc::new(Semaphore::new(0));
        self.told.lock().unwrap().held = Some(Arc::clone(&held));
        held
    }

    /// Until so many renewals and revocations were asked for in all.
    pub(crate) async fn asked(&self, number: usize) {
        self.asked.clone().wait_for(|asked| *asked >= number).await.unwrap();
    }
}

pub(crate) fn claims_of(sub: &str, name: &str, asked: &HashMap<String, String>) -> Value {
    json!({ "sub": sub, "name": name, "sid": format!("sid of {sub}"), "nonce": asked["nonce"] })
}

pub(crate) fn client_of(server: AuthorizationServer) -> Client {
    Client::new(server, "s6BhdRkqt3").secret("client-secret").unwrap().api("https://api.example").unwrap()
}

pub(crate) fn web(login: &WebLogin) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/orders", get(orders).post(orders))
        .route("/renewed", get(renewed))
        .merge(login.router())
        .with_state(login.clone())
}

/// Greets anybody.
async fn home(State(login): State<WebLogin>, user: Option<User>) -> NoStore<impl IntoResponse> {
    let name = user.as_ref().map_or("stranger", User::name);
    let text = format!("Hello, {name} {}", login.button(user.as_ref()));
    // What a page says of caches otherwise is nothing where somebody is named.
    NoStore(([("cache-control", "max-age=60"), ("x-frame-options", "DENY")], text))
}

async fn orders(user: User) -> String {
    format!("Orders of {}, whose login is {}", user.name(), user.session_id().unwrap_or_default())
}

/// Waits until the user's tokens are new.
async fn renewed(user: User) -> (StatusCode, &'static str) {
    match user.api().tokens().renewed_credential().await {
        Ok(_) => (StatusCode::OK, "renewed"),
        Err(_) => (StatusCode::BAD_GATEWAY, "not renewed"),
    }
}

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

async fn token(
    State(told): State<Arc<Mutex<Told>>>,
    body: String,
) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    let refused = (StatusCode::BAD_REQUEST, JSON, json!({ "error": "invalid_grant" }).to_string());
    let mut form = form(&body);
    if let Some(refresh_token) = form.remove("refresh_token") {
        held(&told).await;
        let mut told = told.lock().unwrap();
        if told.renewed.contains(&refresh_token) {
            return refused;
        }
        told.renewed.push(refresh_token.clone());
        let tokens = json!({
            "access_token": format!("access after {refresh_token}"),
            "refresh_token": format!("{refresh_token}+"),
            "token_type": "Bearer",
            "expires_in": 3600,
        });
        return (StatusCode::OK, JSON, tokens.to_string());
    }
    let mut told = told.lock().unwrap();
    let code = form.remove("code").unwrap_or_default();
    let Some(mut claims) = told.codes.remove(&code) else { return refused };
    told.redeemed += 1;
    // A claim of the test's own: what was granted.
    let scope = claims.as_object_mut().unwrap().remove("scope").unwrap_or(json!("openid profile"));
    let tokens = json!({
        "access_token": format!("access-of-{code}"),
        "refresh_token": format!("refresh-of-{code}"),
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": scope,
        "id_token": jwt("JWT", &whole(claims, 3600)),
    });
    (StatusCode::OK, JSON, tokens.to_string())
}

/// Waits for a permit, if one is needed.
async fn held(told: &Mutex<Told>) {
    let held = {
        let told = told.lock().unwrap();
        told.asked.send_modify(|asked| *asked += 1);
        told.held.clone()
    };
    if let Some(held) = held {
        held.acquire().await.unwrap().forget();
    }
}

async fn revoke(State(told): State<Arc<Mutex<Told>>>, body: String) -> StatusCode {
    held(&told).await;
    told.lock().unwrap().revoked.push(form(&body).remove("token").unwrap_or_default());
    StatusCode::OK
}

/// These claims, with what every token of this server has.
pub(crate) fn whole(mut claims: Value, lifetime: u64) -> Value {
    let time = now().as_secs();
    let own =
        json!({ "iss": "https://as.example", "aud": "s6BhdRkqt3", "iat": time, "exp": time + lifetime });
    for (name, value) in own.as_object().unwrap() {
        claims.as_object_mut().unwrap().entry(name).or_insert_with(|| value.clone());
    }
    claims
}

pub(crate) fn jwt(typ: &str, claims: &Value) -> String {
    let signer = JwtSigner::new(key_pair(&RustCrypto, Algorithm::Es256), Some(typ));
    signer.write(claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned()
}

pub(crate) fn parameters(url: &str) -> HashMap<String, String> {
    form(url.split_once('?').map_or("", |(_, query)| query))
}

fn form(text: &str) -> HashMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

//! The server by which people log in: the sandbox, and beside it what a server does when a login ends ([`Provider`]).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CONTENT_LENGTH, LOCATION};
use http::{Method, StatusCode};
use maud::{DOCTYPE, Markup, html};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use valetkey_async::jose::{Algorithm, JwtSigner, RustCrypto, Signer as _};
use valetkey_async::now;
use valetkey_sandbox::{Application, Dialect, Endpoint, FlowKind, Rights, Sandbox};
use valetkey_tests::jose::key_pair;

use crate::authority::Authority;

pub(crate) const CLIENT: &str = "web-application";
pub(crate) const SECRET: &str = "a secret of the web application";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const END_SESSION: &str = "/oauth/end-session";
/// Where the person's word goes.
const ENDED: &str = "/oauth/end-session/ended";

/// The server, as the test sees it.
#[derive(Clone)]
pub(crate) struct Provider(Arc<Inner>);

struct Inner {
    issuer: String,
    sandbox: Mutex<Sandbox>,
    /// Where the client's browser may go after a log-out here, and which frame its log-out page has.
    back: String,
    frame: Mutex<Option<String>>,
    /// The requests to end a login, as they came from the browser.
    asked_to_end: Mutex<Vec<HashMap<String, String>>>,
    /// Whether renewals are answered, and how many of them have come.
    answers_renewals: watch::Sender<bool>,
    renewals: watch::Sender<usize>,
}

impl Provider {
    /// Starts the server at this host's name, for the application at this base URL.
    pub(crate) async fn start(host: &str, authority: &Authority, application: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("https://{host}:{}", listener.local_addr().unwrap().port());
        let mut sandbox = Sandbox::demo([7; 32]);
        sandbox.settings_mut().dialect = Dialect::Standard;
        sandbox.settings_mut().issuer = Some(issuer.clone());
        sandbox.add_application(
            Application::confidential(CLIENT, SECRET)
                .name("A web application")
                .flow(FlowKind::AuthorizationCode)
                .without_flow(FlowKind::ClientCredentials)
                .without_flow(FlowKind::Password)
                .redirect_uri(&format!("{application}/callback"))
                .may_request(Rights::All),
        );
        let provider = Self(Arc::new(Inner {
            issuer,
            sandbox: Mutex::new(sandbox),
            back: format!("{application}/logout/return"),
            frame: Mutex::default(),
            asked_to_end: Mutex::default(),
            answers_renewals: watch::Sender::new(true),
            renewals: watch::Sender::new(0),
        }));
        authority.serve(listener, Router::new().fallback(answer).with_state(provider.clone()));
        provider
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    pub(crate) fn sandbox(&self) -> MutexGuard<'_, Sandbox> {
        self.0.sandbox.lock().unwrap()
    }

    /// What the server put into its last ID token: whose login it is, by `sub` and `sid`.
    pub(crate) fn last_login(&self) -> Value {
        let sandbox = self.sandbox();
        let tokens = sandbox.log().iter().filter(|entry| entry.endpoint() == Endpoint::Token);
        let last = tokens
            .filter_map(|entry| serde_json::from_slice::<Value>(entry.response().body()).ok())
            .filter_map(|answer| answer["id_token"].as_str().map(str::to_owned))
            .last()
            .expect("somebody has logged in");
        let payload = URL_SAFE_NO_PAD.decode(last.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice(&payload).unwrap()
    }

    /// How often a code was redeemed, or a token renewed.
    pub(crate) fn granted(&self, grant: &str) -> usize {
        let sandbox = self.sandbox();
        let tokens = sandbox.log().iter().filter(|entry| entry.endpoint() == Endpoint::Token);
        tokens
            .filter(|entry| entry.response().status() == 200)
            .filter(|entry| entry.parameter("grant_type").as_deref() == Some(grant))
            .count()
    }

    /// Where the server sent the browser with its last code.
    pub(crate) fn last_callback(&self) -> String {
        let sandbox = self.sandbox();
        let sent = sandbox.log().iter().filter(|entry| entry.endpoint() == Endpoint::Authorization);
        let urls = sent.filter_map(|entry| entry.response().headers().get(LOCATION)?.to_str().ok());
        urls.filter(|url| url.contains("code=")).last().expect("somebody has allowed").to_owned()
    }

    /// The claims of a logout token for a login.
    pub(crate) fn notice(&self, login: &Value, jti: &str) -> Value {
        let time = now().as_secs();
        json!({
            "iss": self.0.issuer, "aud": CLIENT, "iat": time, "exp": time + 120, "jti": jti,
            "sub": login["sub"], "sid": login["sid"], "events": { EVENT: {} },
        })
    }

    /// Signs a logout token, by a key that the server publishes.
    pub(crate) fn signs(&self, claims: &Value) -> String {
        let signer = JwtSigner::new(key_pair(&RustCrypto, Algorithm::Es256), Some("logout+jwt"));
        signer.write(claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned()
    }

    /// From now on the page of a log-out here shows this frame (Front-Channel Logout).
    pub(crate) fn frames(&self, url: &str) {
        *self.0.frame.lock().unwrap() = Some(url.to_owned());
    }

    pub(crate) fn asked_to_end(&self) -> Vec<HashMap<String, String>> {
        self.0.asked_to_end.lock().unwrap().clone()
    }

    /// Lets no answer to a renewal out, or lets them all out.
    pub(crate) fn answers_renewals(&self, answers: bool) {
        self.0.answers_renewals.send_replace(answers);
    }

    /// Until so many renewals have come.
    pub(crate) async fn renewals(&self, count: usize) {
        let mut renewals = self.0.renewals.subscribe();
        renewals.wait_for(|come| *come >= count).await.unwrap();
    }

    /// The end of a login that a browser is sent here for, by a URL or by a form: who it is says so once more.
    fn end_session(&self, request: &http::Request<Vec<u8>>) -> Response {
        let asked: HashMap<String, String> = match *request.method() {
            Method::POST => form_urlencoded::parse(request.body()).into_owned().collect(),
            _ => {
                let query = request.uri().query().unwrap_or_default();
                form_urlencoded::parse(query.as_bytes()).into_owned().collect()
            }
        };
        let back = asked.get("post_logout_redirect_uri").cloned().unwrap_or_default();
        if back != self.0.back {
            return (StatusCode::BAD_REQUEST, page(&html! { p { "This address is not registered." } }))
                .into_response();
        }
        let state = asked.get("state").cloned().unwrap_or_default();
        if request.uri().path() == END_SESSION {
            self.0.asked_to_end.lock().unwrap().push(asked);
            return page(&html! {
                form method="post" action=(ENDED) {
                    input type="hidden" name="post_logout_redirect_uri" value=(back);
                    input type="hidden" name="state" value=(state);
                    button #yes { "Log out here too" }
                }
            })
            .into_response();
        }
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("state", &state).finish();
        let back = format!("{back}?{query}");
        match self.0.frame.lock().unwrap().as_ref() {
            None => Redirect::to(&back).into_response(),
            Some(frame) => page(
                &html! { iframe title="The application" src=(frame) {} p { a #on href=(back) { "Go on" } } },
            )
            .into_response(),
        }
    }
}

fn page(body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; link rel="icon" href="data:,"; title { "The server" } }
            body { main { h1 { "The server" } (body) } }
        }
    }
}

async fn answer(State(provider): State<Provider>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = Vec::from(to_bytes(body, 64 * 1024).await.unwrap());
    let request = http::Request::from_parts(head, body);
    let path = request.uri().path().to_owned();
    if path == END_SESSION || path == ENDED {
        return provider.end_session(&request);
    }
    let is_renewal = path == "/oauth/token"
        && form_urlencoded::parse(request.body()).any(|(_, value)| value == "refresh_token");
    let mut response = provider.sandbox().answer(&request, now());
    if is_renewal {
        provider.0.renewals.send_modify(|come| *come += 1);
        provider.0.answers_renewals.subscribe().wait_for(|answers| *answers).await.unwrap();
    }
    if path.starts_with("/.well-known/") && response.status() == 200 {
        let issuer = &provider.0.issuer;
        add(&mut response, |document| {
            document["end_session_endpoint"] = json!(format!("{issuer}{END_SESSION}"));
            for what in ["backchannel", "frontchannel"] {
                document[format!("{what}_logout_supported")] = json!(true);
                document[format!("{what}_logout_session_supported")] = json!(true);
            }
        });
    }
    if path == "/oauth/jwks.json" {
        let key = key_pair(&RustCrypto, Algorithm::Es256);
        let key = serde_json::to_value(key.public_key().unwrap()).unwrap();
        add(&mut response, |document| document["keys"].as_array_mut().unwrap().push(key));
    }
    response.map(Body::from)
}

/// Changes an answer in JSON.
fn add(response: &mut http::Response<Vec<u8>>, change: impl FnOnce(&mut Value)) {
    let mut document: Value = serde_json::from_slice(response.body()).unwrap();
    change(&mut document);
    *response.body_mut() = document.to_string().into_bytes();
    response.headers_mut().remove(CONTENT_LENGTH);
}

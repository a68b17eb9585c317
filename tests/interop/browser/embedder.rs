//! Core as WebAssembly, in the page of `core/examples/browser`: a login at the sandbox, by way of another origin. Where it was
//! built to is in the variable `BROWSER_EXAMPLE`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use fantoccini::Locator;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use valetkey_core::{Rule, UnixTime};
use valetkey_sandbox::{
    Application, DEMO_USERS, Endpoint, FlowKind, Front, LogEntry, Misbehaviour, Rights, Rotation, Sandbox,
};

use crate::chromium::Visit;

const PATIENCE: Duration = Duration::from_secs(20);

/// A server with the page, the sandbox at another origin, and a browser.
struct Stage {
    front: Front,
    visit: Visit,
    page: JoinHandle<()>,
}

impl Stage {
    /// The page is open; how far it got is for the test to see.
    async fn set(allows_page: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let front = Front::start(Sandbox::demo([7; 32])).unwrap();
        front.publish();
        {
            let mut sandbox = front.sandbox();
            let settings = sandbox.settings_mut();
            settings.allowed_origins =
                vec![if allows_page { origin.clone() } else { front.url().to_owned() }];
            settings.dpop_nonces = Some(Duration::from_secs(300));
            settings.rotation = Rotation::On;
            sandbox.add_application(
                Application::public("page")
                    .name("A web page")
                    .flow(FlowKind::AuthorizationCode)
                    .without_flow(FlowKind::Password)
                    .redirect_uri(&format!("{origin}/"))
                    .may_request(Rights::All)
                    .require_dpop(),
            );
        }
        let page = tokio::spawn(serve(listener, front.url().to_owned()));
        let visit = Visit::of_page(&format!("{origin}/")).await;
        Self { front, visit, page }
    }

    async fn state(&self) -> String {
        self.visit.text("#state").await
    }

    /// Waits until the page says this.
    async fn says(&self, what: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let state = self.state().await;
            if state.contains(what) {
                return;
            }
            assert!(Instant::now() < deadline, "the page says {state:?}, and not {what:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// As Alice does it: through the server's own page, and back.
    async fn log_in(&mut self) {
        self.says("Logged out").await;
        self.visit.press("#log-in").await;
        let [(name, password), _] = DEMO_USERS;
        for (field, text) in [("username", name), ("password", password)] {
            self.visit.find(&format!("input[name={field}]")).await.send_keys(text).await.unwrap();
        }
        self.visit.press("button[value=allow]").await;
    }

    /// Presses the button that stays on the page, and hands over what the API answered.
    async fn call(&self) -> String {
        self.visit.find("#call").await.click().await.unwrap();
        self.says("Called").await;
        self.visit.text("#answer").await
    }

    fn log(&self, endpoint: Endpoint) -> Vec<LogEntry> {
        let sandbox = self.front.sandbox();
        let kept = sandbox.log().iter().filter(|entry| entry.endpoint() == endpoint);
        kept.filter(|entry| entry.request().method() != http::Method::OPTIONS).cloned().collect()
    }

    async fn end(self, is_expected: impl Fn(&str) -> bool) {
        self.visit.end_with(is_expected).await;
        self.page.abort();
    }
}

/// Answers with what was built, and with the deployment's `config.json`.
async fn serve(listener: TcpListener, issuer: String) {
    let folder =
        std::env::var_os("BROWSER_EXAMPLE").expect("BROWSER_EXAMPLE is where the example was built to");
    let mut files = BTreeMap::new();
    collect(Path::new(&folder), "", &mut files);
    let config = json!({
        "issuer": issuer,
        "client_id": "page",
        "api": format!("{issuer}/api/http"),
        "resource": format!("{issuer}/api/http/team-directory/profiles/me"),
        "scope": "global:Profile.View",
    });
    files.insert("/config.json".to_owned(), config.to_string().into_bytes());
    let index = files["/index.html"].clone();
    files.insert("/".to_owned(), index);
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' {issuer}; img-src data:; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let router = Router::new().fallback(move |request: Request| {
        let answer = answer(request.uri().path(), &files, &policy);
        async move { answer }
    });
    axum::serve(listener, router).await.unwrap();
}

fn answer(path: &str, files: &BTreeMap<String, Vec<u8>>, policy: &str) -> Response {
    let Some(file) = files.get(path) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = match path.rsplit('.').next() {
        Some("js") => "text/javascript",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        _ => "text/html; charset=utf-8",
    };
    ([(CONTENT_TYPE, kind), (CONTENT_SECURITY_POLICY, policy)], file.clone()).into_response()
}

fn collect(folder: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| -> PathBuf { entry.unwrap().path() }) {
        let name = format!("{name}/{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &name, files);
        } else {
            files.insert(name, std::fs::read(path).unwrap());
        }
    }
}

/// A browser says so itself when an answer was a 4xx: the demands for a nonce, and the token that was refused.
fn is_told_status(message: &str) -> bool {
    message.contains("the server responded with a status of 40")
}

/// The token's key is WebCrypto's: the API takes the token with its proofs only, and nothing gets the key out of the browser.
#[tokio::test]
#[ignore = "needs Chromium and the built example; run by tests/interop/browser/run"]
async fn a_page_logs_in_by_dpop_with_a_key_that_never_leaves_the_browser() {
    let mut stage = Stage::set(true).await;
    stage.log_in().await;
    stage.says("Logged in").await;
    let url = stage.visit.client.current_url().await.unwrap();
    assert_eq!((url.path(), url.query()), ("/", None), "the code is out of the address bar");
    let answer = stage.call().await;
    assert!(answer.starts_with("200 ") && answer.contains("\"username\":\"alice\""), "{answer}");
    stage.visit.screenshot("embedder").await;

    // What went over the wire.
    let tokens = stage.log(Endpoint::Token);
    let (demand, granted) = (&tokens[0], &tokens[1]);
    assert_eq!(tokens.len(), 2, "the second proof has the nonce that the page could read");
    assert_eq!(demand.response().status(), 400);
    assert!(granted.parameter("code_verifier").is_some() && granted.request().headers().contains_key("dpop"));
    assert!(!granted.request().headers().contains_key("cookie"));
    let issued: Value = serde_json::from_slice(granted.response().body()).unwrap();
    assert_eq!(issued["token_type"], "DPoP");
    let token = issued["access_token"].as_str().unwrap();
    let proof = granted.request().headers()["dpop"].to_str().unwrap();
    let header: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(proof.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!((&header["typ"], &header["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
    let called = stage.log(Endpoint::Api);
    assert_eq!(called.last().unwrap().request().headers()["authorization"], format!("DPoP {token}"));

    // The token is bound to the key that the page shows, and of no use without it.
    let thumbprint = stage.visit.text("#thumbprint").await;
    let bound = introspected(&stage.front, token);
    assert_eq!((&bound["active"], &bound["cnf"]["jkt"]), (&json!(true), &json!(thumbprint)));
    for scheme in ["Bearer", "DPoP"] {
        let request = http::Request::get("/api/http/team-directory/profiles/me")
            .header("authorization", format!("{scheme} {token}"))
            .body(Vec::new())
            .unwrap();
        assert_eq!(stage.front.sandbox().answer(&request, now()).status(), 401, "{scheme}");
    }

    // The key does not come out, in whatever form.
    let script = "
        const done = arguments[arguments.length - 1];
        const request = indexedDB.open('valetkey');
        request.onsuccess = () => {
            const get = request.result.transaction('keys').objectStore('keys').get('dpop');
            get.onsuccess = async () => {
                const key = get.result.privateKey;
                const told = { type: key.type, extractable: key.extractable, usages: key.usages };
                for (const format of ['jwk', 'pkcs8', 'raw']) {
                    told[format] = await crypto.subtle.exportKey(format, key).then(() => 'exported', (error) => error.name);
                }
                done(told);
            };
        };";
    let key = stage.visit.client.execute_async(script, Vec::new()).await.unwrap();
    assert_eq!(
        (&key["type"], &key["extractable"], &key["usages"]),
        (&json!("private"), &json!(false), &json!(["sign"]))
    );
    for format in ["jwk", "pkcs8", "raw"] {
        assert_eq!(key[format], "InvalidAccessError", "{format}");
    }
    // Tokens are in the page's memory alone.
    let stored =
        stage.visit.value_of("return [sessionStorage.length, localStorage.length, document.cookie]").await;
    assert_eq!(stored, json!([0, 0, ""]));

    stage.end(is_told_status).await;
}

/// WA-3: the page reads the challenge of a 401, and so the token is renewed and the call repeated, once.
#[tokio::test]
#[ignore = "needs Chromium and the built example; run by tests/interop/browser/run"]
async fn a_page_renews_its_token_when_the_api_refuses_it() {
    let mut stage = Stage::set(true).await;
    stage.log_in().await;
    stage.says("Logged in").await;
    assert!(stage.call().await.starts_with("200 "));
    let before = stage.log(Endpoint::Token).len();
    stage.front.sandbox().expire_all();
    let answer = stage.call().await;
    assert!(answer.starts_with("200 ") && answer.contains("\"alice\""), "{answer}");
    let renewals = stage.log(Endpoint::Token).split_off(before);
    assert_eq!(renewals.len(), 1);
    assert_eq!(renewals[0].parameter("grant_type").as_deref(), Some("refresh_token"));
    assert!(renewals[0].request().headers().contains_key("dpop"));
    let issued: Value = serde_json::from_slice(renewals[0].response().body()).unwrap();
    let bound = introspected(&stage.front, issued["access_token"].as_str().unwrap());
    assert_eq!(bound["cnf"]["jkt"], json!(stage.visit.text("#thumbprint").await), "still the same key");
    stage.end(is_told_status).await;
}

/// AR-5, AR-12: a response that is not to this tab's login is refused by its rule, and nothing is sent for it.
#[tokio::test]
#[ignore = "needs Chromium and the built example; run by tests/interop/browser/run"]
async fn a_response_with_a_wrong_state_is_refused_with_its_rule() {
    let mut stage = Stage::set(true).await;
    stage.front.sandbox().misbehave_once(Misbehaviour::StateWrong);
    stage.log_in().await;
    stage.says(&format!("({},", Rule::Ar5.id())).await;
    stage.visit.screenshot("embedder-refused").await;
    assert_eq!(stage.log(Endpoint::Token).len(), 0);
    let url = stage.visit.client.current_url().await.unwrap();
    assert_eq!(url.query(), None, "the code is out of the address bar all the same");

    // A stranger's link to the callback finds no login that waits for it.
    stage.visit.open("/?code=a&state=b").await;
    stage.says("no login waits in this tab").await;
    assert_eq!(stage.log(Endpoint::Token).len(), 0);

    // The next login is as good as any.
    stage.visit.open("/").await;
    stage.log_in().await;
    stage.says("Logged in").await;
    stage.end(is_told_status).await;
}

/// HT-1: neither the browser nor the page follows a redirect that would take the token along.
#[tokio::test]
#[ignore = "needs Chromium and the built example; run by tests/interop/browser/run"]
async fn a_redirect_of_the_api_is_an_answer_and_not_followed() {
    let mut stage = Stage::set(true).await;
    stage.log_in().await;
    stage.says("Logged in").await;
    stage.front.sandbox().misbehave_once(Misbehaviour::ApiRedirect);
    assert_eq!(stage.call().await.trim(), "302");
    // Chromium tells of the address whether it goes there or not; had it gone, there would be no answer of 302.
    stage.end(|told| is_told_status(told) || told == "https://attacker.example/api").await;
}

#[tokio::test]
#[ignore = "needs Chromium and the built example; run by tests/interop/browser/run"]
async fn a_page_learns_nothing_of_a_server_that_does_not_allow_its_origin() {
    let stage = Stage::set(false).await;
    stage.says("Failed: ").await;
    let state = stage.state().await;
    assert!(state.contains(stage.front.url()), "{state}");
    let buttons = stage.visit.client.find_all(Locator::Css("button:not([hidden])")).await.unwrap();
    assert_eq!(buttons.len(), 0);
    stage.end(|message| message.contains("CORS") || message.contains("ERR_FAILED")).await;
}

/// What the server says of a token to a client that may ask.
fn introspected(front: &Front, token: &str) -> Value {
    let mut sandbox = front.sandbox();
    let secret = sandbox.client_secret("web").unwrap();
    let credentials = STANDARD.encode(format!("web:{secret}"));
    let request = http::Request::post("/oauth/introspect")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", format!("Basic {credentials}"))
        .body(format!("token={token}").into_bytes())
        .unwrap();
    serde_json::from_slice(sandbox.answer(&request, now()).body()).unwrap()
}

fn now() -> UnixTime {
    std::time::SystemTime::now().into()
}

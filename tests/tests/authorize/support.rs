//! The sandbox as the other side, and a client of it that signs.

use std::sync::Arc;

use serde_json::{Value, json};
use valetkey_core::jose::{Algorithm, JwkSet, KeyPair, RustCrypto, Signer};
use valetkey_core::server::ServerKeys;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, BrowserUrl, Client, ClientSecret,
    Discovery, Error, Flow, PendingAuthorization, Rule, Step, TokenResponse, UnixTime,
};
use valetkey_sandbox::{Application, Arrival, FlowKind, Person, Rights, Sandbox};
use valetkey_tests::jose::key_pair;
use valetkey_tests::{NOW, entropy, get};

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const CALLBACK: &str = "https://app.example/callback";
pub(crate) const SECRET: &str = "planted-SECRET-0123456789";

/// The client's key.
pub(crate) fn key() -> Arc<KeyPair> {
    key_pair(&RustCrypto, Algorithm::Es256)
}

/// The demo, and a client `signer` in it, which has a secret and a key.
pub(crate) fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::standard([7; 32], ISSUER);
    sandbox.add_application(application());
    sandbox
}

/// The client with a secret.
pub(crate) fn application() -> Application {
    of(Application::confidential("signer", SECRET).keys(&keys()))
}

/// The client without any, which authenticates by its key.
pub(crate) fn application_without_secret() -> Application {
    of(Application::with_keys("signer", &keys()))
}

fn keys() -> Value {
    serde_json::to_value(JwkSet::of(key().public_key().cloned())).unwrap()
}

fn of(application: Application) -> Application {
    let application = application.flow(FlowKind::AuthorizationCode).may_request(Rights::All);
    application.redirect_uri(CALLBACK).loopback("/callback")
}

/// The server as its metadata describe it, without keys.
pub(crate) fn described(sandbox: &mut Sandbox) -> AuthorizationServer {
    let answer = sandbox.answer(&get("https://as.example/.well-known/oauth-authorization-server"), NOW);
    Discovery::new(ISSUER).and_then(|discovery| discovery.parse(answer, NOW)).unwrap().into_server()
}

/// The same, with the keys that it publishes.
pub(crate) fn server(sandbox: &mut Sandbox) -> AuthorizationServer {
    let server = described(sandbox);
    let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
    server.keys(keys)
}

pub(crate) fn client_of(server: AuthorizationServer) -> Client {
    Client::new(server, "signer").secret(ClientSecret::new(SECRET).unwrap()).unwrap()
}

pub(crate) fn client(sandbox: &mut Sandbox) -> Client {
    client_of(server(sandbox))
}

pub(crate) fn request(client: &Client) -> AuthorizationRequest {
    AuthorizationRequest::new(client, CALLBACK).unwrap()
}

/// Carries a flow out with the sandbox, in virtual time.
pub(crate) fn run<F: Flow>(sandbox: &mut Sandbox, mut flow: F) -> Result<F::Output, Error> {
    let (mut response, mut now) = (None, NOW);
    for _ in 0..10 {
        match flow.step(response.take(), now)? {
            Step::Send(request) => response = Some(sandbox.answer(&request, now)),
            Step::Wait(time) => now = now.after(time),
            Step::Done(output) => return Ok(output),
        }
    }
    panic!("the conversation does not end");
}

/// Alice opens the URL, logs in and allows: what her browser brings back.
pub(crate) fn visited(sandbox: &mut Sandbox, url: &BrowserUrl) -> AuthorizationResponse {
    response_of(&arrival(sandbox, url))
}

pub(crate) fn arrival(sandbox: &mut Sandbox, url: &BrowserUrl) -> Arrival {
    let alice = Person::new("alice", sandbox.password("alice").unwrap());
    sandbox.visit(url.as_str(), &alice, NOW).unwrap()
}

pub(crate) fn response_of(arrival: &Arrival) -> AuthorizationResponse {
    match arrival {
        Arrival::Get(url) => AuthorizationResponse::from_url(url).unwrap(),
        Arrival::Post(request) => AuthorizationResponse::from_request(CALLBACK, request).unwrap(),
    }
}

/// Opens and finishes whatever came, and gets the tokens.
pub(crate) fn finish(
    sandbox: &mut Sandbox,
    client: &Client,
    pending: &mut PendingAuthorization,
    response: &AuthorizationResponse,
) -> Result<TokenResponse, Error> {
    let opened = run(sandbox, pending.open(client, response)?)?;
    let flow = pending.finish(client, &opened, NOW)?;
    run(sandbox, flow)
}

pub(crate) fn begun(request: &AuthorizationRequest) -> (BrowserUrl, PendingAuthorization) {
    request.begin_unbound(entropy(1), NOW).unwrap()
}

/// The rule that a failure carries, of which there must be one.
pub(crate) fn rule<T>(outcome: Result<T, Error>) -> Rule {
    match outcome {
        Ok(_) => panic!("it came to a good end"),
        Err(error) => error.rule().unwrap_or_else(|| panic!("no rule in: {error}")),
    }
}

/// A program's own fault, and against which rule.
pub(crate) fn misuse<T>(outcome: Result<T, Error>) -> Option<Rule> {
    match outcome {
        Err(Error::Misuse(misuse)) => misuse.rule(),
        Err(error) => panic!("no misuse: {error}"),
        Ok(_) => panic!("it came to a good end"),
    }
}

pub(crate) fn pairs(form: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(form).into_owned().collect()
}

pub(crate) fn query(url: &BrowserUrl) -> Vec<(String, String)> {
    pairs(url.as_str().split_once('?').unwrap().1.as_bytes())
}

pub(crate) fn value<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
    let found: Vec<&str> =
        pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect();
    assert_eq!(found.len(), 1, "{name} comes once");
    found[0]
}

pub(crate) fn names(pairs: &[(String, String)]) -> Vec<&str> {
    pairs.iter().map(|(name, _)| name.as_str()).collect()
}

pub(crate) fn after(seconds: u64) -> UnixTime {
    UnixTime::from_secs(NOW.as_secs() + seconds)
}

/// The claims of a good signed response, for this `state`.
pub(crate) fn claims(state: &str) -> Value {
    json!({
        "iss": ISSUER,
        "aud": "signer",
        "exp": NOW.as_secs() + 600,
        "code": "SplxlOBeZQQYbYS6WxSbIA",
        "state": state,
    })
}

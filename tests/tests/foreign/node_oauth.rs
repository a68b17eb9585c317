//! @node-oauth/oauth2-server: OAuth 2.0 as of 2012, without metadata, which takes Basic credentials as they are.

use std::sync::OnceLock;

use valetkey_blocking::{entropy, now};
use valetkey_core::terms::Password;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret, Error, Grant,
    Quirk, Session, TokenRequest, TokenResponse,
};

use crate::adapter::{Adapter, rows};
use crate::browser::Browser;
use crate::refusal;
use crate::rig::Rig;

rows! { code, password, public, raw_basic, refresh_token_kept, refresh_token_replaced, refused, scope_narrowed }

const CALLBACK: &str = "https://client.example/callback";

fn url(path: &str) -> String {
    static RUNNING: OnceLock<Rig> = OnceLock::new();
    format!("{}{path}", Rig::once(&RUNNING, "node-oauth", "default").text("/url"))
}

fn server(quirks: &[Quirk]) -> AuthorizationServer {
    let server = AuthorizationServer::new().admit(Quirk::LoopbackHttp);
    let server = quirks.iter().fold(server, |server, quirk| server.admit(*quirk));
    server.authorization_endpoint(&url("/authorize")).unwrap().token_endpoint(&url("/token")).unwrap()
}

fn client(server: AuthorizationServer, id: &str, secret: &str) -> Client {
    let client = Client::new(server, id).secret(ClientSecret::new(secret).unwrap()).unwrap();
    client.api(&url("/resource")).unwrap()
}

fn plain() -> Client {
    client(server(&[]), "plain", "s3cret")
}

/// The code flow from its beginning to the tokens, with Alice at the browser.
fn authorize(adapter: &impl Adapter, client: &Client, scope: &str) -> Result<TokenResponse, Error> {
    let request = AuthorizationRequest::new(client, CALLBACK)?.scope(scope)?;
    let (url, mut pending) = request.begin_unbound(entropy().unwrap(), now())?;
    let back = Browser::new().visit(url.as_str(), CALLBACK).unwrap();
    adapter.run(pending.finish(client, &AuthorizationResponse::from_url(&back)?, now())?)
}

fn user(adapter: &impl Adapter, session: Session) -> String {
    adapter.get(session, &url("/resource?scope=read")).unwrap()["user"].as_str().unwrap().to_owned()
}

fn code(adapter: &impl Adapter) {
    let client = plain();
    let tokens = authorize(adapter, &client, "read write").unwrap();
    assert!(tokens.quirks().is_empty(), "{:?}", tokens.quirks());
    assert_eq!(user(adapter, Session::from_tokens(&client, &tokens)), "alice");
}

fn public(adapter: &impl Adapter) {
    let client = Client::new(server(&[]), "public").api(&url("/resource")).unwrap();
    let tokens = authorize(adapter, &client, "read").unwrap();
    assert_eq!(user(adapter, Session::from_tokens(&client, &tokens)), "alice");
}

/// CA-2: credentials that form-encoding changes are refused until the server is met with its quirk.
fn raw_basic(adapter: &impl Adapter) {
    let grant = || Grant::client_credentials().scope("read").unwrap();
    let strict = client(server(&[]), "odd", "s%20x+y");
    let error = adapter.run(TokenRequest::new(&strict, grant()).unwrap()).unwrap_err();
    assert_eq!(refusal(&error).1, "invalid_client");
    let raw = client(server(&[Quirk::RawBasic]), "odd", "s%20x+y");
    assert_eq!(user(adapter, Session::from_grant(&raw, grant())), "odd");
}

#[expect(deprecated, reason = "this server is old enough to have nothing better for some")]
fn password(adapter: &impl Adapter) {
    let client = plain();
    let grant = |password| Grant::password("alice", &Password::new(password)).scope("read").unwrap();
    let tokens = adapter.run(TokenRequest::new(&client, grant("wonderland")).unwrap()).unwrap();
    assert_eq!(user(adapter, Session::from_tokens(&client, &tokens)), "alice");
    let wrong = adapter.run(TokenRequest::new(&client, grant("looking-glass")).unwrap()).unwrap_err();
    assert!(wrong.is_invalid_grant(), "{wrong}");
}

/// TR-13: the new refresh token is the one that works.
fn refresh_token_replaced(adapter: &impl Adapter) {
    let client = plain();
    let first = authorize(adapter, &client, "read").unwrap().refresh_token().unwrap().clone();
    let renewed = adapter.run(TokenRequest::new(&client, Grant::refresh_token(&first)).unwrap()).unwrap();
    assert_ne!(renewed.refresh_token(), Some(&first));
    assert_eq!(user(adapter, Session::from_tokens(&client, &renewed)), "alice");
    let again = TokenRequest::new(&client, Grant::refresh_token(&first)).unwrap();
    assert!(adapter.run(again).unwrap_err().is_invalid_grant());
}

/// TR-13: where none comes, the old one stays, as often as it is used.
fn refresh_token_kept<A: Adapter>(adapter: &A) {
    let keeping = server(&[]).token_endpoint(&url("/token-kept")).unwrap();
    let client = client(keeping, "plain", "s3cret");
    let token = authorize(adapter, &client, "read").unwrap().refresh_token().unwrap().clone();
    for _ in 0..2 {
        let api = adapter.api(Session::from_refresh_token(&client, token.clone()));
        adapter.get_again(&api, &url("/resource?scope=read")).unwrap();
        A::session(&api, |session| assert_eq!(session.refresh_token(), Some(&token)));
    }
}

/// TR-11: a server that grants less than was asked for says so.
fn scope_narrowed(adapter: &impl Adapter) {
    let client = plain();
    let tokens = authorize(adapter, &client, "read admin").unwrap();
    assert_eq!(tokens.scope(), Some(&"read".parse().unwrap()));
}

fn refused(adapter: &impl Adapter) {
    let wrong = client(server(&[]), "plain", "another");
    let error = adapter.run(TokenRequest::new(&wrong, Grant::client_credentials()).unwrap()).unwrap_err();
    assert_eq!(refusal(&error), (401, "invalid_client"));
    assert_eq!(error.refused().unwrap().challenges().len(), 1);
    let unknown = Grant::extension("urn:example:unheard", valetkey_core::Subject::User, ()).unwrap();
    let error = adapter.run(TokenRequest::new(&plain(), unknown).unwrap()).unwrap_err();
    assert_eq!(refusal(&error).1, "unsupported_grant_type");
}

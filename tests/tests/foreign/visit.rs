//! What a row visits: a server that runs, through one adapter.

use std::sync::Arc;

use serde_json::Value;
use valetkey_blocking::{entropy, now};
use valetkey_core::authorize::{ResponseMode, ResponseType};
use valetkey_core::identity::{Identity, Login};
use valetkey_core::jose::jwe::{DecryptionKeys, KeyAlgorithm};
use valetkey_core::jose::{Algorithm, AwsLc, KeyPair, PrivateJwk};
use valetkey_core::openid::{UserInfo, UserInfoRequest};
use valetkey_core::server::{Endpoint, Metadata};
use valetkey_core::session::SessionRecord;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, BrowserUrl, Client, ClientSecret,
    Discovery, Dpop, Error, Grant, PendingAuthorization, Quirk, Quirks, Scope, Session, TokenRequest,
    TokenResponse,
};
use valetkey_tests::get;

use crate::adapter::{Adapter, Certificates};
use crate::browser::Browser;
use crate::rig::Rig;

/// Where the browser is sent with a code. Nobody listens there: the browser tells.
pub(crate) const CALLBACK: &str = "https://client.example/callback";

/// A server that told its issuer, an API beside it, a secret and keys of its clients.
pub(crate) struct Visit<'a, A> {
    pub(crate) adapter: &'a A,
    pub(crate) rig: &'static Rig,
    pub(crate) server: AuthorizationServer,
}

/// What a server publishes of itself.
pub(crate) fn discovered(adapter: &impl Adapter, rig: &Rig) -> Metadata {
    let quirks = Quirks::STRICT.with(Quirk::LoopbackHttp);
    adapter.run(Discovery::new(rig.text("/issuer")).unwrap().admit_all(quirks)).unwrap()
}

impl<'a, A: Adapter> Visit<'a, A> {
    /// A visit of a server with its published keys.
    pub(crate) fn of(adapter: &'a A, rig: &'static Rig, metadata: Metadata) -> Self {
        Self { adapter, rig, server: metadata.into_server() }
    }

    /// A client of the server, which may call the server's own APIs and the one beside it.
    pub(crate) fn client(&self, id: &str) -> Client {
        let client = Client::new(self.server.clone(), id);
        client.api(self.rig.text("/issuer")).unwrap().api(self.rig.text("/api")).unwrap()
    }

    /// A client that authenticates by what its key signs.
    pub(crate) fn signing(&self, algorithm: Algorithm) -> Client {
        let client = self.client(&format!("signs-{}", algorithm.name()));
        client.assertion(self.key(algorithm), entropy().unwrap()).unwrap()
    }

    /// An agent that shows one of the certificates: `client`, or `self`.
    pub(crate) fn certified(&self, certificate: &str) -> A {
        self.adapter.certified(&Certificates {
            authority: self.rig.text("/ca"),
            own: self.rig.text(&format!("/certificates/{certificate}/cert")),
            key: self.rig.text(&format!("/certificates/{certificate}/key")),
        })
    }

    /// The same visit by another agent.
    pub(crate) fn through<'b>(&self, adapter: &'b A) -> Visit<'b, A> {
        Visit { adapter, rig: self.rig, server: self.server.clone() }
    }

    /// A client that authenticates by the secret in Basic.
    pub(crate) fn basic(&self, id: &str) -> Client {
        self.client(id).secret(self.secret()).unwrap()
    }

    /// The key that a client signs with, which the server knows by its public half.
    pub(crate) fn key(&self, algorithm: Algorithm) -> Arc<KeyPair> {
        let jwk = self.rig.told(&format!("/keys/{}", algorithm.name())).to_string();
        let key = PrivateJwk::parse(jwk.as_bytes()).unwrap();
        Arc::new(
            KeyPair::new(&AwsLc, algorithm, &key).unwrap().with_key_id(format!("key-{}", algorithm.name())),
        )
    }

    /// A client that decrypts by its key for this algorithm.
    pub(crate) fn decrypting(&self, id: &str, algorithm: KeyAlgorithm) -> Client {
        let jwk = self.rig.told("/decryption").get(algorithm.name()).unwrap().to_string();
        let key = PrivateJwk::parse(jwk.as_bytes()).unwrap();
        self.basic(id).decryption_keys(DecryptionKeys::new(&AwsLc, &[key], &[]).unwrap())
    }

    pub(crate) fn secret(&self) -> ClientSecret {
        ClientSecret::new(self.rig.text("/secret")).unwrap()
    }

    /// The code flow from its beginning to the tokens, with Alice at the browser.
    pub(crate) fn authorize(
        &self,
        client: &Client,
        ask: impl FnOnce(AuthorizationRequest) -> AuthorizationRequest,
    ) -> Result<TokenResponse, Error> {
        self.authorize_at(client, CALLBACK, ask)
    }

    pub(crate) fn authorize_at(
        &self,
        client: &Client,
        callback: &str,
        ask: impl FnOnce(AuthorizationRequest) -> AuthorizationRequest,
    ) -> Result<TokenResponse, Error> {
        let request = ask(AuthorizationRequest::new(client, callback)?);
        self.arrive(client, request.begin_unbound(entropy().unwrap(), now())?)
    }

    /// The same, with a request that reaches the server past the browser.
    pub(crate) fn authorize_pushed(
        &self,
        client: &Client,
        ask: impl FnOnce(AuthorizationRequest) -> AuthorizationRequest,
    ) -> Result<TokenResponse, Error> {
        let request = ask(AuthorizationRequest::new(client, CALLBACK)?);
        let (url, pending) = self.adapter.run(request.push_unbound(entropy().unwrap(), now())?)?;
        let (_, query) = url.as_str().split_once('?').unwrap();
        let names: Vec<_> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
        assert_eq!(names, ["client_id", "request_uri"], "the browser carries more than it must");
        self.arrive(client, (url, pending))
    }

    /// From the URL for the browser to the tokens.
    pub(crate) fn arrive(
        &self,
        client: &Client,
        begun: (BrowserUrl, PendingAuthorization),
    ) -> Result<TokenResponse, Error> {
        self.arrive_in(&mut Browser::new(), client, begun)
    }

    /// The same in a browser that may know the person already.
    pub(crate) fn arrive_in(
        &self,
        browser: &mut Browser,
        client: &Client,
        (url, mut pending): (BrowserUrl, PendingAuthorization),
    ) -> Result<TokenResponse, Error> {
        let response = self.opened(browser, client, &url, &pending)?;
        self.adapter.run(pending.finish(client, &response, now())?)
    }

    /// The code flow in a browser that may know the person already.
    pub(crate) fn authorize_in(
        &self,
        browser: &mut Browser,
        client: &Client,
        ask: impl FnOnce(AuthorizationRequest) -> AuthorizationRequest,
    ) -> Result<TokenResponse, Error> {
        let request = ask(AuthorizationRequest::new(client, CALLBACK)?);
        self.arrive_in(browser, client, request.begin_unbound(entropy().unwrap(), now())?)
    }

    /// A login whose ID token comes through the browser, and nothing else.
    pub(crate) fn log_in_by_browser(
        &self,
        client: &Client,
        ask: impl FnOnce(AuthorizationRequest) -> AuthorizationRequest,
    ) -> Result<Login, Error> {
        let request = ask(AuthorizationRequest::new(client, CALLBACK)?).response_type(ResponseType::IdToken);
        let (url, mut pending) = request.begin_unbound(entropy().unwrap(), now())?;
        let response = self.opened(&mut Browser::new(), client, &url, &pending)?;
        pending.finish_login(client, &response, now())
    }

    /// What the browser brings, its signatures verified.
    fn opened(
        &self,
        browser: &mut Browser,
        client: &Client,
        url: &BrowserUrl,
        pending: &PendingAuthorization,
    ) -> Result<AuthorizationResponse, Error> {
        let callback = pending.redirect_uri();
        let back = browser.arrive(url.as_str(), callback).expect("the browser is sent back");
        let is_form = matches!(pending.response_mode(), ResponseMode::FormPost | ResponseMode::FormPostJwt);
        assert_eq!(
            back.form.is_some(),
            is_form,
            "the browser is sent back in another way than was asked for"
        );
        let response = match back.form {
            None => AuthorizationResponse::from_url(&back.url)?,
            Some(form) => {
                let request = http::Request::post(&back.url)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form)
                    .unwrap();
                AuthorizationResponse::from_request(callback, &request)?
            }
        };
        self.adapter.run(pending.open(client, &response)?)
    }

    /// What the server says of the person who logged in.
    pub(crate) fn told_of(&self, client: &Client, tokens: &TokenResponse) -> Result<UserInfo, Error> {
        self.adapter.run(UserInfoRequest::new(client, tokens)?)
    }

    /// Tokens of a grant that needs nobody.
    pub(crate) fn grant(&self, client: &Client, grant: impl Into<Grant>) -> Result<TokenResponse, Error> {
        self.adapter.run(TokenRequest::new(client, grant.into())?)
    }

    /// Whom the server's own API takes the token's bearer for.
    pub(crate) fn userinfo(&self, client: &Client, tokens: &TokenResponse) -> String {
        self.person(Session::from_tokens(client, tokens))
    }

    pub(crate) fn person(&self, session: Session) -> String {
        let url = self.server.url_of(Endpoint::Userinfo).unwrap();
        text(&self.adapter.get(session, &url).unwrap(), "/sub").to_owned()
    }

    /// What the API beside the server learned of the token: from the server (`opaque`), or from itself (`jwt`).
    pub(crate) fn api(&self, api: &str, client: &Client, tokens: &TokenResponse) -> Value {
        self.adapter.get(Session::from_tokens(client, tokens), &self.url_of(api)).unwrap()
    }

    pub(crate) fn url_of(&self, api: &str) -> String {
        format!("{}/{api}", self.rig.text("/api"))
    }
}

/// A key of this moment that tokens are bound to.
pub(crate) fn dpop_key() -> Dpop {
    let entropy = entropy().unwrap();
    let key = PrivateJwk::generate(&AwsLc, Algorithm::Es256, entropy).unwrap();
    let key = KeyPair::new(&AwsLc, Algorithm::Es256, &key).unwrap();
    Dpop::of(Arc::new(key), valetkey_blocking::entropy().unwrap()).unwrap()
}

pub(crate) fn scope(text: &str) -> Scope {
    text.parse().unwrap()
}

pub(crate) fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("{path} is no text: {value}"))
}

/// Who logged in, by tokens that came with an ID token.
pub(crate) fn identity(tokens: &TokenResponse) -> &Identity {
    tokens.login().expect("somebody logged in").identity()
}

/// A session of these tokens that takes itself for another person's, as if its record had been mixed up: a renewal brings the ID
/// token of the one who did log in.
pub(crate) fn of_somebody_else(client: &Client, tokens: &TokenResponse) -> Session {
    let record = Session::from_tokens(client, tokens).record().unwrap();
    let mut record = serde_json::to_value(&record).unwrap();
    let subject = record.pointer_mut("/id_token/sub").expect("the login is kept");
    *subject = "somebody else".into();
    let record: SessionRecord = serde_json::from_value(record).unwrap();
    Session::from_record(client, record).unwrap()
}

/// A bound token without its proof is refused, whatever it calls itself.
pub(crate) fn of_no_use_without_the_key<A: Adapter>(visit: &Visit<'_, A>, token: &str) {
    let me = visit.server.url_of(Endpoint::Userinfo).unwrap();
    for scheme in ["Bearer", "DPoP"] {
        let mut request = get(&me);
        let header = format!("{scheme} {token}").parse().unwrap();
        request.headers_mut().insert("authorization", header);
        let response = valetkey_blocking::send(&valetkey_blocking::http_client(), request).unwrap();
        assert!(response.status().is_client_error(), "{scheme}: {}", response.status());
    }
}

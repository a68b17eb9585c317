//! The sandbox as a server of today's, a client whose tokens are bound to a key, and proofs read by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use valetkey_core::jose::{Algorithm, AwsLc, KeyPair, PrivateJwk, Signer, VerificationKeys};
use valetkey_core::terms::Password;
use valetkey_core::{
    AuthorizationServer, Client, ClientSecret, Dpop, Entropy, Error, Flow, Grant, Request, Response, Rule,
    Session, Step, TokenRequest, TokenResponse, UnixTime,
};
use valetkey_sandbox::{DEMO_USERS, Endpoint, Misbehaviour, Sandbox};
use valetkey_tests::jose::verified;
use valetkey_tests::world::same;
use valetkey_tests::{NOW, entropy, get};

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const TOKEN: &str = "https://as.example/oauth/token";
pub(crate) const ME: &str = "https://as.example/api/http/team-directory/profiles/me";

/// The key pair of a number.
pub(crate) fn pair(number: u8) -> Arc<KeyPair> {
    let key = PrivateJwk::generate(&AwsLc, Algorithm::Es256, entropy(number)).unwrap();
    Arc::new(KeyPair::new(&AwsLc, Algorithm::Es256, &key).unwrap())
}

/// That key as one that tokens are bound to, with no nonce yet.
pub(crate) fn dpop(number: u8) -> Dpop {
    signing(pair(number))
}

/// Tokens bound to whatever signs. Each has entropy of its own, so that no two give the same `jti`.
pub(crate) fn signing(signer: Arc<dyn Signer>) -> Dpop {
    static BORN: AtomicU64 = AtomicU64::new(0);
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&BORN.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    Dpop::of(signer, Entropy::from_seed(seed)).unwrap()
}

pub(crate) fn server() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer(ISSUER)
        .unwrap()
        .authorization_endpoint("https://as.example/oauth/auth")
        .unwrap()
        .token_endpoint(TOKEN)
        .unwrap()
        .endpoint(
            valetkey_core::server::Endpoint::DeviceAuthorization,
            "https://as.example/oauth/device_authorization",
        )
        .unwrap()
        .endpoint(valetkey_core::server::Endpoint::PushedAuthorization, "https://as.example/oauth/par")
        .unwrap()
        .endpoint(valetkey_core::server::Endpoint::Introspection, "https://as.example/oauth/introspect")
        .unwrap()
        .endpoint(valetkey_core::server::Endpoint::Revocation, "https://as.example/oauth/revoke")
        .unwrap()
}

/// What gets a user's tokens in one request.
#[expect(deprecated, reason = "it needs no browser")]
pub(crate) fn alices_grant() -> Grant {
    let (username, password) = DEMO_USERS[0];
    Grant::password(username, &Password::new(password))
}

/// The rule that an error names.
pub(crate) fn rule(error: &Error) -> Option<Rule> {
    error.rule()
}

/// The sandbox, the time, and what was sent to it.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) now: UnixTime,
    pub(crate) sent: Vec<Request>,
    pub(crate) waits: usize,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { sandbox: Sandbox::standard([7; 32], ISSUER), now: NOW, sent: Vec::new(), waits: 0 }
    }

    /// The same, where every proof needs a nonce that changes each minute.
    pub(crate) fn with_nonces() -> Self {
        let mut world = Self::new();
        world.sandbox.settings_mut().dpop_nonces = Some(Duration::from_secs(60));
        world
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
    }

    /// The confidential client `web`, bound to a key.
    pub(crate) fn web(&self, dpop: &Dpop) -> Client {
        self.web_of(server()).dpop(dpop.clone()).unwrap()
    }

    pub(crate) fn web_of(&self, server: AuthorizationServer) -> Client {
        let secret = ClientSecret::new(self.sandbox.client_secret("web").unwrap()).unwrap();
        Client::new(server, "web").secret(secret).unwrap().api(ME).unwrap()
    }

    /// The public client `native`, bound to a key.
    pub(crate) fn native(dpop: &Dpop) -> Client {
        Client::new(server(), "native").api(ME).unwrap().dpop(dpop.clone()).unwrap()
    }

    /// Runs a flow to its end, each step asked for twice: the second time says the same, byte for byte.
    pub(crate) fn run<F: Flow>(&mut self, mut flow: F) -> Result<F::Output, Error> {
        let mut response = None;
        for _ in 0..32 {
            match flow.step(response.take(), self.now)? {
                Step::Send(request) => {
                    let Step::Send(again) = flow.step(None, self.now)? else { panic!("another step") };
                    assert!(same(&request, &again), "asked twice, the request is the same");
                    response = Some(self.answer(request));
                }
                Step::Wait(time) => {
                    self.waits += 1;
                    self.now = self.now.after(time);
                }
                Step::Done(output) => return Ok(output),
            }
        }
        panic!("the flow does not end");
    }

    pub(crate) fn answer(&mut self, request: Request) -> Response {
        let response = self.sandbox.answer(&request, self.now);
        self.sent.push(request);
        response
    }

    /// The tokens of a user, with a refresh token.
    pub(crate) fn tokens(&mut self, client: &Client) -> Result<TokenResponse, Error> {
        self.run(TokenRequest::new(client, alices_grant())?)
    }

    /// A session with such tokens; nothing of how they came is left.
    pub(crate) fn session(&mut self, client: &Client) -> Session {
        let tokens = self.tokens(client).unwrap();
        self.forget();
        Session::from_tokens(client, &tokens)
    }

    /// Calls the API once; the status.
    pub(crate) fn call(&mut self, session: &mut Session) -> Result<u16, Error> {
        let call = session.call(get(ME))?;
        self.run(call).map(|response| response.status().as_u16())
    }

    pub(crate) fn forget(&mut self) {
        self.sent.clear();
        self.waits = 0;
    }

    /// Behaves wrongly in every answer, or in the next one only.
    pub(crate) fn misbehave(&mut self, name: &str, always: bool) {
        let misbehaviour: Misbehaviour = name.parse().unwrap();
        self.sandbox.behave();
        if always {
            self.sandbox.misbehave(misbehaviour);
        } else {
            self.sandbox.misbehave_once(misbehaviour);
        }
    }

    /// How many requests each of the two endpoints was sent.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let count = |path: &str| self.sent.iter().filter(|sent| sent.uri().path().starts_with(path)).count();
        (count("/oauth/token"), count("/api/"))
    }

    /// The proofs that were sent, in their order.
    pub(crate) fn proofs(&self) -> Vec<Proof> {
        self.sent.iter().filter_map(Proof::of).collect()
    }

    /// What the sandbox has answered at an endpoint, as statuses.
    pub(crate) fn statuses(&self, endpoint: Endpoint) -> Vec<u16> {
        let log = self.sandbox.log().iter().filter(|exchange| exchange.endpoint() == endpoint);
        log.map(|exchange| exchange.response().status().as_u16()).collect()
    }
}

/// A proof as it was sent, read without the library.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) text: String,
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Proof {
    /// The request's only proof, marked as sensitive.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let proofs: Vec<_> = request.headers().get_all("dpop").iter().collect();
        let [proof] = proofs[..] else {
            assert!(proofs.is_empty(), "a request has one proof");
            return None;
        };
        assert!(proof.is_sensitive(), "a proof is marked as sensitive");
        let text = proof.to_str().unwrap().to_owned();
        let part = |place: usize| {
            let part = URL_SAFE_NO_PAD.decode(text.split('.').nth(place).unwrap()).unwrap();
            serde_json::from_slice(&part).unwrap()
        };
        let (header, claims) = (part(0), part(1));
        Some(Self { text, header, claims })
    }

    pub(crate) fn claim(&self, name: &str) -> Option<&str> {
        self.claims[name].as_str()
    }

    pub(crate) fn nonce(&self) -> Option<&str> {
        self.claim("nonce")
    }

    /// Whether it is signed by the key of this number.
    pub(crate) fn is_by(&self, number: u8) -> bool {
        let set = valetkey_core::jose::JwkSet::of(pair(number).public_key().cloned());
        let keys = VerificationKeys::new(&AwsLc, &[Algorithm::Es256], &set).unwrap();
        verified(&self.text, &keys).is_ok()
    }
}

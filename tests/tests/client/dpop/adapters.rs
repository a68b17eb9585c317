//! Both adapters over HTTP, as they are: they do not know that a token is bound.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use valetkey_core::jose::{Algorithm, Jwk, Signed, Signer, SignerError};
use valetkey_core::token::TokenType;
use valetkey_core::{
    AuthorizationServer, Client, ClientSecret, Dpop, Grant, Quirk, Request, Response, Session, TokenRequest,
    TokenResponse,
};
use valetkey_sandbox::{Endpoint, Front, Sandbox};
use valetkey_tests::get;

use super::world::{dpop, pair, signing};

/// What the tests need of an adapter.
trait Adapter {
    fn run(&self, request: TokenRequest) -> TokenResponse;
    /// So many calls, one after the other.
    fn calls(&self, session: Session, request: &Request, times: usize) -> Vec<Response>;
    /// So many at once.
    fn calls_at_once(&self, session: Session, request: &Request, times: usize) -> Vec<Response>;
}

struct Blocking;

impl Adapter for Blocking {
    fn run(&self, request: TokenRequest) -> TokenResponse {
        valetkey_blocking::run(&valetkey_blocking::http_client(), request).unwrap()
    }

    fn calls(&self, session: Session, request: &Request, times: usize) -> Vec<Response> {
        let api = valetkey_blocking::ApiClient::new(valetkey_blocking::http_client(), session);
        (0..times).map(|_| api.send(request.clone()).unwrap()).collect()
    }

    fn calls_at_once(&self, session: Session, request: &Request, times: usize) -> Vec<Response> {
        let api = valetkey_blocking::ApiClient::new(valetkey_blocking::http_client(), session);
        std::thread::scope(|scope| {
            let calls: Vec<_> =
                (0..times).map(|_| scope.spawn(|| api.send(request.clone()).unwrap())).collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        })
    }
}

struct Async(tokio::runtime::Runtime);

impl Async {
    fn new() -> Self {
        Self(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
    }
}

impl Adapter for Async {
    fn run(&self, request: TokenRequest) -> TokenResponse {
        let client = valetkey_async::http_client().unwrap();
        self.0.block_on(valetkey_async::run(&client, request)).unwrap()
    }

    fn calls(&self, session: Session, request: &Request, times: usize) -> Vec<Response> {
        self.0.block_on(async {
            let api = valetkey_async::ApiClient::new(valetkey_async::http_client().unwrap(), session);
            let mut answers = Vec::new();
            for _ in 0..times {
                answers.push(api.send(request.clone()).await.unwrap());
            }
            answers
        })
    }

    fn calls_at_once(&self, session: Session, request: &Request, times: usize) -> Vec<Response> {
        self.0.block_on(async {
            let api = valetkey_async::ApiClient::new(valetkey_async::http_client().unwrap(), session);
            let call = |request: Request| {
                let api = api.clone();
                tokio::spawn(async move { api.send(request).await.unwrap() })
            };
            let calls: Vec<_> = (0..times).map(|_| call(request.clone())).collect();
            let mut answers = Vec::new();
            for call in calls {
                answers.push(call.await.unwrap());
            }
            answers
        })
    }
}

fn on_both(test: impl Fn(&dyn Adapter)) {
    test(&Blocking);
    test(&Async::new());
}

/// A server of today's that wants a nonce in every proof.
fn front() -> Front {
    let front = Front::start(Sandbox::demo([3; 32])).unwrap();
    front.publish();
    front.sandbox().settings_mut().dpop_nonces = Some(Duration::from_secs(3600));
    front
}

fn chatbot(front: &Front, dpop: Dpop) -> Client {
    let server = AuthorizationServer::new().admit(Quirk::LoopbackHttp).issuer(front.url()).unwrap();
    let server = server.token_endpoint(&format!("{}/oauth/token", front.url())).unwrap();
    let secret = ClientSecret::new(front.sandbox().client_secret("chatbot").unwrap()).unwrap();
    Client::new(server, "chatbot").secret(secret).unwrap().api(front.url()).unwrap().dpop(dpop).unwrap()
}

fn absences(front: &Front) -> Request {
    get(&format!("{}/api/http/absences?$top=3", front.url()))
}

/// The statuses that the sandbox answered with at an endpoint.
fn statuses(front: &Front, endpoint: Endpoint) -> Vec<u16> {
    let sandbox = front.sandbox();
    let log = sandbox.log().iter().filter(|exchange| exchange.endpoint() == endpoint);
    log.map(|exchange| exchange.response().status().as_u16()).collect()
}

#[test]
fn a_token_request_is_proven_over_http() {
    on_both(|adapter| {
        let front = front();
        let client = chatbot(&front, dpop(1));
        let tokens = adapter.run(TokenRequest::new(&client, Grant::client_credentials()).unwrap());
        assert_eq!(tokens.token_type(), TokenType::Dpop);
        assert_eq!(statuses(&front, Endpoint::Token), [400, 200]);
    });
}

/// The first proof at each server is sent twice, every other once.
#[test]
fn calls_are_proven_over_http() {
    on_both(|adapter| {
        let front = front();
        let session = Session::from_grant(&chatbot(&front, dpop(1)), Grant::client_credentials());
        for answer in adapter.calls(session, &absences(&front), 3) {
            assert_eq!(answer.status(), 200);
        }
        assert_eq!(statuses(&front, Endpoint::Token), [400, 200]);
        assert_eq!(statuses(&front, Endpoint::Api), [401, 200, 200, 200]);
    });
}

/// Many at once share the nonce that one of them was told: each is sent twice at the most.
#[test]
fn calls_at_once_share_their_nonce() {
    on_both(|adapter| {
        let front = front();
        let session = Session::from_grant(&chatbot(&front, dpop(1)), Grant::client_credentials());
        for answer in adapter.calls_at_once(session, &absences(&front), 12) {
            assert_eq!(answer.status(), 200);
        }
        assert_eq!(statuses(&front, Endpoint::Token), [400, 200]);
        let api = statuses(&front, Endpoint::Api);
        assert_eq!(api.iter().filter(|status| **status == 200).count(), 12);
        assert!((13..=24).contains(&api.len()), "{api:?}");
    });
}

/// A key that has no answer to the first asking of each message.
struct Hesitant {
    public: Jwk,
    asked: Mutex<Vec<Vec<u8>>>,
}

impl Signer for Hesitant {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn public_key(&self) -> Option<&Jwk> {
        Some(&self.public)
    }

    fn sign(&self, message: &[u8]) -> Result<Signed<Vec<u8>>, SignerError> {
        let mut asked = self.asked.lock().unwrap();
        if asked.iter().any(|known| known == message) {
            return pair(1).sign(message);
        }
        asked.push(message.to_vec());
        Ok(Signed::Pending(Duration::from_millis(1)))
    }
}

/// Neither adapter minds a key that answers later.
#[test]
fn a_key_may_answer_later() {
    on_both(|adapter| {
        let front = front();
        let public = pair(1).public_key().cloned().unwrap();
        let key = signing(Arc::new(Hesitant { public, asked: Mutex::new(Vec::new()) }));
        let session = Session::from_grant(&chatbot(&front, key), Grant::client_credentials());
        let answers = adapter.calls(session, &absences(&front), 2);
        assert!(answers.iter().all(|answer| answer.status() == 200));
        assert_eq!(statuses(&front, Endpoint::Api), [401, 200, 200]);
    });
}

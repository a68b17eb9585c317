//! The middlewares: three HTTP clients that authorize what they send, over HTTP, against the sandbox. A test that is the
//! same for all of them is written once.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use http::{HeaderMap, Request};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tokio::runtime::{Builder, Runtime};
use tower::{BoxError, Layer, Service, ServiceExt, service_fn};
use ureq::middleware::MiddlewareNext;
use valetkey_core::dialect::space::{Permissions, Space};
use valetkey_core::jose::{Algorithm, AwsLc, DeferredSigner, Jwk, Signed, Signer, SignerError};
use valetkey_core::{
    AccessToken, AuthorizationServer, Client, ClientSecret, Dpop, Error as CoreError, Grant, Quirk, Rule,
    Session, Subject,
};
use valetkey_middleware::tower::{Authorize, AuthorizeLayer, RepeatBody};
use valetkey_sandbox::{CHATBOTS_RIGHTS, Endpoint, Front, Misbehaviour, RawAnswer, RawFront, Sandbox};
use valetkey_tests::jose::key_pair;
use valetkey_tests::secrets::told;
use valetkey_tests::{SECRET, entropy};

/// A client with its middleware.
trait Middleware {
    /// Whether it repeats a request after a 401.
    const REPEATS: bool = true;

    /// How many redirects its client follows of one.
    const FOLLOWS: usize = 1;

    /// Over a client that follows redirects, if it can.
    fn new(session: Session) -> Self;

    /// The status of the answer.
    fn send(&mut self, request: Request<String>) -> Result<u16, Failed>;

    fn get(&mut self, url: &str) -> Result<u16, Failed> {
        self.send(Request::get(url).body(String::new()).unwrap())
    }
}

/// Why nothing was sent.
#[derive(Debug)]
struct Failed {
    core: Option<CoreError>,
    shown: String,
}

impl Failed {
    fn of(error: &(dyn StdError + 'static), core: Option<&CoreError>) -> Self {
        Self { core: core.cloned(), shown: told(error) }
    }
}

struct Tower<R = valetkey_middleware::tower::Cloned>(
    Runtime,
    Authorize<legacy::Client<HttpConnector, String>, R>,
);

impl<R: Clone> Tower<R> {
    fn over(layer: impl FnOnce(valetkey_async::Tokens) -> AuthorizeLayer<R>, session: Session) -> Self {
        let runtime = runtime();
        let _here = runtime.enter();
        let tokens = valetkey_async::Tokens::new(valetkey_async::http_client().unwrap(), session);
        let service = layer(tokens).layer(legacy::Client::builder(TokioExecutor::new()).build_http());
        Self(runtime, service)
    }
}

impl<R: RepeatBody<String> + Clone + Send + 'static> Tower<R> {
    fn carry(&mut self, request: Request<String>) -> Result<u16, Failed> {
        let answer = self.0.block_on(async { self.1.ready().await?.call(request).await });
        answer.map(|answer| answer.status().as_u16()).map_err(|error: BoxError| {
            let ours = error.downcast_ref().and_then(valetkey_async::Error::core);
            Failed::of(&*error, ours)
        })
    }
}

impl Middleware for Tower {
    const FOLLOWS: usize = 0;

    fn new(session: Session) -> Self {
        Self::over(AuthorizeLayer::new, session)
    }

    fn send(&mut self, request: Request<String>) -> Result<u16, Failed> {
        self.carry(request)
    }
}

struct Reqwest(Runtime, ClientWithMiddleware);

impl Reqwest {
    fn carry(&self, request: Request<reqwest::Body>) -> Result<u16, Failed> {
        let request = request.try_into().unwrap();
        let answer = self.0.block_on(self.1.execute(request));
        answer.map(|answer| answer.status().as_u16()).map_err(|error| {
            let ours = match &error {
                reqwest_middleware::Error::Middleware(error) => error.downcast_ref(),
                reqwest_middleware::Error::Reqwest(_) => None,
            };
            Failed::of(&error, ours.and_then(valetkey_async::Error::core))
        })
    }
}

impl Middleware for Reqwest {
    fn new(session: Session) -> Self {
        let runtime = runtime();
        let tokens = valetkey_async::Tokens::new(valetkey_async::http_client().unwrap(), session);
        // A request that announces more than it has is waited for by both sides.
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        let http = ClientBuilder::new(http);
        let http = http.with(valetkey_middleware::reqwest::Authorize::new(tokens)).build();
        Self(runtime, http)
    }

    fn send(&mut self, request: Request<String>) -> Result<u16, Failed> {
        self.carry(request.map(reqwest::Body::from))
    }
}

struct Ureq(ureq::Agent);

impl Middleware for Ureq {
    const REPEATS: bool = false;

    fn new(session: Session) -> Self {
        let tokens = valetkey_blocking::Tokens::new(valetkey_blocking::http_client(), session);
        let http = ureq::Agent::config_builder().http_status_as_error(false);
        Self(http.middleware(valetkey_middleware::ureq::Authorize::new(tokens)).build().into())
    }

    fn send(&mut self, request: Request<String>) -> Result<u16, Failed> {
        let answer = match request.body().is_empty() {
            true => self.0.run(request.map(|_| ())),
            false => self.0.run(request),
        };
        answer.map(|answer| answer.status().as_u16()).map_err(|error| {
            let ours = match &error {
                ureq::Error::Other(error) => error.downcast_ref(),
                _ => None,
            };
            Failed::of(&error, ours.and_then(valetkey_blocking::Error::core))
        })
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn front() -> Front {
    Front::start(Sandbox::demo([1; 32])).unwrap()
}

/// The demo's chatbot, on its own behalf.
fn chatbot(front: &Front) -> Session {
    let secret = front.sandbox().client_secret("chatbot").unwrap().to_owned();
    let space = Space::on_loopback(front.url()).unwrap();
    let app = space.application("chatbot").secret(ClientSecret::new(secret).unwrap()).unwrap();
    let rights = CHATBOTS_RIGHTS.iter().fold(Permissions::new(), |rights, right| rights.raw(right));
    app.client_credentials(rights.scope().unwrap()).unwrap()
}

/// The same with tokens that are bound to a key.
fn bound(front: &Front, key: Arc<dyn Signer>) -> Session {
    let server = AuthorizationServer::new().admit(Quirk::LoopbackHttp);
    let server = server.token_endpoint(&format!("{}/oauth/token", front.url())).unwrap();
    let secret = front.sandbox().client_secret("chatbot").unwrap().to_owned();
    let client = Client::new(server, "chatbot").secret(ClientSecret::new(secret).unwrap()).unwrap();
    let client = client.api(front.url()).unwrap().dpop(Dpop::of(key, entropy(2)).unwrap());
    Session::from_grant(&client.unwrap(), Grant::client_credentials())
}

/// A key that answers later, by a thread that ends when nobody has the key any more.
fn deferred(key: Arc<dyn Signer>) -> Arc<dyn Signer> {
    let patience = Duration::from_millis(2);
    let deferred = Arc::new(DeferredSigner::new(key.algorithm(), key.public_key().cloned(), patience));
    let wanted = Arc::downgrade(&deferred);
    thread::spawn(move || {
        while let Some(deferred) = wanted.upgrade() {
            for message in deferred.wanted() {
                deferred.fulfil(&message, key.sign(&message).map(|signed| signed.ready().unwrap()));
            }
            thread::yield_now();
        }
    });
    deferred
}

/// A key that signs when it was asked for the fourth time.
struct Late {
    key: Arc<dyn Signer>,
    asked: Mutex<u32>,
}

impl Late {
    const PATIENCE: Duration = Duration::from_millis(10);
}

impl Signer for Late {
    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    fn public_key(&self) -> Option<&Jwk> {
        self.key.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signed<Vec<u8>>, SignerError> {
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        if asked.is_multiple_of(4) { self.key.sign(message) } else { Ok(Signed::Pending(Self::PATIENCE)) }
    }
}

/// A token that nothing renews, for the API at this URL.
fn permanent(url: &str) -> Session {
    let token = AccessToken::new(SECRET).unwrap();
    Session::from_permanent_token(url, token, Subject::User).unwrap().admit(Quirk::LoopbackHttp)
}

fn absences(front: &Front) -> String {
    format!("{}/api/http/absences", front.url())
}

/// How many requests each of the two endpoints was asked.
fn asked(front: &Front) -> (usize, usize) {
    let sandbox = front.sandbox();
    let count = |endpoint| sandbox.log().iter().filter(|exchange| exchange.endpoint() == endpoint).count();
    (count(Endpoint::Token), count(Endpoint::Api))
}

/// A test of each middleware from one body.
macro_rules! for_each {
    ($($(#[$doc:meta])* fn $name:ident<$type:ident>() $body:block)*) => {
        $($(#[$doc])*
        mod $name {
            use super::*;

            fn test<$type: Middleware>() $body

            #[test]
            fn tower() {
                test::<Tower>();
            }

            #[test]
            fn reqwest() {
                test::<Reqwest>();
            }

            #[test]
            fn ureq() {
                test::<Ureq>();
            }
        })*
    };
}

for_each! {
    /// The first request gets a token, the next ones use it.
    fn a_token_is_got_once_and_used<M>() {
        let front = front();
        let mut http = M::new(chatbot(&front));
        for _ in 0..3 {
            assert_eq!(http.get(&absences(&front)).unwrap(), 200);
        }
        assert_eq!(asked(&front), (1, 3));
    }

    /// WA-3: after a 401 the token is renewed, and the request repeated once where it can be.
    fn a_401_renews_and_repeats_once<M>() {
        let front = front();
        let mut http = M::new(chatbot(&front));
        http.get(&absences(&front)).unwrap();
        front.sandbox().expire_all();
        if M::REPEATS {
            assert_eq!(http.get(&absences(&front)).unwrap(), 200);
            assert_eq!(asked(&front), (2, 3));
        } else {
            assert_eq!(http.get(&absences(&front)).unwrap(), 401);
            assert_eq!(asked(&front), (2, 2), "renewed for whoever repeats it");
            assert_eq!(http.get(&absences(&front)).unwrap(), 200);
        }
        front.sandbox().misbehave(Misbehaviour::ApiExpired);
        let (tokens, calls) = asked(&front);
        assert_eq!(http.get(&absences(&front)).unwrap(), 401, "no token is good enough, and that is the answer");
        assert_eq!(asked(&front), (tokens + 1, calls + if M::REPEATS { 2 } else { 1 }));
    }

    /// WA-5: no token goes to another origin, and no request either.
    fn another_origin_gets_nothing<M>() {
        let front = front();
        let other = RawFront::start([RawAnswer::default()]).unwrap();
        let mut http = M::new(chatbot(&front));
        let port = front.url().rsplit_once(':').unwrap().1;
        for url in [
            format!("{}/api/http/absences", other.url()),
            format!("http://localhost:{port}/api/http/absences"),
            format!("https://127.0.0.1:{port}/api/http/absences"),
        ] {
            let failed = http.get(&url).unwrap_err();
            assert_eq!(failed.core.and_then(|error| error.rule()), Some(Rule::Wa5), "{url}: {}", failed.shown);
        }
        assert_eq!((asked(&front), other.connections()), ((0, 0), 0));
    }

    /// A request with an `Authorization` of its own is not sent.
    fn an_authorization_is_not_replaced<M>() {
        let front = front();
        let request = Request::get(absences(&front)).header("authorization", "Bearer other");
        let failed = M::new(chatbot(&front)).send(request.body(String::new()).unwrap()).unwrap_err();
        assert!(matches!(failed.core, Some(CoreError::Misuse(_))), "{}", failed.shown);
        assert_eq!(asked(&front), (0, 0));
    }

    /// S6, WA-5: nor is one with a header that leads it elsewhere.
    fn s6_a_header_that_leads_elsewhere_is_refused<M>() {
        let front = front();
        let mut http = M::new(chatbot(&front));
        for (name, value) in [
            ("host", "evil.example"), ("dpop", "forged"), ("proxy-authorization", "Basic eDp5"),
            ("connection", "authorization"), ("upgrade", "h2c"), ("content-length", "+7"),
            ("transfer-encoding", "gzip, chunked"), ("te", "gzip"),
        ] {
            let request = Request::post(absences(&front)).header(name, value);
            let failed = http.send(request.body("{\"a\":1}".to_owned()).unwrap()).unwrap_err();
            assert_eq!(failed.core.and_then(|error| error.rule()), Some(Rule::Wa5), "{name}: {}", failed.shown);
        }
        assert_eq!(asked(&front), (0, 0), "not even a token is asked for");
    }

    /// S6, WA-5: a length that is the body's goes along, once.
    fn s6_a_length_that_is_right_is_sent<M>() {
        let front = front();
        let authority = front.url().strip_prefix("http://").unwrap().to_owned();
        let request = Request::post(absences(&front)).header("content-length", "7").header("host", authority);
        M::new(chatbot(&front)).send(request.body("{\"a\":1}".to_owned()).unwrap()).unwrap();
        let sandbox = front.sandbox();
        let sent = sandbox.log().iter().find(|exchange| exchange.endpoint() == Endpoint::Api).unwrap();
        assert_eq!(sent.request().body(), b"{\"a\":1}");
        assert_eq!(sent.request().headers().get_all("content-length").iter().count(), 1);
        assert!(!sent.request().headers().contains_key("transfer-encoding"));
    }

    /// Without a credential nothing is sent, and who must act is told.
    fn no_request_goes_without_a_credential<M>() {
        let front = front();
        front.sandbox().misbehave(Misbehaviour::InvalidGrantAlways);
        let failed = M::new(chatbot(&front)).get(&absences(&front)).unwrap_err();
        assert!(failed.core.is_some_and(|error| error.is_authorization_required()), "{}", failed.shown);
        assert_eq!(asked(&front), (1, 0));
    }

    /// WA-5: a client that follows redirects takes no token to another origin.
    fn a_redirect_takes_no_token_along<M>() {
        let front = front();
        for status in ["302 Found", "307 Temporary Redirect"] {
            let redirect = format!(
                "HTTP/1.1 {status}\r\nLocation: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                absences(&front),
            );
            let api = RawFront::start([RawAnswer::new(redirect)]).unwrap();
            M::new(permanent(api.url())).get(api.url()).unwrap();
        }
        assert_eq!(asked(&front), (0, 2 * M::FOLLOWS));
        for exchange in front.sandbox().log() {
            assert!(!exchange.request().headers().contains_key("authorization"));
        }
    }

    /// DP-5: a bound token goes with a proof of each request, and the API's demand for a nonce is answered.
    fn a_bound_token_goes_with_its_proof<M>() {
        let front = front();
        front.publish();
        front.sandbox().settings_mut().dpop_nonces = Some(Duration::from_secs(60));
        let mut http = M::new(bound(&front, key_pair(&AwsLc, Algorithm::Es256)));
        if !M::REPEATS {
            assert_eq!(http.get(&absences(&front)).unwrap(), 401, "the nonce is learned");
        }
        for _ in 0..2 {
            assert_eq!(http.get(&absences(&front)).unwrap(), 200);
        }
        let sandbox = front.sandbox();
        let calls = sandbox.log().iter().filter(|exchange| exchange.endpoint() == Endpoint::Api);
        let mut proofs: Vec<_> = calls.map(|exchange| exchange.request().headers()["dpop"].clone()).collect();
        assert_eq!(proofs.len(), 3);
        proofs.dedup();
        assert_eq!(proofs.len(), 3, "each request has its own");
    }

    /// A key that signs later is waited for.
    fn a_proof_that_is_signed_later_is_waited_for<M>() {
        let front = front();
        front.publish();
        let mut http = M::new(bound(&front, deferred(key_pair(&AwsLc, Algorithm::Es256))));
        for _ in 0..2 {
            assert_eq!(http.get(&absences(&front)).unwrap(), 200);
        }
        assert_eq!(asked(&front), (1, 2));
    }

    /// Asked at once again and again, a processor would be busy with it.
    fn a_key_is_not_asked_again_before_it_wants_to_be<M>() {
        let front = front();
        front.publish();
        let key = Late { key: key_pair(&AwsLc, Algorithm::Es256), asked: Mutex::new(0) };
        let mut http = M::new(bound(&front, Arc::new(key)));
        assert_eq!(http.get(&absences(&front)).unwrap(), 200);
        let begun = valetkey_async::now();
        assert_eq!(http.get(&absences(&front)).unwrap(), 200);
        // It waits three times; the clock tells whole milliseconds.
        assert!(valetkey_async::now().since(begun) >= Duration::from_millis(25));
    }

    /// A body goes along, and again where the request is repeated.
    fn a_body_is_sent_with_its_request<M>() {
        let front = front();
        let mut http = M::new(chatbot(&front));
        http.get(&absences(&front)).unwrap();
        front.sandbox().expire_all();
        let request = Request::post(absences(&front)).header("content-type", "application/json");
        http.send(request.body("{\"a\":1}".to_owned()).unwrap()).unwrap();
        let sandbox = front.sandbox();
        let posts = sandbox.log().iter().map(|exchange| exchange.request()).filter(|request| request.method() == "POST");
        let bodies: Vec<_> = posts.filter(|request| request.uri().path().ends_with("absences")).map(|request| request.body().clone()).collect();
        assert_eq!(bodies, vec![b"{\"a\":1}".to_vec(); if M::REPEATS { 2 } else { 1 }]);
    }
}

/// What comes after a middleware sees one credential, marked as sensitive.
#[test]
fn the_credential_is_sensitive() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let look = {
        let seen = Arc::clone(&seen);
        move |headers: &HeaderMap| seen.lock().unwrap().push(headers.clone())
    };
    let url = "https://api.example/me";
    let tokens = || {
        valetkey_async::Tokens::new(valetkey_async::http_client().unwrap(), permanent("https://api.example"))
    };

    let tower = {
        let look = look.clone();
        service_fn(move |request: Request<()>| {
            look(request.headers());
            std::future::ready(Ok::<_, BoxError>(http::Response::new(())))
        })
    };
    let authorized = AuthorizeLayer::new(tokens()).layer(tower);
    runtime().block_on(authorized.oneshot(Request::get(url).body(()).unwrap())).unwrap();

    struct Seen<F>(F);

    #[async_trait::async_trait]
    impl<F: Fn(&HeaderMap) + Send + Sync + 'static> reqwest_middleware::Middleware for Seen<F> {
        async fn handle(
            &self,
            request: reqwest::Request,
            _: &mut http::Extensions,
            _: reqwest_middleware::Next<'_>,
        ) -> reqwest_middleware::Result<reqwest::Response> {
            (self.0)(request.headers());
            Ok(http::Response::new("").into())
        }
    }

    let http = ClientBuilder::new(reqwest::Client::new());
    let http =
        http.with(valetkey_middleware::reqwest::Authorize::new(tokens())).with(Seen(look.clone())).build();
    runtime().block_on(http.get(url).send()).unwrap();

    let tokens =
        valetkey_blocking::Tokens::new(valetkey_blocking::http_client(), permanent("https://api.example"));
    let seen_by_ureq = move |request: Request<ureq::SendBody<'_>>, _: MiddlewareNext<'_>| {
        look(request.headers());
        Err(ureq::Error::ConnectionFailed)
    };
    let http = ureq::Agent::config_builder().middleware(valetkey_middleware::ureq::Authorize::new(tokens));
    let http: ureq::Agent = http.middleware(seen_by_ureq).build().into();
    assert!(matches!(http.get(url).call(), Err(ureq::Error::ConnectionFailed)));

    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    for headers in &*seen {
        let [credential] = headers.get_all("authorization").iter().collect::<Vec<_>>()[..] else {
            panic!("one")
        };
        assert!(credential.is_sensitive());
        assert_eq!(credential.to_str().unwrap(), format!("Bearer {SECRET}"));
        assert!(!format!("{headers:?}").contains(SECRET));
    }
}

/// A body that is there once: the 401 is the answer, and the next request has a new token.
#[test]
fn a_body_that_is_there_once_is_not_repeated() {
    let post = |front: &Front| Request::post(absences(front)).body("{}".to_owned()).unwrap();
    let front = front();
    let mut http = Tower::over(AuthorizeLayer::once, chatbot(&front));
    http.carry(post(&front)).unwrap();
    front.sandbox().expire_all();
    assert_eq!(http.carry(post(&front)).unwrap(), 401);
    assert_eq!(asked(&front), (2, 2));
    assert_ne!(http.carry(post(&front)).unwrap(), 401);
    assert_eq!(asked(&front), (2, 3));

    let front = self::front();
    let http = Reqwest::new(chatbot(&front));
    let stream = || post(&front).map(reqwest::Body::wrap);
    http.carry(stream()).unwrap();
    front.sandbox().expire_all();
    assert_eq!(http.carry(stream()).unwrap(), 401);
    assert_ne!(http.carry(stream()).unwrap(), 401);
    assert_eq!(asked(&front), (2, 3));
}

/// WA-3: that no new token is to be had, the next request is told. This one has its answer.
#[test]
fn a_body_that_is_there_once_has_its_answer_though_no_new_token_is_to_be_had() {
    let post = |front: &Front| Request::post(absences(front)).body("{}".to_owned()).unwrap();
    let spoil = |front: &Front| {
        front.sandbox().expire_all();
        front.sandbox().misbehave(Misbehaviour::InvalidGrantAlways);
    };
    let is_told = |failed: Failed| failed.core.is_some_and(|error| error.is_authorization_required());
    let front = front();
    let mut http = Tower::over(AuthorizeLayer::once, chatbot(&front));
    http.carry(post(&front)).unwrap();
    spoil(&front);
    assert_eq!(http.carry(post(&front)).unwrap(), 401);
    assert!(is_told(http.carry(post(&front)).unwrap_err()));
    assert_eq!(asked(&front), (2, 2));

    let front = self::front();
    let http = Reqwest::new(chatbot(&front));
    let stream = || post(&front).map(reqwest::Body::wrap);
    http.carry(stream()).unwrap();
    spoil(&front);
    assert_eq!(http.carry(stream()).unwrap(), 401);
    assert!(is_told(http.carry(stream()).unwrap_err()));
    assert_eq!(asked(&front), (2, 2));
}

/// S6, WA-5: the length of a body that is a stream is its client's to know; that of another is compared.
#[test]
fn s6_a_stream_says_its_own_length() {
    let front = front();
    let http = Reqwest::new(chatbot(&front));
    let post = |length: &str| {
        Request::post(absences(&front)).header("content-length", length).body("{\"a\":1}".to_owned()).unwrap()
    };
    http.carry(post("7").map(reqwest::Body::wrap)).unwrap();
    let failed = http.carry(post("100").map(reqwest::Body::from)).unwrap_err();
    assert_eq!(failed.core.and_then(|error| error.rule()), Some(Rule::Wa5), "{}", failed.shown);
    let chunked = Request::post(absences(&front)).body("{\"a\":1}".to_owned()).unwrap();
    let mut chunked = chunked.map(reqwest::Body::wrap);
    chunked.headers_mut().insert("transfer-encoding", "chunked".parse().unwrap());
    let before = asked(&front).1;
    http.carry(chunked).unwrap();
    assert_eq!(asked(&front).1, before + 1);
}

/// A closure says how to have a body again.
#[test]
fn a_closure_has_a_body_again() {
    let front = front();
    let again = |body: &String| (!body.is_empty()).then(|| body.clone());
    let mut http = Tower::over(|tokens| AuthorizeLayer::repeating(tokens, again), chatbot(&front));
    for (body, repeats) in [("", false), ("{}", true)] {
        let post = || Request::post(absences(&front)).body(body.to_owned()).unwrap();
        http.carry(post()).unwrap();
        front.sandbox().expire_all();
        assert_eq!(http.carry(post()).unwrap() != 401, repeats);
    }
}

/// An agent that makes an error of a 401 renews all the same.
#[test]
fn a_401_that_ureq_makes_an_error_of_renews() {
    let front = front();
    let tokens = valetkey_blocking::Tokens::new(valetkey_blocking::http_client(), chatbot(&front));
    let http = ureq::Agent::config_builder().middleware(valetkey_middleware::ureq::Authorize::new(tokens));
    let http: ureq::Agent = http.build().into();
    assert!(http.get(absences(&front)).call().is_ok());
    front.sandbox().expire_all();
    assert!(matches!(http.get(absences(&front)).call(), Err(ureq::Error::StatusCode(401))));
    assert!(http.get(absences(&front)).call().is_ok());
    assert_eq!(asked(&front), (2, 3));
    assert!(matches!(http.get(format!("{}x", absences(&front))).call(), Err(ureq::Error::StatusCode(404))));
    assert_eq!(asked(&front), (2, 4), "any other answer renews nothing");
}

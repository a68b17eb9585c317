//! Today's authorization, whole: discovered, pushed, signed by the client, its answer signed by the server and received
//! on a loopback port, and what came of it introspected, signed. `run` carries each flow as it is.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use valetkey_core::authorize::ResponseMode;
use valetkey_core::jose::{Algorithm, JwkSet, RustCrypto, Signer as _};
use valetkey_core::server::{Endpoint, ServerKeys};
use valetkey_core::status::Introspection;
use valetkey_core::{AccessToken, AuthorizationRequest, BrowserUrl, Client, Discovery, Quirk, Quirks};
use valetkey_sandbox::{Application, FlowKind, Front, Misbehaviour, Person, Rights, Sandbox};
use valetkey_tests::jose::key_pair;

use crate::face::{Adapter, Place};
use crate::for_both;
use crate::wire::say;

const PATIENCE: Duration = Duration::from_secs(20);

/// A server that takes pushed and signed requests only, of a client that has a key and no secret.
fn front() -> Front {
    let keys = JwkSet::of(key_pair(&RustCrypto, Algorithm::Es256).public_key().cloned());
    let signer = Application::with_keys("signer", &serde_json::to_value(keys).unwrap());
    let signer = signer.flow(FlowKind::AuthorizationCode).loopback("/callback").may_request(Rights::All);
    let front = Front::start(Sandbox::demo([5; 32])).unwrap();
    front.sandbox().add_application(signer.require_pushed().require_signed_request());
    front.publish();
    front
}

/// The client, as it is made from what the server says of itself.
fn client<A: Adapter>(adapter: &A, front: &Front) -> Client {
    let quirks = Quirks::STRICT.with(Quirk::LoopbackHttp);
    let metadata = adapter.run(Discovery::new(front.url()).unwrap().admit_all(quirks)).unwrap();
    let server = metadata.into_server();
    let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
    let key = key_pair(&RustCrypto, Algorithm::Es256);
    Client::new(server.keys(keys), "signer").assertion(key, A::entropy()).unwrap()
}

/// Alice says yes, and her browser brings the response to the port and opens the page that it is sent to.
fn browse(front: &Front, url: &BrowserUrl, now: valetkey_core::UnixTime) {
    let alice = Person::new("alice", front.sandbox().password("alice").unwrap());
    let arrival = front.sandbox().visit(url.as_str(), &alice, now).unwrap();
    let (authority, target) =
        arrival.url().unwrap().strip_prefix("http://").unwrap().split_once('/').unwrap();
    for target in [target, "callback"] {
        let head = format!("GET /{target} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        say(authority.parse().unwrap(), head.as_bytes());
    }
}

for_both! {
    fn an_authorization_is_pushed_signed_and_answered_signed(adapter: A) {
        let front = front();
        let client = client(&adapter, &front);
        let loopback = adapter.bind(Place::Anywhere).unwrap();
        let request = AuthorizationRequest::new(&client, A::redirect_uri(&loopback)).unwrap();
        let key = key_pair(&RustCrypto, Algorithm::Es256);
        let request = request.response_mode(ResponseMode::Jwt).signed(key).unwrap();
        let (url, mut pending) = adapter.run(request.push_unbound(A::entropy(), A::now()).unwrap()).unwrap();
        let received = thread::scope(|scope| {
            scope.spawn(|| browse(&front, &url, A::now()));
            adapter.receive(loopback, &pending, PATIENCE).unwrap()
        });
        let response = adapter.run(pending.open(&client, &received).unwrap()).unwrap();
        let tokens = adapter.run(pending.finish(&client, &response, A::now()).unwrap()).unwrap();

        let token = AccessToken::new(tokens.access_token().expose()).unwrap();
        let introspection = Introspection::new(&client, &token).unwrap().signed().unwrap();
        let active = adapter.run(introspection).unwrap().active().unwrap();
        assert_eq!(active.client_id(), Some("signer"));
        // The keys were fetched for the response, and served for the introspection too.
        let sandbox = front.sandbox();
        let fetches = sandbox.log().iter().filter(|exchange| exchange.request().uri().path() == "/oauth/jwks.json");
        assert_eq!(fetches.count(), 1);
    }

    /// PA-2: the server's refusal, with when to try again.
    fn a_push_that_is_refused_says_when_to_try_again(adapter: A) {
        let front = front();
        let client = client(&adapter, &front);
        assert!(client.server().url_of(Endpoint::PushedAuthorization).is_some());
        front.sandbox().misbehave_once(Misbehaviour::PushedTooMany);
        let request = AuthorizationRequest::new(&client, "http://127.0.0.1:1/callback").unwrap();
        let request = request.signed(key_pair(&RustCrypto, Algorithm::Es256)).unwrap();
        let failed = adapter.run(request.push_unbound(A::entropy(), A::now()).unwrap()).unwrap_err();
        assert!(failed.is_transient);
        assert_eq!(failed.core.unwrap().refused().unwrap().status().unwrap(), 429);
    }
}

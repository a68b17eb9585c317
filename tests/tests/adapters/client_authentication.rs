//! CA-4: what is signed goes through each adapter as it is, and a key that answers later is waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use valetkey_core::jose::{Algorithm, AwsLc, DeferredSigner, JwkSet, Signer};
use valetkey_core::{Client, Discovery, Grant, Quirk, Quirks, Session, TokenRequest};
use valetkey_sandbox::{Application, Front, Rights, Sandbox};
use valetkey_tests::jose::{HMAC_SECRET, key_pair};
use valetkey_tests::{entropy, get};

use crate::face::Adapter;
use crate::for_both;

const SCOPE: &str = "global:Profile.Absences.View";

/// A server of today's that knows the client's key.
fn front(algorithm: Algorithm) -> Front {
    let application = if algorithm.is_symmetric() {
        Application::confidential("signer", HMAC_SECRET).secret_signs()
    } else {
        let keys = JwkSet::of(key_pair(&AwsLc, algorithm).public_key().cloned());
        Application::with_keys("signer", &serde_json::to_value(keys).unwrap())
    };
    let mut sandbox = Sandbox::demo([4; 32]);
    sandbox.add_application(application.authorized(Rights::of([SCOPE])));
    let front = Front::start(sandbox).unwrap();
    front.publish();
    front
}

/// The client, at the server that was discovered.
fn client<A: Adapter>(adapter: &A, front: &Front, key: Arc<dyn Signer>) -> Client {
    let quirks = Quirks::STRICT.with(Quirk::LoopbackHttp);
    let server = adapter.run(Discovery::new(front.url()).unwrap().admit_all(quirks)).unwrap().into_server();
    Client::new(server, "signer").assertion(key, entropy(1)).unwrap().api(front.url()).unwrap()
}

fn grant() -> Grant {
    Grant::client_credentials().scope(SCOPE).unwrap()
}

/// Somebody who signs what is wanted, until the test is over.
struct KeyService {
    stopped: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl KeyService {
    fn of(deferred: &Arc<DeferredSigner>, key: Arc<dyn Signer>) -> Self {
        let (stopped, deferred) = (Arc::new(AtomicBool::new(false)), Arc::clone(deferred));
        let stop = Arc::clone(&stopped);
        let thread = thread::spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                for message in deferred.wanted() {
                    deferred.fulfil(&message, key.sign(&message).map(|signed| signed.ready().unwrap()));
                }
                thread::yield_now();
            }
        });
        Self { stopped, thread: Some(thread) }
    }
}

impl Drop for KeyService {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

for_both! {
    fn a_server_believes_what_was_signed(adapter: A) {
        for algorithm in [
            Algorithm::Es256, Algorithm::Es384, Algorithm::Rs256, Algorithm::Ps256, Algorithm::EdDsa, Algorithm::Hs256,
        ] {
            let front = front(algorithm);
            let client = client(&adapter, &front, key_pair(&AwsLc, algorithm));
            let first = adapter.run(TokenRequest::new(&client, grant()).unwrap()).unwrap();
            let second = adapter.run(TokenRequest::new(&client, grant()).unwrap()).unwrap();
            assert_ne!(first.access_token(), second.access_token(), "each request has an assertion of its own");
        }
    }

    fn a_key_that_answers_later_is_waited_for(adapter: A) {
        let front = front(Algorithm::Es256);
        let key = key_pair(&AwsLc, Algorithm::Es256);
        let patience = Duration::from_millis(2);
        let deferred = Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), patience));
        let _service = KeyService::of(&deferred, key);
        let client = client(&adapter, &front, deferred);
        adapter.run(TokenRequest::new(&client, grant()).unwrap()).unwrap();

        // A session that renews waits for it too.
        let api = adapter.api(Session::from_grant(&client, grant()));
        let absences = || get(&format!("{}/api/http/absences", front.url()));
        for _ in 0..2 {
            assert_eq!(adapter.call(&api, absences()).unwrap().status(), 200);
            front.sandbox().expire_all();
        }
    }
}

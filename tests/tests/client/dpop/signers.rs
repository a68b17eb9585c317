//! Keys that answer later, and keys that fail: in token requests, and in calls of an API.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use valetkey_core::jose::{Algorithm, DeferredSigner, Jwk, Signed, Signer, SignerError};
use valetkey_core::session::{Call, CallStep};
use valetkey_core::{Error, Flow, Session, Step, TokenRequest};
use valetkey_tests::world::same;
use valetkey_tests::{NOW, get, heard};

use super::world::{ME, World, alices_grant, dpop, pair, signing};

const PATIENCE: Duration = Duration::from_millis(50);

/// A key service, and the key that it has.
fn deferred() -> Arc<DeferredSigner> {
    let public = pair(1).public_key().cloned();
    Arc::new(DeferredSigner::new(Algorithm::Es256, public, PATIENCE))
}

/// The service answers everything that it was asked; how much that was.
fn fulfil(signer: &DeferredSigner) -> usize {
    let wanted = signer.wanted();
    for message in &wanted {
        let signed = pair(1).sign(message).map(|signed| signed.ready().unwrap());
        signer.fulfil(message, signed);
    }
    wanted.len()
}

/// A token request waits for its proof, however often it is asked, and asks for one signature.
#[test]
fn a_token_request_waits_for_its_proof() {
    let mut world = World::with_nonces();
    let signer = deferred();
    let client = world.web(&signing(signer.clone()));
    let mut flow = TokenRequest::new(&client, alices_grant()).unwrap();
    let mut answer = None;
    for _ in 0..2 {
        for response in [answer.take(), None, None] {
            assert!(matches!(flow.step(response, NOW), Ok(Step::Wait(PATIENCE))));
        }
        assert_eq!(fulfil(&signer), 1);
        let Step::Send(request) = flow.step(None, NOW).unwrap() else { panic!("it is signed") };
        let Step::Send(again) = flow.step(None, NOW).unwrap() else { panic!("it is signed") };
        assert!(same(&request, &again));
        answer = Some(world.answer(request));
    }
    assert!(matches!(flow.step(answer, NOW), Ok(Step::Done(_))));
}

/// A call waits before it sends, and again for its proof with the nonce.
#[test]
fn a_call_waits_for_its_proof() {
    let mut world = World::with_nonces();
    let tokens = world.tokens(&world.web(&dpop(1))).unwrap();
    let signer = deferred();
    let client = world.web(&signing(signer.clone()));
    let mut session = Session::from_tokens(&client, &tokens);
    let mut call = Call::new(session.shared(), &get(ME)).unwrap();
    let mut answer: Option<valetkey_core::Response> = None;
    for status in [401, 200] {
        assert!(matches!(call.step(answer.as_ref().map(heard)), Ok(CallStep::Authorize)));
        assert!(call.use_fresh(session.shared(), NOW));
        for _ in 0..3 {
            assert!(matches!(call.step(None), Ok(CallStep::Wait(PATIENCE))));
        }
        let early = call.step(Some(heard(&valetkey_tests::json(200, "")))).unwrap_err();
        assert!(matches!(early, Error::Misuse(_)), "nothing was sent yet");
        assert_eq!(fulfil(&signer), 1);
        let mut signed = || {
            let Ok(CallStep::Send(authorization)) = call.step(None) else { panic!("it is signed") };
            let mut request = get(ME);
            authorization.apply(request.headers_mut());
            request
        };
        let (request, again) = (signed(), signed());
        assert!(same(&request, &again));
        let response = world.answer(request);
        assert_eq!(response.status(), status);
        answer = Some(response);
    }
    assert!(matches!(call.step(answer.as_ref().map(heard)), Ok(CallStep::Done)));

    // The same as a flow of one task.
    let mut flow = session.call(get(ME)).unwrap();
    assert!(matches!(flow.step(None, NOW), Ok(Step::Wait(PATIENCE))));
    fulfil(&signer);
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));

    // Whoever signs a request by hand cannot wait.
    let by_hand = session.credential().unwrap().sign(&mut get(ME), NOW).unwrap_err();
    assert!(matches!(by_hand, Error::Misuse(_)));
}

/// A key that refuses when it is told to.
struct Moody {
    refuses: AtomicBool,
}

impl Signer for Moody {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn public_key(&self) -> Option<&Jwk> {
        static KEY: std::sync::OnceLock<Jwk> = std::sync::OnceLock::new();
        Some(KEY.get_or_init(|| pair(1).public_key().cloned().unwrap()))
    }

    fn sign(&self, message: &[u8]) -> Result<Signed<Vec<u8>>, SignerError> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(SignerError::new("the card was pulled out"));
        }
        pair(1).sign(message)
    }
}

/// A key that fails ends the call, and its own words are told; nothing is sent without a proof.
#[test]
fn a_key_that_fails_ends_the_call() {
    let mut world = World::new();
    let moody = Arc::new(Moody { refuses: AtomicBool::new(false) });
    let client = world.web(&signing(moody.clone()));
    let mut session = world.session(&client);
    moody.refuses.store(true, Ordering::SeqCst);
    let error = world.call(&mut session).unwrap_err();
    assert!(error.to_string().contains("the card was pulled out"), "{error}");
    let error = world.tokens(&client).unwrap_err();
    assert!(error.to_string().contains("the card was pulled out"), "{error}");
    assert_eq!(world.sent.len(), 0);
    moody.refuses.store(false, Ordering::SeqCst);
    assert_eq!(world.call(&mut session).unwrap(), 200, "the session is none the worse for it");
}

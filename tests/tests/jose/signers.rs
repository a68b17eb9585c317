//! Keys and cryptography of an application's own: the traits are small, object-safe, and enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use valetkey_core::jose::{
    Algorithm, AwsLc, CryptoProvider, DeferredSigner, JwkSet, Jws, JwtSigner, KeyPair, KeyRejected, Once,
    PrivateKey, PublicKey, RustCrypto, Sign, Signed, Signer, VerificationKeys, Verify,
};
use valetkey_core::{Error, Flow, Request, Response, Step, UnixTime};
use valetkey_tests::NOW;
use valetkey_tests::jose::{key_pair, private_jwk, verification_keys, verified};

/// An application's provider: it has Ed25519 alone, done by another, and counts.
#[derive(Default)]
struct Counting {
    parsed: Arc<AtomicUsize>,
    used: Arc<AtomicUsize>,
}

impl CryptoProvider for Counting {
    fn algorithms(&self) -> &[Algorithm] {
        &[Algorithm::EdDsa]
    }

    fn verifier(&self, algorithm: Algorithm, key: &PublicKey) -> Result<Verify, KeyRejected> {
        self.parsed.fetch_add(1, Ordering::Relaxed);
        let (verify, used) = (RustCrypto.verifier(algorithm, key)?, Arc::clone(&self.used));
        Ok(Box::new(move |message, signature| {
            used.fetch_add(1, Ordering::Relaxed);
            verify(message, signature)
        }))
    }

    fn signer(&self, algorithm: Algorithm, key: PrivateKey<'_>) -> Result<(Sign, PublicKey), KeyRejected> {
        AwsLc.signer(algorithm, key)
    }
}

#[test]
fn an_application_brings_its_own_provider_and_a_key_is_parsed_once() {
    let counting = Counting::default();
    let provider: &dyn CryptoProvider = &counting;
    let key = KeyPair::new(provider, Algorithm::EdDsa, &private_jwk(Algorithm::EdDsa)).unwrap();
    let set = JwkSet::of(key.public_key().cloned());
    let keys = VerificationKeys::new(provider, &[Algorithm::EdDsa], &set).unwrap();
    let jwt = JwtSigner::new(Arc::new(key), None).write(&json!({})).unwrap();
    let jwt = jwt.sign().unwrap().ready().unwrap();
    for _ in 0..10 {
        assert!(verified(jwt.expose(), &keys.clone()).is_ok());
    }
    let counts = (counting.parsed.load(Ordering::Relaxed), counting.used.load(Ordering::Relaxed));
    assert_eq!(counts, (1, 10));
    let error = VerificationKeys::new(provider, &[Algorithm::Es256], &set).unwrap_err();
    assert!(error.to_string().contains("has no ES256"), "{error}");
}

/// A flow that signs, as the module's documentation has it.
struct Introduction {
    jwt: Once,
}

impl Introduction {
    fn by(signer: Arc<dyn Signer>) -> Self {
        let signer = JwtSigner::new(signer, None);
        Self { jwt: Once::new(signer.write(&json!({ "jti": "1" })).unwrap()) }
    }
}

impl Flow for Introduction {
    type Output = Response;

    fn step(&mut self, response: Option<Response>, _: UnixTime) -> Result<Step<Response>, Error> {
        if let Some(response) = response {
            return Ok(Step::Done(response));
        }
        Ok(match self.jwt.sign()? {
            Signed::Ready(jwt) => Step::Send(Request::new(jwt.expose().as_bytes().to_vec())),
            Signed::Pending(time) => Step::Wait(time),
        })
    }
}

/// The host's loop as it is for every flow: it knows nothing of keys. Returns what was sent, and how often it waited.
fn run(mut flow: impl Flow<Output = Response>, mut meanwhile: impl FnMut(UnixTime)) -> (Vec<u8>, usize) {
    let (mut now, mut waits, mut sent, mut response) = (NOW, 0, Vec::new(), None);
    loop {
        match flow.step(response.take(), now).unwrap() {
            Step::Send(request) => {
                sent = request.into_body();
                response = Some(Response::new(Vec::new()));
            }
            Step::Wait(time) => {
                waits += 1;
                now = now.after(time);
                meanwhile(now);
            }
            Step::Done(_) => return (sent, waits),
        }
    }
}

#[test]
fn a_key_that_answers_later_makes_a_flow_wait_and_nothing_else_knows() {
    let keys = verification_keys(&RustCrypto, Algorithm::Es256);
    let at_hand = key_pair(&AwsLc, Algorithm::Es256);
    let (sent, waits) = run(Introduction::by(at_hand.clone()), |_| unreachable!("it does not wait"));
    assert_eq!(waits, 0);
    assert!(verified(std::str::from_utf8(&sent).unwrap(), &keys).is_ok());

    let public = at_hand.public_key().cloned();
    let elsewhere = Arc::new(DeferredSigner::new(Algorithm::Es256, public, Duration::from_millis(100)));
    let done_at = NOW.after(Duration::from_millis(250));
    let (sent, waits) = run(Introduction::by(elsewhere.clone()), |now| {
        if now >= done_at {
            for message in elsewhere.wanted() {
                elsewhere.fulfil(&message, at_hand.sign(&message).map(|signed| signed.ready().unwrap()));
            }
        }
    });
    assert_eq!(waits, 3);
    assert!(verified(std::str::from_utf8(&sent).unwrap(), &keys).is_ok());
}

/// Asking twice is harmless, also where each signature of a message is another one.
#[test]
fn a_flow_that_was_stepped_twice_sends_the_same_jwt() {
    let mut flow = Introduction::by(key_pair(&AwsLc, Algorithm::Es256));
    let [one, other] = [0; 2].map(|_| match flow.step(None, NOW).unwrap() {
        Step::Send(request) => request.into_body(),
        step => panic!("{step:?}"),
    });
    assert_eq!(one, other);
    assert!(Jws::parse(std::str::from_utf8(&one).unwrap()).is_ok());
}

/// What is made of a JWT is made once, and is not there before; none of it is printed.
#[test]
fn what_is_made_of_a_signed_jwt_is_made_once() {
    let at_hand = key_pair(&AwsLc, Algorithm::Es256);
    let public = at_hand.public_key().cloned();
    let elsewhere = Arc::new(DeferredSigner::new(Algorithm::Es256, public, Duration::from_millis(100)));
    let unsigned = JwtSigner::new(elsewhere.clone(), None).write(&json!({ "jti": "1" })).unwrap();
    let mut form = Once::made_into(unsigned, |jwt| Ok(format!("request={}", jwt.expose())));
    assert_eq!(form.sign().unwrap(), Signed::Pending(Duration::from_millis(100)));
    assert_eq!(form.signed(), None);
    for message in elsewhere.wanted() {
        elsewhere.fulfil(&message, at_hand.sign(&message).map(|signed| signed.ready().unwrap()));
    }
    let signed = form.sign().unwrap().ready().unwrap().clone();
    assert!(signed.starts_with("request=ey"), "{signed}");
    // The key has signed no second time: its signature of the same message would be another.
    assert_eq!(form.sign().unwrap().ready().unwrap(), &signed);
    assert_eq!(form.signed(), Some(&signed));
    assert_eq!(format!("{form:?}"), "Once(<secret>)");
}

//! AQ-29: requests that are signed and then encrypted to the server. ID-43: signed responses that it encrypts.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::authorize::ResponseMode;
use valetkey_core::jose::jwe::{AgreementCurve, ContentAlgorithm, DecryptionKeys, Encryption, KeyAlgorithm};
use valetkey_core::jose::{Algorithm, AwsLc, CryptoProvider, DeferredSigner, JwkSet, RustCrypto, Signer};
use valetkey_core::server::{Endpoint, ServerKeys};
use valetkey_core::{AuthorizationServer, Client, Error, Flow, Response, Rule, Step};
use valetkey_sandbox::{Application, Arrival, ContentEncryption, KeyEncryption, Misbehaviour};
use valetkey_tests::jwe::{agreeing, decrypted, keys_of};
use valetkey_tests::script::play;
use valetkey_tests::{
    NOW, client_of as valetkey_client_of, entropy, json as plain_json, server as plain_server,
};

use crate::support::*;

const AGREED: Encryption = Encryption::new(KeyAlgorithm::EcdhEs).with(ContentAlgorithm::A256Gcm);

/// What the server and the client have in common.
const PAIRS: [(KeyEncryption, ContentEncryption, Encryption); 4] = [
    (KeyEncryption::EcdhEs, ContentEncryption::A256Gcm, AGREED),
    (KeyEncryption::EcdhEs, ContentEncryption::A128CbcHs256, Encryption::new(KeyAlgorithm::EcdhEs)),
    (
        KeyEncryption::EcdhEsA256Kw,
        ContentEncryption::A256Gcm,
        Encryption::new(KeyAlgorithm::EcdhEsA256Kw).with(ContentAlgorithm::A256Gcm),
    ),
    (
        KeyEncryption::EcdhEsA256Kw,
        ContentEncryption::A128CbcHs256,
        Encryption::new(KeyAlgorithm::EcdhEsA256Kw),
    ),
];

fn parts(object: &str) -> usize {
    object.split('.').count()
}

/// AQ-29: through the browser and pushed, to the key of the server's set that is for that, by both providers; the sandbox opens
/// it by another library.
#[test]
fn a_server_takes_an_encrypted_request_by_value_and_pushed() {
    let providers: [Arc<dyn CryptoProvider>; 2] = [Arc::new(AwsLc), Arc::new(RustCrypto)];
    for provider in providers {
        for (_, _, encryption) in PAIRS {
            for pushed in [false, true] {
                let mut sandbox = sandbox();
                sandbox.add_application(application().require_signed_request());
                let server = described(&mut sandbox);
                let keys =
                    ServerKeys::published(&server, Arc::clone(&provider), &[Algorithm::Es256]).unwrap();
                let client = client_of(server.keys(keys));
                let request = request(&client).signed(key()).unwrap().encrypted(encryption).unwrap();
                // Nothing is fetched where there is no round for it.
                assert_eq!(misuse(request.begin_unbound(entropy(1), NOW)), Some(Rule::Aq29));
                let request = if pushed { request.pushed() } else { request };
                let start = request.start_unbound(entropy(1), NOW).unwrap();
                let (url, mut pending) = run(&mut sandbox, start).unwrap();
                let object = if pushed {
                    let entry =
                        sandbox.log().iter().find(|it| it.request().uri().path() == "/oauth/par").unwrap();
                    value(&pairs(entry.request().body()), "request").to_owned()
                } else {
                    assert_eq!(names(&query(&url)), ["client_id", "request"], "nothing beside it");
                    value(&query(&url), "request").to_owned()
                };
                assert_eq!(parts(&object), 5);
                let response = visited(&mut sandbox, &url);
                finish(&mut sandbox, &client, &mut pending, &response).unwrap();
            }
        }
    }
}

/// Every part of it is sealed, so that nobody on its way, the browser say, makes another request of it.
#[test]
fn an_encrypted_request_that_was_changed_on_its_way_is_not_opened() {
    for (_, _, encryption) in PAIRS {
        let mut sandbox = sandbox();
        sandbox.add_application(application().require_signed_request());
        let server = described(&mut sandbox);
        let keys = ServerKeys::published(&server, Arc::new(AwsLc), &[Algorithm::Es256]).unwrap();
        let request = request(&client_of(server.keys(keys))).signed(key()).unwrap();
        let start = request.encrypted(encryption).unwrap().start_unbound(entropy(1), NOW).unwrap();
        let (url, _) = run(&mut sandbox, start).unwrap();
        let object = value(&query(&url), "request").to_owned();
        let mut status = |object_now: &str| {
            let url = url.as_str().replace(&object, object_now);
            sandbox.answer(&http::Request::get(url).body(Vec::new()).unwrap(), NOW).status().as_u16()
        };
        assert_eq!(status(&object), 200, "the form");
        for place in 0..5 {
            let mut changed: Vec<String> = object.split('.').map(str::to_owned).collect();
            let part = &mut changed[place];
            // In the middle of it: the last letter of base64 may have bits that count for nothing.
            let at = part.len() / 2;
            let other = if part.get(at..=at) == Some("A") { "B" } else { "A" };
            match part.is_empty() {
                true => part.push_str("AAAA"),
                false => part.replace_range(at..=at, other),
            }
            assert_eq!(status(&changed.join(".")), 400, "part {place} by {encryption:?}");
        }
    }
}

/// AQ-29: once the keys are held, a URL is made at once, until they are too old.
#[test]
fn begin_needs_keys_that_are_held() {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let request = request(&client).signed(key()).unwrap().encrypted(AGREED).unwrap();
    let error = request.begin_unbound(entropy(1), NOW).unwrap_err();
    assert!(error.to_string().contains("`start`"), "{error}");
    let (first, _) = run(&mut sandbox, request.start_unbound(entropy(1), NOW).unwrap()).unwrap();
    let (again, _) = begun(&request);
    assert_eq!(first.as_str(), again.as_str(), "one seed is one request");
    let (other, _) = request.begin("session", entropy(2), NOW).unwrap();
    let object = |url| value(&query(url), "request").split('.').map(str::to_owned).collect::<Vec<_>>();
    for place in [0, 2, 3, 4] {
        assert_ne!(object(&first)[place], object(&other)[place], "{place}");
    }
    let late = request.begin_unbound(entropy(1), after(48 * 60 * 60));
    assert_eq!(misuse(late), Some(Rule::Aq29));
}

/// A server of canned answers, whose keys are yet to be fetched.
fn fetching() -> Client {
    let server = plain_server()
        .endpoint(Endpoint::Jwks, "https://as.example/jwks")
        .and_then(|server| server.endpoint(Endpoint::PushedAuthorization, "https://as.example/par"))
        .unwrap();
    let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
    valetkey_client_of(server.keys(keys))
}

/// The server's private key for encryption, and the set with it and the key that it signs with.
fn servers() -> (DecryptionKeys, Value) {
    let private = keys_of(&AwsLc, agreeing(AgreementCurve::P256));
    let signing = serde_json::to_value(JwkSet::of(key().public_key().cloned())).unwrap();
    let mut set = serde_json::to_value(private.published()).unwrap();
    set["keys"].as_array_mut().unwrap().insert(0, signing["keys"][0].clone());
    (private, set)
}

fn set_of(set: &Value) -> Response {
    plain_json(200, &set.to_string())
}

/// AQ-29: what is inside is the signed request; the key for signatures is passed over.
#[test]
fn the_request_is_signed_and_then_encrypted_to_the_key_for_that() {
    let request = request(&fetching()).signed(key()).unwrap().encrypted(AGREED).unwrap();
    let (private, set) = servers();
    let played = play(request.start_unbound(entropy(1), NOW).unwrap(), [Some(set_of(&set))]);
    assert_eq!(played.urls(), ["https://as.example/jwks"]);
    let (url, pending) = played.outcome.unwrap();
    let object = value(&query(&url), "request").to_owned();
    let inside = String::from_utf8(decrypted(&object, &private, AGREED).unwrap()).unwrap();
    assert_eq!(parts(&inside), 3);
    let keys = valetkey_tests::jose::verification_keys(&RustCrypto, Algorithm::Es256);
    let typ = valetkey_core::jose::JwtType::Explicit("oauth-authz-req+jwt");
    let verified = valetkey_core::jose::Jws::parse(&inside).unwrap().verify(&keys, typ).unwrap();
    let claims: Value = serde_json::from_slice(verified.payload()).unwrap();
    assert_eq!(claims["state"], pending.state());
    assert!(!format!("{url:?} {request:?}").contains(&object));
}

/// AQ-29: no key of the server's is for that, whatever its set says otherwise.
#[test]
fn a_key_that_is_for_signatures_is_not_encrypted_to() {
    let (_, set) = servers();
    let mut unsaid = set.clone();
    unsaid["keys"][1].as_object_mut().unwrap().remove("use");
    let mut signing = set.clone();
    signing["keys"][1]["use"] = json!("sig");
    let mut bound = set.clone();
    bound["keys"][1]["alg"] = json!("ECDH-ES+A256KW");
    for set in [unsaid, signing, bound, json!({ "keys": [] })] {
        let request = request(&fetching()).signed(key()).unwrap().encrypted(AGREED).unwrap();
        let start = request.start_unbound(entropy(1), NOW).unwrap();
        let outcome = play(start, [Some(set_of(&set))]).outcome;
        assert!(matches!(outcome, Err(Error::Malformed(_))));
        assert_eq!(rule(outcome), Rule::Aq29);
        let push = request.push_unbound(entropy(1), after(3600)).unwrap();
        let played = play(push, [Some(set_of(&set))]);
        assert!(played.urls().iter().all(|url| url == "https://as.example/jwks"), "nothing is pushed");
        assert_eq!(rule(played.outcome), Rule::Aq29);
    }
}

/// AQ-29: what cannot be encrypted is refused before anything is sent.
#[test]
fn a_request_that_cannot_be_encrypted_is_refused() {
    assert_eq!(misuse(request(&fetching()).encrypted(AGREED)), Some(Rule::Aq29), "it is not signed");
    let keyless = valetkey_client_of(plain_server());
    assert_eq!(misuse(request(&keyless).signed(key()).unwrap().encrypted(AGREED)), Some(Rule::Aq29));
    let listing = |which: &str, values: &[&str]| {
        let name = format!("request_object_encryption_{which}_values_supported");
        let client = fetching();
        let server: AuthorizationServer = client.server().clone().list(&name, values.iter().copied());
        request(&valetkey_client_of(server)).signed(key()).unwrap().encrypted(AGREED)
    };
    assert_eq!(misuse(listing("alg", &["RSA-OAEP"])), Some(Rule::Aq29));
    assert_eq!(misuse(listing("enc", &["A128CBC-HS256"])), Some(Rule::Aq29));
    assert!(listing("alg", &["ECDH-ES"]).is_ok() && listing("enc", &["A256GCM"]).is_ok());
}

/// The flow of each way ends where no answer comes and nothing is held, and tells what the server refuses.
#[test]
fn keys_that_do_not_come_end_the_request() {
    let prepared = || request(&fetching()).signed(key()).unwrap().encrypted(AGREED).unwrap();
    let mut start = prepared().start_unbound(entropy(1), NOW).unwrap();
    let mut push = prepared().push_unbound(entropy(1), NOW).unwrap();
    let flows: [&mut dyn Flow<Output = _>; 2] = [&mut start, &mut push];
    for flow in flows {
        assert!(misuse(flow.step(Some(plain_json(200, "{}")), NOW)).is_none(), "nothing was sent");
        assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
        assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))), "asking twice is harmless");
        assert!(!flow.unanswered(NOW));
        assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))));
    }
    let refused = play(prepared().start_unbound(entropy(1), NOW).unwrap(), [Some(plain_json(503, "{}"))]);
    assert_eq!(refused.outcome.unwrap_err().refused().unwrap().status().unwrap(), 503);
}

/// AQ-29: keys that were good a while ago serve where no newer ones come, in either way.
#[test]
fn a_request_goes_on_with_the_keys_that_are_held() {
    for pushed in [false, true] {
        let mut sandbox = sandbox();
        let client = client(&mut sandbox);
        let request = request(&client).signed(key()).unwrap().encrypted(AGREED).unwrap();
        let request = if pushed { request.pushed() } else { request };
        let mut first = request.start_unbound(entropy(1), NOW).unwrap();
        let Ok(Step::Send(fetch)) = first.step(None, NOW) else { panic!("it fetches") };
        let mut answer = sandbox.answer(&fetch, NOW);
        answer.headers_mut().insert("cache-control", "max-age=60".parse().unwrap());
        assert!(first.step(Some(answer), NOW).is_ok());

        let mut later = request.start_unbound(entropy(2), after(70)).unwrap();
        let Ok(Step::Send(fetch)) = later.step(None, after(70)) else { panic!("it fetches again") };
        assert_eq!(fetch.uri().path(), "/oauth/jwks.json");
        assert!(later.unanswered(after(70)), "the old keys are good enough");
        match later.step(None, after(70)).unwrap() {
            Step::Done(_) => assert!(!pushed),
            Step::Send(push) => assert!(pushed && push.uri().path() == "/oauth/par"),
            Step::Wait(_) => panic!("there is nothing to wait for"),
        }
    }
}

/// A key that answers later is waited for, whether the request is encrypted then or not.
#[test]
fn start_waits_for_a_key_that_answers_later() {
    let patience = Duration::from_millis(50);
    for is_encrypted in [false, true] {
        let signer = Arc::new(DeferredSigner::new(Algorithm::Es256, key().public_key().cloned(), patience));
        let mut request = request(&fetching()).signed(signer.clone()).unwrap();
        if is_encrypted {
            request = request.encrypted(AGREED).unwrap();
        }
        let mut flow = request.start_unbound(entropy(2), NOW).unwrap();
        if is_encrypted {
            assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
            assert!(matches!(flow.step(Some(set_of(&servers().1)), NOW), Ok(Step::Wait(_))));
        }
        for _ in 0..2 {
            let Ok(Step::Wait(time)) = flow.step(None, NOW) else { panic!("it waits") };
            assert_eq!(time, patience);
        }
        for message in signer.wanted() {
            let signature = key().sign(&message).unwrap().ready().unwrap();
            signer.fulfil(&message, Ok(signature));
        }
        let Ok(Step::Done((url, _))) = flow.step(None, NOW) else { panic!("it is made") };
        assert_eq!(parts(value(&query(&url), "request")), if is_encrypted { 5 } else { 3 });
        assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))));
    }
}

/// The client's keys: for signatures, and for what is encrypted to it.
fn receiving(application: Application) -> Application {
    let (private, mut set) =
        (client_keys(), serde_json::to_value(JwkSet::of(key().public_key().cloned())).unwrap());
    let published = serde_json::to_value(private.published()).unwrap();
    set["keys"].as_array_mut().unwrap().push(published["keys"][0].clone());
    application.keys(&set)
}

fn client_keys() -> DecryptionKeys {
    keys_of(&AwsLc, agreeing(AgreementCurve::P256))
}

/// ID-43: in each mode, decrypted and then verified.
#[test]
fn an_encrypted_response_is_opened_and_finished() {
    let modes =
        [ResponseMode::Jwt, ResponseMode::QueryJwt, ResponseMode::FragmentJwt, ResponseMode::FormPostJwt];
    for mode in modes {
        for (key, content, encryption) in PAIRS {
            let mut sandbox = sandbox();
            sandbox.add_application(receiving(application()).response_encryption(key, content));
            let client = client(&mut sandbox).decryption_keys(client_keys());
            let client = client.authorization_response_encryption(encryption).unwrap();
            let (url, mut pending) = begun(&request(&client).response_mode(mode));
            let response = visited(&mut sandbox, &url);
            finish(&mut sandbox, &client, &mut pending, &response).unwrap();
            for rule in [Rule::Id8, Rule::Id43, Rule::Id44, Rule::Id46, Rule::Id51, Rule::Jm1, Rule::Jm3] {
                assert!(pending.checks().contains(rule), "{mode:?} {rule}");
            }
        }
    }
}

/// Its `state` is known where the client's key is: from the request in this process, and in another by decrypting it first.
#[test]
fn an_encrypted_response_finds_its_pending_authorization() {
    for mode in [ResponseMode::QueryJwt, ResponseMode::FragmentJwt, ResponseMode::FormPostJwt] {
        let mut sandbox = sandbox();
        let (key, content, encryption) = PAIRS[0];
        sandbox.add_application(receiving(application()).response_encryption(key, content));
        let keyless = client(&mut sandbox);
        let client = keyless.clone().decryption_keys(client_keys());
        let client = client.authorization_response_encryption(encryption).unwrap();
        let (url, pending) = begun(&request(&client).response_mode(mode));
        let response = visited(&mut sandbox, &url);
        assert!(pending.recognizes(&response), "{mode:?}");
        assert_eq!(response.state(), None, "{mode:?}");
        let error = response.clone().decrypted_for(&keyless).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Id43));

        // Another process, which has the record alone.
        let record = serde_json::to_string(&pending).unwrap();
        assert!(!record.contains("decryption"));
        let mut pending: valetkey_core::PendingAuthorization = valetkey_tests::stored::taken_out(&record);
        assert!(!pending.recognizes(&response), "{mode:?}");
        let response = response.decrypted_for(&client).unwrap();
        assert_eq!(response.state().as_deref(), Some(pending.state()));
        assert!(pending.recognizes(&response), "{mode:?}");
        finish(&mut sandbox, &client, &mut pending, &response).unwrap();
    }
    // What is not encrypted stays as it is, and another's state is no state of this one.
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let (url, pending) = begun(&request(&client).response_mode(ResponseMode::Jwt));
    let response = visited(&mut sandbox, &url).decrypted_for(&client).unwrap();
    assert_eq!(response.state().as_deref(), Some(pending.state()));
    let (_, other) =
        request(&client).response_mode(ResponseMode::Jwt).begin_unbound(entropy(9), NOW).unwrap();
    assert!(!other.recognizes(&response));
}

/// A receiver on loopback knows the response to the request that it was made for.
#[test]
fn a_loopback_receiver_recognizes_an_encrypted_response() {
    use valetkey_core::authorize::receiver::{Heard, Receiver};
    let mut sandbox = sandbox();
    let (key, content, encryption) = PAIRS[0];
    sandbox.add_application(receiving(application()).response_encryption(key, content));
    let client = client(&mut sandbox).decryption_keys(client_keys());
    let client = client.authorization_response_encryption(encryption).unwrap();
    let place = "http://127.0.0.1:4000/callback";
    let request = valetkey_core::AuthorizationRequest::new(&client, place).unwrap();
    let (url, mut pending) = begun(&request.response_mode(ResponseMode::QueryJwt));
    let Arrival::Get(back) = arrival(&mut sandbox, &url) else { panic!("a redirect") };
    let mut receiver = Receiver::new(&pending, after(60)).unwrap();
    let head = format!(
        "GET {} HTTP/1.1\r\nhost: 127.0.0.1:4000\r\n\r\n",
        back.strip_prefix("http://127.0.0.1:4000").unwrap()
    );
    let Heard::Answer(answer) = receiver.hear(head.as_bytes(), NOW) else { panic!("no answer") };
    assert!(answer.starts_with(b"HTTP/1.1 303"), "it is taken");
    let response = receiver.finish().unwrap();
    finish(&mut sandbox, &client, &mut pending, &response).unwrap();
}

/// ID-43: encrypted exactly if that is registered. What is inside is held to everything, and the right response may still come.
#[test]
fn an_encrypted_response_that_is_not_in_order_is_refused() {
    for (misbehaviour, expected) in [
        (Misbehaviour::JarmNotEncrypted, Rule::Id43),
        (Misbehaviour::JarmTampered, Rule::Id46),
        (Misbehaviour::JarmUnsigned, Rule::Id4),
        (Misbehaviour::JarmForged, Rule::Id8),
        (Misbehaviour::JarmTwoParts, Rule::Id51),
        (Misbehaviour::JarmIssForeign, Rule::Jm2),
        (Misbehaviour::JarmAudOther, Rule::Jm3),
        (Misbehaviour::JarmStateOther, Rule::Ar5),
        (Misbehaviour::JarmUnpacked, Rule::Ar2),
    ] {
        let mut sandbox = sandbox();
        let (key, content, encryption) = PAIRS[0];
        sandbox.add_application(receiving(application()).response_encryption(key, content));
        let client = client(&mut sandbox).decryption_keys(client_keys());
        let client = client.authorization_response_encryption(encryption).unwrap();
        let (url, mut pending) = begun(&request(&client).response_mode(ResponseMode::Jwt));
        sandbox.misbehave_once(misbehaviour);
        let wrong = visited(&mut sandbox, &url);
        assert_eq!(rule(finish(&mut sandbox, &client, &mut pending, &wrong)), expected, "{misbehaviour}");
        assert!(!pending.is_spent(), "{misbehaviour}");
        let right = visited(&mut sandbox, &url);
        finish(&mut sandbox, &client, &mut pending, &right).unwrap();
    }
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let (url, mut pending) = begun(&request(&client).response_mode(ResponseMode::Jwt));
    sandbox.misbehave_once(Misbehaviour::JarmEncrypted);
    let unasked = visited(&mut sandbox, &url);
    let error = finish(&mut sandbox, &client, &mut pending, &unasked).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Id43));
    assert!(error.to_string().contains("Client::authorization_response_encryption"), "{error}");
}

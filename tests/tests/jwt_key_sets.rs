//! JK-1, JK-2: fetching an issuer's keys, and when.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use valetkey_core::jose::{
    Algorithm, JwkSet, JwksCache, JwksRequest, Jws, KeyPair, LookUp, PrivateJwk, RustCrypto, Signer,
};
use valetkey_core::{Error, Flow, Quirk, Quirks, Response, Rule, Step, UnixTime};
use valetkey_tests::{NOW, entropy, json};

const URI: &str = "https://as.example/jwks";

fn rule(error: &Error) -> &'static str {
    error.rule().map_or("none", Rule::id)
}

fn request() -> JwksRequest {
    JwksRequest::new(URI, Quirks::STRICT).unwrap()
}

fn answered(response: Response) -> Result<JwkSet, Error> {
    let mut flow = request();
    assert!(matches!(flow.step(None, NOW)?, Step::Send(_)));
    match flow.step(Some(response), NOW)? {
        Step::Done(set) => Ok(set),
        step => panic!("{step:?}"),
    }
}

#[test]
fn a_set_is_fetched_by_one_get_and_asking_twice_changes_nothing() {
    let mut flow = request();
    for _ in 0..2 {
        let Step::Send(request) = flow.step(None, NOW).unwrap() else { panic!("it is to be sent") };
        assert_eq!((request.method().as_str(), request.uri().to_string()), ("GET", URI.to_owned()));
        assert_eq!(request.headers()["accept"], "application/jwk-set+json, application/json");
        assert!(request.body().is_empty());
    }
    let Step::Done(set) = flow.step(Some(json(200, r#"{"keys":[]}"#)), NOW).unwrap() else { panic!("done") };
    assert!(set.keys().is_empty());
    assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))));
}

#[test]
fn an_answer_that_is_no_key_set_is_refused() {
    let labelled = |content_type: &str| {
        let mut response = json(200, r#"{"keys":[]}"#);
        response.headers_mut().insert("content-type", content_type.parse().unwrap());
        response
    };
    for content_type in ["application/jwk-set+json", "Application/JSON; charset=utf-8"] {
        assert!(answered(labelled(content_type)).is_ok());
    }
    for response in [
        labelled("text/html"),
        labelled("application/jwt"),
        json(201, r#"{"keys":[]}"#),
        json(302, r#"{"keys":[]}"#),
        json(404, r#"{"keys":[]}"#),
        json(200, "[]"),
        json(200, r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#),
    ] {
        assert_eq!(rule(&answered(response).unwrap_err()), "JK-1");
    }
}

/// DI-5.
#[test]
fn the_address_is_https() {
    for uri in [
        "http://as.example/jwks",
        "file:///etc/passwd",
        "https://as.example/jwks#x",
        "jwks",
        "http://127.0.0.1/jwks",
    ] {
        assert!(matches!(JwksRequest::new(uri, Quirks::STRICT), Err(Error::Misuse(_))), "{uri}");
    }
    assert!(JwksRequest::new("http://127.0.0.1/jwks", Quirks::STRICT.with(Quirk::LoopbackHttp)).is_ok());
}

/// A key of its own for each number, its set, and a JWS by it.
fn issuer(number: u8) -> (JwkSet, String) {
    let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, &entropy(number)).unwrap();
    let key = KeyPair::new(&RustCrypto, Algorithm::Es256, &key).unwrap().with_key_id(format!("k{number}"));
    let set = JwkSet::of(key.public_key().cloned());
    let signer = valetkey_core::jose::JwtSigner::new(Arc::new(key), None);
    let jwt = signer.write(&json!({})).unwrap().sign().unwrap().ready().unwrap();
    (set, jwt.expose().to_owned())
}

fn cache() -> JwksCache {
    JwksCache::new(Arc::new(RustCrypto), &[Algorithm::Es256], URI, Quirks::STRICT).unwrap()
}

fn looked_up(cache: &JwksCache, jwt: &str, now: UnixTime) -> &'static str {
    match cache.look_up(&Jws::parse(jwt).unwrap(), now) {
        Ok(LookUp::Keys(keys)) => {
            assert!(Jws::parse(jwt).unwrap().verify(&keys).is_ok());
            "keys"
        }
        Ok(LookUp::Fetch(_)) => "fetch",
        Err(error) => rule(&error),
    }
}

/// JK-2: a storm of unknown keys makes one look a minute.
#[test]
fn an_unknown_key_is_looked_for_once_a_minute() {
    let ((old, by_old), (new, by_new)) = (issuer(1), issuer(2));
    let mut cache = cache();
    let at = |secs: u64| NOW.after(Duration::from_secs(secs));
    assert_eq!(looked_up(&cache, &by_old, at(0)), "fetch");
    cache.settle(Ok(&old), at(0));
    assert_eq!(looked_up(&cache, &by_old, at(1)), "keys");
    for secs in 1..60 {
        assert_eq!(looked_up(&cache, &by_new, at(secs)), "JK-2");
    }
    assert_eq!(looked_up(&cache, &by_new, at(60)), "fetch");
    assert_eq!(looked_up(&cache, &by_old, at(60)), "keys", "who has a key needs no look");
    cache.settle(Ok(&old), at(60));
    assert_eq!(looked_up(&cache, &by_new, at(61)), "JK-2");
    cache.settle(Ok(&new), at(120));
    assert_eq!(looked_up(&cache, &by_new, at(121)), "keys");
    assert_eq!(looked_up(&cache, &by_old, at(121)), "JK-2", "a key that was withdrawn is gone");
}

#[test]
fn a_set_is_fetched_again_when_it_is_old_and_serves_on_when_that_fails() {
    let (set, jwt) = issuer(1);
    let mut cache = cache().lifetime(Duration::from_secs(600));
    let at = |secs: u64| NOW.after(Duration::from_secs(secs));
    cache.settle(Ok(&set), at(0));
    assert_eq!(looked_up(&cache, &jwt, at(599)), "keys");
    assert_eq!(looked_up(&cache, &jwt, at(600)), "fetch");
    let error = answered(json(503, "")).unwrap_err();
    cache.settle(Err(&error), at(600));
    assert_eq!(looked_up(&cache, &jwt, at(601)), "keys");
    assert_eq!(looked_up(&cache, &jwt, at(660)), "fetch");
}

#[test]
fn a_failure_is_remembered_for_a_minute_and_a_clock_set_back_does_not_lock_it_out() {
    let (set, jwt) = issuer(1);
    let mut cache = cache();
    let error = answered(json(503, "")).unwrap_err();
    cache.settle(Err(&error), NOW);
    assert_eq!(looked_up(&cache, &jwt, NOW.after(Duration::from_secs(59))), "JK-2");
    assert_eq!(looked_up(&cache, &jwt, NOW.before(Duration::from_secs(86_400))), "fetch");
    cache.settle(Ok(&set), NOW);
    assert_eq!(looked_up(&cache, &jwt, NOW.before(Duration::from_secs(86_400))), "keys");
}

/// ID-4: an algorithm that was not agreed on is no reason to look.
#[test]
fn a_foreign_algorithm_makes_no_request() {
    let mut cache = cache();
    let foreign = valetkey_tests::jose::signed(&RustCrypto, Algorithm::EdDsa, &json!({}));
    assert_eq!(looked_up(&cache, &foreign, NOW), "ID-4");
    cache.settle(Ok(&issuer(1).0), NOW);
    assert_eq!(looked_up(&cache, &foreign, NOW.after(Duration::from_secs(3600))), "ID-4");
}

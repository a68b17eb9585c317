//! JK-1, JK-2: fetching an issuer's keys, and when.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use valetkey_core::jose::{
    Algorithm, JwkSet, Jws, JwtType, KeyPair, PrivateJwk, RustCrypto, Signer, VerificationKeys,
};
use valetkey_core::server::{JwksCache, LookUp};
use valetkey_core::{Error, Flow, Response, Rule, Step, UnixTime};
use valetkey_tests::{NOW, entropy, json};

const URI: &str = "https://as.example/jwks";

fn rule(error: &Error) -> &'static str {
    error.rule().map_or("none", Rule::id)
}

/// A key of its own for each number, its set, and a JWS by it.
fn issuer(number: u8) -> (JwkSet, String) {
    let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, entropy(number)).unwrap();
    let key = KeyPair::new(&RustCrypto, Algorithm::Es256, &key).unwrap().with_key_id(format!("k{number}"));
    let set = JwkSet::of(key.public_key().cloned());
    let signer = valetkey_core::jose::JwtSigner::new(Arc::new(key), None);
    let jwt = signer.write(&json!({})).unwrap().sign().unwrap().ready().unwrap();
    (set, jwt.expose().to_owned())
}

fn cache() -> JwksCache<VerificationKeys> {
    JwksCache::verifying(Arc::new(RustCrypto), &[Algorithm::Es256], URI).unwrap()
}

fn at(seconds: u64) -> UnixTime {
    NOW.after(Duration::from_secs(seconds))
}

/// What a set is published as, good for ten minutes.
fn published(set: &JwkSet) -> Option<Response> {
    let mut response = json(200, &serde_json::to_string(set).unwrap());
    response.headers_mut().insert("cache-control", "max-age=600".parse().unwrap());
    Some(response)
}

/// What the cache has for the JWT; a fetch is run, and answered with this or never.
fn looked_up(
    cache: &mut JwksCache<VerificationKeys>,
    jwt: &str,
    now: UnixTime,
    answer: Option<Response>,
) -> &'static str {
    let jws = Jws::parse(jwt).unwrap();
    match cache.look_up(&jws, now) {
        Ok(LookUp::Keys(keys)) => {
            assert!(jws.verify(&keys, JwtType::Generic).is_ok());
            "keys"
        }
        Ok(LookUp::Fetch(mut fetch)) => {
            let Ok(Step::Send(request)) = fetch.step(None, now) else { panic!("it sends") };
            assert_eq!((request.method().as_str(), request.uri().to_string()), ("GET", URI.to_owned()));
            assert_eq!(request.headers()["accept"], "application/jwk-set+json, application/json");
            match answer {
                Some(answer) => assert!(matches!(fetch.step(Some(answer), now), Ok(Step::Done(())))),
                None => assert!(!fetch.unanswered(now)),
            }
            match cache.settle(fetch, now) {
                Ok(()) => "fetch",
                Err(error) => rule(&error),
            }
        }
        Ok(_) => "under way",
        Err(error) => rule(&error),
    }
}

/// JK-2: a storm of unknown keys makes one look a minute.
#[test]
fn an_unknown_key_is_looked_for_once_a_minute() {
    let ((old, by_old), (new, by_new)) = (issuer(1), issuer(2));
    let mut cache = cache();
    assert_eq!(looked_up(&mut cache, &by_old, at(0), published(&old)), "fetch");
    assert_eq!(looked_up(&mut cache, &by_old, at(1), None), "keys");
    // At once, however new the keys are: they may have been changed since (JK-3).
    assert_eq!(looked_up(&mut cache, &by_new, at(1), published(&old)), "fetch");
    for seconds in 1..61 {
        assert_eq!(looked_up(&mut cache, &by_new, at(seconds), None), "JK-2");
    }
    assert_eq!(looked_up(&mut cache, &by_old, at(60), None), "keys", "who has a key needs no look");
    assert_eq!(looked_up(&mut cache, &by_new, at(61), published(&new)), "fetch");
    assert_eq!(looked_up(&mut cache, &by_new, at(100), None), "keys");
    assert_eq!(looked_up(&mut cache, &by_old, at(100), None), "JK-2", "a key that was withdrawn is gone");
}

/// JK-2.
#[test]
fn a_set_is_fetched_again_when_it_is_old_and_serves_on_when_that_fails() {
    let (set, jwt) = issuer(1);
    let mut cache = cache();
    assert_eq!(looked_up(&mut cache, &jwt, at(0), published(&set)), "fetch");
    assert_eq!(looked_up(&mut cache, &jwt, at(599), None), "keys");
    assert_eq!(looked_up(&mut cache, &jwt, at(600), Some(json(503, ""))), "none");
    assert_eq!(looked_up(&mut cache, &jwt, at(600), None), "keys");
    assert_eq!(looked_up(&mut cache, &jwt, at(601), None), "none", "no answer came");
    assert_eq!(looked_up(&mut cache, &jwt, at(602), None), "keys");
    assert_eq!(looked_up(&mut cache, &jwt, at(603), published(&set)), "fetch");
}

/// JK-2: while one fetches, the others wait, or go on with what they have.
#[test]
fn one_look_is_under_way_at_a_time() {
    let ((old, by_old), (_, by_new)) = (issuer(1), issuer(2));
    let mut cache = cache();
    let jws = Jws::parse(&by_old).unwrap();
    let Ok(LookUp::Fetch(first)) = cache.look_up(&jws, NOW) else { panic!("nothing is held") };
    assert_eq!(looked_up(&mut cache, &by_old, NOW, None), "under way");
    assert!(cache.settle(first, NOW).is_err());
    assert_eq!(looked_up(&mut cache, &by_old, at(1), published(&old)), "fetch");
    let Ok(LookUp::Fetch(again)) = cache.look_up(&jws, at(601)) else { panic!("it is old") };
    assert_eq!(looked_up(&mut cache, &by_old, at(602), None), "keys");
    assert_eq!(looked_up(&mut cache, &by_new, at(602), None), "under way");
    drop(again);
    assert_eq!(looked_up(&mut cache, &by_old, at(661), published(&old)), "fetch");
}

/// JK-1: a private or a secret key in what is published, and what is no set.
#[test]
fn a_set_that_gives_its_secrets_away_is_refused() {
    let (_, jwt) = issuer(1);
    for body in [r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, r#"{"keys":5}"#, "{}"] {
        assert_eq!(looked_up(&mut cache(), &jwt, NOW, Some(json(200, body))), "JK-1", "{body}");
    }
    assert_eq!(looked_up(&mut cache(), &jwt, NOW, Some(json(302, ""))), "JK-1");
}

/// JK-2.
#[test]
fn a_clock_that_is_set_back_locks_nobody_out() {
    let (set, jwt) = issuer(1);
    let mut cache = cache();
    assert_eq!(looked_up(&mut cache, &jwt, NOW, Some(json(503, ""))), "none");
    assert_eq!(looked_up(&mut cache, &jwt, NOW, None), "JK-2");
    let yesterday = NOW.before(Duration::from_secs(86_400));
    assert_eq!(looked_up(&mut cache, &jwt, yesterday, published(&set)), "fetch");
    assert_eq!(looked_up(&mut cache, &jwt, yesterday, None), "keys");
}

/// ID-4: an algorithm that was not agreed on is no reason to look.
#[test]
fn a_foreign_algorithm_makes_no_request() {
    let mut cache = cache();
    let foreign = valetkey_tests::jose::signed(&RustCrypto, Algorithm::EdDsa, &json!({}));
    assert_eq!(looked_up(&mut cache, &foreign, NOW, None), "ID-4");
    let (set, jwt) = issuer(1);
    assert_eq!(looked_up(&mut cache, &jwt, NOW, published(&set)), "fetch");
    assert_eq!(looked_up(&mut cache, &foreign, at(3600), None), "ID-4");
}

/// DI-5, ID-4: what would never work is refused at once.
#[test]
fn a_cache_is_for_an_https_address_and_for_algorithms_of_published_keys() {
    let made = |uri, algorithm| {
        JwksCache::verifying(Arc::new(RustCrypto), &[algorithm], uri)
            .err()
            .map_or("made", |error| rule(&error))
    };
    assert_eq!(made(URI, Algorithm::Es256), "made");
    assert_eq!(made("http://as.example/jwks", Algorithm::Es256), "DI-5");
    assert_eq!(made(URI, Algorithm::Hs256), "ID-4");
}

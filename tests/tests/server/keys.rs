//! JK-1, JK-2: a server's keys are fetched when they are needed, and no more often.

use std::sync::Arc;
use std::time::Duration;

use valetkey_core::server::{Endpoint, JwksCache, JwksFetch};
use valetkey_core::{AuthorizationServer, Error, Flow, Quirk, Quirks, Response, Rule, Step, UnixTime};
use valetkey_tests::{NOW, json};

const PLACE: &str = "https://as.example/jwks";

fn cache_admitting(quirks: Quirks) -> JwksCache<String> {
    JwksCache::at(PLACE, |document| Ok(String::from_utf8_lossy(document).into_owned()))
        .unwrap()
        .admit_all(quirks)
}

fn cache() -> JwksCache<String> {
    cache_admitting(Quirks::STRICT)
}

fn keys(max_age: u64, name: &str) -> Response {
    let mut response = json(200, &format!(r#"{{"keys":[{{"kid":"{name}"}}]}}"#));
    response.headers_mut().insert("cache-control", format!("max-age={max_age}").parse().unwrap());
    response
}

fn after(seconds: u64) -> UnixTime {
    NOW.after(Duration::from_secs(seconds))
}

/// Carries a fetch out; `None` is an answer that never came.
fn run(fetch: &mut JwksFetch<String>, answer: Option<Response>, now: UnixTime) {
    let Ok(Step::Send(request)) = fetch.step(None, now) else { panic!("it sends") };
    assert_eq!(request.uri(), PLACE);
    assert!(!request.headers().contains_key("authorization"));
    match answer {
        Some(answer) => assert!(matches!(fetch.step(Some(answer), now), Ok(Step::Done(())))),
        None => assert!(!fetch.unanswered(now)),
    }
}

/// Fetches at once, which must be due.
fn fetched(cache: &mut JwksCache<String>, answer: Option<Response>, now: UnixTime) -> Result<(), Error> {
    let mut fetch = cache.refresh(now).expect("a fetch is due");
    run(&mut fetch, answer, now);
    cache.settle(fetch, now)
}

fn rule_of(answer: Response) -> Option<Rule> {
    fetched(&mut cache(), Some(answer), NOW).err().and_then(|error| error.rule())
}

/// JK-1.
#[test]
fn only_a_document_of_keys_is_taken() {
    let labelled = |content_type: &str| {
        let mut response = keys(60, "a");
        response.headers_mut().insert("content-type", content_type.parse().unwrap());
        response
    };
    let many = format!(r#"{{"keys":[{}{{}}]}}"#, "{},".repeat(256));
    for (answer, rule) in [
        (json(201, r#"{"keys":[]}"#), Rule::Jk1),
        (json(302, r#"{"keys":[]}"#), Rule::Jk1),
        (labelled("text/plain"), Rule::Jk1),
        (json(200, "{}"), Rule::Jk1),
        (json(200, r#"{"keys":{}}"#), Rule::Jk1),
        (json(200, r#"{"keys":null}"#), Rule::Jk1),
        (json(200, &many), Rule::Jk1),
        (json(200, "[]"), Rule::Tr2),
        (json(200, r#"{"keys":[],"keys":[]}"#), Rule::Tr2),
        (json(200, r#"{"keys":[{"kty":"RSA","kty":"EC"}]}"#), Rule::Tr2),
    ] {
        let shown: String = String::from_utf8_lossy(answer.body()).chars().take(40).collect();
        assert_eq!(rule_of(answer), Some(rule), "{shown}");
    }
    assert_eq!(rule_of(labelled("application/jwk-set+json; charset=utf-8")), None);
    assert_eq!(rule_of(json(200, r#"{"keys":[],"more":1}"#)), None);
    let mut lax = cache_admitting(Quirks::STRICT.with(Quirk::AnyContentType));
    assert!(fetched(&mut lax, Some(labelled("text/plain")), NOW).is_ok());
    let refused = fetched(&mut cache(), Some(json(404, "")), NOW);
    assert!(matches!(refused, Err(Error::Refused(_))));
}

#[test]
fn what_the_parser_refuses_is_refused() {
    let mut picky: JwksCache<()> = JwksCache::at(PLACE, |document| {
        // Any error of the library's will do: this one stands for a private key among public ones.
        valetkey_core::Scope::new([String::from_utf8_lossy(document)]).map(|_| ())
    })
    .unwrap();
    let mut fetch = picky.refresh(NOW).unwrap();
    assert!(matches!(fetch.step(None, NOW), Ok(Step::Send(_))));
    assert!(matches!(fetch.step(Some(keys(60, "a")), NOW), Ok(Step::Done(()))));
    assert!(picky.settle(fetch, NOW).is_err());
    assert!(picky.keys(NOW).is_none());
}

/// JK-2, DI-10: as long as HTTP says, between a minute and a day.
#[test]
fn keys_are_fetched_again_when_they_are_no_longer_fresh() {
    for (max_age, fresh) in [(600, 600), (0, 60), (u64::MAX, 86_400)] {
        let mut cache = cache();
        fetched(&mut cache, Some(keys(max_age, "a")), NOW).unwrap();
        assert!(cache.refresh(after(fresh - 1)).is_none());
        fetched(&mut cache, Some(keys(max_age, "b")), after(fresh)).unwrap();
        assert!(cache.keys(after(fresh)).unwrap().contains(r#""b""#));
    }
}

/// JK-2.
#[test]
fn an_unknown_key_causes_one_fetch_a_minute() {
    let mut cache = cache();
    fetched(&mut cache, Some(keys(3600, "a")), NOW).unwrap();
    // However new the keys are: they may have been changed since (JK-3).
    let mut fetch = cache.refresh_for_unknown_key(NOW).expect("the first");
    run(&mut fetch, Some(keys(3600, "b")), NOW);
    cache.settle(fetch, NOW).unwrap();
    for seconds in [0, 1, 30, 59] {
        assert!(cache.refresh_for_unknown_key(after(seconds)).is_none(), "{seconds}");
    }
    let mut fetch = cache.refresh_for_unknown_key(after(61)).expect("a minute has passed");
    run(&mut fetch, Some(keys(3600, "b")), after(61));
    cache.settle(fetch, after(61)).unwrap();
    let storm = (61..121).filter(|&now| cache.refresh_for_unknown_key(after(now)).is_some()).count();
    assert_eq!(storm, 0);
    assert!(cache.refresh_for_unknown_key(after(121)).is_some());
}

/// JK-2: one at a time, whoever asks.
#[test]
fn one_fetch_is_under_way_at_a_time() {
    let mut cache = cache();
    let mut first = cache.refresh(NOW).unwrap();
    assert!((0..60).all(|now| cache.refresh(after(now)).is_none()));
    assert!((0..60).all(|now| cache.refresh_for_unknown_key(after(now)).is_none()));
    // Whoever had it was dropped, it seems.
    let mut second = cache.refresh(after(60)).expect("the first is given up");
    run(&mut second, Some(keys(600, "new")), after(60));
    cache.settle(second, after(60)).unwrap();
    // And if it comes back after all, what is newer stays.
    run(&mut first, Some(keys(600, "old")), after(61));
    cache.settle(first, after(61)).unwrap();
    assert!(cache.keys(after(61)).unwrap().contains(r#""new""#));
}

/// JK-2: a failure leaves the keys in use for a while, and is not repeated at once.
#[test]
fn a_server_that_is_down_is_asked_less_and_less() {
    let mut cache = cache();
    let mut asked = Vec::new();
    for now in 0..300 {
        if let Some(mut fetch) = cache.refresh(after(now)) {
            asked.push(now);
            let answer = (asked.len() % 2 == 0).then(|| json(503, ""));
            run(&mut fetch, answer, after(now));
            assert!(cache.settle(fetch, after(now)).expect_err("down").is_transient());
        }
    }
    assert_eq!(asked, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);

    let mut cache = self::cache();
    fetched(&mut cache, Some(keys(600, "a")), NOW).unwrap();
    assert!(fetched(&mut cache, None, after(600)).is_err());
    assert!(cache.keys(after(600)).is_some() && cache.keys(after(4199)).is_some());
    assert!(cache.keys(after(4200)).is_none());
}

/// S26, JK-2: a day that a server asks for is an hour for a cache of keys too.
#[test]
fn s26_a_day_that_a_server_of_keys_asks_for_is_an_hour() {
    let mut cache = cache();
    let mut busy = json(503, "");
    busy.headers_mut().insert("retry-after", "86400".parse().unwrap());
    assert!(fetched(&mut cache, Some(busy), NOW).is_err());
    assert!(cache.refresh(after(3599)).is_none());
    assert!(cache.refresh(after(3600)).is_some());
}

#[test]
fn keys_are_shared_and_a_clock_that_is_set_back_does_no_harm() {
    let mut cache = cache();
    fetched(&mut cache, Some(keys(600, "a")), NOW).unwrap();
    let (one, other) = (cache.keys(NOW).unwrap(), cache.keys(NOW).unwrap());
    assert!(Arc::ptr_eq(&one, &other));
    let long_ago = UnixTime::from_secs(1000);
    let mut fetch = cache.refresh(long_ago).expect("nothing is fresh before it was fetched");
    run(&mut fetch, Some(keys(600, "b")), long_ago);
    cache.settle(fetch, long_ago).unwrap();
    assert!(cache.keys(long_ago).unwrap().contains(r#""b""#));
    assert!(!format!("{cache:?}").contains("kid"));
}

/// DI-5.
#[test]
fn keys_come_from_a_checked_place() {
    let server = AuthorizationServer::new();
    assert!(matches!(JwksCache::new(&server, |_| Ok(())), Err(Error::Misuse(_))));
    let server = server.endpoint(Endpoint::Jwks, PLACE).unwrap();
    assert!(JwksCache::new(&server, |_| Ok(())).is_ok());
    let error = JwksCache::at("http://as.example/jwks", |_| Ok(())).expect_err("http");
    assert_eq!(error.rule(), Some(Rule::Di5));
}

/// JK-2: a clock that is a little behind fetches nothing anew, whether keys came, a fetch is under way or has failed; one that was
/// set back does.
#[test]
fn jk_2_a_clock_that_is_a_little_behind_fetches_no_keys() {
    let (came, behind, set_back) = (after(60), after(50), after(49));
    let mut fresh = cache();
    fetched(&mut fresh, Some(keys(600, "a")), came).unwrap();
    let mut failed = cache();
    fetched(&mut failed, None, came).unwrap_err();
    let mut waiting = cache();
    let _under_way = waiting.refresh(came).unwrap();
    let mut asked = cache();
    fetched(&mut asked, Some(keys(600, "a")), came).unwrap();
    let mut fetch = asked.refresh_for_unknown_key(came).unwrap();
    run(&mut fetch, Some(keys(600, "b")), came);
    asked.settle(fetch, came).unwrap();
    for mut cache in [fresh, failed, waiting] {
        assert!(cache.refresh(behind).is_none());
        assert!(cache.refresh(set_back).is_some());
    }
    assert!(asked.refresh_for_unknown_key(behind).is_none());
    assert!(asked.refresh_for_unknown_key(set_back).is_some());
}

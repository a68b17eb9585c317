//! AQ-19, AQ-24, AQ-31, ID-15 to ID-17: what was asked for, from the request to the ID token.

use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::authorize::StoredAuthorization;
use valetkey_core::jose::Algorithm;
use valetkey_core::{AuthorizationRequest, Error, Quirk, Rule, TokenResponse};
use valetkey_tests::openid::{
    Begun, CALLBACK, begun, claims, client, id_token, logged_in, logged_in_asking, provider, tokens,
};
use valetkey_tests::{NOW, client_of, entropy};

fn rule(outcome: Result<TokenResponse, Error>) -> Option<Rule> {
    outcome.map(drop).unwrap_err().rule()
}

/// AQ-5, ID-15: one for each login, beside everything else that is new in each.
#[test]
fn each_login_has_a_nonce_of_its_own() {
    let client = client();
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap().scope("openid").unwrap();
    let nonce = |number| {
        let (url, pending) = request.begin_unbound(entropy(number), NOW).unwrap();
        let (_, rest) = url.as_str().split_once("nonce=").expect("a nonce");
        let nonce = rest.split('&').next().unwrap().to_owned();
        assert!(nonce.len() == 43 && nonce != pending.state());
        nonce
    };
    assert_ne!(nonce(1), nonce(2));
    assert_eq!(nonce(1), nonce(1), "one seed is one login");
    // Nobody is logged in without the scope.
    let other = AuthorizationRequest::new(&client, CALLBACK).unwrap().scope("read").unwrap();
    let (url, _) = other.begin_unbound(entropy(1), NOW).unwrap();
    assert!(!url.as_str().contains("nonce"));
}

/// AQ-6: the program's own is not sent beside it.
#[test]
fn a_nonce_of_the_programs_own_is_refused() {
    let error = begun(&client(), |request| request.parameter("nonce", "mine").unwrap()).err().unwrap();
    assert_eq!(error.rule(), Some(Rule::Aq6));
    let unread = client_of(provider(Algorithm::Es256).admit(Quirk::IdTokenUnread));
    let begun = begun(&unread, |request| request.parameter("nonce", "mine").unwrap()).unwrap();
    assert_eq!(begun.nonce(), "mine");
}

/// AQ-31: what waits in a store remembers all of it, and one of an earlier version is held to having asked for nothing.
#[test]
fn what_was_asked_outlives_the_process() {
    let client = client();
    let stored = |change: &dyn Fn(&mut Value)| {
        let begun = begun(&client, |request| request.max_age(Duration::from_secs(60))).unwrap();
        let nonce = begun.nonce().to_owned();
        let mut record = serde_json::to_value(&begun.pending).unwrap();
        change(&mut record);
        let stored: StoredAuthorization = serde_json::from_value(record).unwrap();
        let begun = Begun { pending: stored.taken_out(true).unwrap(), parameters: begun.parameters };
        (begun, nonce)
    };
    let answer = |claims: &Value| vec![tokens(&id_token(Algorithm::Es256, claims))];

    let (mut begun, nonce) = stored(&|_| {});
    assert_eq!(rule(begun.finished(&client, answer(&claims(Some(&nonce))))), Some(Rule::Id17));
    let (mut begun, _) = stored(&|_| {});
    assert_eq!(rule(begun.finished(&client, answer(&claims(None)))), Some(Rule::Id15));
    let (mut begun, nonce) = stored(&|_| {});
    let mut good = claims(Some(&nonce));
    good["auth_time"] = json!(NOW.as_secs() - 60);
    assert!(begun.finished(&client, answer(&good)).is_ok());

    let earlier = |record: &mut Value| drop(record.as_object_mut().unwrap().remove("login"));
    let (mut begun, _) = stored(&earlier);
    assert!(begun.finished(&client, answer(&claims(None))).unwrap().login().is_some());
    let (mut begun, nonce) = stored(&earlier);
    assert_eq!(rule(begun.finished(&client, answer(&claims(Some(&nonce))))), Some(Rule::Id15));
}

/// ID-17, AQ-19.
#[test]
fn a_login_is_no_older_than_was_asked_for() {
    let log_in = |age: u64, auth_time: Option<i64>| {
        let client = client();
        logged_in_asking(
            &client,
            |request| request.max_age(Duration::from_secs(age)),
            |claims| {
                if let Some(ago) = auth_time {
                    claims["auth_time"] = json!(i64::try_from(NOW.as_secs()).unwrap() - ago);
                }
            },
        )
    };
    for (age, auth_time) in [(3600, Some(3600)), (3600, Some(3660)), (0, Some(0)), (0, Some(60))] {
        assert!(log_in(age, auth_time).is_ok(), "{age} {auth_time:?}");
    }
    for (age, auth_time) in [(3600, None), (3600, Some(3661)), (0, None)] {
        assert_eq!(rule(log_in(age, auth_time)), Some(Rule::Id17), "{age} {auth_time:?}");
    }
    assert_eq!(rule(log_in(0, Some(61))), Some(Rule::Aq19), "older than the request");
    assert!(logged_in(&client(), |claims| claims["auth_time"] = json!(1)).is_ok(), "nothing was asked for");
}

/// ID-16, ID-17, AQ-24: claims that were asked for as essential, or of a value.
#[test]
fn what_is_essential_is_there() {
    let log_in = |asked: Value, change: &dyn Fn(&mut Value)| {
        logged_in_asking(&client(), |request| request.claims(json!({ "id_token": asked })).unwrap(), change)
    };
    let acr = json!({ "acr": { "essential": true, "values": ["gold", "silver"] } });
    assert!(log_in(acr.clone(), &|claims| claims["acr"] = json!("silver")).is_ok());
    assert_eq!(rule(log_in(acr.clone(), &|claims| claims["acr"] = json!("bronze"))), Some(Rule::Id16));
    assert_eq!(rule(log_in(acr, &|_| {})), Some(Rule::Id16));
    let wish = json!({ "acr": { "values": ["gold"] } });
    assert!(log_in(wish, &|claims| claims["acr"] = json!("bronze")).is_ok(), "a wish is no demand");
    let time = json!({ "auth_time": { "essential": true } });
    assert_eq!(rule(log_in(time.clone(), &|_| {})), Some(Rule::Id17));
    assert!(log_in(time, &|claims| claims["auth_time"] = json!(1)).is_ok());
    let sub = json!({ "sub": { "value": "248289761001" } });
    assert!(log_in(sub.clone(), &|_| {}).is_ok());
    assert_eq!(rule(log_in(sub, &|claims| claims["sub"] = json!("other"))), Some(Rule::Aq24));
}

/// ID-15 to ID-17, AQ-24: whoever puts a parameter into the request, the ID token is held to it: the description of the server, or
/// the query of its authorization endpoint.
#[test]
fn what_every_request_of_a_server_asks_for_is_asked_for() {
    let described = |name: &str, value: &str| {
        client_of(provider(Algorithm::Es256).authorization_parameter(name, value).unwrap())
    };
    let in_query = |pair: &str| {
        let endpoint = format!("https://as.example/authorize?{pair}");
        client_of(provider(Algorithm::Es256).authorization_endpoint(&endpoint).unwrap())
    };
    let essential = r#"{"id_token":{"acr":{"essential":true,"values":["gold"]}}}"#;
    let in_url = "claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22values%22%3A%5B%22gold%22%5D%7D%7D%7D";
    for (client, refused) in [
        (described("max_age", "300"), Rule::Id17),
        (described("claims", essential), Rule::Id16),
        (in_query("max_age=300"), Rule::Id17),
        (in_query(in_url), Rule::Id16),
    ] {
        assert_eq!(rule(logged_in(&client, |_| {})), Some(refused));
        let good = logged_in(&client, |claims| {
            claims["auth_time"] = json!(NOW.as_secs() - 300);
            claims["acr"] = json!("gold");
        });
        assert!(good.is_ok(), "{:?}", good.err());
        let old = logged_in(&client, |claims| claims["auth_time"] = json!(NOW.as_secs() - 7200));
        assert_eq!(rule(old), Some(refused));
    }
    // A request's own stands in the place of the description's.
    let own = logged_in_asking(
        &described("max_age", "300"),
        |request| request.max_age(Duration::from_secs(36_000)),
        |claims| claims["auth_time"] = json!(NOW.as_secs() - 7200),
    );
    assert!(own.is_ok());
    // What cannot be held to is not sent.
    for pair in ["max_age=soon", "claims=%5B%5D"] {
        let error = begun(&in_query(pair), |request| request).err().unwrap();
        assert!(matches!(error, Error::Misuse(_)), "{pair}: {error:?}");
    }
    // One nonce for all logins would be none.
    for client in [described("nonce", "always"), in_query("nonce=always")] {
        assert_eq!(begun(&client, |request| request).err().unwrap().rule(), Some(Rule::Aq6));
    }
}

/// ID-57: the query of the authorization endpoint limits a login too.
#[test]
fn a_limit_in_the_query_of_the_endpoint_is_compared() {
    let server = provider(Algorithm::Es256).login_limited_by("hd");
    let client =
        client_of(server.authorization_endpoint("https://as.example/authorize?hd=example.com").unwrap());
    assert!(logged_in(&client, |claims| claims["hd"] = json!("example.com")).is_ok());
    assert_eq!(rule(logged_in(&client, |claims| claims["hd"] = json!("evil.example"))), Some(Rule::Id57));
    assert_eq!(rule(logged_in(&client, |_| {})), Some(Rule::Id57));
}

/// AQ-20, AQ-24: who is named by a hint is who logs in, or nobody does: a server that lets another person log in has to refuse.
#[test]
fn a_hint_asks_for_its_own_person() {
    let hint = |subject: &str| {
        let mut claims = claims(None);
        claims["sub"] = json!(subject);
        id_token(Algorithm::Es256, &claims)
    };
    let asking = |subject: &str, change: &dyn Fn(&mut Value)| {
        let token = valetkey_core::terms::IdToken::new(hint(subject)).unwrap();
        logged_in_asking(&client(), |request| request.id_token_hint(&token).unwrap(), change)
    };
    assert!(asking("248289761001", &|_| {}).is_ok());
    assert_eq!(rule(asking("248289761002", &|_| {})), Some(Rule::Aq24));
    assert_eq!(rule(asking("248289761001", &|claims| claims["sub"] = json!("mallory"))), Some(Rule::Aq24));
    let both = |asked: &str| {
        let sub = json!({ "id_token": { "sub": { "value": asked } } });
        begun(&client(), |request| {
            request.claims(sub).unwrap().parameter("id_token_hint", hint("248289761001")).unwrap()
        })
        .map(drop)
    };
    assert!(both("248289761001").is_ok());
    assert_eq!(both("248289761002").unwrap_err().rule(), Some(Rule::Aq24));
}

//! UI-3, UI-4: UserInfo that the server signs, for a client that is registered for that.

use std::sync::Arc;

use serde_json::json;
use valetkey_core::jose::{Algorithm, JwkSet, RustCrypto, Signer as _};
use valetkey_core::openid::UserInfoRequest;
use valetkey_core::server::{Endpoint, ServerKeys};
use valetkey_core::token::TokenType;
use valetkey_core::{Client, Error, Flow, Quirk, Rule, Step};
use valetkey_tests::jose::{HMAC_SECRET, key_pair, signed as hmac_signed};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, json as plain};

use crate::world::*;

/// UI-3, UI-4.
#[test]
fn signed_user_info_is_verified_with_the_servers_key() {
    let played = play(request(&signed_client()), [Some(as_jwt(&jwt(None, &claims())))]);
    assert_eq!(played.sent[0].1.headers()["accept"], "application/jwt");
    let info = played.outcome.unwrap();
    assert!(info.is_signed() && info.quirks().is_empty());
    assert_eq!(info.standard_claims().name(), Some("Alice Liddell"));
    for rule in [Rule::Id8, Rule::Ui3, Rule::Ui4, Rule::Ui5] {
        assert!(info.checks().contains(rule), "{rule}");
    }
    assert!(outcome(&signed_client(), as_jwt(&jwt(Some("JWT"), &claims()))).is_ok());
}

/// JK-2: the key is fetched when the answer has come, and the flow goes on without an answer to nothing.
#[test]
fn the_key_is_fetched_where_it_is_not_known() {
    let server = server().endpoint(Endpoint::Jwks, "https://as.example/jwks").unwrap();
    let keys = ServerKeys::published(&server, Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
    let client = client_of(server.keys(keys)).user_info_algorithm(Algorithm::Es256).unwrap();
    let key = key_pair(&RustCrypto, Algorithm::Es256);
    let set = JwkSet::of(key.public_key().cloned());
    let answers =
        [Some(as_jwt(&jwt(None, &claims()))), Some(plain(200, &serde_json::to_string(&set).unwrap()))];
    let played = play(request(&client), answers);
    assert_eq!(played.urls(), [USERINFO, "https://as.example/jwks"]);
    assert!(played.outcome.is_ok());

    // The next one has it at hand.
    let played = play(request(&client), [Some(as_jwt(&jwt(None, &claims())))]);
    assert!(played.outcome.is_ok());

    // Keys that do not come end it.
    let keys = ServerKeys::published(client.server(), Arc::new(RustCrypto), &[Algorithm::Es256]).unwrap();
    let fresh = client_of(client.server().clone().keys(keys)).user_info_algorithm(Algorithm::Es256).unwrap();
    let mut flow = request(&fresh);
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    assert!(matches!(flow.step(Some(as_jwt(&jwt(None, &claims()))), NOW), Ok(Step::Send(_))));
    assert!(!flow.unanswered(NOW));
    assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))));
}

/// UI-3: either form in the place of the other.
#[test]
fn the_form_is_the_registered_one() {
    assert_eq!(rule(outcome(&signed_client(), told(&claims()))), Rule::Ui3);
    assert_eq!(rule(outcome(&client(), as_jwt(&jwt(None, &claims())))), Rule::Ui3);
    // A JWT under another name is none of either.
    let mut labelled = as_jwt(&jwt(None, &claims()));
    labelled.headers_mut().insert("content-type", "application/json".parse().unwrap());
    assert_eq!(rule(outcome(&signed_client(), labelled.clone())), Rule::Ui3);
    assert_eq!(rule(outcome(&client(), labelled)), Rule::Tr2);
    assert_eq!(rule(outcome(&signed_client(), as_jwt("a.b.c.d.e"))), Rule::Id43);
    let mut binary = as_jwt("");
    *binary.body_mut() = vec![0xff];
    assert_eq!(rule(outcome(&signed_client(), binary)), Rule::Ui3);
}

/// UI-4 and the rules of any JWT, claim by claim.
#[test]
fn signed_user_info_is_by_the_issuer_for_this_client_and_good_now() {
    let now = NOW.as_secs();
    for (name, wrong, expected) in [
        ("iss", json!("https://as.example/"), Rule::Ui4),
        ("iss", json!(1), Rule::Id9),
        ("aud", json!("another"), Rule::Ui4),
        ("aud", json!(["another"]), Rule::Ui4),
        ("aud", json!(7), Rule::Id10),
        ("sub", json!("another"), Rule::Ui5),
        ("exp", json!(now - 61), Rule::Id12),
        ("nbf", json!(now + 61), Rule::Id14),
        ("iat", json!(now + 61), Rule::Id13),
        ("exp", json!("soon"), Rule::Id25),
        ("events", json!({}), Rule::Ui4),
    ] {
        let mut claims = claims();
        claims[name] = wrong.clone();
        assert_eq!(rule(outcome(&signed_client(), as_jwt(&jwt(None, &claims)))), expected, "{name}: {wrong}");
    }
    let mut several = claims();
    several["aud"] = json!(["another", "s6BhdRkqt3"]);
    several["exp"] = json!(now + 60);
    assert!(outcome(&signed_client(), as_jwt(&jwt(None, &several))).is_ok());
    for typ in ["at+jwt", "logout+jwt", "token-introspection+jwt", "dpop+jwt"] {
        assert_eq!(rule(outcome(&signed_client(), as_jwt(&jwt(Some(typ), &claims())))), Rule::Id24, "{typ}");
    }
}

/// UI-4: without `iss` or `aud` it is taken by a quirk that names itself.
#[test]
fn unaddressed_user_info_is_a_relaxation() {
    let lax =
        client_of(server().admit(Quirk::UnaddressedUserInfo)).user_info_algorithm(Algorithm::Es256).unwrap();
    for name in ["iss", "aud"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        let answer = || as_jwt(&jwt(None, &claims));
        let error = outcome(&signed_client(), answer()).unwrap_err();
        assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Ui4), Some(Quirk::UnaddressedUserInfo)));
        let info = outcome(&lax, answer()).unwrap();
        assert!(info.quirks().contains(Quirk::UnaddressedUserInfo) && !info.checks().contains(Rule::Ui4));
    }
    let mut other = claims();
    other["iss"] = json!("https://other.example");
    assert_eq!(rule(outcome(&lax, as_jwt(&jwt(None, &other)))), Rule::Ui4);
}

/// UI-4, ID-8: `none`, another algorithm, another's signature.
#[test]
fn the_signature_is_the_servers_by_the_registered_algorithm() {
    let good = jwt(None, &claims());
    let (input, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{input}.{}", "A".repeat(signature.len()));
    assert_eq!(rule(outcome(&signed_client(), as_jwt(&forged))), Rule::Id8);
    // {"alg":"none"}
    let none = format!("eyJhbGciOiJub25lIn0.{}.", input.split_once('.').unwrap().1);
    assert_eq!(rule(outcome(&signed_client(), as_jwt(&none))), Rule::Ui4);
    let by_secret = hmac_signed(&RustCrypto, Algorithm::Hs256, &claims());
    assert_eq!(rule(outcome(&signed_client(), as_jwt(&by_secret))), Rule::Ui4);
    assert_eq!(rule(outcome(&signed_client(), as_jwt("a.b"))), Rule::Id1);
}

/// UI-4, CA-5: an HMAC only with the client's secret, and where it is registered.
#[test]
fn an_hmac_is_made_with_the_clients_secret() {
    let client = Client::new(server(), "s6BhdRkqt3").secret(HMAC_SECRET).unwrap();
    let client = client.user_info_algorithm(Algorithm::Hs256).unwrap();
    let by_secret = hmac_signed(&RustCrypto, Algorithm::Hs256, &claims());
    assert!(outcome(&client, as_jwt(&by_secret)).unwrap().is_signed());
    let public = Client::new(server(), "s6BhdRkqt3");
    assert_eq!(rule(public.user_info_algorithm(Algorithm::Hs256)), Rule::Ui4);
    let short = Client::new(server(), "s6BhdRkqt3").secret("short").unwrap();
    assert_eq!(rule(short.user_info_algorithm(Algorithm::Hs256)), Rule::Ca5);
}

/// UI-4, ID-4: what is needed is asked before anything is sent.
#[test]
fn a_client_is_registered_for_what_its_server_can_do() {
    let listed = client_of(server().list("userinfo_signing_alg_values_supported", ["RS256"]));
    assert_eq!(rule(listed.user_info_algorithm(Algorithm::Es256)), Rule::Id4);
    let keyless = client_of(valetkey_tests::server().endpoint(Endpoint::Userinfo, USERINFO).unwrap());
    let keyless = keyless.user_info_algorithm(Algorithm::Es256).unwrap();
    let asked = UserInfoRequest::about(&keyless, &alice(), &token(), TokenType::Bearer);
    assert_eq!(rule(asked), Rule::Ui4);
    assert!(matches!(outcome(&signed_client(), plain(403, "{}")), Err(Error::Refused(_))));
}

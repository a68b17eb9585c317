//! ID-9 to ID-38: each claim of an ID token, and what is refused of it.

use serde_json::{Value, json};
use valetkey_core::{Client, Error, Rule, TokenResponse};
use valetkey_tests::NOW;
use valetkey_tests::openid::{begun, client, id_token, logged_in, tokens};

fn refused(outcome: Result<TokenResponse, Error>) -> Rule {
    let error = outcome.map(|tokens| tokens.login().cloned()).unwrap_err();
    assert!(matches!(error, Error::Malformed(_)), "{error:?}");
    error.rule().unwrap()
}

fn set(name: &'static str, value: impl Into<Value>) -> impl FnOnce(&mut Value) {
    let value = value.into();
    move |claims| claims[name] = value
}

fn without(name: &'static str) -> impl FnOnce(&mut Value) {
    move |claims| drop(claims.as_object_mut().unwrap().remove(name))
}

fn now() -> u64 {
    NOW.as_secs()
}

/// ID-37: what a login ends with, and by whom an account is found.
#[test]
fn a_login_ends_with_who_logged_in() {
    let tokens = logged_in(&client(), |claims| {
        claims["auth_time"] = json!(now() - 5);
        claims["acr"] = json!("urn:example:gold");
        claims["amr"] = json!(["pwd", "otp"]);
        claims["sid"] = json!("08a5019c-17e1-4977-8f42-65a12843ea02");
        claims["name"] = json!("Jane Doe");
        claims["groups"] = json!(["staff"]);
    })
    .unwrap();
    let login = tokens.login().unwrap();
    assert_eq!(login.identity().issuer(), "https://as.example");
    assert_eq!(login.identity().subject(), "248289761001");
    assert_eq!(login.auth_time().unwrap().as_secs(), now() - 5);
    assert_eq!(login.acr(), Some("urn:example:gold"));
    assert_eq!(login.amr(), ["pwd", "otp"]);
    assert_eq!(login.session_id(), Some("08a5019c-17e1-4977-8f42-65a12843ea02"));
    assert_eq!(login.audience(), ["s6BhdRkqt3"]);
    assert_eq!((login.issued_at(), login.expires_at().as_secs()), (NOW, now() + 600));
    assert_eq!(login.standard_claims().name(), Some("Jane Doe"));
    assert_eq!(login.claim::<Vec<String>>("groups").unwrap(), Some(vec!["staff".to_owned()]));
    assert_eq!(login.claim::<String>("absent").unwrap(), None);
    assert_eq!(login.claim::<u8>("groups").unwrap_err().rule(), Some(Rule::Tr2));
    let raw: Value = serde_json::from_slice(login.claims()).unwrap();
    assert_eq!(raw["sub"], "248289761001");
    for rule in [
        Rule::Id4,
        Rule::Id8,
        Rule::Id9,
        Rule::Id10,
        Rule::Id12,
        Rule::Id13,
        Rule::Id15,
        Rule::Id18,
        Rule::Id31,
    ] {
        assert!(login.checks().contains(rule) && tokens.checks().contains(rule), "{rule}");
    }
    assert!(login.quirks().is_empty());
}

/// Nothing about the person is in a log.
#[test]
fn nothing_about_the_person_is_printed() {
    let tokens = logged_in(&client(), |claims| {
        claims["sub"] = json!("planted-SUBJECT");
        claims["name"] = json!("planted-NAME");
        claims["address"] = json!({ "country": "planted-COUNTRY" });
    })
    .unwrap();
    let login = tokens.login().unwrap();
    let claims = login.standard_claims();
    let printed = format!("{tokens:?} {login:?} {:?} {claims:?} {:?}", login.identity(), claims.address());
    assert!(!printed.contains("planted"), "{printed}");
}

/// ID-9, ID-38.
#[test]
fn the_issuer_is_the_servers_to_the_letter() {
    for other in
        ["https://as.example/", "https://AS.example", "http://as.example", "https://evil.example", ""]
    {
        assert_eq!(refused(logged_in(&client(), set("iss", other))), Rule::Id9, "{other}");
    }
    assert_eq!(refused(logged_in(&client(), without("iss"))), Rule::Id9);
    assert_eq!(refused(logged_in(&client(), set("iss", json!(["https://as.example"])))), Rule::Id9);
    assert_eq!(refused(logged_in(&client(), set("iss", "https://self-issued.me/v2"))), Rule::Id38);
    assert_eq!(refused(logged_in(&client(), set("sub", "https://as.example"))), Rule::Id38);
    assert_eq!(refused(logged_in(&client(), set("sub_jwk", json!({ "kty": "EC" })))), Rule::Id38);
}

/// ID-18.
#[test]
fn the_subject_is_a_short_text() {
    for other in [json!(""), json!(5), json!(null), json!("x".repeat(256)), json!("Zoë"), json!(["a"])] {
        assert_eq!(refused(logged_in(&client(), set("sub", other.clone()))), Rule::Id18, "{other}");
    }
    assert_eq!(refused(logged_in(&client(), without("sub"))), Rule::Id18);
    assert!(logged_in(&client(), set("sub", "x".repeat(255))).is_ok());
}

/// ID-10, ID-34: for this client, and for nobody else that was not named.
#[test]
fn the_audience_is_this_client_and_those_it_trusts() {
    for ours in [json!("s6BhdRkqt3"), json!(["s6BhdRkqt3"]), json!(["s6BhdRkqt3", "s6BhdRkqt3"])] {
        assert!(logged_in(&client(), set("aud", ours)).is_ok());
    }
    for other in
        [json!("other"), json!(["other"]), json!(["s6BhdRkqt3", "other"]), json!("s6bhdrkqt3"), json!(5)]
    {
        assert_eq!(refused(logged_in(&client(), set("aud", other.clone()))), Rule::Id10, "{other}");
    }
    for list in [json!([]), json!([1]), json!(["s6BhdRkqt3", 1])] {
        assert_eq!(refused(logged_in(&client(), set("aud", list.clone()))), Rule::Id34, "{list}");
    }
    assert_eq!(refused(logged_in(&client(), without("aud"))), Rule::Id10);
    let error = logged_in(&client(), set("aud", json!(["s6BhdRkqt3", "other"]))).unwrap_err();
    assert!(error.to_string().contains("Client::trusted_audience"), "{error}");
    let trusting = client().trusted_audience("other");
    let tokens = logged_in(&trusting, set("aud", json!(["other", "s6BhdRkqt3"]))).unwrap();
    assert_eq!(tokens.login().unwrap().audience(), ["other", "s6BhdRkqt3"]);
    assert_eq!(refused(logged_in(&trusting, set("aud", "other"))), Rule::Id10, "it must be ours too");
    assert_eq!(refused(logged_in(&trusting, set("aud", json!(["s6BhdRkqt3", "third"])))), Rule::Id10);
}

/// ID-11.
#[test]
fn an_authorized_party_is_this_client() {
    assert!(logged_in(&client(), set("azp", "s6BhdRkqt3")).is_ok());
    for other in [json!("other"), json!(["s6BhdRkqt3"]), json!(null)] {
        assert_eq!(refused(logged_in(&client(), set("azp", other.clone()))), Rule::Id11, "{other}");
    }
}

/// ID-12, ID-13, ID-14, ID-25, ID-31, ID-32: with a minute's patience for clocks.
#[test]
fn an_id_token_is_of_now() {
    let (second, week) = (1, 7 * 24 * 3600);
    for (name, good) in [
        ("exp", json!(now() - 59)),
        ("exp", json!(1.7e9 + 600.5)),
        ("iat", json!(now() + 60)),
        ("iat", json!(now() - 600)),
        ("nbf", json!(now() + 60)),
    ] {
        assert!(logged_in(&client(), set(name, good.clone())).is_ok(), "{name} {good}");
    }
    for (name, bad, rule) in [
        ("exp", json!(now() - 60), Rule::Id12),
        ("exp", json!(now() - week), Rule::Id12),
        ("exp", json!("1700000600"), Rule::Id25),
        ("exp", json!(1e300), Rule::Id25),
        ("exp", json!(null), Rule::Id25),
        ("iat", json!(now() + 60 + second), Rule::Id13),
        ("iat", json!(now() - 601), Rule::Id31),
        ("iat", json!(now() - 3600), Rule::Id31),
        ("iat", json!(now() - week), Rule::Id31),
        ("iat", json!(now() * 1000), Rule::Id25),
        ("iat", json!(-1), Rule::Id25),
        ("nbf", json!(now() + 60 + second), Rule::Id14),
    ] {
        assert_eq!(refused(logged_in(&client(), set(name, bad.clone()))), rule, "{name} {bad}");
    }
    assert_eq!(refused(logged_in(&client(), without("exp"))), Rule::Id12);
    assert_eq!(refused(logged_in(&client(), without("iat"))), Rule::Id13);
}

/// ID-32: one skew for everything, and no more than five minutes of it.
#[test]
fn the_skew_of_clocks_is_set_once() {
    use std::time::Duration;
    use valetkey_core::jose::Algorithm;
    use valetkey_tests::client_of;
    use valetkey_tests::openid::provider;

    let skewed = |seconds| provider(Algorithm::Es256).clock_skew(Duration::from_secs(seconds));
    assert_eq!(skewed(301).unwrap_err().rule(), Some(Rule::Id32));
    let patient = client_of(skewed(300).unwrap());
    assert!(logged_in(&patient, set("exp", now() - 299)).is_ok());
    let exact = client_of(skewed(0).unwrap());
    assert_eq!(refused(logged_in(&exact, set("exp", now()))), Rule::Id12);
}

/// ID-15.
#[test]
fn the_nonce_is_the_one_that_was_sent() {
    for other in [json!("other"), json!(""), json!(5), json!(null)] {
        assert_eq!(refused(logged_in(&client(), set("nonce", other.clone()))), Rule::Id15, "{other}");
    }
    assert_eq!(refused(logged_in(&client(), without("nonce"))), Rule::Id15);
}

/// ID-33, ID-35, ID-36.
#[test]
fn claims_have_their_types_and_are_those_of_an_id_token() {
    for (name, bad, rule) in [
        ("amr", json!("pwd"), Rule::Id35),
        ("amr", json!([1]), Rule::Id35),
        ("acr", json!(1), Rule::Id35),
        ("sid", json!(1), Rule::Id35),
        ("auth_time", json!(now() + 61), Rule::Id35),
        ("auth_time", json!("now"), Rule::Id25),
        ("events", json!({ "http://schemas.openid.net/event/backchannel-logout": {} }), Rule::Id36),
        ("events", json!(null), Rule::Id36),
        ("at_hash", json!(5), Rule::Id19),
    ] {
        assert_eq!(refused(logged_in(&client(), set(name, bad.clone()))), rule, "{name} {bad}");
    }
    for payload in [r#"{"sub":"a","sub":"b"}"#, "[]", "\"text\"", "", "{}x"] {
        let raw = id_token(valetkey_core::jose::Algorithm::Es256, &json!({}));
        let jwt = resigned(&raw, payload);
        let client = client();
        let outcome = begun(&client, |request| request).unwrap().finished(&client, vec![tokens(&jwt)]);
        assert_eq!(refused(outcome), Rule::Id33, "{payload}");
    }
}

/// A JWT with this payload, to the letter, under the header of another.
fn resigned(jwt: &str, payload: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use valetkey_core::jose::{Algorithm, RustCrypto, Signer};

    let (header, _) = jwt.split_once('.').unwrap();
    let input = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload));
    let key = valetkey_tests::jose::key_pair(&RustCrypto, Algorithm::Es256);
    let signature = key.sign(input.as_bytes()).unwrap().ready().unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// ID-27: bounded before anything is decoded.
#[test]
fn an_id_token_is_small_and_compact() {
    let long = logged_in(&client(), set("pad", "x".repeat(64 * 1024)));
    assert_eq!(refused(long), Rule::Id27);
    let client: Client = client();
    let good = id_token(valetkey_core::jose::Algorithm::Es256, &json!({}));
    for (bad, rule) in [
        (format!("{good}="), Rule::Id27),
        (good.replace('.', "+."), Rule::Id27),
        (r#"{"payload":"eyJ"}"#.to_owned(), Rule::Id27),
        ("a.b".to_owned(), Rule::Id1),
        ("a.b.c.d".to_owned(), Rule::Id1),
        ("a.b.c.d.e".to_owned(), Rule::Id43),
        (".".repeat(60_000), Rule::Id1),
        ("a.b.c".to_owned(), Rule::Id2),
    ] {
        let outcome = begun(&client, |request| request).unwrap().finished(&client, vec![tokens(&bad)]);
        assert_eq!(refused(outcome), rule, "{}", &bad[..bad.len().min(40)]);
    }
}

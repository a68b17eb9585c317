//! What those who tell of a person print: whose they are, and nothing about the person.

use serde_json::json;
use valetkey_core::Quirk;
use valetkey_core::identity::IdTokenVerification;
use valetkey_core::jose::Algorithm;
use valetkey_core::terms::IdToken;
use valetkey_tests::NOW;
use valetkey_tests::openid::{claims, client, id_token, logged_in};

#[test]
fn a_login_prints_its_issuer_and_its_time_and_not_the_person() {
    let tokens = logged_in(&client(), |claims| {
        claims["sub"] = json!("planted-SUBJECT");
        claims["name"] = json!(5);
        claims["email"] = json!("planted-EMAIL");
        claims["auth_time"] = json!(NOW.as_secs() - 5);
        claims["address"] = json!({ "country": "planted-COUNTRY" });
    })
    .unwrap();
    let login = tokens.login().unwrap();
    let identity = r#"Identity { issuer: "https://as.example", .. }"#;
    assert_eq!(format!("{:?}", login.identity()), identity);
    let shown = format!("{login:?}");
    let time = format!("auth_time: {:?}", login.auth_time());
    for said in ["Login {", identity, &time, "quirks: "] {
        assert!(shown.contains(said), "{said} in {shown}");
    }
    let claims = login.standard_claims();
    let quirks = claims.quirks();
    assert!(quirks.contains(Quirk::ClaimOfOtherType));
    assert_eq!(format!("{claims:?}"), format!("StandardClaims {{ quirks: {quirks:?}, .. }}"));
    assert_eq!(format!("{:?}", claims.address().unwrap()), "Address(..)");
    assert!(!shown.contains("planted"));
}

#[test]
fn a_verification_prints_for_whom_it_is_and_not_the_token() {
    let token = IdToken::new(id_token(Algorithm::Es256, &claims(None))).unwrap();
    let flow = IdTokenVerification::new(&client(), &token).unwrap();
    let shown = format!("{flow:?}");
    assert!(shown.contains("IdTokenVerification") && shown.contains("s6BhdRkqt3"), "{shown}");
    assert!(!shown.contains("eyJ"), "{shown}");
}

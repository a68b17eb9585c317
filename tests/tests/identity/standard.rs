//! UI-7, UI-8, ID-59: the standard claims, typed.

use serde_json::{Value, json};
use valetkey_core::identity::StandardClaims;
use valetkey_core::jose::Algorithm;
use valetkey_core::{Client, Quirk};
use valetkey_tests::client_of;
use valetkey_tests::openid::{client, logged_in, provider};

fn claims(client: &Client, more: Value) -> StandardClaims {
    let tokens = logged_in(client, |claims| {
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
    });
    tokens.unwrap().login().unwrap().standard_claims()
}

#[test]
fn every_standard_claim_is_read() {
    let texts = [
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "email",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "phone_number",
    ];
    let mut all: Value =
        texts.iter().map(|name| ((*name).to_owned(), json!(format!("the {name}")))).collect();
    all["email_verified"] = json!(true);
    all["phone_number_verified"] = json!(false);
    all["updated_at"] = json!(1_311_280_970);
    all["address"] = json!({
        "formatted": "1 Main St\nTown", "street_address": "1 Main St", "locality": "Town", "region": "R",
        "postal_code": "12345", "country": "US"
    });
    let read = claims(&client(), all);
    let told = [
        read.name(),
        read.given_name(),
        read.family_name(),
        read.middle_name(),
        read.nickname(),
        read.preferred_username(),
        read.profile(),
        read.picture(),
        read.website(),
        read.email(),
        read.gender(),
        read.birthdate(),
        read.zoneinfo(),
        read.locale(),
        read.phone_number(),
    ];
    for (name, told) in texts.iter().zip(told) {
        assert_eq!(told, Some(&*format!("the {name}")));
    }
    assert_eq!((read.email_verified(), read.phone_number_verified()), (Some(true), Some(false)));
    assert_eq!(read.verified_email(), Some("the email"));
    assert_eq!(read.updated_at().unwrap().as_secs(), 1_311_280_970);
    let address = read.address().unwrap();
    assert_eq!((address.formatted(), address.street_address()), (Some("1 Main St\nTown"), Some("1 Main St")));
    assert_eq!((address.locality(), address.region()), (Some("Town"), Some("R")));
    assert_eq!((address.postal_code(), address.country()), (Some("12345"), Some("US")));
    assert!(read.quirks().is_empty());
}

/// UI-7: null and an empty text are absent; a wrong type is left out, and reported.
#[test]
fn a_claim_of_a_wrong_type_is_left_out_and_reported() {
    let absent = claims(
        &client(),
        json!({ "name": null, "email": "", "email_verified": null, "updated_at": null, "address": null }),
    );
    assert_eq!((absent.name(), absent.email(), absent.email_verified()), (None, None, None));
    assert!(absent.updated_at().is_none() && absent.address().is_none() && absent.quirks().is_empty());
    for wrong in [
        json!({ "name": 5 }),
        json!({ "email_verified": "true" }),
        json!({ "email_verified": 1 }),
        json!({ "phone_number_verified": [] }),
        json!({ "updated_at": "yesterday" }),
        json!({ "address": "1 Main St" }),
        json!({ "address": { "country": 5 } }),
    ] {
        let read = claims(&client(), wrong.clone());
        assert!(read.quirks().contains(Quirk::ClaimOfOtherType), "{wrong}");
        assert!(read.name().is_none() && read.email_verified().is_none() && read.updated_at().is_none());
    }
    // The rest is not lost by it.
    assert_eq!(claims(&client(), json!({ "name": 5, "email": "j@example" })).email(), Some("j@example"));
}

/// ID-58's texts that are booleans, as a relaxation.
#[test]
fn a_boolean_may_be_a_text_where_that_is_admitted() {
    let admitting = client_of(provider(Algorithm::Es256).admit(Quirk::BooleanAsText));
    for (text, flag) in [("true", Some(true)), ("false", Some(false)), ("yes", None), ("TRUE", None)] {
        let read = claims(&admitting, json!({ "email": "j@example", "email_verified": text }));
        assert_eq!(read.email_verified(), flag, "{text}");
        assert_eq!(read.verified_email().is_some(), flag == Some(true));
        assert_eq!(read.quirks().contains(Quirk::BooleanAsText), flag.is_some());
    }
}

/// An address that nobody made sure of says nothing.
#[test]
fn an_email_address_is_verified_or_it_is_not_one_to_trust() {
    for verified in [json!(false), json!(null), json!("true")] {
        let read = claims(&client(), json!({ "email": "j@example", "email_verified": verified }));
        assert_eq!((read.email(), read.verified_email()), (Some("j@example"), None));
    }
}

/// UI-8.
#[test]
fn a_claim_may_be_there_in_several_languages() {
    let read =
        claims(&client(), json!({ "name": "Jane", "name#ja-Kana-JP": "ジェーン", "family_name#JA": "ドウ" }));
    assert_eq!(read.name(), Some("Jane"));
    assert_eq!(read.in_language("name", "ja-kana-jp"), Some("ジェーン"));
    assert_eq!(read.in_language("family_name", "ja"), Some("ドウ"));
    assert_eq!(read.in_language("name", "de"), None);
    assert_eq!(read.in_language("name", ""), Some("Jane"));
}

/// UI-7, UI-8, ID-59: a claim whose language is empty is another claim, which some servers let people choose: it does not pass for
/// the address that the server has verified.
#[test]
fn a_claim_of_an_empty_language_stands_for_no_other() {
    let told = claims(
        &client(),
        json!({ "email#": "victim@example.com", "email": "mallory@example.com", "email_verified": true, "name#": "The Victim" }),
    );
    assert_eq!(told.verified_email(), Some("mallory@example.com"));
    assert_eq!((told.email(), told.name()), (Some("mallory@example.com"), None));
    let alone = claims(&client(), json!({ "email#": "victim@example.com", "email_verified": true }));
    assert_eq!((alone.verified_email(), alone.in_language("email", "")), (None, None));
}

/// UI-7: an empty text is as absent in an address, and in the place of a boolean, as anywhere.
#[test]
fn an_empty_text_is_absent_and_no_departure() {
    let admitting = client_of(provider(Algorithm::Es256).admit(Quirk::BooleanAsText));
    let read =
        claims(&client(), json!({ "email_verified": "", "address": { "country": "", "locality": "Town" } }));
    assert_eq!((read.email_verified(), read.quirks().is_empty()), (None, true));
    let address = read.address().unwrap();
    assert_eq!((address.country(), address.locality()), (None, Some("Town")));
    let read = claims(&admitting, json!({ "email_verified": "" }));
    assert_eq!((read.email_verified(), read.quirks().is_empty()), (None, true));
}

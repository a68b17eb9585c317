//! What is shown for a log of what is asked about a person: who is asked, and nothing about the person.

use std::fmt::Debug;

use valetkey_core::openid::{ClaimSourceRequest, UnverifiedUserInfoRequest};
use valetkey_core::token::TokenType;
use valetkey_tests::script::play;

use crate::elsewhere::{BANK, PLACE, aggregated, bank_keys, distributed};
use crate::web_finger::finger;
use crate::world::*;

#[track_caller]
fn shows(value: &dyn Debug, texts: &[&str]) {
    let shown = format!("{value:?}");
    for text in texts {
        assert!(shown.contains(text), "{shown} says nothing of {text}");
    }
    for secret in [SUB, "Alice", "Oxford", "planted", token().expose()] {
        assert!(!shown.contains(secret), "{shown} says {secret}");
    }
}

#[test]
fn a_question_about_a_person_and_its_answer_say_whom_they_asked() {
    shows(&request(&client()), &["UserInfoRequest {", "s6BhdRkqt3"]);
    let info = outcome(&client(), told(&claims())).unwrap();
    shows(&info, &["UserInfo {", "quirks: {}"]);
    let unverified = || UnverifiedUserInfoRequest::new(&client(), &token(), TokenType::Bearer).unwrap();
    shows(&unverified(), &["UnverifiedUserInfoRequest {", "s6BhdRkqt3"]);
    let info = play(unverified(), [Some(told(&claims()))]).outcome.unwrap();
    shows(&info, &["UnverifiedUserInfo {", "quirks: {}"]);
}

#[test]
fn another_source_is_shown_by_the_names_of_its_claims() {
    let names = ["\"address\"", "\"phone_number\"", "\"shoe_size\""];
    for (source, place) in [(aggregated(), "Aggregated(..)"), (distributed(PLACE), "Distributed(..)")] {
        shows(&source, &names);
        shows(&source, &["ClaimSource {", place]);
        let flow = ClaimSourceRequest::new(&source, BANK, bank_keys()).unwrap();
        shows(&flow, &names);
        shows(&flow, &["ClaimSourceRequest {", BANK]);
    }
    let flow = ClaimSourceRequest::new(&aggregated(), BANK, bank_keys()).unwrap();
    let claims = play(flow, []).outcome.unwrap();
    shows(&claims, &["SourcedClaims {", BANK]);
    assert_eq!(
        (claims.issuer(), claims.names()),
        (BANK, &["address", "phone_number", "shoe_size"].map(str::to_owned)[..])
    );
}

#[test]
fn who_is_looked_for_is_not_shown() {
    let flow = finger("acct:Alice@example.com").unwrap();
    shows(&flow, &["WebFinger {", "https://example.com/.well-known/webfinger"]);
}

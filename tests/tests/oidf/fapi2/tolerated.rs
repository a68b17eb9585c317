//! The modules in which the server's answer is unusual, and good all the same.

use serde_json::Value;
use valetkey_core::Session;
use valetkey_core::token::TokenType;
use valetkey_sandbox::Misbehaviour;

use super::sent::assert_conformant;
use super::suite::{Constraint, Suite, Variant};

/// `token_type` with each letter in the other case: `dpOp`, `bEARER`.
#[test]
fn a_token_type_in_the_other_case() {
    for variant in Variant::all() {
        let mut suite = Suite::new(variant);
        suite.tamper(|request, answer| {
            if request.uri().path() == "/oauth/token" && answer.status() == 200 {
                let mut body: Value = serde_json::from_slice(answer.body()).unwrap();
                let inverted = body["token_type"].as_str().unwrap().chars().map(|letter| {
                    if letter.is_ascii_lowercase() {
                        letter.to_ascii_uppercase()
                    } else {
                        letter.to_ascii_lowercase()
                    }
                });
                let inverted: String = inverted.collect();
                assert!(["dpOp", "bEARER"].contains(&inverted.as_str()));
                body["token_type"] = inverted.into();
                *answer.body_mut() = serde_json::to_vec(&body).unwrap();
            }
        });
        let client = suite.client().unwrap();
        let tokens = suite.log_in(&client).unwrap();
        let bound = variant.constraint == Constraint::Dpop;
        assert_eq!(tokens.token_type() == TokenType::Dpop, bound, "{variant:?}");
        assert_eq!(suite.call(&mut Session::from_tokens(&client, &tokens)).unwrap(), 200, "{variant:?}");
        assert_conformant(&suite);
    }
}

/// Without `expires_in` the token is good until the API refuses it.
#[test]
fn tokens_without_expires_in() {
    for variant in Variant::all() {
        let mut suite = Suite::new(variant);
        let client = suite.client().unwrap();
        suite.sandbox.misbehave_once(Misbehaviour::ExpiresInMissing);
        // The first answer of all is the demand for a nonce, which has no `expires_in` anyway.
        let tokens = suite.log_in(&client).unwrap();
        assert_eq!(tokens.expires_at(), None, "{variant:?}");
        assert_eq!(suite.call(&mut Session::from_tokens(&client, &tokens)).unwrap(), 200, "{variant:?}");
        assert_conformant(&suite);
    }
}

/// The API's demand for a nonce names its scheme in odd case.
#[test]
fn a_challenge_of_the_api_in_odd_case() {
    for variant in Variant::all().into_iter().filter(|variant| variant.constraint == Constraint::Dpop) {
        let mut suite = Suite::new(variant);
        suite.sandbox.misbehave_once(Misbehaviour::ApiChallengeOddCase);
        assert_eq!(suite.whole().unwrap(), 200, "{variant:?}");
        assert_eq!(suite.sandbox.misbehaviours().count(), 0, "the misbehaviour was met");
        assert_conformant(&suite);
    }
}

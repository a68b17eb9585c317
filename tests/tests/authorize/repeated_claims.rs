//! TR-2: a claim of a signed response may be there twice only with one value, to the letter, of those that are kept to the letter;
//! and a signed response that breaks this is nobody's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use valetkey_core::authorize::ResponseMode;
use valetkey_core::jose::Algorithm;
use valetkey_core::{AuthorizationRequest, AuthorizationResponse};
use valetkey_tests::openid::{CALLBACK, provider};
use valetkey_tests::{NOW, client_of, entropy};

/// Whether the authorization knows a response with these two as a claim for its own.
fn is_taken(one: &str, other: &str) -> bool {
    let client = client_of(provider(Algorithm::Es256));
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap().response_mode(ResponseMode::Jwt);
    let (_, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let claims = format!(r#"{{"x":{one},"state":"{}","x":{other}}}"#, pending.state());
    let [header, payload] = [r#"{"alg":"ES256"}"#, &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let url = format!("{CALLBACK}?response={header}.{payload}.AAAA");
    pending.recognizes(&AuthorizationResponse::from_url(&url).unwrap())
}

#[test]
fn a_claim_may_be_repeated_with_its_own_value() {
    for value in ["null", "true", "false", "0", "17", "\"\"", "\"a\"", "[]", "[1]", "[null,[true,\"a\"]]"] {
        assert!(is_taken(value, value), "{value}");
    }
    assert!(is_taken("\"a\"", r#""\u0061""#), "an escape is the letter that it stands for");
}

#[test]
fn a_claim_is_not_repeated_with_another_value() {
    for (one, other) in [
        ("true", "false"),
        ("1", "2"),
        ("\"a\"", "\"b\""),
        ("\"a\"", "\"A\""),
        ("[1]", "[2]"),
        ("[1]", "[1,2]"),
        ("[1,2]", "[1]"),
        ("[1,2]", "[2,1]"),
        ("null", "false"),
        ("0", "false"),
        ("1", "\"1\""),
        ("[]", "null"),
    ] {
        assert!(!is_taken(one, other), "{one} {other}");
    }
}

/// A fraction is the nearest one that there is, and an object may be written in many ways: neither is compared.
#[test]
fn what_is_not_kept_to_the_letter_is_not_repeated() {
    for value in ["1.5", "-1", "{}", "{\"a\":1}", "[1.5]", "[{}]"] {
        assert!(!is_taken(value, value), "{value}");
    }
}

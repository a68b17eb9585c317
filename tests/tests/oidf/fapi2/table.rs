//! The modules of the two plans, each with the tests that tell it: [`MODULES`].

use std::collections::BTreeSet;

/// What the names of the modules begin with.
pub(crate) const PREFIX: &str = "fapi2-security-profile-final-client-";

pub(crate) const SECURITY_PROFILE: &str = "fapi2-security-profile-final-client-test-plan";
pub(crate) const MESSAGE_SIGNING: &str = "fapi2-message-signing-final-client-test-plan";

/// Why a module has no test.
pub(crate) const ABSENT: &str = "no grant management";

/// The modules, in the plans' order, and their tests as `file::name`.
pub(crate) const MODULES: [(&str, &[&str], Option<&str>); 35] = [
    (
        "test-happy-path",
        &[
            "happy_path::happy_path",
            "happy_path::happy_path_with_each_algorithm_of_the_profile",
            "client_credentials::happy_path_of_client_credentials",
        ],
        None,
    ),
    ("test-discovery-issuer-mismatch", &["refused::discovery_with_another_issuer"], Some("DI-4")),
    ("test-invalid-iss", &["id_token::an_id_token_of_another_issuer"], Some("ID-9")),
    ("test-invalid-aud", &["id_token::an_id_token_for_another_client"], Some("ID-10")),
    ("test-invalid-secondary-aud", &["id_token::an_id_token_for_another_client_too"], Some("ID-10")),
    ("test-invalid-null-alg", &["id_token::an_id_token_signed_by_none"], Some("ID-28")),
    ("test-invalid-alternate-alg", &["id_token::an_id_token_signed_by_another_algorithm"], Some("ID-28")),
    ("test-invalid-expired-exp", &["id_token::an_id_token_that_has_expired"], Some("ID-12")),
    ("test-invalid-missing-exp", &["id_token::an_id_token_that_never_expires"], Some("ID-12")),
    ("test-invalid-missing-aud", &["id_token::an_id_token_for_nobody"], Some("ID-10")),
    ("test-invalid-missing-iss", &["id_token::an_id_token_of_no_issuer"], Some("ID-9")),
    ("test-valid-aud-as-array", &["id_token::an_id_token_whose_audience_is_a_list"], None),
    ("test-invalid-nonce", &["id_token::an_id_token_with_another_nonce"], Some("ID-15")),
    ("test-invalid-missing-nonce", &["id_token::an_id_token_without_a_nonce"], Some("ID-15")),
    ("test-invalid-authorization-response-iss", &["refused::a_response_of_another_issuer"], Some("AR-3")),
    ("test-remove-authorization-response-iss", &["refused::a_response_of_no_issuer"], Some("AR-3")),
    (
        "test-ensure-authorization-response-with-invalid-state-fails",
        &["refused::a_response_with_another_state", "signed_responses::jarm_with_another_state"],
        Some("AR-5"),
    ),
    (
        "test-ensure-authorization-response-with-invalid-missing-state-fails",
        &["refused::a_response_without_state"],
        Some("AR-5"),
    ),
    (
        "test-token-endpoint-response-without-expires_in",
        &[
            "tolerated::tokens_without_expires_in",
            "client_credentials::client_credentials_without_expires_in",
        ],
        None,
    ),
    ("test-token-type-case-insensitivity", &["tolerated::a_token_type_in_the_other_case"], None),
    ("test-rs-dpop-auth-scheme-case-insensitivity", &["tolerated::a_challenge_of_the_api_in_odd_case"], None),
    ("test-happy-path-no-dpop-nonce", &["happy_path::happy_path_without_nonces"], None),
    ("test-happy-path-no-mtls-endpoint-aliases", &["happy_path::happy_path_without_endpoint_aliases"], None),
    ("test-ensure-jarm-without-iss-fails", &["signed_responses::jarm_without_iss"], Some("JM-2")),
    ("test-ensure-jarm-with-invalid-iss-fails", &["signed_responses::jarm_with_another_iss"], Some("JM-2")),
    ("test-ensure-jarm-without-aud-fails", &["signed_responses::jarm_without_aud"], Some("JM-3")),
    ("test-ensure-jarm-with-invalid-aud-fails", &["signed_responses::jarm_with_another_aud"], Some("JM-3")),
    ("test-ensure-jarm-without-exp-fails", &["signed_responses::jarm_without_exp"], Some("JM-4")),
    ("test-ensure-jarm-with-expired-exp-fails", &["signed_responses::jarm_that_has_expired"], Some("JM-4")),
    (
        "test-ensure-jarm-with-invalid-sig-fails",
        &["signed_responses::jarm_with_another_signature"],
        Some("ID-8"),
    ),
    ("test-ensure-jarm-signature-is-not-none", &["signed_responses::jarm_signed_by_none"], Some("ID-4")),
    ("refresh-token-test", &["refresh::an_api_that_refuses_until_tokens_were_refreshed_twice"], None),
    ("test-grant-management-happy-path", &[], None),
    ("test-grant-management-query-and-revoke", &[], None),
    ("test-grant-management-invalid-grant-id-fails", &[], None),
];

/// Each file of tests.
const SOURCES: [(&str, &str); 7] = [
    ("client_credentials", include_str!("client_credentials.rs")),
    ("happy_path", include_str!("happy_path.rs")),
    ("id_token", include_str!("id_token.rs")),
    ("refresh", include_str!("refresh.rs")),
    ("refused", include_str!("refused.rs")),
    ("signed_responses", include_str!("signed_responses.rs")),
    ("tolerated", include_str!("tolerated.rs")),
];

/// The tests as their sources have them, and the rule that each asserts, if it is one of a wrong answer.
fn tests() -> Vec<(String, &'static str)> {
    SOURCES
        .iter()
        .flat_map(|(file, text)| {
            let named = text.split("#[test]\nfn ").skip(1);
            named.map(move |rest| {
                let (name, body) = rest.split_once('(').unwrap();
                (format!("{file}::{name}"), body.split("\n}\n").next().unwrap())
            })
        })
        .collect()
}

#[test]
fn each_test_is_some_modules_and_asserts_its_rule() {
    let tests = tests();
    assert!(!tests.is_empty());
    let mut named = BTreeSet::new();
    for (module, ours, rule) in MODULES {
        for test in ours {
            let (_, body) = tests.iter().find(|(name, _)| name == test).unwrap_or_else(|| panic!("{test}"));
            let rules = body.matches("Rule::").count();
            let typed = rule.map(|rule| {
                let (family, number) = rule.split_once('-').unwrap();
                format!("Rule::{}{}{number}", &family[..1], family[1..].to_lowercase())
            });
            assert_eq!(rules, usize::from(typed.is_some()), "{module}: {test}");
            assert!(typed.is_none_or(|typed| body.contains(&typed)), "{module}: {test}");
            named.insert((*test).to_owned());
        }
    }
    assert_eq!(named, tests.into_iter().map(|(name, _)| name).collect(), "each test is some module's");
}

/// What is told of FAPI 2.0 everywhere.
#[test]
fn thirty_two_of_the_thirty_five_modules_pass() {
    assert_eq!(MODULES.iter().filter(|(_, ours, _)| !ours.is_empty()).count(), 32);
}

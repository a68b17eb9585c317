//! Keeps the table of `tests/FAPI2.md` in step with the plans' modules and with the tests here.

use std::collections::BTreeSet;

/// The modules of the two plans, in the plans' order, without what their names begin with:
/// `fapi2-security-profile-final-client-`.
const MODULES: [&str; 35] = [
    "test-happy-path",
    "test-discovery-issuer-mismatch",
    "test-invalid-iss",
    "test-invalid-aud",
    "test-invalid-secondary-aud",
    "test-invalid-null-alg",
    "test-invalid-alternate-alg",
    "test-invalid-expired-exp",
    "test-invalid-missing-exp",
    "test-invalid-missing-aud",
    "test-invalid-missing-iss",
    "test-valid-aud-as-array",
    "test-invalid-nonce",
    "test-invalid-missing-nonce",
    "test-invalid-authorization-response-iss",
    "test-remove-authorization-response-iss",
    "test-ensure-authorization-response-with-invalid-state-fails",
    "test-ensure-authorization-response-with-invalid-missing-state-fails",
    "test-token-endpoint-response-without-expires_in",
    "test-token-type-case-insensitivity",
    "test-rs-dpop-auth-scheme-case-insensitivity",
    "test-happy-path-no-dpop-nonce",
    "test-happy-path-no-mtls-endpoint-aliases",
    "test-ensure-jarm-without-iss-fails",
    "test-ensure-jarm-with-invalid-iss-fails",
    "test-ensure-jarm-without-aud-fails",
    "test-ensure-jarm-with-invalid-aud-fails",
    "test-ensure-jarm-without-exp-fails",
    "test-ensure-jarm-with-expired-exp-fails",
    "test-ensure-jarm-with-invalid-sig-fails",
    "test-ensure-jarm-signature-is-not-none",
    "refresh-token-test",
    "test-grant-management-happy-path",
    "test-grant-management-query-and-revoke",
    "test-grant-management-invalid-grant-id-fails",
];

/// Each file of tests.
const SOURCES: [(&str, &str); 6] = [
    ("client_credentials", include_str!("client_credentials.rs")),
    ("happy_path", include_str!("happy_path.rs")),
    ("refresh", include_str!("refresh.rs")),
    ("refused", include_str!("refused.rs")),
    ("signed_responses", include_str!("signed_responses.rs")),
    ("tolerated", include_str!("tolerated.rs")),
];

/// The cells of the table's rows.
fn rows() -> Vec<[String; 3]> {
    include_str!("../../FAPI2.md")
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<String> =
                line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            cells.try_into().unwrap_or_else(|_| panic!("no three cells: {line}"))
        })
        .collect()
}

/// What is in backquotes.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The tests of this target, as `file::name`.
fn tests() -> BTreeSet<String> {
    SOURCES
        .iter()
        .flat_map(|(file, text)| {
            let named = text.split("#[test]\nfn ").skip(1);
            named.map(move |rest| format!("{file}::{}", rest.split('(').next().unwrap()))
        })
        .collect()
}

#[test]
fn each_module_has_a_row_and_each_row_its_tests() {
    let rows = rows();
    let modules: Vec<&str> = rows.iter().map(|[module, ..]| quoted(module)[0]).collect();
    assert_eq!(modules, MODULES);
    let tests = tests();
    assert!(!tests.is_empty());
    let mut named = BTreeSet::new();
    for [module, ours, result] in &rows {
        let ours: BTreeSet<String> = quoted(ours).into_iter().map(str::to_owned).collect();
        assert_eq!(result == "passes", !ours.is_empty(), "{module}: {result}");
        assert!(ours.is_subset(&tests), "{module}: {ours:?}");
        named.extend(ours);
    }
    assert_eq!(named, tests, "each test is some module's");
}

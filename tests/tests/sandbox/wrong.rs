//! What each misbehaviour of today's servers comes to at valetkey's own client: the rule that catches it, or why there
//! is nothing to catch. Those about RFC 6749 are in the Playground's table.

use std::collections::BTreeMap;

use valetkey_core::Error;
use valetkey_sandbox::{Endpoint, Misbehaviour, Sandbox};

use crate::conversations::*;
use crate::hybrid;
use crate::metadata::modern;
use crate::{encrypted, openid};

/// What each comes to: a rule's id, or what the client makes of it.
const EXPECTED: &[(&str, &str)] = &[
    ("response-unasked", "AR-2"),
    ("iss-upper-case", "AR-3"),
    ("iss-port", "AR-3"),
    ("iss-escaped", "AR-3"),
    ("code-renamed", "AR-7"),
    ("error-without-iss", "refused: access_denied"),
    ("iss-in-query", "AR-11"),
    ("error-twice", "AR-1"),
    ("id-token-in-redirect", "AR-9"),
    ("other-port", "AR-10"),
    ("jarm-iss-missing", "JM-2"),
    ("jarm-iss-foreign", "JM-2"),
    ("jarm-iss-repeated", "TR-2"),
    ("jarm-iss-twice", "TR-2"),
    ("jarm-aud-missing", "JM-3"),
    ("jarm-aud-other", "JM-3"),
    ("jarm-exp-missing", "JM-4"),
    ("jarm-expired", "JM-4"),
    ("jarm-exp-text", "ID-25"),
    ("jarm-state-other", "AR-5"),
    ("jarm-hmac", "ID-4"),
    ("jarm-critical", "ID-3"),
    ("jarm-unsigned", "ID-4"),
    ("jarm-forged", "ID-8"),
    ("jarm-two-parts", "ID-1"),
    ("jarm-five-parts", "ID-43"),
    ("jarm-dots", "AR-8"),
    ("jarm-unpacked", "AR-2"),
    ("jarm-beside-plain", "AR-2"),
    ("metadata-missing", "refused: status 404"),
    ("metadata-first-302", "fine"),
    ("metadata-first-login", "fine"),
    ("metadata-first-500", "fine"),
    ("metadata-first-502", "fine"),
    ("metadata-openid-more", "fine"),
    ("metadata-openid-less", "fine"),
    ("metadata-contradiction", "fine"),
    ("metadata-202", "DI-3"),
    ("metadata-redirect", "DI-3"),
    ("metadata-text-html", "DI-3"),
    ("metadata-array", "TR-2"),
    ("metadata-trailing-data", "TR-2"),
    ("metadata-truncated", "TR-2"),
    ("metadata-deep", "TR-2"),
    ("metadata-huge", "TR-2"),
    ("two-issuers", "TR-2"),
    ("issuer-missing", "DI-4"),
    ("issuer-foreign", "DI-4"),
    ("issuer-trailing-slash", "DI-4"),
    ("issuer-upper-case", "DI-4"),
    ("issuer-port", "DI-4"),
    ("issuer-number", "DI-4"),
    (
        "token-endpoint-missing",
        "misuse: the server has no token_endpoint: describe it with one, or discover it",
    ),
    ("token-endpoint-http", "DI-5"),
    ("token-endpoint-foreign", "DI-7"),
    ("token-endpoint-fragment", "DI-5"),
    ("token-endpoint-number", "DI-5"),
    ("authorization-endpoint-script", "DI-5"),
    ("authorization-endpoint-file", "DI-5"),
    ("jwks-uri-foreign", "DI-7"),
    ("revocation-endpoint-number", "told: an endpoint left out"),
    ("revocation-endpoint-empty", "told: an endpoint left out"),
    ("introspection-endpoint-http", "told: an endpoint left out"),
    ("response-modes-without-form-post", "fine"),
    ("response-types-missing", "DI-6"),
    ("response-types-text", "DI-6"),
    ("response-types-empty", "told: an empty list"),
    ("without-s256", "AQ-3"),
    ("dpop-algorithms-unknown", "fine"),
    ("auth-methods-unknown", "CA-3"),
    ("public-clients-unlisted", "fine"),
    ("iss-in-responses-denied", "fine"),
    ("signed-metadata-garbled", "told: signed"),
    ("metadata-unknown-members", "fine"),
    ("resource-metadata-missing", "refused: not-found"),
    ("resource-metadata-redirect", "DI-3"),
    ("resource-other", "PR-2"),
    ("resource-above", "PR-2"),
    ("resource-missing", "PR-2"),
    ("authorization-servers-empty", "PR-3"),
    ("authorization-servers-http", "PR-3"),
    ("authorization-servers-text", "PR-3"),
    ("authorization-servers-foreign", "PR-3"),
    ("jwks-missing", "refused: status 404"),
    ("jwks-redirect", "JK-1"),
    ("jwks-text-html", "JK-1"),
    ("jwks-empty", "ID-6"),
    ("jwks-object", "JK-1"),
    ("jwks-private", "JK-1"),
    ("jwks-secret", "JK-1"),
    ("jwks-unknown", "fine"),
    ("jwks-weak", "fine"),
    ("jwks-off-curve", "ID-6"),
    ("jwks-same-kid", "ID-6"),
    ("jwks-other-kid", "ID-6"),
    ("jwks-many", "JK-1"),
    ("jwks-huge", "TR-2"),
    ("pushed-200", "PA-1"),
    ("request-uri-missing", "PA-1"),
    ("request-uri-empty", "PA-1"),
    ("request-uri-number", "PA-1"),
    ("pushed-expiry-missing", "PA-1"),
    ("pushed-expiry-zero", "PA-1"),
    ("pushed-expiry-negative", "PA-1"),
    ("pushed-expiry-u64-max", "fine"),
    ("pushed-expiry-infinite", "TR-2"),
    ("pushed-expiry-true", "PA-1"),
    ("pushed-expiry-garbled", "PA-1"),
    ("pushed-expiry-array", "PA-1"),
    ("pushed-413", "refused: status 413"),
    ("pushed-429", "refused: status 429"),
    ("pushed-redirect", "HT-1"),
    ("device-code-missing", "DV-1"),
    ("device-code-number", "DV-1"),
    ("user-code-missing", "DV-1"),
    ("user-code-empty", "DV-1"),
    ("user-code-escapes", "DV-2"),
    ("verification-uri-missing", "DV-1"),
    ("verification-url", "DV-1"),
    ("verification-uri-script", "DV-2"),
    ("verification-uri-escapes", "DV-2"),
    ("verification-uri-other", "told: a page elsewhere"),
    ("device-expiry-missing", "DV-1"),
    ("device-expiry-zero", "DV-1"),
    ("device-expiry-negative", "DV-1"),
    ("device-expiry-u64-max", "told: lifetime-capped"),
    ("device-expiry-infinite", "TR-2"),
    ("device-expiry-true", "DV-1"),
    ("device-expiry-garbled", "DV-1"),
    ("device-expiry-text", "told: lifetime-as-text"),
    ("device-expiry-fraction", "told: lifetime-as-fraction"),
    ("device-expiry-array", "DV-1"),
    ("interval-missing", "fine"),
    ("interval-zero", "told: interval-adjusted"),
    ("interval-null", "told: interval-adjusted"),
    ("interval-negative", "DV-1"),
    ("interval-u64-max", "told: interval-adjusted"),
    ("interval-garbled", "DV-1"),
    ("interval-text", "told: interval-adjusted"),
    ("interval-fraction", "told: interval-adjusted"),
    ("device-redirect", "HT-1"),
    ("device-201", "DV-1"),
    ("dpop-nonce-repeats", "refused: use_dpop_nonce"),
    ("dpop-nonce-401", "refused: use_dpop_nonce"),
    ("dpop-nonce-twice", "DP-4"),
    ("dpop-nonce-malformed", "DP-4"),
    ("dpop-proof-refused", "refused: invalid_dpop_proof"),
    ("token-type-downgraded", "TR-7"),
    ("success-as-404", "refused: status 404"),
    ("id-token-number", "TR-12"),
    ("scope-commas", "fine"),
    ("token-type-bot", "TR-6"),
    ("id-token-null", "TR-12"),
    ("token-type-odd-case", "fine"),
    ("authorization-details-object", "TR-15"),
    ("authorization-details-unknown", "TR-15"),
    ("issued-token-type-missing", "TR-16"),
    ("token-type-n-a", "TR-6"),
    ("authorization-pending-always", "DV-4"),
    ("pending-with-200", "DV-4"),
    ("refused-as-invalid-code", "refused: invalid_code"),
    ("refused-as-client", "refused: unauthorized_client"),
    ("interaction-required", "refused: interaction_required"),
    ("pending-in-other-words", "refused: status 400"),
    ("slow-down-always", "DV-4"),
    ("expired-token", "authorization required"),
    ("active-text", "IN-1"),
    ("active-number", "IN-1"),
    ("active-missing", "IN-1"),
    ("inactive-with-members", "inactive: Told"),
    ("introspection-expired", "inactive: Expired"),
    ("introspection-exp-zero", "inactive: Expired"),
    ("introspection-not-yet", "inactive: NotYet"),
    ("introspection-other-audience", "inactive: Unexpected(\"aud\")"),
    ("introspection-other-issuer", "inactive: Unexpected(\"iss\")"),
    ("introspection-other-client", "inactive: Unexpected(\"client_id\")"),
    ("introspection-other-type", "inactive: Unexpected(\"token_type\")"),
    ("introspection-scope-array", "IN-1"),
    ("introspection-array", "TR-2"),
    ("introspection-redirect", "HT-1"),
    ("introspection-201", "IN-1"),
    ("introspection-type-jwt", "IN-2"),
    ("introspection-nested", "IN-2"),
    ("introspection-at-top-level", "IN-2"),
    ("introspection-signed-for-other", "IN-2"),
    ("introspection-signed-for-api", "IN-2"),
    ("introspection-signed-by-other", "IN-2"),
    ("introspection-undated", "IN-2"),
    ("introspection-unsigned", "ID-4"),
    ("introspection-forged", "ID-8"),
    ("introspection-dots", "ID-1"),
    ("revocation-text", "fine"),
    ("revocation-error", "refused: server_error"),
    ("revocation-unavailable", "refused: status 503"),
    ("revocation-unsupported", "refused: unsupported_token_type"),
    ("revocation-redirect", "HT-1"),
    ("api-dpop-nonce-repeats", "handed over: 401"),
    ("api-dpop-nonce-twice", "handed over: 401"),
    ("api-dpop-nonce-malformed", "handed over: 401"),
    ("api-dpop-nonce-missing", "handed over: 401"),
    ("api-dpop-nonce-400", "handed over: 400"),
    ("api-dpop-nonce-among-others", "handed over: 401"),
    ("api-dpop-downgrade", "handed over: 401"),
    ("api-dpop-algorithms", "handed over: 401"),
    ("api-step-up-always", "refused: status 401"),
    ("api-step-up-negative", "WA-4"),
    ("api-step-up-quotes", "WA-4"),
    ("api-scope-quotes", "WA-4"),
    ("api-challenge-twice", "WA-1"),
    ("api-challenge-lines", "handed over: 401"),
    ("api-challenge-spaces", "handed over: 401"),
    ("api-invalid-request", "handed over: 400"),
    ("api-metadata-foreign", "PR-4"),
    ("api-metadata-elsewhere", "PR-4"),
    ("api-metadata-http", "PR-4"),
    ("api-metadata-file", "PR-4"),
    ("api-metadata-private", "PR-4"),
    ("api-challenge-odd-case", "handed over: 401"),
];

#[test]
fn each_misbehaviour_is_caught_by_its_rule() {
    let expected: BTreeMap<&str, &str> = EXPECTED.iter().copied().collect();
    assert_eq!(expected.len(), EXPECTED.len());
    let mut wrong = Vec::new();
    for misbehaviour in Misbehaviour::ALL.iter().filter(|one| !one.is_classic()) {
        let name = misbehaviour.name();
        let elsewhere = openid::EXPECTED.iter().chain(openid::ABOUT).chain(hybrid::EXPECTED);
        let mut elsewhere = elsewhere.chain(encrypted::EXPECTED).chain(encrypted::UNASKED);
        if elsewhere.any(|(known, _)| *known == name) {
            continue;
        }
        let expected = expected.get(name).unwrap_or_else(|| panic!("{name} is not in the table"));
        let came = meet(*misbehaviour);
        if came != *expected {
            wrong.push(format!("{name}: {came}, and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let known = |name: &str| Misbehaviour::ALL.iter().any(|one| one.name() == name);
    assert!(expected.keys().all(|name| known(name)), "the table has one that is none");
}

type Conversation = fn(&mut Sandbox) -> Result<String, Error>;

/// Without a misbehaviour, each of the conversations comes to a good end.
#[test]
fn a_server_that_behaves_is_served_in_each_conversation() {
    let sandbox = &mut modern();
    let all: [Conversation; 15] = [
        authorized,
        authorized_signed,
        pushed,
        proven,
        discovered,
        described,
        keyed,
        begun,
        detailed,
        exchanged,
        introspected,
        introspected_signed,
        revoked,
        called,
        called_with_proof,
    ];
    for (number, conversation) in all.into_iter().enumerate() {
        assert_eq!(told(conversation(sandbox)), "fine", "{number}");
    }
    assert_eq!(told(polled(sandbox)), "DV-4", "nobody approves it, and it ends in time");
}

/// Meets it in the conversation that it is about.
fn meet(misbehaviour: Misbehaviour) -> String {
    let mut sandbox = modern();
    sandbox.misbehave(misbehaviour);
    let name = misbehaviour.name();
    let is_of = |families: &[&str]| families.iter().any(|family| name.starts_with(family));
    let conversation: Conversation = match misbehaviour.endpoint() {
        Endpoint::Authorization if is_of(&["jarm-"]) => authorized_signed,
        Endpoint::Authorization => authorized,
        Endpoint::Metadata => discovered,
        Endpoint::ResourceMetadata => described,
        Endpoint::Jwks => keyed,
        Endpoint::PushedAuthorization => pushed,
        Endpoint::DeviceAuthorization => begun,
        Endpoint::Introspection if is_of(SIGNED_INTROSPECTION) => introspected_signed,
        Endpoint::Introspection => introspected,
        Endpoint::Revocation => revoked,
        Endpoint::Api if is_of(&["api-dpop-"]) => called_with_proof,
        Endpoint::Api => called,
        _ if is_of(&["dpop-", "token-type-downgraded"]) => proven,
        _ if is_of(&["authorization-pending", "pending-", "slow-down", "expired-token"]) => polled,
        _ if is_of(&["issued-token-type"]) => exchanged,
        _ => detailed,
    };
    told(conversation(&mut sandbox))
}

const SIGNED_INTROSPECTION: &[&str] = &[
    "introspection-type-jwt",
    "introspection-nested",
    "introspection-at-top-level",
    "introspection-signed",
    "introspection-undated",
    "introspection-unsigned",
    "introspection-forged",
    "introspection-dots",
];

pub(crate) fn told(outcome: Result<String, Error>) -> String {
    let error = match outcome {
        Ok(told) => return told,
        Err(error) => error,
    };
    match (error.rule(), error.refused()) {
        (Some(rule), _) => rule.id().to_owned(),
        (None, _) if error.is_authorization_required() => "authorization required".to_owned(),
        (None, Some(refused)) => match (refused.code(), refused.status()) {
            (Some(code), _) => format!("refused: {code}"),
            (None, status) => format!("refused: status {}", status.unwrap().as_u16()),
        },
        (None, None) => error.to_string(),
    }
}

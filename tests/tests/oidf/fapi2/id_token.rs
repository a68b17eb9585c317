//! The modules on ID tokens, for clients that log people in: each variant with `fapi_client_type=oidc`.

use valetkey_core::{Error, Rule};
use valetkey_sandbox::{Endpoint, Misbehaviour};

use super::sent::assert_conformant;
use super::suite::{Suite, Variant};

/// The access token beside a wrong ID token is not used.
fn assert_stops_at(misbehaviour: Misbehaviour, rule: Rule) {
    for variant in Variant::with_id_token() {
        let mut suite = Suite::new(variant);
        suite.sandbox.misbehave_once(misbehaviour);
        let error = suite.whole().unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{error}");
        assert_eq!(error.rule(), Some(rule), "{variant:?}: {error}");
        assert_eq!(suite.sandbox.misbehaviours().count(), 0, "{misbehaviour} was met");
        assert!(suite.redeemed());
        let calls = suite.sandbox.log().iter().filter(|entry| entry.endpoint() == Endpoint::Api).count();
        assert_eq!(calls, 0, "{variant:?}");
        assert_conformant(&suite);
    }
}

#[test]
fn an_id_token_of_another_issuer() {
    assert_stops_at(Misbehaviour::IdTokenIssForeign, Rule::Id9);
}

#[test]
fn an_id_token_of_no_issuer() {
    assert_stops_at(Misbehaviour::IdTokenIssMissing, Rule::Id9);
}

#[test]
fn an_id_token_for_another_client() {
    assert_stops_at(Misbehaviour::IdTokenAudOther, Rule::Id10);
}

#[test]
fn an_id_token_for_another_client_too() {
    assert_stops_at(Misbehaviour::IdTokenAudBeside, Rule::Id10);
}

#[test]
fn an_id_token_for_nobody() {
    assert_stops_at(Misbehaviour::IdTokenAudMissing, Rule::Id10);
}

#[test]
fn an_id_token_signed_by_none() {
    assert_stops_at(Misbehaviour::IdTokenUnsigned, Rule::Id28);
}

#[test]
fn an_id_token_signed_by_another_algorithm() {
    assert_stops_at(Misbehaviour::IdTokenOtherAlgorithm, Rule::Id28);
}

#[test]
fn an_id_token_that_has_expired() {
    assert_stops_at(Misbehaviour::IdTokenExpired, Rule::Id12);
}

#[test]
fn an_id_token_that_never_expires() {
    assert_stops_at(Misbehaviour::IdTokenExpMissing, Rule::Id12);
}

#[test]
fn an_id_token_with_another_nonce() {
    assert_stops_at(Misbehaviour::IdTokenNonceOther, Rule::Id15);
}

#[test]
fn an_id_token_without_a_nonce() {
    assert_stops_at(Misbehaviour::IdTokenNonceMissing, Rule::Id15);
}

/// A list of this client alone is as good as its name.
#[test]
fn an_id_token_whose_audience_is_a_list() {
    for variant in Variant::with_id_token() {
        let mut suite = Suite::new(variant);
        suite.sandbox.misbehave_once(Misbehaviour::IdTokenAudList);
        assert_eq!(suite.whole().unwrap(), 200, "{variant:?}");
        assert_eq!(suite.sandbox.misbehaviours().count(), 0, "the misbehaviour was met");
        assert_conformant(&suite);
    }
}

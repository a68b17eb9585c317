//! The modules in which the server is wrong, and the client must stop there.

use valetkey_core::{Error, Rule};
use valetkey_sandbox::Misbehaviour;

use super::sent::assert_conformant;
use super::suite::{Suite, Variant};

/// The metadata are another issuer's: nothing of them is used.
#[test]
fn discovery_with_another_issuer() {
    for variant in Variant::all() {
        let mut suite = Suite::new(variant);
        suite.sandbox.misbehave_once(Misbehaviour::IssuerForeign);
        let error = suite.whole().unwrap_err();
        assert!(matches!(error, Error::Malformed(_)));
        assert_eq!(error.rule(), Some(Rule::Di4), "{variant:?}");
        assert_eq!(suite.paths(), ["/.well-known/oauth-authorization-server"], "{variant:?}");
    }
}

/// A response that is wrong, plain or signed: no code of it is redeemed.
pub(crate) fn assert_response_stops_at(jarm: bool, misbehaviour: Misbehaviour, rule: Rule) {
    for variant in Variant::all().into_iter().filter(|variant| variant.jarm == jarm) {
        let mut suite = Suite::new(variant);
        suite.sandbox.misbehave_once(misbehaviour);
        let error = suite.whole().unwrap_err();
        assert!(matches!(error, Error::Malformed(_)));
        assert_eq!(error.rule(), Some(rule), "{variant:?}");
        assert_eq!(suite.sandbox.misbehaviours().count(), 0, "{misbehaviour} was met");
        assert!(!suite.redeemed(), "{variant:?}");
        assert_conformant(&suite);
    }
}

fn assert_stops_at(misbehaviour: Misbehaviour, rule: Rule) {
    assert_response_stops_at(false, misbehaviour, rule);
}

#[test]
fn a_response_of_another_issuer() {
    assert_stops_at(Misbehaviour::IssForeign, Rule::Ar3);
}

#[test]
fn a_response_of_no_issuer() {
    assert_stops_at(Misbehaviour::IssMissing, Rule::Ar3);
}

#[test]
fn a_response_with_another_state() {
    assert_stops_at(Misbehaviour::StateWrong, Rule::Ar5);
}

#[test]
fn a_response_without_state() {
    assert_stops_at(Misbehaviour::StateMissing, Rule::Ar5);
}

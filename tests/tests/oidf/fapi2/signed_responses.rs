//! The modules on signed authorization responses (JARM): each is refused, and no code of it is redeemed.

use valetkey_core::Rule;
use valetkey_sandbox::Misbehaviour;

use super::refused::assert_response_stops_at;

fn assert_stops_at(misbehaviour: Misbehaviour, rule: Rule) {
    assert_response_stops_at(true, misbehaviour, rule);
}

#[test]
fn jarm_without_iss() {
    assert_stops_at(Misbehaviour::JarmIssMissing, Rule::Jm2);
}

#[test]
fn jarm_with_another_iss() {
    assert_stops_at(Misbehaviour::JarmIssForeign, Rule::Jm2);
}

#[test]
fn jarm_without_aud() {
    assert_stops_at(Misbehaviour::JarmAudMissing, Rule::Jm3);
}

#[test]
fn jarm_with_another_aud() {
    assert_stops_at(Misbehaviour::JarmAudOther, Rule::Jm3);
}

#[test]
fn jarm_without_exp() {
    assert_stops_at(Misbehaviour::JarmExpMissing, Rule::Jm4);
}

#[test]
fn jarm_that_has_expired() {
    assert_stops_at(Misbehaviour::JarmExpired, Rule::Jm4);
}

#[test]
fn jarm_with_another_signature() {
    assert_stops_at(Misbehaviour::JarmForged, Rule::Id8);
}

#[test]
fn jarm_signed_by_none() {
    assert_stops_at(Misbehaviour::JarmUnsigned, Rule::Id4);
}

/// The modules on `state`, where the response is signed.
#[test]
fn jarm_with_another_state() {
    assert_stops_at(Misbehaviour::JarmStateOther, Rule::Ar5);
}

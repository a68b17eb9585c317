//! Whatever the store and the server answer, and whatever the clock does: a renewal ends, and what it leaves can be read.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json as value};
use valetkey_core::session::{RenewalAnswer, RenewalStep, SessionRecord};
use valetkey_core::store::{
    Lease, Replaced, StoreAnswer, StoreError, StoreStep, StoreVersion, Stored, StoredBytes,
};
use valetkey_core::{Error, Response, Session, UnixTime};
use valetkey_tests::renewing::{Rig, assertion, elsewhere, held, refreshing};
use valetkey_tests::world::token;
use valetkey_tests::{NOW, client, json};

/// More steps than any renewal needs: a minute for a busy lease, looked at every half second, and half a minute for a
/// store that fails.
const BOUND: usize = 2_000;

fn record(generation: u64, expires_at: u64, more: &Value) -> Stored {
    let mut record = value!({
        "version": 1, "client_id": "s6BhdRkqt3", "issuer": "https://as.example",
        "token_endpoint": "https://as.example/token", "generation": generation,
        "access_token": format!("s{generation}"), "refresh_token": format!("t{generation}"),
        "issued_at": 1_699_999_000_000_u64, "expires_at": expires_at * 1000,
    });
    for (name, member) in more.as_object().unwrap() {
        record[name] = member.clone();
    }
    let version = StoreVersion::new(format!("v{generation}"));
    Stored::new(StoredBytes::new(record.to_string().into_bytes()), version)
}

/// What a store may say it has, ours or not.
fn stored() -> impl Strategy<Value = Option<Stored>> {
    let intent = value!({"intent": {"at": 1_699_999_000_000_u64, "sends": 3}});
    let failure = value!({"failure": {
        "at": 1_699_999_999_000_u64, "until": 1_700_000_060_000_u64, "count": 2, "cause": {"kind": "unanswered"}
    }});
    let nothing = value!({});
    let of = |bytes: &'static str| Stored::new(StoredBytes::new(bytes.into()), StoreVersion::new("x"));
    let known = vec![
        None,
        Some(record(1, 1_700_003_600, &nothing)),
        Some(record(1, 1_699_999_999, &nothing)),
        Some(record(7, 1_699_999_999, &intent)),
        Some(record(0, 1_699_999_999, &failure)),
        Some(record(u64::MAX, 0, &failure)),
        Some(record(2, 1_699_999_999, &value!({"refresh_token": null}))),
        Some(of("{")),
        Some(of(r#"{"version":1,"client_id":"other"}"#)),
    ];
    prop::sample::select(known)
}

fn responses() -> impl Strategy<Value = Option<Response>> {
    let known = vec![
        None,
        Some(json(200, &token("a", 3600, Some("r")))),
        Some(json(200, &token("a", 0, None))),
        Some(json(200, &token("a", u64::MAX, None))),
        Some(json(400, r#"{"error":"invalid_grant"}"#)),
        Some(json(401, r#"{"error":"invalid_client"}"#)),
        Some(json(503, "")),
        Some(json(200, "{")),
        Some(json(302, "")),
    ];
    prop::sample::select(known)
}

/// What comes of one step, whichever it is.
#[derive(Clone, Debug)]
struct Fate {
    loaded: Option<Stored>,
    /// Whether the store works, and whether it says yes.
    works: bool,
    yes: bool,
    response: Option<Response>,
    clock: Clock,
}

#[derive(Clone, Copy, Debug)]
enum Clock {
    Runs,
    Leaps,
    IsSetBack,
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let clock = prop_oneof![8 => Just(Clock::Runs), 1 => Just(Clock::Leaps), 1 => Just(Clock::IsSetBack)];
    let fate = (stored(), prop::bool::weighted(0.8), any::<bool>(), responses(), clock);
    let fate =
        fate.prop_map(|(loaded, works, yes, response, clock)| Fate { loaded, works, yes, response, clock });
    prop::collection::vec(fate, 1..40)
}

fn answer(step: RenewalStep, fate: &Fate, now: &mut UnixTime) -> Option<RenewalAnswer> {
    match step {
        RenewalStep::Store(_) if !fate.works => {
            Some(RenewalAnswer::Store(StoreAnswer::Failed(StoreError::new("it does not work"))))
        }
        RenewalStep::Store(step) => Some(RenewalAnswer::Store(match step {
            StoreStep::Load => StoreAnswer::Loaded(fate.loaded.clone()),
            StoreStep::Lease(_) => StoreAnswer::Leased(fate.yes.then(|| Lease::new("l"))),
            StoreStep::Replace { .. } => StoreAnswer::Replaced(if fate.yes {
                Replaced::Written(StoreVersion::new("w"))
            } else {
                Replaced::Conflict
            }),
            StoreStep::Release(_) => StoreAnswer::Released,
        })),
        RenewalStep::Send(_) => {
            Some(fate.response.clone().map_or(RenewalAnswer::NoResponse, RenewalAnswer::Response))
        }
        RenewalStep::Wait(time) => {
            *now = now.after(time);
            None
        }
        RenewalStep::Done => None,
    }
}

proptest! {
    /// The fates come round again and again: a store that never works, a lease that is never free, a server that never
    /// answers, are among them.
    #[test]
    fn a_renewal_ends_whatever_it_is_answered(fates in fates(), has_grant in any::<bool>(), refreshes in any::<bool>()) {
        let session = if refreshes { refreshing("r0") } else { elsewhere() };
        let mut session = if has_grant { session.with_grant(assertion()).unwrap() } else { session };
        let mut now = NOW;
        // The second one has what the first left: tokens that could not be written, a failure.
        for _ in 0..2 {
            let mut renewal = session.renewal().unwrap();
            let (mut last, mut ended) = (None, false);
            for fate in fates.iter().cycle().take(BOUND) {
                let step = renewal.step(last.take(), now).unwrap();
                if matches!(step, RenewalStep::Done) {
                    ended = true;
                    break;
                }
                last = answer(step, fate, &mut now);
                now = match fate.clock {
                    Clock::Runs => now,
                    Clock::Leaps => now.after(Duration::from_secs(100)),
                    Clock::IsSetBack => now.before(Duration::from_secs(100)),
                };
            }
            prop_assert!(ended, "{renewal:?}");
            if session.settle(renewal, now).is_ok() {
                prop_assert!(!session.is_unsaved(), "what is used is in the store");
            }
        }
    }

    /// Whatever happens to a record, it can be read by the next one, and written again it is the same.
    #[test]
    fn what_a_renewal_leaves_in_a_store_can_be_read(answers in prop::collection::vec(responses(), 1..12)) {
        let mut rig = Rig::new();
        let mut session = refreshing("r0");
        for response in answers {
            rig.answers(response);
            let _ = rig.renew(&mut session);
            rig.withdraw_answers();
            let written = rig.record();
            let read: SessionRecord = serde_json::from_value(written.clone()).unwrap();
            prop_assert_eq!(serde_json::to_value(&read).unwrap(), written.clone());
            prop_assert_eq!(&written["version"], 2);
            let restored = Session::from_record(&client(), read).unwrap();
            prop_assert_eq!(serde_json::to_value(restored.record().unwrap()).unwrap(), written);
            rig.pass(7200);
        }
    }
}

/// A record of version 1 as the first ones were, without the members that came later.
#[test]
fn a_record_without_the_newer_members_is_read() {
    let mut rig = Rig::new();
    let old = r#"{"version":1,"client_id":"s6BhdRkqt3","issuer":"https://as.example",
        "token_endpoint":"https://as.example/token","refresh_token":"r0"}"#;
    rig.put(old.as_bytes());
    rig.rotates("a1", "r1");
    let mut session = elsewhere();
    rig.renew(&mut session).unwrap();
    assert_eq!((held(&session).as_deref(), &rig.record()["generation"]), (Some("a1"), &1.into()));
}

/// A record of a later library, with members that this one does not know, is used; one of a later version is kept as it
/// is, and told.
#[test]
fn a_record_of_a_later_library_is_used_or_left_alone() {
    let mut rig = Rig::new();
    rig.rotates("a1", "r1");
    rig.renew(&mut refreshing("r0")).unwrap();
    rig.edit(|record| record["x-new"] = "of the future".into());
    rig.renew(&mut elsewhere()).unwrap();
    rig.edit(|record| record["version"] = 3.into());
    assert!(matches!(rig.renew(&mut elsewhere()), Err(Error::Store(_))));
    assert_eq!((rig.requests(), &rig.record()["version"]), (1, &3.into()));
}

//! What a renewal does in which order: each arrow of the drawing in core's `renewal`.

use std::time::Duration;

use valetkey_core::Session;
use valetkey_core::store::Store as _;
use valetkey_tests::renewing::{Event, Rig, Run, assertion, elsewhere, held, key, refreshing, service};

/// A store with the tokens a1 and r1, and the session that got them.
fn renewed() -> (Rig, Session) {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    rig.done();
    (rig, session)
}

/// ST-2: written down before it is sent, written down before it is used, and looked at again under the lease.
#[test]
fn a_renewal_looks_leases_looks_again_intends_sends_commits_and_releases() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    let mut run = Run::of(&session);
    rig.until(&mut run, "send");
    assert_eq!(rig.record()["refresh_token"], "r0");
    assert_eq!(rig.record()["intent"]["sends"], 1, "the intent is in the store before the request is sent");
    rig.until(&mut run, "commit");
    assert_eq!(held(&session), None, "nobody sees a token that is not in the store");
    rig.until(&mut run, "release");
    assert_eq!((&rig.record()["access_token"], &rig.record()["refresh_token"]), (&"a1".into(), &"r1".into()));
    assert!(rig.record()["intent"].is_null());
    drop(run);
    assert_eq!(rig.done(), "load lease load intend send r0 commit");

    // The same from its beginning, settled.
    let mut rig = Rig::new();
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.done(), "load lease load intend send r0 commit release");
    assert_eq!(held(&session).as_deref(), Some("a1"));
}

/// RF-1: what somebody else has renewed is used, with no lease and no request.
#[test]
fn somebody_elses_token_is_used() {
    let (mut rig, _) = renewed();
    let mut other = elsewhere();
    rig.renew(&mut other).unwrap();
    assert_eq!(rig.done(), "load");
    assert_eq!(held(&other).as_deref(), Some("a1"));
}

/// RF-1: a failure of a moment ago is everybody's.
#[test]
fn somebody_elses_failure_is_told_and_nothing_is_sent() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.refuses(503, "temporarily_unavailable");
    assert!(rig.renew(&mut session).is_err());
    rig.done();
    let error = rig.renew(&mut elsewhere()).unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(rig.done(), "load");
}

/// RF-1: who finds the lease taken waits, looks, and uses what came.
#[test]
fn a_busy_lease_is_waited_for() {
    let mut rig = Rig::new();
    let session = refreshing("r0");
    rig.rotates("a1", "r1");
    let mut run = Run::of(&session);
    rig.until(&mut run, "send");
    rig.done();
    rig.before("wait", move |rig| rig.until(&mut run, "done"));
    let mut other = refreshing("r0");
    rig.renew(&mut other).unwrap();
    assert_eq!(held(&other).as_deref(), Some("a1"));
    let done = rig.done();
    assert_eq!(done, "load lease send r0 commit release wait load");
}

/// A holder that never lets go ends by its lease's time, and is waited for no longer than that.
#[test]
fn a_lease_whose_holder_died_ends_and_the_next_one_renews() {
    let mut rig = Rig::new();
    let mut dead = Run::of(&refreshing("r0"));
    rig.until(&mut dead, "load");
    rig.one_more(&mut dead);
    rig.until(&mut dead, "lease");
    rig.one_more(&mut dead);
    drop(dead);
    rig.done();
    let before = rig.now();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.requests(), 1);
    let waited = rig.now().since(before).as_secs();
    assert!((29..32).contains(&waited), "the lease is 30 seconds, and the wait was {waited}");
}

/// Somebody always holds the lease: that is told, after twice the time of a lease.
#[test]
fn a_lease_that_is_always_busy_is_waited_for_boundedly() {
    let mut rig = Rig::new();
    rig.store.lease(&key(), Duration::from_secs(600), rig.now()).unwrap().unwrap();
    let before = rig.now();
    let error = rig.renew(&mut refreshing("r0")).unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!((rig.requests(), rig.now().since(before).as_secs()), (0, 60));
}

/// ST-2: what was true before the lease may not be now.
#[test]
fn what_was_renewed_before_the_lease_was_ours_is_used() {
    let mut rig = Rig::new();
    rig.rotates("a1", "r1");
    rig.before("lease", |rig| rig.renew(&mut refreshing("r0")).unwrap());
    let mut session = refreshing("r0");
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.requests(), 1);
    assert!(rig.done().ends_with("lease load release"), "what was found under the lease is enough");
    assert_eq!(held(&session).as_deref(), Some("a1"));
}

/// ST-2: an intent that finds a newer version is not sent.
#[test]
fn an_intent_that_came_too_late_is_not_sent() {
    let mut rig = Rig::new();
    rig.before("intend", |rig| {
        rig.pass(31);
        rig.rotates("a1", "r1");
        rig.renew(&mut refreshing("r0")).unwrap();
        assert_eq!(rig.requests(), 1);
    });
    let mut session = refreshing("r0");
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.requests(), 1, "the request of the one who was faster");
    assert_eq!(held(&session).as_deref(), Some("a1"));
}

/// A store that cannot give the lease back leaves that to time, and the token is good.
#[test]
fn a_lease_that_cannot_be_given_back_spoils_nothing() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    rig.at("release", Event::Fails);
    rig.renew(&mut session).unwrap();
    assert_eq!(held(&session).as_deref(), Some("a1"));
}

/// TR-13: an answer without a refresh token keeps the old one; one with another replaces it, in one write.
#[test]
fn a_refresh_token_is_kept_unless_there_is_a_new_one() {
    let (mut rig, mut session) = renewed();
    rig.pass(3600);
    rig.grants("a2");
    rig.renew(&mut session).unwrap();
    assert_eq!((&rig.record()["access_token"], &rig.record()["refresh_token"]), (&"a2".into(), &"r1".into()));
    rig.pass(3600);
    rig.rotates("a3", "r3");
    rig.renew(&mut session).unwrap();
    assert_eq!((&rig.record()["access_token"], &rig.record()["refresh_token"]), (&"a3".into(), &"r3".into()));
}

/// A grant without a refresh token renews by the same machine.
#[test]
fn a_clients_own_grant_renews_by_the_same_steps() {
    let mut rig = Rig::new();
    let mut session = service();
    rig.grants("a1");
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.done(), "load lease load intend send client_credentials commit release");
    let mut other = service();
    rig.renew(&mut other).unwrap();
    assert_eq!((rig.done().as_str(), held(&other).as_deref()), ("load", Some("a1")));
}

/// Where a refresh token was refused and the session has a grant that can be repeated, that one is used at once.
#[test]
fn a_refused_refresh_token_falls_back_to_the_sessions_grant() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0").with_grant(assertion()).unwrap();
    rig.refuses(400, "invalid_grant");
    rig.grants("a1");
    rig.renew(&mut session).unwrap();
    assert_eq!(
        rig.done(),
        "load lease load intend send r0 commit load intend \
         send urn:ietf:params:oauth:grant-type:jwt-bearer commit release"
    );
    assert!(rig.record()["refresh_token"].is_null());
    assert_eq!(held(&session).as_deref(), Some("a1"));
}

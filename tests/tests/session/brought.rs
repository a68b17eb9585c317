//! RF-1: what a renewal has brought, for those who wait for a new credential and for those who hold one.

use valetkey_core::session::{AwaitedCredential, Readiness};
use valetkey_core::store::Store as _;
use valetkey_core::{AuthorizationServer, Session, TokenResponse};
use valetkey_tests::renewing::{Rig, Run, assertion, elsewhere, held, kept, key, refreshing, service};
use valetkey_tests::{client, json, world};

/// A session with a token of an hour that is in the store, and one who wants a new one.
fn wanted() -> (Rig, Session, AwaitedCredential) {
    let (mut rig, mut session) = (Rig::new(), refreshing("r0"));
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    let mut awaited = AwaitedCredential::renewed();
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Wait);
    (rig, session, awaited)
}

fn forced(rig: &mut Rig, session: &mut Session) {
    let mut run = Run::of_new(session);
    rig.until(&mut run, "done");
    run.settle(session, rig).unwrap();
}

fn is_ready(session: &Session, awaited: &mut AwaitedCredential, rig: &Rig) -> bool {
    session.provide(awaited, rig.now()).unwrap() == Readiness::Ready
}

/// What the store had already is not new, whoever found it; what was asked for since then is.
#[test]
fn a_token_that_the_store_had_is_no_new_one_rf_1() {
    let (mut rig, _, _) = wanted();
    let mut session = elsewhere();
    let mut awaited = AwaitedCredential::renewed();
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Wait);
    rig.renew(&mut session).unwrap();
    assert_eq!(held(&session).as_deref(), Some("a1"));
    assert!(!is_ready(&session, &mut awaited, &rig));
    rig.rotates("a2", "r2");
    forced(&mut rig, &mut session);
    assert!(is_ready(&session, &mut awaited, &rig));
    assert_eq!(awaited.take().unwrap().access_token().expose(), "a2");
}

/// What another process has brought since a new one was wanted is new, and is not asked for again.
#[test]
fn a_token_that_another_process_brought_since_is_a_new_one_rf_1() {
    let (mut rig, mut session, mut awaited) = wanted();
    let mut run = Run::of_new(&session);
    rig.until(&mut run, "lease");
    rig.rotates("a2", "r2");
    forced(&mut rig, &mut elsewhere());
    rig.until(&mut run, "done");
    run.settle(&mut session, &rig).unwrap();
    assert_eq!(held(&session).as_deref(), Some("a2"));
    assert!(is_ready(&session, &mut awaited, &rig));
}

/// A login that somebody else has made since is new too, though it counts its tokens from one again.
#[test]
fn a_login_that_was_made_since_is_a_new_one_rf_1() {
    let (mut rig, mut session, mut awaited) = wanted();
    let mut run = Run::of_new(&session);
    rig.until(&mut run, "lease");
    let version = rig.store.load(&key()).unwrap().unwrap().version;
    assert!(rig.store.replace(&key(), Some(&version), None).unwrap().is_done());
    let tokens = json(200, &world::token("b0", 3600, Some("s0")));
    let tokens = TokenResponse::parse(tokens, rig.now(), &AuthorizationServer::new()).unwrap();
    rig.renew(&mut kept(Session::from_tokens(&client(), &tokens))).unwrap();
    rig.until(&mut run, "done");
    run.settle(&mut session, &rig).unwrap();
    assert_eq!(held(&session).as_deref(), Some("b0"));
    assert!(is_ready(&session, &mut awaited, &rig));
}

/// A server that gives the same tokens once more has said that they are good: so long, and who wanted new ones waits no longer.
#[test]
fn tokens_that_are_given_again_are_new_ones_and_live_for_longer() {
    let (mut rig, mut session, mut awaited) = wanted();
    rig.pass(60);
    rig.rotates("a1", "r1");
    forced(&mut rig, &mut session);
    assert!(is_ready(&session, &mut awaited, &rig));
    let expiry = rig.now().after(std::time::Duration::from_secs(3600));
    assert_eq!(session.credential().unwrap().expires_at(), Some(expiry));
}

/// A renewal that finds what is held leaves the credential as it is: who refuses that has refused the one that is held.
#[test]
fn a_credential_that_is_found_again_is_the_same_one() {
    let (mut rig, mut session, _) = wanted();
    let credential = session.credential().unwrap();
    rig.renew(&mut session).unwrap();
    assert!(session.refuse(&credential, rig.now()));
}

/// Tokens that have come leave nothing of what was written before they were asked for.
#[test]
fn tokens_that_have_come_leave_no_intent() {
    let (mut rig, mut session, _) = wanted();
    assert!(rig.record()["intent"].is_null());
    rig.pass(3600);
    rig.answers(None);
    rig.renew(&mut session).unwrap_err();
    assert_eq!(rig.record()["intent"]["sends"], 1);
    rig.pass(60);
    rig.rotates("a2", "r2");
    rig.renew(&mut session).unwrap();
    assert!(rig.record()["intent"].is_null(), "{}", rig.record());
}

/// A record of version 1 says whose it is once it is written anew: it is one of version 2 then.
#[test]
fn a_record_of_version_1_is_written_as_one_of_version_2_st_4() {
    let (mut rig, mut session, _) = wanted();
    rig.edit(|record| {
        record["version"] = 1.into();
        record.as_object_mut().unwrap().remove("whose");
    });
    rig.pass(3600);
    rig.rotates("a2", "r2");
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.record()["version"], 2);
    assert!(rig.record()["whose"].is_string());
}

/// A session that renews by a grant begins anew where its record is gone; one whose log-out was here does so only if it is the application's.
#[test]
fn a_session_with_a_grant_begins_anew_where_its_record_is_gone() {
    use valetkey_tests::ending::end_with;
    let of_person = || kept(Session::from_grant(&client(), assertion()));
    for (of, is_persons) in [(of_person as fn() -> Session, true), (service, false)] {
        for is_ended in [false, true] {
            let (mut rig, mut session) = (Rig::new(), of());
            rig.grants("a1");
            rig.renew(&mut session).unwrap();
            if is_ended {
                let (end, _) = end_with(session.end().unwrap(), &rig.store, &key(), |_| None);
                session.settle_end(end, rig.now()).unwrap();
            }
            assert!(rig.store.take(&key()).unwrap().is_some());
            rig.pass(3600);
            rig.grants("a2");
            let came = rig.renew(&mut session);
            let begins = !(is_persons && is_ended);
            assert_eq!(came.is_ok(), begins, "{is_persons}, {is_ended}: {came:?}");
            assert_eq!(held(&session).as_deref(), begins.then_some("a2"));
        }
    }
}

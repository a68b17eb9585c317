//! What one is told who wants a new credential, whatever is held: `AwaitedCredential::renewed`. And what is said where there is none.

use valetkey_core::session::{AwaitedCredential, Readiness};
use valetkey_core::{AuthorizationServer, Error, Quirk, Session, TokenResponse};
use valetkey_tests::renewing::{Event, Rig, held, refreshing};
use valetkey_tests::{NOW, client, json, world};

/// A session with a token of an hour.
fn renewed() -> (Rig, Session) {
    let (mut rig, mut session) = (Rig::new(), refreshing("r0"));
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    (rig, session)
}

/// A renewal that the server puts off.
fn fails(rig: &mut Rig, session: &mut Session) {
    rig.refuses(503, "temporarily_unavailable");
    rig.renew(session).unwrap_err();
}

/// Who asks is told how that renewal ended.
fn is_told_of_it(session: &Session, awaited: &mut AwaitedCredential, rig: &Rig) {
    let told = session.provide(awaited, rig.now());
    assert!(matches!(told, Err(Error::Refused(_))), "{told:?}");
}

/// RF-1: a failure before is told to who asks while it is not to be tried again, and is no answer to who asks later.
#[test]
fn a_failure_is_told_until_it_is_time_to_try_again() {
    let (mut rig, mut session) = renewed();
    rig.pass(3600);
    fails(&mut rig, &mut session);
    is_told_of_it(&session, &mut AwaitedCredential::renewed(), &rig);
    rig.pass(1);
    let mut awaited = AwaitedCredential::renewed();
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Wait);
    rig.rotates("a2", "r2");
    rig.renew(&mut session).unwrap();
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Ready);
    assert_eq!(awaited.take().unwrap().access_token().expose(), "a2");
}

/// RF-1: who has waited for a renewal is told how it failed, however late it asks, and begins no second one.
#[test]
fn who_waited_for_a_renewal_that_failed_is_told_so_however_late() {
    let (mut rig, mut session) = renewed();
    let mut awaited = AwaitedCredential::renewed();
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Wait);
    session.refuse(&session.credential().unwrap(), rig.now());
    fails(&mut rig, &mut session);
    rig.pass(600);
    is_told_of_it(&session, &mut awaited, &rig);
}

/// RF-1: who was told of a failure and asks again is told how the renewals since then have ended.
#[test]
fn who_asks_again_is_told_of_the_last_renewal() {
    let (mut rig, mut session) = renewed();
    rig.pass(3600);
    fails(&mut rig, &mut session);
    let mut awaited = AwaitedCredential::renewed();
    assert!(session.provide(&mut awaited, rig.now()).is_err());
    rig.pass(1);
    rig.rotates("a2", "r2");
    rig.renew(&mut session).unwrap();
    rig.pass(3600);
    fails(&mut rig, &mut session);
    rig.pass(600);
    is_told_of_it(&session, &mut awaited, &rig);
}

/// So it is with one who wants any, where none was held.
#[test]
fn who_waited_for_a_first_token_is_told_why_there_is_none_however_late() {
    let (mut rig, mut session) = (Rig::new(), refreshing("r0"));
    let mut awaited = AwaitedCredential::new();
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Wait);
    fails(&mut rig, &mut session);
    rig.pass(600);
    is_told_of_it(&session, &mut awaited, &rig);
    assert_eq!(session.provide(&mut AwaitedCredential::new(), rig.now()).unwrap(), Readiness::Wait);
}

/// Where somebody else has refused the new credential meanwhile, another one is waited for.
#[test]
fn who_waited_for_a_credential_that_is_refused_by_then_waits_for_the_next_one() {
    let (mut rig, mut session) = renewed();
    let mut awaited = refused_when_it_came(&mut rig, &mut session);
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Wait);
    rig.rotates("a3", "r3");
    rig.renew(&mut session).unwrap();
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Ready);
    assert_eq!(awaited.take().unwrap().access_token().expose(), "a3");
}

/// But not for ever: where the second one is refused too, the wait ends.
#[test]
fn who_waited_for_two_credentials_that_are_refused_by_then_does_not_wait_for_ever() {
    let (mut rig, mut session) = renewed();
    let mut awaited = refused_when_it_came(&mut rig, &mut session);
    rig.rotates("a3", "r3");
    rig.renew(&mut session).unwrap();
    rig.pass(60);
    assert!(session.refuse(&session.credential().unwrap(), rig.now()));
    assert!(session.provide(&mut awaited, rig.now()).unwrap_err().is_authorization_required());
}

/// A new one was wanted, and it was refused by somebody else before the one who wanted it asked again.
fn refused_when_it_came(rig: &mut Rig, session: &mut Session) -> AwaitedCredential {
    let mut awaited = AwaitedCredential::renewed();
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Wait);
    session.refuse(&session.credential().unwrap(), rig.now());
    rig.rotates("a2", "r2");
    rig.renew(session).unwrap();
    assert!(session.refuse(&session.credential().unwrap(), rig.now()));
    awaited
}

/// RF-1: tokens whose writing was answered by nothing, and which are found in the store then, are the new ones that somebody waited for.
#[test]
fn tokens_that_were_written_though_the_store_was_silent_are_the_new_ones() {
    let (mut rig, mut session) = (Rig::new(), refreshing("r0"));
    let mut awaited = AwaitedCredential::renewed();
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Wait);
    rig.rotates("a1", "r1");
    rig.at("commit", Event::AnswerLost);
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.done(), "load lease load intend send r0 commit wait load release");
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Ready);
    assert_eq!(held(&session).as_deref(), Some("a1"));
}

/// Only a token that never lived is one for which a relaxation is named.
#[test]
fn a_relaxation_is_named_for_a_token_that_never_lived_and_for_no_other() {
    let tokens = |lifetime: u64| {
        let tokens = json(200, &world::token("a0", lifetime, None));
        TokenResponse::parse(tokens, NOW, &AuthorizationServer::new()).unwrap()
    };
    let told = |session: &Session| {
        let error =
            session.provide(&mut AwaitedCredential::new(), NOW.after(std::time::Duration::from_secs(60)));
        let error = error.unwrap_err();
        assert!(error.is_authorization_required(), "{error}");
        error.admitted_by()
    };
    assert_eq!(told(&Session::from_tokens(&client(), &tokens(60))), None);
    assert_eq!(told(&Session::from_store(&client())), None, "there was none");
    assert_eq!(told(&Session::from_tokens(&client(), &tokens(0))), Some(Quirk::ZeroLifetime));
}

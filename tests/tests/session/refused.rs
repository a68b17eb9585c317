//! A program that says of a credential that it is no good, and one that wants another anyway.

use valetkey_core::session::{AwaitedCredential, Readiness, RenewalAnswer, RenewalStep, SharedSession};
use valetkey_core::store::{MemoryStore, Store};
use valetkey_core::{AccessToken, Grant, Session, Subject};
use valetkey_tests::renewing::{Rig, elsewhere, held, refreshing};
use valetkey_tests::world::token;
use valetkey_tests::{NOW, client, json};

/// RF-1: of all who refuse the same credential one is given the renewal; whoever refuses it later does nothing.
#[test]
fn ten_thousand_who_refuse_a_credential_are_given_one_renewal() {
    let session = SharedSession::new(Session::from_grant(&client(), Grant::client_credentials()));
    let store = MemoryStore::new();
    let mut names = (0..).map(|number| format!("a{number}"));
    let mut renew = |renewal: Option<valetkey_core::session::SharedRenewal>| {
        let mut renewal = renewal.expect("a renewal");
        let mut answer = None;
        loop {
            answer = match renewal.step(answer.take(), NOW).unwrap() {
                RenewalStep::Store(step) => {
                    Some(RenewalAnswer::Store(step.on(&store as &dyn Store, renewal.key(), NOW)))
                }
                RenewalStep::Send(_) => {
                    let body = token(&names.next().unwrap(), 3600, None);
                    Some(RenewalAnswer::Response(json(200, &body)))
                }
                RenewalStep::Wait(_) => None,
                RenewalStep::Done => return,
            };
        }
    };
    renew(session.provide(&mut AwaitedCredential::new(), NOW).unwrap().1);
    let refused = session.fresh(NOW).unwrap();
    let mut callers: Vec<_> = (0..10_000).map(|_| AwaitedCredential::new()).collect();
    let mut renewals = Vec::new();
    for (number, caller) in callers.iter_mut().enumerate() {
        assert_eq!(session.refuse(&refused, NOW), number == 0, "it is refused once");
        let (readiness, renewal) = session.provide(caller, NOW).unwrap();
        assert_eq!(readiness, Readiness::Wait);
        renewals.extend(renewal);
    }
    assert_eq!(renewals.len(), 1);
    renew(renewals.pop());
    for mut caller in callers {
        assert!(!session.refuse(&refused, NOW), "another is held by now");
        assert_eq!(session.provide(&mut caller, NOW).unwrap().0, Readiness::Ready);
        assert_eq!(caller.take().unwrap().access_token().expose(), "a1");
    }
}

/// A credential of another session, whatever its number, is not this one's.
#[test]
fn a_credential_of_another_session_is_not_refused() {
    let token = |text: &str| AccessToken::new(text).unwrap();
    let of = |text: &str| {
        Session::from_permanent_token("https://api.example", token(text), Subject::Application).unwrap()
    };
    let mut rig = Rig::new();
    rig.rotates("a1", "r1");
    let mut session = refreshing("r0");
    rig.renew(&mut session).unwrap();
    assert!(!session.refuse(&of("a0").credential().unwrap(), rig.now()));
    assert_eq!(held(&session).as_deref(), Some("a1"));
}

/// A token that nothing renews is all that there is, so it is kept.
#[test]
fn a_permanent_token_that_is_refused_is_kept() {
    let token = AccessToken::new("a0").unwrap();
    let mut session = Session::from_permanent_token("https://api.example", token, Subject::User).unwrap();
    let credential = session.credential().unwrap();
    assert!(!session.refuse(&credential, NOW));
    assert_eq!(held(&session).as_deref(), Some("a0"));
    let error = session.provide(&mut AwaitedCredential::renewed(), NOW).unwrap_err();
    assert!(error.is_authorization_required());
}

/// WA-3: who refuses each new credential within the second makes no request of every refusal.
#[test]
fn one_who_refuses_every_credential_causes_few_renewals() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    let mut renewals = 0;
    for _ in 0..600 {
        if let Some(credential) = session.credential() {
            session.refuse(&credential, rig.now());
        }
        if session.provide(&mut AwaitedCredential::new(), rig.now()).unwrap() == Readiness::Wait {
            renewals += 1;
            rig.rotates(&format!("a{renewals}"), &format!("r{renewals}"));
            rig.renew(&mut session).unwrap();
        }
        rig.pass(1);
    }
    assert!((8..30).contains(&renewals), "{renewals}");
}

/// WA-3: nor who does so at leisure, every few seconds for an hour.
#[test]
fn one_who_refuses_every_credential_at_leisure_causes_few_renewals() {
    for every in [5, 10, 11, 15, 30] {
        let mut rig = Rig::new();
        let mut session = refreshing("r0");
        let mut renewals = 0;
        for _ in 0..3600 / every {
            if let Some(credential) = session.credential() {
                session.refuse(&credential, rig.now());
            }
            if session.provide(&mut AwaitedCredential::new(), rig.now()).unwrap() == Readiness::Wait {
                renewals += 1;
                rig.rotates(&format!("a{renewals}"), &format!("r{renewals}"));
                rig.renew(&mut session).unwrap();
            }
            rig.pass(every);
        }
        assert!((20..75).contains(&renewals), "each {every} s: {renewals}");
    }
}

/// RF-1: what another process renewed after this one wanted a new token is new enough, and costs no request.
#[test]
fn a_token_that_another_process_brings_meanwhile_is_new_enough() {
    let mut rig = Rig::new();
    rig.rotates("a1", "r1");
    rig.renew(&mut refreshing("r0")).unwrap();
    let (one, mut other) = (elsewhere(), elsewhere());
    let mut run = valetkey_tests::renewing::Run::of_new(&one);
    rig.until(&mut run, "lease");
    rig.rotates("a2", "r2");
    let mut faster = valetkey_tests::renewing::Run::of_new(&other);
    rig.until(&mut faster, "done");
    faster.settle(&mut other, &rig).unwrap();
    let mut one = one;
    rig.until(&mut run, "done");
    run.settle(&mut one, &rig).unwrap();
    assert_eq!((held(&one).as_deref(), held(&other).as_deref()), (Some("a2"), Some("a2")));
    assert_eq!(rig.requests(), 2);
}

//! LO-16: whoever holds tokens in memory stops soon after the store took a log-out, whatever the store does then.

use std::time::Duration;

use valetkey_core::error::Cause;
use valetkey_core::session::{AwaitedCredential, Readiness, RenewalAnswer, RenewalStep, SharedSession};
use valetkey_core::store::{MemoryStore, Store as _, StoreAnswer, StoreError, StoreStep};
use valetkey_core::{AuthorizationServer, Error, Session, TokenResponse, UnixTime};
use valetkey_tests::ending::end_with;
use valetkey_tests::renewing::{Rig, kept, key, service};
use valetkey_tests::{NOW, client, json, world};

const BOUND: Duration = Duration::from_secs(5);

/// A session of a login that is in the store since `NOW`, held by this process.
fn held(rig: &mut Rig) -> Session {
    let body = world::token("a0", 3600, Some("r0"));
    let tokens = TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).unwrap();
    let mut session = kept(Session::from_tokens(&client(), &tokens));
    rig.renew(&mut session).unwrap();
    session
}

/// Another process logs the user out.
fn log_out_elsewhere(store: &MemoryStore) {
    let mut session = kept(Session::from_store(&client()));
    let (end, _) = end_with(session.end().unwrap(), store, &key(), |_| None);
    session.settle_end(end, NOW).unwrap();
}

/// The token that is handed out, and what was done for it: `load`, `lease` …
fn ask(
    session: &SharedSession,
    now: UnixTime,
    store: &mut dyn FnMut(StoreStep) -> StoreAnswer,
) -> (Result<String, Error>, String) {
    let (mut awaited, mut log) = (AwaitedCredential::new(), Vec::new());
    for _ in 0..10 {
        let (readiness, renewal) = match session.provide(&mut awaited, now) {
            Ok(ready) => ready,
            Err(error) => return (Err(error), log.join(" ")),
        };
        if let Some(mut renewal) = renewal {
            let mut answer = None;
            loop {
                answer = match renewal.step(answer.take(), now).unwrap() {
                    RenewalStep::Store(step) => {
                        log.push(match &step {
                            StoreStep::Load => "load",
                            StoreStep::Lease(_) => "lease",
                            StoreStep::Release(_) => "release",
                            StoreStep::Replace { .. } => "write",
                        });
                        Some(RenewalAnswer::Store(store(step)))
                    }
                    RenewalStep::Send(_) => {
                        log.push("send");
                        Some(RenewalAnswer::NoResponse)
                    }
                    RenewalStep::Wait(_) => None,
                    RenewalStep::Done => break,
                };
            }
        }
        if readiness != Readiness::Wait {
            let token = awaited.take().unwrap().access_token().expose().to_owned();
            return (Ok(token), log.join(" "));
        }
    }
    panic!("it is never ready: {log:?}");
}

fn is_ended(asked: &Result<String, Error>) -> bool {
    matches!(asked, Err(Error::AuthorizationRequired(why)) if matches!(why.cause(), Cause::Ended))
}

#[test]
fn a_log_out_elsewhere_is_known_after_five_seconds() {
    let mut rig = Rig::new();
    let session = SharedSession::new(held(&mut rig));
    log_out_elsewhere(&rig.store);
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    let before = NOW.after(BOUND - Duration::from_millis(1));
    assert!(session.fresh(before).is_some());
    assert_eq!(ask(&session, before, &mut answer).1, "", "no look while the last one is good");
    assert!(session.fresh(NOW.after(BOUND)).is_none());
    let (asked, log) = ask(&session, NOW.after(BOUND), &mut answer);
    assert!(is_ended(&asked), "{asked:?}");
    assert_eq!(log, "load");
    assert!(session.credential().current().is_none());
}

/// A look is not a renewal: it asks for no lease and no token, and is good for five seconds more.
#[test]
fn a_session_that_goes_on_is_looked_at_once_in_five_seconds() {
    let mut rig = Rig::new();
    let session = SharedSession::new(held(&mut rig));
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    let mut log = Vec::new();
    for tenth in 0..200_u32 {
        let (token, done) = ask(&session, NOW.after(Duration::from_millis(100) * tenth), &mut answer);
        assert_eq!(token.unwrap(), "a0");
        log.extend((!done.is_empty()).then_some((tenth, done)));
    }
    let load = |tenth| (tenth, "load".to_owned());
    assert_eq!(log, [load(50), load(100), load(150)]);
}

/// A store that fails may have taken a log-out: no token is handed out, and none of those who ask hammers it.
#[test]
fn a_store_that_fails_at_a_look_is_no_consent() {
    let mut rig = Rig::new();
    let session = SharedSession::new(held(&mut rig));
    let mut fails = |_: StoreStep| StoreAnswer::Failed(StoreError::new("the store is down"));
    let (asked, log) = ask(&session, NOW.after(BOUND), &mut fails);
    assert!(matches!(asked, Err(Error::Store(_))), "{asked:?}");
    assert_eq!(log, "load");
    let (asked, log) = ask(&session, NOW.after(BOUND), &mut fails);
    assert!(matches!(asked, Err(Error::Store(_))), "{asked:?}");
    assert_eq!(log, "", "it is left alone for a second");
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    let (token, log) = ask(&session, NOW.after(BOUND + Duration::from_secs(1)), &mut answer);
    assert_eq!((token.unwrap().as_str(), log.as_str()), ("a0", "load"));
}

/// Of all who ask, one looks; and a log-out that comes while it does is found by the next.
#[test]
fn one_look_is_for_all_who_ask() {
    let mut rig = Rig::new();
    let session = SharedSession::new(held(&mut rig));
    let now = NOW.after(BOUND);
    let (mut first, mut second) = (AwaitedCredential::new(), AwaitedCredential::new());
    let (readiness, look) = session.provide(&mut first, now).unwrap();
    assert_eq!((readiness, look.is_some()), (Readiness::Wait, true));
    let (readiness, none) = session.provide(&mut second, now).unwrap();
    assert_eq!((readiness, none.is_none()), (Readiness::Wait, true));
    // One that is dropped is settled, and somebody else looks.
    drop(look);
    assert!(matches!(session.provide(&mut first, now), Err(Error::Unanswered)));
    let later = now.after(Duration::from_secs(1));
    assert!(session.provide(&mut second, later).unwrap().1.is_some());
}

/// However short the time is, a call that was looked for is not looked for again and again.
#[test]
fn a_session_that_looks_at_each_call_hands_out_a_token() {
    let mut rig = Rig::new();
    let session = SharedSession::new(held(&mut rig).with_look_after(Duration::ZERO));
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    let (token, log) = ask(&session, NOW, &mut answer);
    assert_eq!((token.unwrap().as_str(), log.as_str()), ("a0", "load load"));
    log_out_elsewhere(&rig.store);
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    assert!(is_ended(&ask(&session, NOW, &mut answer).0));
}

/// What another process has renewed is taken up by the look; and one that was deleted has ended.
#[test]
fn a_look_takes_up_what_the_store_has() {
    let mut rig = Rig::new();
    let session = SharedSession::new(held(&mut rig));
    rig.edit(|record| {
        record["access_token"] = "a1".into();
        record["generation"] = 7.into();
    });
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    assert_eq!(ask(&session, NOW.after(BOUND), &mut answer).0.unwrap(), "a1");
    let version = rig.store.load(&key()).unwrap().unwrap().version;
    assert!(rig.store.replace(&key(), Some(&version), None).unwrap().is_done());
    assert!(is_ended(&ask(&session, NOW.after(2 * BOUND), &mut answer).0));
}

/// It is said otherwise, or there is no log-out elsewhere: then nothing is looked at before the renewal.
#[test]
fn a_session_without_a_log_out_elsewhere_never_looks() {
    let mut rig = Rig::new();
    let never = held(&mut rig).with_look_after(Duration::MAX);
    let late = NOW.after(Duration::from_secs(1000));
    assert!(SharedSession::new(never).fresh(late).is_some());
    let alone = Session::from_tokens(
        &client(),
        &TokenResponse::parse(
            json(200, &world::token("a0", 3600, Some("r0"))),
            NOW,
            &AuthorizationServer::new(),
        )
        .unwrap(),
    );
    assert!(SharedSession::new(alone).fresh(late).is_some(), "it is in no store");
    let (mut rig, mut own) = (Rig::new(), service());
    rig.grants("a0");
    rig.renew(&mut own).unwrap();
    assert!(SharedSession::new(own).fresh(late).is_some(), "nobody logs the application itself out");
}

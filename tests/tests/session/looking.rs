//! LO-16: whoever holds tokens in memory stops soon after the store took a log-out, whatever the store does then.

use std::time::Duration;

use valetkey_core::error::Cause;
use valetkey_core::session::{
    AwaitedCredential, Readiness, RenewalAnswer, RenewalStep, SharedRenewal, SharedSession,
};
use valetkey_core::store::{MemoryStore, Store as _, StoreAnswer, StoreError, StoreStep};
use valetkey_core::{AuthorizationServer, Error, Session, TokenResponse, UnixTime};
use valetkey_tests::ending::end_with;
use valetkey_tests::renewing::{Event, Rig, Run, kept, key, service};
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
    // One that is dropped is settled. All who waited for it are told, however late they ask; somebody else looks.
    drop(look);
    assert!(matches!(session.provide(&mut first, now), Err(Error::Unanswered)));
    let later = now.after(Duration::from_secs(1));
    assert!(matches!(session.provide(&mut second, later), Err(Error::Unanswered)));
    assert!(session.provide(&mut AwaitedCredential::new(), later).unwrap().1.is_some());
}

/// Within its margin a token is good, and renewed by a server that is slow: who asks is looked for meanwhile, and a log-out is known in time.
#[test]
fn a_look_does_not_wait_for_a_slow_renewal() {
    let mut rig = Rig::new();
    let session = SharedSession::new(held(&mut rig));
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    let _renewal = slow_renewal(&session, &mut answer);
    let later = LATE.after(BOUND);
    assert_eq!(ask(&session, later, &mut answer).0.unwrap(), "a0");
    log_out_elsewhere(&rig.store);
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    assert!(is_ended(&ask(&session, later.after(BOUND), &mut answer).0));
}

/// What a renewal has brought is newer than what a look saw that began before it ended.
#[test]
fn a_look_that_ends_after_a_renewal_brings_no_older_token_back() {
    let mut rig = Rig::new();
    let session = SharedSession::new(held(&mut rig));
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    let mut renewal = slow_renewal(&session, &mut answer);
    let later = LATE.after(BOUND);
    let (_, look) = session.provide(&mut AwaitedCredential::new(), later).unwrap();
    let mut look = look.unwrap();
    let Ok(RenewalStep::Store(load)) = look.step(None, later) else { panic!("a look loads") };
    let seen = answer(load);
    let body = world::token("a1", 3600, Some("r1"));
    let mut came = Some(RenewalAnswer::Response(json(200, &body)));
    loop {
        match renewal.step(came.take(), later).unwrap() {
            RenewalStep::Store(step) => came = Some(RenewalAnswer::Store(answer(step))),
            RenewalStep::Done => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(look.step(Some(RenewalAnswer::Store(seen)), later), Ok(RenewalStep::Done)));
    assert_eq!(ask(&session, later, &mut answer).0.unwrap(), "a1");
}

/// A look may bring what a renewal has written before that one has ended. Who then asks for a new token gets another than that.
#[test]
fn a_new_token_is_another_than_a_look_has_just_brought() {
    let mut rig = Rig::new();
    let session = SharedSession::new(held(&mut rig));
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    let mut renewal = slow_renewal(&session, &mut answer);
    let body = world::token("a1", 3600, Some("r1"));
    let came = RenewalAnswer::Response(json(200, &body));
    let later = LATE.after(BOUND);
    let Ok(RenewalStep::Store(write)) = renewal.step(Some(came), later) else { panic!("it is written") };
    let mut written = Some(RenewalAnswer::Store(answer(write)));
    assert_eq!(ask(&session, later, &mut answer).0.unwrap(), "a1");
    let mut awaited = AwaitedCredential::renewed();
    let (readiness, none) = session.provide(&mut awaited, later).unwrap();
    assert_eq!((readiness, none.is_none()), (Readiness::Wait, true));
    while let RenewalStep::Store(step) = renewal.step(written.take(), later).unwrap() {
        written = Some(RenewalAnswer::Store(answer(step)));
    }
    let (readiness, another) = session.provide(&mut awaited, later).unwrap();
    assert_eq!((readiness, another.is_some()), (Readiness::Wait, true));
}

/// With a time that no look can meet, the token is renewed all the same.
#[test]
fn a_session_that_looks_at_each_call_renews_in_its_margin() {
    let mut rig = Rig::new();
    let session = SharedSession::new(held(&mut rig).with_look_after(Duration::ZERO));
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    let (token, log) = ask(&session, LATE, &mut answer);
    assert_eq!(token.unwrap(), "a0");
    assert!(log.starts_with("load load load lease"), "{log}");
    assert!(log.contains("send"), "{log}");
}

/// One that is stepped by hand makes no look of its own: each of its renewals is one.
#[test]
fn a_renewal_by_hand_is_a_look() {
    let mut rig = Rig::new();
    let mut session = held(&mut rig).with_look_after(Duration::ZERO);
    let mut awaited = AwaitedCredential::new();
    for renewals in 0.. {
        if session.provide(&mut awaited, NOW).unwrap() == Readiness::Ready {
            assert_eq!(renewals, 2);
            break;
        }
        rig.renew(&mut session).unwrap();
    }
    let mut awaited = AwaitedCredential::new();
    assert_eq!(session.provide(&mut awaited, NOW).unwrap(), Readiness::Wait);
    (0..1000).for_each(|_| rig.at("load", Event::Fails));
    rig.renew(&mut session).unwrap_err();
    assert!(matches!(session.provide(&mut awaited, rig.now()), Err(Error::Store(_))));
}

/// A server may make the same token longer: whoever looks knows it.
#[test]
fn a_look_takes_up_that_the_same_token_is_good_for_longer() {
    let mut rig = Rig::new();
    let session = SharedSession::new(held(&mut rig));
    let before = session.credential().current().unwrap().expires_at().unwrap();
    let longer = before.after(Duration::from_secs(3600));
    rig.edit(|record| record["expires_at"] = serde_json::to_value(longer).unwrap());
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    assert_eq!(ask(&session, NOW.after(BOUND), &mut answer).0.unwrap(), "a0");
    let now = session.credential().current().unwrap().expires_at().unwrap();
    assert_eq!(now, longer);
}

/// A session whose new tokens the store did not take.
fn unsaved(rig: &mut Rig) -> Session {
    let mut session = held(rig);
    rig.rotates("a1", "r1");
    (0..1000).for_each(|_| rig.at("commit", Event::Fails));
    let mut run = Run::of_new(&session);
    rig.until(&mut run, "done");
    run.settle(&mut session, rig).unwrap_err();
    session
}

/// Tokens that could not be written wait for the next renewal; a log-out is known without it.
#[test]
fn a_session_with_unsaved_tokens_looks_too() {
    let mut rig = Rig::new();
    let session = unsaved(&mut rig);
    assert!(session.is_unsaved());
    let session = SharedSession::new(session);
    log_out_elsewhere(&rig.store);
    let now = rig.now().after(BOUND);
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), now);
    assert!(is_ended(&ask(&session, now, &mut answer).0));
}

/// A look only looks: what is still to be written stays for the next renewal, and the token that is held goes on.
#[test]
fn a_look_writes_no_tokens() {
    let mut rig = Rig::new();
    let session = unsaved(&mut rig);
    rig.store_works_again();
    let session = SharedSession::new(session);
    let now = rig.now().after(BOUND);
    let (_, look) = session.provide(&mut AwaitedCredential::new(), now).unwrap();
    let mut look = look.unwrap();
    assert!(look.only_looks());
    let Ok(RenewalStep::Store(load)) = look.step(None, now) else { panic!("it loads") };
    let seen = RenewalAnswer::Store(load.on(&rig.store, &key(), now));
    assert!(matches!(look.step(Some(seen), now), Ok(RenewalStep::Done)));
    drop(look);
    assert_eq!(rig.record()["access_token"], "a0");
    assert!(session.look(Session::is_unsaved));
}

/// A moment within the margin of the token.
const LATE: UnixTime = UnixTime::from_secs(NOW.as_secs() + 3550);

/// A renewal whose request is on its way.
fn slow_renewal(session: &SharedSession, answer: &mut dyn FnMut(StoreStep) -> StoreAnswer) -> SharedRenewal {
    let mut awaited = AwaitedCredential::new();
    let (_, look) = session.provide(&mut awaited, LATE).unwrap();
    let step = |renewal: &mut SharedRenewal, answer: &mut dyn FnMut(StoreStep) -> StoreAnswer| {
        let mut came = None;
        while let RenewalStep::Store(step) = renewal.step(came.take(), LATE).unwrap() {
            came = Some(RenewalAnswer::Store(answer(step)));
        }
    };
    step(&mut look.unwrap(), answer);
    let (readiness, renewal) = session.provide(&mut awaited, LATE).unwrap();
    assert_eq!(readiness, Readiness::Due);
    let mut renewal = renewal.unwrap();
    step(&mut renewal, answer);
    assert!(matches!(renewal.step(None, LATE), Ok(RenewalStep::Send(_))));
    renewal
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

/// A session that was restored from a record, and is in a store that others use too.
fn restored(rig: &mut Rig) -> SharedSession {
    let record = held(rig).record().unwrap();
    SharedSession::new(kept(Session::from_record(&client(), record).unwrap()))
}

/// What a program has restored is what somebody saw once: a log-out since then is found before the first token is handed out.
#[test]
fn a_restored_session_looks_before_its_first_credential() {
    let mut rig = Rig::new();
    let session = restored(&mut rig);
    log_out_elsewhere(&rig.store);
    assert!(session.fresh(NOW).is_none());
    let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
    let (asked, log) = ask(&session, NOW, &mut answer);
    assert!(is_ended(&asked), "{asked:?}");
    assert_eq!(log, "load");
    assert!(session.credential().current().is_none());
}

/// One that goes on is looked at once in five seconds, as any other; and so is one that the store has never seen, which a log-out that
/// comes later ends as well.
#[test]
fn a_restored_session_goes_on_and_is_looked_at_like_any_other() {
    for is_there in [true, false] {
        let mut rig = Rig::new();
        let session = restored(&mut rig);
        let stored = rig.store.load(&key()).unwrap().unwrap();
        if !is_there {
            assert!(rig.store.replace(&key(), Some(&stored.version), None).unwrap().is_done());
        }
        let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
        let (token, log) = ask(&session, NOW, &mut answer);
        assert_eq!((token.unwrap().as_str(), log.as_str()), ("a0", "load"), "{is_there}");
        let (token, log) = ask(&session, NOW.after(BOUND / 2), &mut answer);
        assert_eq!((token.unwrap().as_str(), log.as_str()), ("a0", ""), "{is_there}");
        if !is_there {
            assert!(rig.store.insert_if_absent(&key(), &stored.bytes.into()).unwrap());
        }
        log_out_elsewhere(&rig.store);
        let mut answer = |step: StoreStep| step.on(&rig.store, &key(), NOW);
        assert!(is_ended(&ask(&session, NOW.after(BOUND), &mut answer).0), "{is_there}");
    }
}

/// A store that fails then is no consent either; and where the program wants no looks, there is none.
#[test]
fn a_restored_session_hands_nothing_out_while_its_store_fails() {
    let mut rig = Rig::new();
    let session = restored(&mut rig);
    let mut fails = |_: StoreStep| StoreAnswer::Failed(StoreError::new("the store is down"));
    let (asked, log) = ask(&session, NOW, &mut fails);
    assert!(matches!(asked, Err(Error::Store(_))), "{asked:?}");
    assert_eq!(log, "load");
    let record = held(&mut Rig::new()).record().unwrap();
    for is_said_first in [true, false] {
        let session = Session::from_record(&client(), record.clone()).unwrap();
        let never = match is_said_first {
            true => kept(session.with_look_after(Duration::MAX)),
            false => kept(session).with_look_after(Duration::MAX),
        };
        assert!(SharedSession::new(never).fresh(NOW).is_some());
        let session = Session::from_record(&client(), record.clone()).unwrap();
        let looks = match is_said_first {
            true => kept(session.with_look_after(BOUND)),
            false => kept(session).with_look_after(BOUND),
        };
        assert!(SharedSession::new(looks).fresh(NOW).is_none(), "in whatever order it is said");
    }
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

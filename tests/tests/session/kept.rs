//! How long a store keeps a session that nobody uses: `Session::with_lifetime`. A log-out wins all the same (LO-16).

use std::time::Duration;

use valetkey_core::error::Cause;
use valetkey_core::session::{Renewal, RenewalAnswer, RenewalStep, SessionRecord};
use valetkey_core::store::{Entry, Replaced, Store as _, StoreAnswer, StoreError, StoreStep};
use valetkey_core::{AuthorizationServer, Error, Session, TokenResponse, UnixTime};
use valetkey_tests::ending::end_with;
use valetkey_tests::renewing::{Rig, kept, key, service};
use valetkey_tests::{NOW, client, json, world};

const DAY: u64 = 24 * 60 * 60;
const WEEK: Duration = Duration::from_secs(7 * DAY);

fn after(days: u64) -> UnixTime {
    NOW.after(Duration::from_secs(days * DAY))
}

/// The tokens of a login that live for this many seconds.
fn login(lifetime: u64) -> Session {
    let body = world::token("a0", lifetime, Some("r0"));
    let tokens = TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).unwrap();
    kept(Session::from_tokens(&client(), &tokens))
}

/// Until when its record says that it is kept.
fn until(rig: &Rig) -> UnixTime {
    serde_json::from_value(rig.record()["kept"]["until"].clone()).unwrap()
}

/// A look of this session at the rig's store: what was written, if anything was.
fn look(session: &mut Session, rig: &Rig, now: UnixTime) -> (Result<(), Error>, Option<Entry>) {
    look_with(session, now, |step| step.on(&rig.store, &key(), now))
}

fn look_with(
    session: &mut Session,
    now: UnixTime,
    mut store: impl FnMut(StoreStep) -> StoreAnswer,
) -> (Result<(), Error>, Option<Entry>) {
    let shared = valetkey_core::session::SharedSession::new(std::mem::replace(session, service()));
    let mut awaited = valetkey_core::session::AwaitedCredential::new();
    let (mut written, mut came) = (None, Ok(()));
    for _ in 0..4 {
        match shared.provide(&mut awaited, now) {
            Ok((_, Some(mut renewal))) => {
                assert!(renewal.only_looks(), "it is a look");
                let mut answer = None;
                while let RenewalStep::Store(step) = renewal.step(answer.take(), now).unwrap() {
                    if let StoreStep::Replace { entry, .. } = &step {
                        written = Some(entry.clone());
                    }
                    answer = Some(RenewalAnswer::Store(store(step)));
                }
            }
            Ok((_, None)) => break,
            Err(error) => {
                came = Err(error);
                break;
            }
        }
    }
    *session = shared.look(restored);
    (came, written)
}

/// The session as another process has it that holds the same.
fn restored(session: &Session) -> Session {
    kept(Session::from_record(&client(), session.record().unwrap()).unwrap()).with_lifetime(WEEK)
}

fn is_ended(outcome: &Result<(), Error>) -> bool {
    matches!(outcome, Err(Error::AuthorizationRequired(why)) if matches!(why.cause(), Cause::Ended))
}

/// Each write says it: of the login, of what is about to be sent, and of what came.
#[test]
fn a_login_and_a_renewal_push_it_out() {
    let mut rig = Rig::new();
    let mut session = login(3600).with_lifetime(WEEK);
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.record()["kept"]["for"], WEEK.as_millis() as u64);
    assert_eq!(until(&rig), NOW.after(WEEK + WEEK / 4));
    rig.pass(3 * DAY);
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    assert_eq!(until(&rig), after(3).after(WEEK + WEEK / 4));
    // A process that was told nothing keeps it as long: the record says it.
    rig.pass(DAY);
    rig.rotates("a2", "r2");
    rig.renew(&mut kept(Session::from_store(&client()))).unwrap();
    assert_eq!(until(&rig), after(4).after(WEEK + WEEK / 4));
    // One that was stored without is given it by who is told.
    rig.edit(|record| drop(record.as_object_mut().unwrap().remove("kept")));
    rig.pass(DAY);
    rig.rotates("a3", "r3");
    rig.renew(&mut kept(Session::from_store(&client())).with_lifetime(WEEK)).unwrap();
    assert_eq!(until(&rig), after(5).after(WEEK + WEEK / 4));
}

/// The store is told the same as the record, so that it drops what is over by itself.
#[test]
fn what_the_store_is_given_has_that_lifetime() {
    let mut session = login(3600).with_lifetime(WEEK);
    let mut renewal: Renewal = session.renewal().unwrap();
    let RenewalStep::Store(StoreStep::Load) = renewal.step(None, NOW).unwrap() else { panic!("it loads") };
    let nothing = Some(RenewalAnswer::Store(StoreAnswer::Loaded(None)));
    let step = renewal.step(nothing, NOW).unwrap();
    let RenewalStep::Store(StoreStep::Replace { entry, .. }) = step else { panic!("it writes: {step:?}") };
    let lifetime = entry.lifetime().unwrap();
    assert_eq!((lifetime.now(), lifetime.time()), (NOW, WEEK + WEEK / 4));
    let _ = session.settle(renewal, NOW);
    // Where nothing is said, it is kept until it ends.
    let mut rig = Rig::new();
    rig.renew(&mut login(3600)).unwrap();
    assert!(rig.record()["kept"].is_null());
}

/// Whoever uses it at intervals shorter than the time never finds it gone, though its access token is not renewed for years; and it is
/// written once in a quarter of the time.
#[test]
fn a_session_that_is_used_never_ends_under_its_user() {
    let mut rig = Rig::new();
    let mut session = login(10 * 365 * DAY).with_lifetime(WEEK);
    rig.renew(&mut session).unwrap();
    let (mut now, mut writes) = (NOW, 0);
    for use_ in 1..=200_u64 {
        // From an hour to just less than the week.
        now = now.after(Duration::from_secs(3600 + use_ * 7919 % (7 * DAY - 3600)));
        let (came, written) = look(&mut session, &rig, now);
        assert!(came.is_ok(), "use {use_}: {came:?}");
        writes += u32::from(written.is_some());
        assert!(until(&rig) >= now.after(WEEK), "it is there for the whole time after use {use_}");
    }
    assert!(writes > 50, "{writes}");
    // A day of use every minute costs no more than one write.
    let mut writes = 0;
    for minute in 1..=1440_u64 {
        let (came, written) = look(&mut session, &rig, now.after(Duration::from_secs(60 * minute)));
        assert!(came.is_ok());
        writes += u32::from(written.is_some());
    }
    assert!(writes <= 1, "{writes}");
}

/// When nobody has used it for the time and a quarter, it is over: a store that has dropped it, and one that has not, say the same.
#[test]
fn a_session_that_nobody_used_is_over() {
    let last = NOW.after(WEEK + WEEK / 4);
    let before = last.before(Duration::from_millis(1));
    for is_dropped in [false, true] {
        let mut rig = Rig::new();
        let mut session = login(365 * DAY).with_lifetime(WEEK);
        rig.renew(&mut session).unwrap();
        let logged_in = |rig: &Rig, now| {
            SessionRecord::logged_in(rig.store.load(&key()).unwrap().as_ref(), &client(), &key(), now)
                .unwrap()
        };
        assert!(logged_in(&rig, before).is_some());
        if is_dropped {
            let version = rig.store.load(&key()).unwrap().unwrap().version;
            assert!(rig.store.replace(&key(), Some(&version), None).unwrap().is_done());
        }
        assert!(logged_in(&rig, last).is_none());
        rig.pass(8 * DAY + DAY);
        let error = rig.renew(&mut session);
        assert!(is_ended(&error), "{is_dropped}: {error:?}");
        assert!(session.credential().is_none());
        let mut elsewhere = kept(Session::from_store(&client()));
        assert!(rig.renew(&mut elsewhere).is_err(), "{is_dropped}");
    }
}

/// A new login takes the place of one that is over.
#[test]
fn who_logs_in_anew_after_it_is_over_is_logged_in() {
    let mut rig = Rig::new();
    rig.renew(&mut login(3600).with_lifetime(WEEK)).unwrap();
    rig.pass(30 * DAY);
    let body = world::token("b0", 3600, Some("s0"));
    let tokens = TokenResponse::parse(json(200, &body), rig.now(), &AuthorizationServer::new()).unwrap();
    let mut again = kept(Session::from_tokens(&client(), &tokens)).with_lifetime(WEEK);
    rig.renew(&mut again).unwrap();
    assert_eq!(rig.record()["access_token"], "b0");
    assert_eq!(until(&rig), rig.now().after(WEEK + WEEK / 4));
}

/// LO-16: a look that is to keep it for longer writes over nobody's log-out, and hands nothing out after it has seen one.
#[test]
fn a_log_out_between_the_look_and_its_write_wins() {
    let mut rig = Rig::new();
    let mut session = login(365 * DAY).with_lifetime(WEEK);
    rig.renew(&mut session).unwrap();
    let now = after(5);
    let (came, _) = look_with(&mut session, now, |step| {
        if matches!(step, StoreStep::Replace { .. }) {
            let mut theirs = kept(Session::from_store(&client()));
            let (end, _) = end_with(theirs.end().unwrap(), &rig.store, &key(), |_| None);
            theirs.settle_end(end, now).unwrap();
            let answer = step.on(&rig.store, &key(), now);
            assert!(matches!(answer, StoreAnswer::Replaced(Replaced::Conflict)), "{answer:?}");
            return answer;
        }
        step.on(&rig.store, &key(), now)
    });
    assert!(came.is_ok(), "what was looked at was before the log-out: {came:?}");
    assert!(!rig.record()["ended_at"].is_null() && rig.record()["kept"].is_null());
    let (came, written) = look(&mut session, &rig, now.after(Duration::from_secs(5)));
    assert!(is_ended(&came) && written.is_none());
}

/// A store that reads and does not write has answered the look; the next one tries it again.
#[test]
fn a_store_that_cannot_write_ends_nobody() {
    let mut rig = Rig::new();
    let mut session = login(365 * DAY).with_lifetime(WEEK);
    rig.renew(&mut session).unwrap();
    let now = after(5);
    let (came, written) = look_with(&mut session, now, |step| match step {
        StoreStep::Replace { .. } => StoreAnswer::Failed(StoreError::new("the disk is full")),
        step => step.on(&rig.store, &key(), now),
    });
    assert!(came.is_ok() && written.is_some());
    assert_eq!(until(&rig), NOW.after(WEEK + WEEK / 4));
    let (came, written) = look(&mut session, &rig, now.after(Duration::from_secs(5)));
    assert!(came.is_ok() && written.is_some());
    assert!(until(&rig) > now.after(WEEK));
}

/// RF-1: a renewal under way in another process loses nothing by it.
#[test]
fn a_renewal_under_way_writes_what_it_got_all_the_same() {
    let mut rig = Rig::new();
    let mut session = login(3600).with_lifetime(WEEK);
    rig.renew(&mut session).unwrap();
    rig.pass(5 * DAY);
    rig.rotates("a1", "r1");
    rig.before("commit", |rig| {
        let stored = rig.store.load(&key()).unwrap().unwrap();
        let record = SessionRecord::logged_in(Some(&stored), &client(), &key(), rig.now()).unwrap().unwrap();
        // It was just written, and is to be kept for much longer by who is told so.
        let year = Some(Duration::from_secs(365 * DAY));
        let longer = record.kept_longer(year, rig.now()).unwrap().unwrap();
        assert!(rig.store.replace(&key(), Some(&stored.version), Some(&longer)).unwrap().is_done());
    });
    rig.renew(&mut session).unwrap();
    assert_eq!(
        (rig.record()["access_token"].clone(), rig.record()["refresh_token"].clone()),
        ("a1".into(), "r1".into())
    );
}

/// A page that asks who is logged in is a use: it writes as little as a look.
#[test]
fn a_record_that_was_loaded_says_what_is_to_be_written() {
    let mut rig = Rig::new();
    rig.renew(&mut login(3600).with_lifetime(WEEK)).unwrap();
    let load = |rig: &Rig| {
        let stored = rig.store.load(&key()).unwrap();
        SessionRecord::logged_in(stored.as_ref(), &client(), &key(), NOW).unwrap().unwrap()
    };
    assert!(load(&rig).kept_longer(None, after(1)).unwrap().is_none());
    assert!(load(&rig).kept_longer(Some(WEEK), after(1)).unwrap().is_none());
    let entry = load(&rig).kept_longer(None, after(2)).unwrap().unwrap();
    assert_eq!(entry.lifetime().unwrap().until(), after(2).after(WEEK + WEEK / 4));
    // Without a lifetime nothing is to be written.
    rig.edit(|record| drop(record.as_object_mut().unwrap().remove("kept")));
    assert!(load(&rig).kept_longer(None, after(1)).unwrap().is_none());
    assert!(load(&rig).kept_longer(Some(WEEK), after(1)).unwrap().is_some());
}

/// No time is so short that each use is a write, or so long that a store cannot keep it.
#[test]
fn a_lifetime_has_bounds() {
    for (said, counts) in [
        (Duration::ZERO, Duration::from_secs(60)),
        (Duration::MAX, Duration::from_secs(400 * DAY)),
        (Duration::from_secs(61), Duration::from_secs(61)),
    ] {
        let mut rig = Rig::new();
        rig.renew(&mut login(3600).with_lifetime(said)).unwrap();
        assert_eq!(until(&rig), NOW.after(counts + counts / 4));
    }
    // A record that somebody has changed is held to them too.
    let mut rig = Rig::new();
    rig.renew(&mut login(365 * DAY).with_lifetime(WEEK)).unwrap();
    rig.edit(|record| record["kept"]["for"] = u64::MAX.into());
    let stored = rig.store.load(&key()).unwrap();
    let record = SessionRecord::logged_in(stored.as_ref(), &client(), &key(), NOW).unwrap().unwrap();
    let entry = record.kept_longer(None, NOW).unwrap().unwrap();
    assert_eq!(entry.lifetime().unwrap().time(), Duration::from_secs(500 * DAY));
}

/// The application's own session begins anew by its grant, as where its record is gone.
#[test]
fn the_applications_own_session_begins_anew() {
    let (mut rig, mut own) = (Rig::new(), service().with_lifetime(WEEK));
    rig.grants("a0");
    rig.renew(&mut own).unwrap();
    rig.pass(30 * DAY);
    rig.grants("a1");
    rig.renew(&mut own).unwrap();
    assert_eq!(rig.record()["access_token"], "a1");
    assert_eq!(until(&rig), after(30).after(WEEK + WEEK / 4));
}

//! How long a store keeps a session that nobody uses: `Session::with_lifetime`. A log-out wins all the same (LO-16).

use std::sync::Arc;
use std::time::Duration;

use valetkey_core::error::Cause;
use valetkey_core::session::{
    AwaitedCredential, LoginLookup, Renewal, RenewalAnswer, RenewalStep, SessionRecord, SharedSession,
};
use valetkey_core::store::{Entry, Replaced, Store as _, StoreAnswer, StoreError, StoreStep, Stored};
use valetkey_core::{AuthorizationServer, Error, Session, TokenResponse, UnixTime};
use valetkey_tests::ending::end_with;
use valetkey_tests::renewing::{Event, Rig, kept, key, service};
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
    let shared = SharedSession::new(std::mem::replace(session, service()));
    let mut awaited = AwaitedCredential::new();
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

/// Somebody uses it who is told to keep it for much longer than it was just written for.
fn keep_for_a_year(rig: &mut Rig) {
    let stored = rig.store.load(&key()).unwrap().unwrap();
    let record = logged_in(Some(&stored), rig.now()).unwrap();
    let longer = record.kept_longer(Some(Duration::from_secs(365 * DAY)), rig.now()).unwrap().unwrap();
    assert!(rig.store.replace(&key(), Some(&stored.version), Some(&longer)).unwrap().is_done());
}

fn logged_in(stored: Option<&Stored>, now: UnixTime) -> Option<Arc<SessionRecord>> {
    LoginLookup::new(&client(), key()).unwrap().logged_in(stored, now).unwrap()
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

/// A batch that takes the good token up once a day, and asks for nothing, uses the session as one that holds it in memory.
#[test]
fn who_takes_a_good_token_up_uses_the_session() {
    for says_it in [false, true] {
        let mut rig = Rig::new();
        rig.renew(&mut login(365 * DAY).with_lifetime(WEEK)).unwrap();
        let (mut last, mut writes) = (until(&rig), 0);
        for day in 1..=60_u32 {
            rig.pass(DAY);
            let batch = kept(Session::from_store(&client()));
            let mut batch = if says_it { batch.with_lifetime(WEEK) } else { batch };
            rig.renew(&mut batch).unwrap();
            assert!(batch.credential().is_some());
            assert!(until(&rig) >= rig.now().after(WEEK), "it is there for the whole time after day {day}");
            writes += u32::from(until(&rig) != last);
            last = until(&rig);
        }
        assert_eq!(writes, 30, "once in a quarter of the time, and the days are whole");
    }
}

/// The token that somebody else brought meanwhile is found under the lease: it is given back all the same.
#[test]
fn a_lease_is_given_back_where_what_is_found_is_kept_for_longer() {
    let mut rig = Rig::new();
    rig.renew(&mut login(3600)).unwrap();
    rig.pass(DAY);
    let mut late = kept(Session::from_store(&client())).with_lifetime(WEEK);
    rig.before("lease", |rig| {
        rig.rotates("a1", "r1");
        rig.renew(&mut kept(Session::from_store(&client()))).unwrap();
        assert!(rig.record()["kept"].is_null());
    });
    rig.renew(&mut late).unwrap();
    assert_eq!(
        (until(&rig), rig.record()["access_token"].clone()),
        (after(1).after(WEEK + WEEK / 4), "a1".into())
    );
    assert!(rig.store.lease(&key(), WEEK, rig.now()).unwrap().is_some(), "nobody holds the lease");
}

/// Redis counts by itself. What a clock that was ahead has written looks as if it were kept for long, and is not.
#[test]
fn what_a_clock_that_was_ahead_has_written_is_written_anew_once() {
    let mut rig = Rig::new();
    // It is set back afterwards, or another computer's is right.
    rig.pass(30 * DAY);
    rig.renew(&mut login(365 * DAY).with_lifetime(WEEK)).unwrap();
    rig.set_back();
    let mut taken_up = kept(Session::from_store(&client()));
    rig.renew(&mut taken_up).unwrap();
    assert_eq!(until(&rig), NOW.after(WEEK + WEEK / 4));
    let (came, written) = look(&mut taken_up, &rig, NOW.after(Duration::from_secs(10)));
    assert!(came.is_ok() && written.is_none());
    // Clocks that are apart by less than a quarter of the time write against each other no more than one alone does.
    let mut rig = Rig::new();
    rig.renew(&mut login(365 * DAY).with_lifetime(WEEK)).unwrap();
    let mut writes = 0;
    for hour in 1..=(20 * 24_u64) {
        for ahead in [0, 24] {
            let before = until(&rig);
            rig.set_back();
            rig.pass((hour + ahead) * 3600);
            rig.renew(&mut kept(Session::from_store(&client()))).unwrap();
            assert!(until(&rig) >= rig.now().after(WEEK));
            writes += u32::from(until(&rig) != before);
        }
    }
    assert!(writes <= 30, "{writes}");
}

/// Two programs that say different times do not write against each other at each use; and a shorter one takes effect once a quarter of the longer
/// has passed.
#[test]
fn programs_that_say_different_times_leave_each_other_alone() {
    const MONTH: Duration = Duration::from_secs(28 * DAY);
    let mut rig = Rig::new();
    rig.renew(&mut login(365 * DAY).with_lifetime(MONTH)).unwrap();
    let use_ = |rig: &mut Rig, time| {
        let before = until(rig);
        rig.renew(&mut kept(Session::from_store(&client())).with_lifetime(time)).unwrap();
        u32::from(until(rig) != before)
    };
    let mut writes = 0;
    for _ in 0..(28 * 24) {
        rig.pass(3600);
        writes += use_(&mut rig, MONTH) + use_(&mut rig, WEEK);
    }
    assert!(writes <= 8, "{writes}");
    // Nobody says the longer one any more.
    for _ in 0..8 {
        rig.pass(DAY);
        use_(&mut rig, WEEK);
    }
    assert!(until(&rig) <= rig.now().after(WEEK + WEEK / 4));
}

/// A look is what keeps it: however rarely the program wants one, there are enough.
#[test]
fn a_session_is_looked_at_often_enough_to_be_kept() {
    let month = Duration::from_secs(28 * DAY);
    let said: [fn(Session, Duration) -> Session; 2] = [
        |session, month| session.with_lifetime(WEEK).with_look_after(month),
        |session, month| session.with_look_after(month).with_lifetime(WEEK),
    ];
    for say in said {
        let mut rig = Rig::new();
        let mut session = say(login(365 * DAY), month);
        rig.renew(&mut session).unwrap();
        let (came, written) = look(&mut session, &rig, after(2));
        assert!(came.is_ok() && written.is_some());
        assert_eq!(until(&rig), after(2).after(WEEK + WEEK / 4));
    }
}

/// What is written is what is there: a token that this session may not use, for another key than its own, stays for who may.
#[test]
fn what_is_kept_for_longer_stays_as_it_is() {
    let mut rig = Rig::new();
    let mut session = login(365 * DAY).with_lifetime(WEEK);
    rig.renew(&mut session).unwrap();
    rig.edit(|record| record["token_type"] = "DPoP".into());
    let before = rig.record();
    let shared = SharedSession::new(session);
    let Ok((_, Some(mut renewal))) = shared.provide(&mut AwaitedCredential::new(), after(5)) else {
        panic!("it looks")
    };
    assert!(renewal.only_looks());
    let mut answer = None;
    while let RenewalStep::Store(step) = renewal.step(answer.take(), after(5)).unwrap() {
        answer = Some(RenewalAnswer::Store(step.on(&rig.store, &key(), after(5))));
    }
    drop(renewal);
    let mut now = rig.record();
    assert_ne!(now["kept"], before["kept"]);
    now["kept"] = before["kept"].clone();
    assert!(now == before, "only how long it is kept has changed");
}

/// How long to wait after a failure is written also where somebody has used the session meanwhile.
#[test]
fn a_failure_is_written_over_what_was_only_kept_for_longer() {
    let mut rig = Rig::new();
    let mut session = login(3600).with_lifetime(WEEK);
    rig.renew(&mut session).unwrap();
    rig.pass(5 * DAY);
    rig.refuses(503, "temporarily_unavailable");
    rig.before("commit", keep_for_a_year);
    assert!(rig.renew(&mut session).is_err());
    assert!(!rig.record()["failure"].is_null());
}

/// When nobody has used it for the time and a quarter, a store drops it; one that has it still is believed for a quarter more, since its
/// clock may be right and ours ahead. Then it is over: both say the same.
#[test]
fn a_session_that_nobody_used_is_over() {
    let last = NOW.after(WEEK + WEEK / 4 + WEEK / 4);
    let before = last.before(Duration::from_millis(1));
    for is_dropped in [false, true] {
        let mut rig = Rig::new();
        let mut session = login(365 * DAY).with_lifetime(WEEK);
        rig.renew(&mut session).unwrap();
        let logged_in = |rig: &Rig, now| logged_in(rig.store.load(&key()).unwrap().as_ref(), now);
        assert!(logged_in(&rig, before).is_some());
        if is_dropped {
            let version = rig.store.load(&key()).unwrap().unwrap().version;
            assert!(rig.store.replace(&key(), Some(&version), None).unwrap().is_done());
        }
        assert!(logged_in(&rig, last).is_none());
        rig.pass(10 * DAY + DAY);
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
    rig.before("commit", keep_for_a_year);
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
        logged_in(stored.as_ref(), NOW).unwrap()
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
        (Duration::ZERO, Duration::from_secs(120)),
        (Duration::MAX, Duration::from_secs(400 * DAY)),
        (Duration::from_secs(121), Duration::from_secs(121)),
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
    let record = logged_in(stored.as_ref(), NOW).unwrap();
    let entry = record.kept_longer(None, NOW).unwrap().unwrap();
    assert_eq!(entry.lifetime().unwrap().time(), Duration::from_secs(500 * DAY));
}

/// LO-16: a program that could not write its tokens until the store had dropped the session does not know whether somebody logged out
/// meanwhile, and finds nothing there that says so: the session has ended.
#[test]
fn a_store_that_was_away_for_longer_ends_the_session() {
    let mut rig = Rig::new();
    let mut session = login(3600).with_lifetime(WEEK);
    rig.renew(&mut session).unwrap();
    rig.pass(DAY);
    rig.rotates("a1", "r1");
    for _ in 0..100 {
        rig.at("commit", Event::Fails);
    }
    assert!(matches!(rig.renew(&mut session), Err(Error::Store(_))) && session.is_unsaved());
    rig.store_works_again();
    rig.pass(10 * DAY);
    let version = rig.store.load(&key()).unwrap().unwrap().version;
    assert!(rig.store.replace(&key(), Some(&version), None).unwrap().is_done());
    let error = rig.renew(&mut session);
    assert!(is_ended(&error), "{error:?}");
    assert!(rig.record().is_null() && session.credential().is_none());
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

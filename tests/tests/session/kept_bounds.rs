//! When a session that is used is written anew, and when one that is not used is over: to the moment.

use std::sync::Arc;
use std::time::Duration;

use valetkey_core::error::Cause;
use valetkey_core::session::{
    AwaitedCredential, LoginLookup, RenewalAnswer, RenewalStep, SessionRecord, SharedSession,
};
use valetkey_core::store::{Index, Store as _};
use valetkey_core::{AuthorizationServer, Error, Session, TokenResponse, UnixTime};
use valetkey_tests::renewing::{Rig, elsewhere, kept, key};
use valetkey_tests::{NOW, client, json, world};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const WEEK: Duration = DAY.saturating_mul(7);
const MOMENT: Duration = Duration::from_millis(1);

/// A session whose tokens live for a year, which is kept for so long.
fn login(time: Duration) -> Session {
    let body = world::token("a0", 365 * DAY.as_secs(), Some("r0"));
    let tokens = TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).unwrap();
    kept(Session::from_tokens(&client(), &tokens)).with_lifetime(time)
}

fn stored(time: Duration) -> (Rig, Session) {
    let (mut rig, mut session) = (Rig::new(), login(time));
    rig.renew(&mut session).unwrap();
    (rig, session)
}

fn logged_in(rig: &Rig, now: UnixTime) -> Option<Arc<SessionRecord>> {
    let stored = rig.store.load(&key()).unwrap();
    LoginLookup::new(&client(), key()).unwrap().logged_in(stored.as_ref(), now).unwrap()
}

fn is_ended(outcome: &Result<(), Error>) -> bool {
    matches!(outcome, Err(Error::AuthorizationRequired(why)) if matches!(why.cause(), Cause::Ended))
}

/// What is used within the first quarter of the time costs no write, and what is used a moment later does; so it is with a clock that is a
/// quarter behind that of who wrote it, and one that is farther behind.
#[test]
fn a_use_is_written_once_a_quarter_of_the_time_has_passed() {
    let (rig, _) = stored(WEEK);
    let record = logged_in(&rig, NOW).unwrap();
    let is_written = |now| record.kept_longer(None, now).unwrap().is_some();
    let (after, before) = (NOW.after(WEEK / 4), NOW.before(WEEK / 4));
    assert!(!is_written(after) && is_written(after.after(MOMENT)));
    assert!(!is_written(before) && is_written(before.before(MOMENT)));
    assert!(is_written(NOW.before(WEEK)));
}

/// Who says a shorter time than the record was written with waits for a quarter of that one; and what it then writes is its own.
#[test]
fn a_shorter_time_is_written_once_a_quarter_of_the_longer_one_has_passed() {
    let year = DAY * 365;
    let (mut rig, mut session) = stored(year);
    let record = logged_in(&rig, NOW).unwrap();
    let written = |now| record.kept_longer(Some(WEEK), now).unwrap();
    let (at, now) = (NOW.after(year / 4), NOW.after(year / 4).after(MOMENT));
    assert!(written(NOW).is_none() && written(at).is_none());
    assert_eq!(written(now).unwrap().lifetime().unwrap().until(), now.after(WEEK + WEEK / 4));

    // Once it is written, by a renewal for example, the longer one counts no more.
    session = session.with_lifetime(WEEK);
    rig.pass(366 * DAY.as_secs());
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    let record = session.record().unwrap();
    assert!(record.kept_longer(None, rig.now()).unwrap().is_none());
    assert!(record.kept_longer(None, rig.now().after(WEEK / 4)).unwrap().is_none());
}

/// One that is kept for minutes is over five of them after its store may have dropped it: clocks may be so far apart.
#[test]
fn a_short_session_is_over_five_minutes_after_its_time() {
    let minutes = |count: u64| Duration::from_secs(60 * count);
    for (time, grace) in [(2, 5), (10, 5), (20, 5), (24, 6)] {
        let (rig, _) = stored(minutes(time));
        let over = NOW.after(minutes(time) + minutes(time) / 4 + minutes(grace));
        assert!(logged_in(&rig, over.before(MOMENT)).is_some(), "{time} minutes");
        assert!(logged_in(&rig, over).is_none(), "{time} minutes");
    }
}

/// What a session holds of it is what was written, for who asks for its record.
#[test]
fn who_takes_it_up_holds_until_when_it_is_kept() {
    let (mut rig, _) = stored(WEEK);
    rig.pass(3 * DAY.as_secs());
    let mut session = elsewhere();
    rig.renew(&mut session).unwrap();
    let held = serde_json::to_value(session.record().unwrap()).unwrap();
    assert_eq!(held["kept"], rig.record()["kept"]);
    let until: UnixTime = serde_json::from_value(held["kept"]["until"].clone()).unwrap();
    assert_eq!(until, rig.now().after(WEEK + WEEK / 4));
}

/// A use that is written says too what the session is found by, as each other writing does.
#[test]
fn a_use_writes_what_the_session_is_found_by() {
    let (mut rig, _) = stored(WEEK);
    rig.pass(3 * DAY.as_secs());
    let name = Index::of_name("alice");
    rig.renew(&mut elsewhere().with_indexes([name.clone()])).unwrap();
    assert_eq!(rig.requests(), 0);
    assert_eq!(rig.store.find(&name, None).unwrap().keys, [key()]);
}

/// LO-16: a look finds that nobody has used it for all its time, and keeps nothing that is over.
#[test]
fn a_look_at_a_session_that_is_over_ends_it_lo_16() {
    for (days, is_over) in [(10, false), (11, true)] {
        let (mut rig, session) = stored(WEEK);
        let before = rig.record();
        rig.pass(days * DAY.as_secs());
        let session = SharedSession::new(session);
        let mut awaited = AwaitedCredential::new();
        let (_, look) = session.provide(&mut awaited, rig.now()).unwrap();
        let (mut look, mut answer) = (look.unwrap(), None);
        assert!(look.only_looks());
        while let RenewalStep::Store(step) = look.step(answer.take(), rig.now()).unwrap() {
            answer = Some(RenewalAnswer::Store(step.on(&rig.store, &key(), rig.now())));
        }
        let came = session.provide(&mut awaited, rig.now()).map(drop);
        assert_eq!(is_ended(&came), is_over, "after {days} days: {came:?}");
        assert_eq!(rig.record() == before, is_over, "after {days} days");
    }
}

//! Who is logged in, by what a store has: `LoginLookup`, which reads each version once.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use valetkey_core::session::{Ended, LoginLookup, SessionRecord};
use valetkey_core::store::{Store as _, StoreKey};
use valetkey_core::{AuthorizationServer, Error, Rule, Session, TokenResponse, UnixTime};
use valetkey_tests::ending::end_with;
use valetkey_tests::renewing::{Rig, kept, key};
use valetkey_tests::{NOW, client, json as answer, world};

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

fn login() -> Session {
    let body = world::token("a0", 60, Some("r0"));
    let tokens = TokenResponse::parse(answer(200, &body), NOW, &AuthorizationServer::new()).unwrap();
    kept(Session::from_tokens(&client(), &tokens))
}

fn looks(lookup: &LoginLookup, rig: &Rig, now: UnixTime) -> Result<Option<Arc<SessionRecord>>, Error> {
    lookup.logged_in(rig.store.load(lookup.key()).unwrap().as_ref(), now)
}

/// Whatever changes in the store, by whomever, is seen at the next request.
#[test]
fn a_record_is_read_once_a_version_and_a_new_version_at_once_lo_16() {
    let mut rig = Rig::new();
    let lookup = LoginLookup::new(&client(), key()).unwrap();
    assert!(looks(&lookup, &rig, NOW).unwrap().is_none());
    let mut session = login().with_lifetime(WEEK);
    rig.renew(&mut session).unwrap();
    let first = looks(&lookup, &rig, NOW).unwrap().unwrap();
    assert!(Arc::ptr_eq(&first, &looks(&lookup, &rig, NOW).unwrap().unwrap()));
    // A clone has read the same.
    assert!(Arc::ptr_eq(&first, &looks(&lookup.clone(), &rig, NOW).unwrap().unwrap()));

    rig.pass(60);
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    let second = looks(&lookup, &rig, rig.now()).unwrap().unwrap();
    assert!(!Arc::ptr_eq(&first, &second));
    assert!(second.expires_at() > first.expires_at());

    // What was read is not believed for longer than its time.
    assert!(looks(&lookup, &rig, rig.now().after(2 * WEEK)).unwrap().is_none());
    assert!(looks(&lookup, &rig, rig.now()).unwrap().is_some());

    let end = session.end().unwrap();
    let (end, _) = end_with(end, &rig.store, &key(), |_| None);
    assert!(matches!(end.finish(), Ok(Ended::Forgotten(_))));
    assert!(looks(&lookup, &rig, rig.now()).unwrap().is_none());
}

/// What was in order says nothing of what comes in its place.
#[test]
fn another_version_is_checked_as_the_first_was_st_1_st_4() {
    let mut rig = Rig::new();
    rig.renew(&mut login()).unwrap();
    let lookup = LoginLookup::new(&client(), key()).unwrap();
    assert!(looks(&lookup, &rig, NOW).unwrap().is_some());
    let good = rig.record();
    for (member, value, rule) in
        [("client_id", json!("another"), Rule::St1), ("whose", json!("bWFsbG9yeQ"), Rule::St4)]
    {
        rig.edit(|record| record[member] = value);
        for _ in 0..2 {
            let error = looks(&lookup, &rig, NOW).unwrap_err();
            assert_eq!(error.rule(), Some(rule), "{member}: {error}");
        }
        rig.put(good.to_string().as_bytes());
        assert!(looks(&lookup, &rig, NOW).unwrap().is_some());
    }
    rig.put(b"{}");
    assert!(matches!(looks(&lookup, &rig, NOW), Err(Error::Store(_))));
}

/// A key that names nobody, or is another client's, finds nobody.
#[test]
fn a_key_that_finds_nobody_is_refused_st_1_st_4() {
    let another = valetkey_core::Client::new(AuthorizationServer::new(), "another");
    for (key, rule) in [
        (StoreKey::of_user(&client(), ""), Rule::St4),
        (StoreKey::in_memory(), Rule::St4),
        (StoreKey::of_user(&another, "alice"), Rule::St1),
    ] {
        assert_eq!(LoginLookup::new(&client(), key).unwrap_err().rule(), Some(rule));
    }
}

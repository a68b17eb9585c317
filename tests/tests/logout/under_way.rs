//! LO-16: a log-out that comes while a login is under way ends it, at whatever moment.

use std::time::Duration;

use valetkey_core::error::Cause;
use valetkey_core::jose::Algorithm;
use valetkey_core::logout::{LoginUnderWay, LogoutAnswer, LogoutNotice, LogoutStep, RemoteLogout};
use valetkey_core::store::{Entry, MemoryStore, Store, StoreKey, StoredBytes};
use valetkey_core::{Error, TokenResponse, UnixTime};
use valetkey_tests::NOW;
use valetkey_tests::openid::{begun, claims as login_claims, id_token, tokens};

use crate::remote::{carry, is_in, keep, login};
use crate::world::*;

/// What the login is told of log-outs, when it looks now.
fn looked_at(store: &MemoryStore, tokens: &TokenResponse) -> Result<(), Error> {
    let login = LoginUnderWay::of(&client(), tokens).unwrap();
    login.keys().iter().try_for_each(|key| login.require_going_on(store.load(key).unwrap().as_ref()))
}

fn is_ended(outcome: &Result<(), Error>) -> bool {
    matches!(outcome, Err(Error::AuthorizationRequired(why)) if matches!(why.cause(), Cause::Ended))
}

/// Each way to name the login: by `sid`, by `sub`, by both.
fn all_kinds() -> [(&'static str, serde_json::Value); 3] {
    [("sid", without(&["sub"])), ("sub", without(&["sid"])), ("both", claims())]
}

/// A log-out at this time, of a token that was issued then too.
fn log_out_at(store: &MemoryStore, notice: LogoutNotice, now: UnixTime) {
    let (mut logout, mut answer) = (RemoteLogout::new(&client(), notice), None);
    loop {
        answer = match logout.step(answer.take(), now).unwrap() {
            LogoutStep::Find(index, after) => Some(LogoutAnswer::Found(store.find(&index, after.as_ref()))),
            LogoutStep::Store(key, step) => Some(LogoutAnswer::Store(step.on(store, &key, now))),
            LogoutStep::Send(_) => Some(LogoutAnswer::NoResponse),
            LogoutStep::Wait(_) => None,
            LogoutStep::Done => break,
        };
    }
    logout.finish().unwrap();
}

/// Whatever comes between the two steps of each: one of the two sees the other.
#[test]
fn a_login_and_its_log_out_never_miss_each_other() {
    const MOMENTS: [&str; 6] = ["mark?", "announce?", "announce", "find", "mark", "afterwards"];
    for (kind, claims) in all_kinds() {
        for (place, stored_at) in MOMENTS.iter().enumerate() {
            for looked_at_moment in &MOMENTS[place..] {
                let (client, store) = (client(), MemoryStore::new());
                let tokens = login(&client, SUB, Some(SID), "openid");
                let mut told = Ok(());
                let mut meet = |moment: &str| {
                    if moment == *stored_at {
                        keep(&store, &client, "alice", &tokens);
                    }
                    if moment == *looked_at_moment {
                        told = looked_at(&store, &tokens);
                    }
                    None
                };
                let logout = RemoteLogout::new(&client, heard(&claims).unwrap());
                carry(logout, &store, &mut meet).0.unwrap();
                meet("afterwards");
                let is_alive = is_in(&store, &client, "alice") && told.is_ok();
                assert!(!is_alive, "{kind}: {stored_at} {looked_at_moment}");
                assert!(told.is_ok() || is_ended(&told), "{told:?}");
            }
        }
    }
}

/// Without the look after the storing there is a moment at which nobody sees it: so the test above can fail.
#[test]
fn a_login_that_does_not_look_is_missed() {
    let (client, store) = (client(), MemoryStore::new());
    let tokens = login(&client, SUB, Some(SID), "openid");
    let notice = heard(&claims()).unwrap();
    carry(RemoteLogout::new(&client, notice), &store, |step| {
        if step == "mark" {
            keep(&store, &client, "alice", &tokens);
        }
        None
    })
    .0
    .unwrap();
    assert!(is_in(&store, &client, "alice"));
    assert!(is_ended(&looked_at(&store, &tokens)));
}

/// LO-15: it is that login alone, and that person's alone.
#[test]
fn other_logins_go_on() {
    for (kind, claims) in all_kinds() {
        let (client, store) = (client(), MemoryStore::new());
        log_out_at(&store, heard(&claims).unwrap(), NOW);
        let bob = login(&client, "bob", Some("bobs-sid"), "openid");
        assert!(looked_at(&store, &bob).is_ok(), "{kind}");
        let at_home = login(&client, SUB, Some("other-sid"), "openid");
        assert_eq!(looked_at(&store, &at_home).is_err(), kind == "sub", "{kind}");
        let bob_there = login(&client, "bob", Some(SID), "openid");
        assert_eq!(looked_at(&store, &bob_there).is_err(), kind == "sid", "{kind}");
        let without_sid = login(&client, SUB, None, "openid");
        assert_eq!(looked_at(&store, &without_sid).is_err(), kind == "sub", "{kind}");
    }
}

/// Who logs in anew after a log-out is logged in: their ID token is not older, and was asked for afterwards.
#[test]
fn a_login_after_the_log_out_goes_on() {
    let (client, store) = (client(), MemoryStore::new());
    let before = NOW.before(Duration::from_secs(1));
    for (kind, claims) in all_kinds() {
        let claims = {
            let mut claims = claims;
            claims["iat"] = before.as_secs().into();
            claims["jti"] = kind.into();
            claims
        };
        log_out_at(&store, heard(&claims).unwrap(), before);
    }
    assert!(looked_at(&store, &login(&client, SUB, Some(SID), "openid")).is_ok());
    // So is one that the server issued in the log-out's own second.
    let mut begun_anew = begun(&client, |request| request).unwrap();
    let mut same = login_claims(Some(begun_anew.nonce()));
    same["iat"] = before.as_secs().into();
    let answer = tokens(&id_token(Algorithm::Es256, &same));
    assert!(looked_at(&store, &begun_anew.finished(&client, vec![answer]).unwrap()).is_ok());
    // An ID token that the server issued before the log-out is of a login that has ended, however late it is asked for.
    let mut begun = begun(&client, |request| request).unwrap();
    let mut old = login_claims(Some(begun.nonce()));
    old["iat"] = before.before(Duration::from_secs(1)).as_secs().into();
    let answer = tokens(&id_token(Algorithm::Es256, &old));
    assert!(is_ended(&looked_at(&store, &begun.finished(&client, vec![answer]).unwrap())));
}

/// Of two log-outs the later counts, in whatever order they come.
#[test]
fn an_older_log_out_does_not_hide_a_newer_one() {
    let (client, store) = (client(), MemoryStore::new());
    for (jti, age) in [("new", 0), ("old", 60)] {
        let claims = claiming(|claims| {
            claims["jti"] = jti.into();
            claims["iat"] = (NOW.as_secs() - age).into();
        });
        log_out_at(&store, heard(&claims).unwrap(), NOW.before(Duration::from_secs(age)));
    }
    assert!(is_ended(&looked_at(&store, &login(&client, SUB, Some(SID), "openid"))));
}

/// What nobody can read is told as the store's fault: it is not known whether the login goes on.
#[test]
fn a_mark_that_cannot_be_read_is_no_consent() {
    let (client, store) = (client(), MemoryStore::new());
    let tokens = login(&client, SUB, Some(SID), "openid");
    let under_way = LoginUnderWay::of(&client, &tokens).unwrap();
    let key: &StoreKey = &under_way.keys()[0];
    assert!(store.insert_if_absent(key, &Entry::new(StoredBytes::new(b"?".to_vec()))).unwrap());
    assert!(matches!(looked_at(&store, &tokens), Err(Error::Store(_))));
    // The next log-out writes over it.
    log_out_at(&store, heard(&without(&["sid"])).unwrap(), NOW);
    assert!(is_ended(&looked_at(&store, &tokens)));
}

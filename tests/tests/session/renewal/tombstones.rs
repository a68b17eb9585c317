//! LO-16: what a log-out leaves in the store, for which logins it counts, and which tokens it revokes.

use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::error::Cause;
use valetkey_core::server::Endpoint;
use valetkey_core::session::{Ended, NotRevoked, RenewalAnswer, RenewalStep, SessionEnd};
use valetkey_core::store::{Store as _, StoreStep};
use valetkey_core::{AuthorizationServer, Client, Error, Session, TokenResponse};
use valetkey_tests::ending::end_with;
use valetkey_tests::renewing::{Event, Rig, Run, elsewhere, held, kept, key, refreshing};
use valetkey_tests::{NOW, client, client_of, json as answer, server, world};

fn revoking() -> Client {
    client_of(server().endpoint(Endpoint::Revocation, "https://as.example/revoke").unwrap())
}

fn login_of(client: &Client, access: &str, refresh: &str, scope: &str) -> Session {
    let body = format!(
        r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":3600,"refresh_token":"{refresh}","scope":"{scope}"}}"#
    );
    let tokens = TokenResponse::parse(answer(200, &body), NOW, &AuthorizationServer::new()).unwrap();
    kept(Session::from_tokens(client, &tokens))
}

fn login(access: &str, refresh: &str) -> Session {
    let body = world::token(access, 3600, Some(refresh));
    let tokens = TokenResponse::parse(answer(200, &body), NOW, &AuthorizationServer::new()).unwrap();
    kept(Session::from_tokens(&revoking(), &tokens))
}

fn has_ended(renewed: &Result<(), Error>) -> bool {
    matches!(renewed, Err(Error::AuthorizationRequired(why)) if matches!(why.cause(), Cause::Ended))
}

/// Ends the session, and says what was done for it.
fn log_out(session: &mut Session, rig: &Rig) -> (Ended, String) {
    let (end, done) = end_with(session.end().unwrap(), &rig.store, &key(), |_| None);
    (session.settle_end(end, rig.now()).unwrap(), done)
}

/// A login whose first renewal finds a store that fails and then one that works, so that its tokens are not in it.
fn unsaved(rig: &mut Rig, access: &str, refresh: &str) -> Session {
    let mut session = login(access, refresh);
    for _ in 0..100 {
        rig.at("commit", Event::Fails);
    }
    assert!(matches!(rig.renew(&mut session), Err(Error::Store(_))) && session.is_unsaved());
    rig.store_works_again();
    session
}

/// The tombstone of a login is written over by no renewal of it that was begun before, though the login never was in the store; nor by
/// one of the login that was there.
#[test]
fn a_tombstone_is_of_the_login_that_was_there_and_of_the_one_that_was_not() {
    let mut rig = Rig::new();
    let mut there = login("b0", "s0");
    rig.renew(&mut there).unwrap();
    let mut here = login("a0", "r0");
    let before = Run::of_new(&here);
    log_out(&mut here, &rig);
    let tombstone = rig.record();
    assert!(tombstone["ended_at"].is_number());
    // Neither knows that a tombstone was written, or whether its own login ever was.
    let mut again = login("b0", "s0");
    for (mut run, session) in [(before, &mut here), (Run::of_new(&again), &mut again)] {
        rig.done();
        rig.until(&mut run, "done");
        assert_eq!(rig.done(), "load", "it is known at the first look");
        assert!(has_ended(&run.settle(session, &rig)));
        assert_eq!(rig.record(), tombstone);
    }
    // A third login is none of them.
    let mut third = login("c0", "t0");
    rig.renew(&mut third).unwrap();
    assert_eq!(held(&third).as_deref(), Some("c0"));
}

/// Where a session whose login nobody knows ends too, the tombstone goes on to be of those.
#[test]
fn a_tombstone_that_is_written_anew_is_of_the_same_logins() {
    let mut rig = Rig::new();
    let mut nobodys = refreshing("x0");
    rig.rotates("x1", "x2");
    for _ in 0..100 {
        rig.at("commit", Event::Fails);
    }
    assert!(rig.renew(&mut nobodys).is_err() && nobodys.is_unsaved());
    rig.store_works_again();
    rig.renew(&mut login("b0", "s0")).unwrap();
    log_out(&mut login("a0", "r0"), &rig);
    let before = rig.record();
    let (_, done) = log_out(&mut nobodys, &rig);
    assert_eq!(done, "load write");
    assert_eq!(
        (&rig.record()["login"], &rig.record()["other_login"]),
        (&before["login"], &before["other_login"])
    );
    for mut session in [login("a0", "r0"), login("b0", "s0")] {
        assert!(has_ended(&rig.renew(&mut session)));
        assert!(rig.record()["ended_at"].is_number());
    }
}

/// From when the session ended: a store may drop it then. That a tombstone was there is known afterwards too.
#[test]
fn a_tombstone_is_kept_for_a_day() {
    let mut rig = Rig::new();
    let mut session = login("a0", "r0");
    rig.renew(&mut session).unwrap();
    let mut end = session.end().unwrap();
    let (mut lifetime, mut answer) = (None, None);
    while lifetime.is_none() {
        let RenewalStep::Store(step) = end.step(answer.take(), NOW).unwrap() else {
            panic!("it writes first")
        };
        if let StoreStep::Replace { entry, .. } = &step {
            lifetime = entry.lifetime();
        }
        answer = Some(RenewalAnswer::Store(step.on(&rig.store, &key(), NOW)));
    }
    let lifetime = lifetime.unwrap();
    assert_eq!((lifetime.now(), lifetime.time()), (NOW, Duration::from_secs(24 * 60 * 60)));
}

/// Nothing of the session is left but that it was, whose, of which login, and how many tokens it had: one more, since the end is newer than
/// the last of them.
#[test]
fn a_tombstone_says_no_more_than_it_needs_to() {
    let mut rig = Rig::new();
    let mut session = login_of(&revoking(), "a0", "r0", "read");
    session = session.with_indexes([valetkey_core::store::Index::of_name("alice")]);
    session = session.with_lifetime(Duration::from_secs(86_400));
    rig.renew(&mut session).unwrap();
    rig.edit(|record| {
        record["purpose"] = "of-an-audience".into();
        record["resources"] = json!(["https://api.example"]);
        record["other_login"] = "of-another".into();
        record["id_token"] =
            json!({ "iss": "https://as.example", "sub": "248289761001", "aud": ["s6BhdRkqt3"] });
        record["token_type"] = "DPoP".into();
        record["dpop_jkt"] = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".into();
        record["intent"] = json!({ "at": NOW, "sends": 1 });
        record["failure"] = json!({ "at": NOW, "until": NOW, "count": 1, "cause": { "kind": "unanswered" } });
    });
    let before = rig.record();
    assert_eq!(before["generation"], 1);
    log_out(&mut elsewhere(), &rig);
    let tombstone = rig.record();
    let mut members: Vec<_> = tombstone.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "client_id",
            "ended_at",
            "generation",
            "issuer",
            "login",
            "other_login",
            "token_endpoint",
            "version",
            "whose"
        ]
    );
    for member in ["client_id", "issuer", "login", "other_login", "token_endpoint", "version", "whose"] {
        assert_eq!(tombstone[member], before[member], "{member}");
    }
    assert_eq!((&tombstone["generation"], &tombstone["ended_at"]), (&2.into(), &json!(NOW)));
}

/// A session that has ended here has ended, also once its store has dropped the tombstone, and however often somebody asks.
#[test]
fn a_session_that_ended_here_has_ended_when_its_tombstone_is_gone() {
    let mut rig = Rig::new();
    let mut session = login("a0", "r0");
    rig.renew(&mut session).unwrap();
    log_out(&mut session, &rig);
    assert!(rig.store.take(&key()).unwrap().is_some(), "as a store drops it");
    for round in 0..3 {
        rig.pass(100_000);
        let came = rig.renew(&mut session);
        assert!(has_ended(&came), "round {round}: {came:?}");
        assert!(rig.record().is_null());
    }
}

/// RFC 7009 §2.1: the tokens here that could not be written are revoked, and those that are there, each once.
#[test]
fn a_log_out_revokes_what_is_here_and_what_is_there_once_each() {
    let mut rig = Rig::new();
    rig.renew(&mut login("b0", "s0")).unwrap();
    let mut session = unsaved(&mut rig, "a0", "r0");
    let (ended, done) = log_out(&mut session, &rig);
    assert_eq!(done, "load write send r0 send s0");
    assert!(matches!(ended, Ended::Revoked), "{ended:?}");
    // It was written, and nobody here knows.
    let mut rig = Rig::new();
    let mut session = login("a0", "r0");
    rig.at("commit", Event::AnswerLost);
    for _ in 0..100 {
        rig.at("load", Event::Fails);
    }
    let mut run = Run::of_new(&session);
    rig.until(&mut run, "wait");
    drop(run);
    assert!(session.is_unsaved() && rig.record()["access_token"] == "a0");
    let (_, done) = log_out(&mut session, &rig);
    assert_eq!(done, "load write send r0");
}

/// A renewal that is dropped while it revokes what came too late has found the session ended all the same.
#[test]
fn a_renewal_that_is_dropped_while_it_revokes_says_that_the_session_has_ended() {
    let mut rig = Rig::new();
    let mut session = login("a0", "r0");
    rig.renew(&mut session).unwrap();
    rig.pass(7200);
    rig.rotates("a1", "r1");
    rig.before("commit", |rig| drop(log_out(&mut elsewhere(), rig)));
    let mut run = Run::of(&session);
    rig.until(&mut run, "send");
    rig.one_more(&mut run);
    rig.until(&mut run, "send");
    assert!(has_ended(&run.settle(&mut session, &rig)));
    assert!(rig.record()["ended_at"].is_number());
    assert_eq!(held(&session), None);
}

/// ST-4, ST-1: a record of somebody else's, or of another client's, under this session's key ends with it, and nothing of it is revoked here.
#[test]
fn a_log_out_revokes_nothing_that_is_somebody_elses_st_4() {
    for (member, value) in [("whose", "bWFsbG9yeQ"), ("client_id", "another")] {
        let mut rig = Rig::new();
        rig.renew(&mut login("b0", "s0")).unwrap();
        rig.edit(|record| record[member] = value.into());
        let mut session = kept(Session::from_store(&revoking()));
        let (ended, done) = log_out(&mut session, &rig);
        assert_eq!(done, "load write", "{member}");
        assert!(matches!(ended, Ended::Forgotten(NotRevoked::NoToken)), "{ended:?}");
        let record: Value = rig.record();
        assert!(record["refresh_token"].is_null() && record["ended_at"].is_number());
        assert_eq!(record["generation"], 2, "how many tokens there were is known all the same");
    }
}

/// LO-7: it is said of tokens that outlive the login that they are kept, and of no others.
#[test]
fn that_offline_access_is_kept_is_said_where_it_is_lo_7() {
    let cases = [
        (client(), "offline_access read", true, "load write"),
        (client(), "read", false, "load write"),
        (revoking(), "read offline_access", true, "load write"),
        (revoking(), "read", false, "load write send r0"),
        (revoking(), "offline_access_too", false, "load write send r0"),
    ];
    for (client, scope, is_kept, expected) in cases {
        let mut rig = Rig::new();
        rig.renew(&mut login_of(&client, "a0", "r0", scope)).unwrap();
        let end = SessionEnd::of(&client).keeping_offline_access();
        let (end, done) = end_with(end, &rig.store, &key(), |_| None);
        assert_eq!(done, expected, "{scope}");
        let ended = end.finish().unwrap();
        let says_so = matches!(ended, Ended::Forgotten(NotRevoked::OfflineAccess));
        assert_eq!(says_so, is_kept, "{scope}: {ended:?}");
        assert!(rig.record()["ended_at"].is_number() && rig.record()["refresh_token"].is_null());
    }
    // A session that has no token any more kept none.
    let mut rig = Rig::new();
    rig.renew(&mut login_of(&client(), "a0", "r0", "offline_access")).unwrap();
    rig.edit(|record| {
        for member in ["access_token", "refresh_token"] {
            record.as_object_mut().unwrap().remove(member);
        }
    });
    let end = SessionEnd::of(&client()).keeping_offline_access();
    let ended = end_with(end, &rig.store, &key(), |_| None).0.finish().unwrap();
    assert!(matches!(ended, Ended::Forgotten(NotRevoked::NoToken)), "{ended:?}");
}

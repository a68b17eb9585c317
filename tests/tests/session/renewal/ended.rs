//! A log-out wins over renewals, however late these come, in whatever process; and what the log-out itself does.

use valetkey_core::error::Cause;
use valetkey_core::server::Endpoint;
use valetkey_core::session::{Ended, NotRevoked, RenewalAnswer, RenewalStep, SessionEnd};
use valetkey_core::store::{Index, Store as _, StoreAnswer, StoreError, StoreKey, StoreStep};
use valetkey_core::{AuthorizationServer, Client, Error, Flow as _, Grant, Session, Step, TokenResponse};
use valetkey_tests::ending::end_with;
use valetkey_tests::renewing::{Event, Rig, Run, elsewhere, held, kept, key, refreshing};
use valetkey_tests::{NOW, client, client_of, json, server, world};

const REVOCATION: &str = "https://as.example/revoke";

/// The tests' client, at a server that revokes.
fn revoking() -> Client {
    let server: AuthorizationServer = server().endpoint(Endpoint::Revocation, REVOCATION).unwrap();
    client_of(server)
}

fn login(client: &Client, access: &str, refresh: &str) -> Session {
    let body = world::token(access, 3600, Some(refresh));
    let tokens = TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).unwrap();
    kept(Session::from_tokens(client, &tokens))
}

/// Logs out in another process, which knows of the session what the store has.
fn log_out(rig: &Rig) -> Result<Ended, Error> {
    end_with(elsewhere().end().unwrap(), &rig.store, &key(), |_| None).0.finish()
}

fn has_ended(renewed: &Result<(), Error>) -> bool {
    matches!(renewed, Err(Error::AuthorizationRequired(why)) if matches!(why.cause(), Cause::Ended))
}

/// No token is in the store, in whatever form.
fn nothing_is_left(rig: &Rig) -> bool {
    let text = rig.record().to_string();
    rig.record()["access_token"].is_null()
        && rig.record()["refresh_token"].is_null()
        && !text.contains("\"r1\"")
}

/// The bug that was: at its commit a renewal found nothing, and wrote what it had.
#[test]
fn a_renewal_under_way_does_not_bring_back_a_session_that_was_deleted() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    rig.before("commit", |rig| {
        let there = rig.store.load(&key()).unwrap().unwrap();
        assert!(rig.store.replace(&key(), Some(&there.version), None).unwrap().is_done());
    });
    assert!(has_ended(&rig.renew(&mut session)));
    assert!(rig.record().is_null());
    assert_eq!(held(&session), None);
}

/// The same with a tombstone, at each moment of a renewal; and the next renewal finds it too.
#[test]
fn a_log_out_wins_over_a_renewal_at_whatever_moment() {
    for moment in ["load", "lease", "intend", "send", "commit", "release"] {
        let mut rig = Rig::new();
        rig.renew(&mut login(&client(), "a0", "r0")).unwrap();
        rig.pass(7200);
        let mut session = elsewhere();
        rig.rotates("a1", "r1");
        rig.before(moment, |rig| {
            assert!(matches!(log_out(rig), Ok(Ended::Forgotten(NotRevoked::NoEndpoint))))
        });
        let renewed = rig.renew(&mut session);
        assert_eq!(has_ended(&renewed), moment != "release", "{moment}: {renewed:?}");
        assert!(nothing_is_left(&rig), "{moment}: {}", rig.record());
        rig.withdraw_answers();
        rig.pass(7200);
        assert!(has_ended(&rig.renew(&mut session)), "{moment}");
        assert_eq!(held(&session), None, "{moment}");
        assert!(nothing_is_left(&rig), "{moment}");
    }
}

/// However late: a day after, when the store has dropped the tombstone, a process that saw the session before knows.
#[test]
fn a_session_that_was_seen_in_the_store_and_is_gone_has_ended() {
    let mut rig = Rig::new();
    let mut session = login(&client(), "a0", "r0");
    rig.renew(&mut session).unwrap();
    log_out(&rig).unwrap();
    assert!(rig.store.take(&key()).unwrap().is_some(), "as a store drops it");
    rig.pass(100_000);
    assert!(has_ended(&rig.renew(&mut session)));
    assert!(rig.record().is_null());
    assert_eq!(held(&session), None);
}

/// A login whose answer the store lost was written, and the log-out after it is the last word.
#[test]
fn a_login_that_was_written_is_not_written_again_after_its_log_out() {
    let mut rig = Rig::new();
    let mut session = login(&client(), "a0", "r0");
    rig.at("commit", Event::AnswerLost);
    rig.before("load", |rig| drop(log_out(rig).unwrap()));
    assert!(has_ended(&rig.renew(&mut session)));
    assert!(nothing_is_left(&rig));
}

/// The same with another login in between, ended or not: the former one, which was written before it, stays away.
#[test]
fn a_login_that_was_written_is_not_written_again_over_a_later_one() {
    for ends in [false, true] {
        let mut rig = Rig::new();
        let mut session = login(&client(), "a0", "r0");
        rig.at("commit", Event::AnswerLost);
        rig.before("load", move |rig| {
            rig.renew(&mut login(&client(), "b0", "s0")).unwrap();
            if ends {
                log_out(rig).unwrap();
            }
        });
        let renewed = rig.renew(&mut session);
        assert_eq!(has_ended(&renewed), ends, "{renewed:?}");
        assert_eq!(held(&session).as_deref(), (!ends).then_some("b0"));
        assert_eq!(rig.record()["refresh_token"].as_str(), (!ends).then_some("s0"));
    }
}

/// Only a login writes over a tombstone; then all processes find the new session, and what came late of the old one is
/// dropped.
#[test]
fn a_login_begins_anew_after_a_log_out() {
    let mut rig = Rig::new();
    let mut former = login(&client(), "a0", "r0");
    rig.renew(&mut former).unwrap();
    rig.pass(7200);
    let mut late = Run::of(&former);
    rig.rotates("late", "late-r");
    rig.until(&mut late, "commit");
    log_out(&rig).unwrap();
    let mut new = login(&client(), "b0", "s0");
    rig.renew(&mut new).unwrap();
    assert_eq!(rig.record()["refresh_token"], "s0");
    // By this time the login's own access token has expired.
    rig.rotates("b1", "s1");
    rig.done();
    rig.until(&mut late, "done");
    late.settle(&mut former, &rig).unwrap();
    assert!(rig.done().contains("send s0"), "the new login's token is used");
    assert_eq!((held(&former).as_deref(), &rig.record()["refresh_token"]), (Some("b1"), &"s1".into()));
}

/// Tokens that a renewal brought after the log-out are revoked, once, and never stored.
#[test]
fn tokens_that_come_too_late_are_revoked() {
    let mut rig = Rig::new();
    let mut session = login(&revoking(), "a0", "r0");
    rig.renew(&mut session).unwrap();
    rig.pass(7200);
    rig.rotates("a1", "r1");
    rig.answers(Some(json(200, "")));
    rig.before("commit", |rig| drop(log_out(rig).unwrap()));
    rig.done();
    assert!(has_ended(&rig.renew(&mut session)));
    assert_eq!(rig.done(), "load lease load intend send r0 commit load send revocation of r1 release");
    assert!(nothing_is_left(&rig));
}

/// Nobody logs the application itself in: its session begins anew by its grant, and not with what was under way.
#[test]
fn the_applications_own_session_begins_anew() {
    let grant = Grant::client_credentials();
    let key = StoreKey::of_application(&client(), &grant);
    let mut rig = Rig::new();
    // The rig keeps one key.
    let session = || Session::from_grant(&client(), grant.clone()).in_store(key.clone()).unwrap();
    let mut one = session();
    rig.grants("a0");
    rig.renew(&mut one).unwrap();
    rig.pass(7200);
    rig.grants("late");
    rig.before("commit", |rig| {
        let end = SessionEnd::of(&client());
        let ended = end_with(end, &rig.store, &valetkey_tests::renewing::key(), |_| None).0.finish();
        assert!(matches!(ended, Ok(Ended::Forgotten(_))));
    });
    assert!(has_ended(&rig.renew(&mut one)));
    assert!(rig.record()["access_token"].is_null());
    rig.pass(2);
    rig.grants("a1");
    rig.renew(&mut one).unwrap();
    assert_eq!((held(&one).as_deref(), &rig.record()["access_token"]), (Some("a1"), &"a1".into()));
}

/// RFC 7009 §2.1: the refresh token is revoked, after the tombstone is there, and the session has no credential any more.
#[test]
fn a_log_out_writes_its_tombstone_and_then_revokes() {
    let mut rig = Rig::new();
    let mut session = login(&revoking(), "a0", "r0");
    rig.renew(&mut session).unwrap();
    let is_ended = |rig: &Rig| !rig.record()["ended_at"].is_null();
    let (end, done) = end_with(session.end().unwrap(), &rig.store, &key(), |step| {
        assert_eq!(is_ended(&rig), step.starts_with("send"), "{step}");
        None
    });
    assert_eq!(done, "load write send r0");
    assert!(matches!(session.settle_end(end, rig.now()), Ok(Ended::Revoked)));
    assert_eq!(held(&session), None);
    assert!(nothing_is_left(&rig) && is_ended(&rig));
    let (again, done) = end_with(session.end().unwrap(), &rig.store, &key(), |_| None);
    assert!(matches!(again.finish(), Ok(Ended::Nothing)));
    assert_eq!(done, "load");
}

/// A renewal that was begun before the log-out, in the same process, gives no credential back when it is settled after.
#[test]
fn a_renewal_that_is_settled_after_the_log_out_brings_nothing() {
    let mut rig = Rig::new();
    let mut session = login(&client(), "a0", "r0");
    rig.renew(&mut session).unwrap();
    rig.pass(7200);
    let mut run = Run::of(&session);
    rig.rotates("a1", "r1");
    rig.until(&mut run, "release");
    let (end, _) = end_with(session.end().unwrap(), &rig.store, &key(), |_| None);
    session.settle_end(end, rig.now()).unwrap();
    rig.until(&mut run, "done");
    assert!(has_ended(&run.settle(&mut session, &rig)));
    assert_eq!(held(&session), None);
}

/// A server that is down, or says no, is no reason to keep a session (RFC 7009 §2).
#[test]
fn a_session_has_ended_whatever_the_server_says() {
    for refusal in [Some(json(503, "")), Some(json(400, r#"{"error":"unsupported_token_type"}"#)), None] {
        let mut rig = Rig::new();
        let mut session = login(&revoking(), "a0", "r0");
        rig.renew(&mut session).unwrap();
        let (end, _) = end_with(session.end().unwrap(), &rig.store, &key(), |step| {
            let answer = refusal.clone().map_or(RenewalAnswer::NoResponse, RenewalAnswer::Response);
            step.starts_with("send").then_some(answer)
        });
        assert!(matches!(end.finish(), Ok(Ended::Forgotten(NotRevoked::Failed(_)))));
        assert!(nothing_is_left(&rig));
    }
}

/// A store that fails ends nothing and is told; a tombstone whose answer was lost is found, and the tokens are revoked.
#[test]
fn a_store_that_fails_at_the_log_out_is_told() {
    let failed = || Some(RenewalAnswer::Store(StoreAnswer::Failed(StoreError::new("the disk is full"))));
    let mut rig = Rig::new();
    let mut session = login(&revoking(), "a0", "r0");
    rig.renew(&mut session).unwrap();
    let (end, done) =
        end_with(
            session.end().unwrap(),
            &rig.store,
            &key(),
            |step| {
                if step == "wait" { None } else { failed() }
            },
        );
    assert!(!done.contains("send"), "{done}");
    assert!(matches!(session.settle_end(end, rig.now()), Err(Error::Store(_))));
    assert_eq!(held(&session).as_deref(), Some("a0"), "it has not ended");

    let mut writes = 0;
    let end = session.end().unwrap();
    let store = &rig.store;
    let (end, done) = end_with(end, store, &key(), |step| {
        writes += usize::from(step == "write");
        if step != "write" || writes > 1 {
            return None;
        }
        // It is written, and the answer lost.
        let (other, _) = end_with(elsewhere().end().unwrap(), store, &key(), |_| None);
        assert!(matches!(other.finish(), Ok(Ended::Forgotten(NotRevoked::NoEndpoint))));
        failed()
    });
    assert_eq!(done, "load write wait load send r0");
    assert!(matches!(end.finish(), Ok(Ended::Revoked)));
}

/// What another session's renewal writes meanwhile is ended too, and the token that is revoked is the newest.
#[test]
fn a_log_out_that_meets_a_renewal_ends_what_came_of_it() {
    let mut rig = Rig::new();
    let mut session = login(&revoking(), "a0", "r0");
    rig.renew(&mut session).unwrap();
    rig.pass(7200);
    let mut end = session.end().unwrap();
    let (mut is_renewed, mut answer, mut sent) = (false, None, Vec::new());
    loop {
        answer = match end.step(answer.take(), rig.now()).unwrap() {
            RenewalStep::Store(step) => {
                let writes = matches!(step, StoreStep::Replace { .. });
                if writes && !std::mem::replace(&mut is_renewed, true) {
                    rig.rotates("a1", "r1");
                    rig.renew(&mut elsewhere()).unwrap();
                }
                Some(RenewalAnswer::Store(step.on(&rig.store, &key(), rig.now())))
            }
            RenewalStep::Send(request) => {
                sent.push(String::from_utf8_lossy(request.body()).into_owned());
                Some(RenewalAnswer::Response(json(200, "")))
            }
            RenewalStep::Wait(time) => {
                rig.pass(time.as_secs() + 1);
                None
            }
            RenewalStep::Done => break,
        };
    }
    assert!(matches!(end.finish(), Ok(Ended::Revoked)));
    assert!(sent.len() == 1 && sent[0].contains("token=r1"), "{sent:?}");
    assert!(nothing_is_left(&rig));
}

/// A session that nobody can read, or that is another's, is ended all the same, and nothing of it is revoked.
#[test]
fn a_record_that_cannot_be_read_is_ended_and_not_revoked() {
    for bytes in [&b"not JSON"[..], br#"{"version":99,"client_id":"s6BhdRkqt3","refresh_token":"r9"}"#] {
        let mut rig = Rig::new();
        rig.put(bytes);
        let (end, done) =
            end_with(kept(Session::from_store(&revoking())).end().unwrap(), &rig.store, &key(), |_| None);
        assert_eq!(done, "load write");
        assert!(matches!(end.finish(), Ok(Ended::Forgotten(NotRevoked::NoToken))));
        assert!(has_ended(&rig.renew(&mut elsewhere())));
    }
}

/// A login replaces what it cannot read: a record of a later version, or of something else.
#[test]
fn a_login_replaces_a_record_that_cannot_be_read() {
    for bytes in [&b"not JSON"[..], br#"{"version":99,"generation":7}"#] {
        let mut rig = Rig::new();
        rig.put(bytes);
        assert!(matches!(rig.renew(&mut elsewhere()), Err(Error::Store(_))), "nobody else does");
        let mut session = login(&client(), "a0", "r0");
        rig.renew(&mut session).unwrap();
        assert_eq!(held(&session).as_deref(), Some("a0"));
        assert_eq!(rig.record()["refresh_token"], "r0");
    }
}

/// Two logins that a server gives the same access token are two: the later one's refresh token is what is stored.
#[test]
fn a_login_with_the_very_same_access_token_is_another_login() {
    let mut rig = Rig::new();
    rig.renew(&mut login(&client(), "a0", "r0")).unwrap();
    rig.renew(&mut login(&client(), "a0", "s0")).unwrap();
    assert_eq!(rig.record()["refresh_token"], "s0");

    let before = rig.record()["login"].clone();
    let body = world::token("a0", 3600, Some("s0"));
    let later = NOW.after(std::time::Duration::from_secs(60));
    let tokens = TokenResponse::parse(json(200, &body), later, &AuthorizationServer::new()).unwrap();
    rig.renew(&mut kept(Session::from_tokens(&client(), &tokens))).unwrap();
    assert_ne!(rig.record()["login"], before);
}

/// A log-out that names a user or a login finds their sessions without their keys, after renewals in other processes too.
#[test]
fn a_session_is_found_by_its_indexes_and_ended() {
    let mut rig = Rig::new();
    let user = Index::of_user("https://as.example", "248289761001");
    let at = Index::of_login("https://as.example", "08a5019c-17e1-4977-8f42-65a12843ea02");
    let mut session = login(&revoking(), "a0", "r0").with_indexes([user.clone(), at.clone()]);
    rig.renew(&mut session).unwrap();
    assert!(!rig.record().to_string().contains("248289761001"), "a name is in no record");
    rig.pass(7200);
    rig.rotates("a1", "r1");
    rig.renew(&mut elsewhere()).unwrap();
    for index in [&user, &at] {
        assert_eq!(rig.store.find(index, None).unwrap().keys, [key()]);
    }
    let found = rig.store.find(&at, None).unwrap().keys.remove(0);
    assert!(Session::from_store(&client()).in_store(found.clone()).is_err(), "it does not say whose it is");
    let (end, done) = end_with(SessionEnd::of(&revoking()), &rig.store, &found, |_| None);
    assert_eq!(done, "load write send r1");
    assert!(matches!(end.finish(), Ok(Ended::Revoked)));
    assert_eq!(rig.store.find(&user, None).unwrap().keys, []);
    assert!(has_ended(&rig.renew(&mut session)));
}

/// A login that is not in the store yet is ended by its own log-out, and not by that of the login before it.
#[test]
fn a_login_under_way_does_not_write_over_its_own_log_out() {
    let client = revoking();
    let store = valetkey_core::store::MemoryStore::new();
    let _ = end_with(login(&client, "a0", "r0").end().unwrap(), &store, &key(), |_| None);
    let mut session = login(&client, "a1", "r1");
    let mut renewal = session.renewal().unwrap();
    // The write of the login is held up.
    let mut held_up = None;
    let mut answer = None;
    while held_up.is_none() {
        match renewal.step(answer.take(), NOW).unwrap() {
            RenewalStep::Store(step @ StoreStep::Replace { .. }) => held_up = Some(step),
            RenewalStep::Store(step) => answer = Some(RenewalAnswer::Store(step.on(&store, &key(), NOW))),
            other => panic!("{other:?}"),
        }
    }
    let (end, log) = end_with(session.end().unwrap(), &store, &key(), |_| None);
    assert_eq!(log, "load write send r1");
    assert!(matches!(end.finish().unwrap(), Ended::Revoked));
    let late = held_up.unwrap().on(&store, &key(), NOW);
    assert!(matches!(late, StoreAnswer::Replaced(ref replaced) if !replaced.is_done()), "{late:?}");
}

/// A key that an index has may be another client's, and a log-out of this client leaves that as it is.
#[test]
fn another_clients_session_is_left_as_it_is() {
    let store = valetkey_core::store::MemoryStore::new();
    let theirs = Client::new(server(), "another");
    let tokens = TokenResponse::parse(
        json(200, &world::token("a0", 3600, Some("r0"))),
        NOW,
        &AuthorizationServer::new(),
    )
    .unwrap();
    let their_key = StoreKey::of_user(&theirs, "alice");
    let session = Session::from_tokens(&theirs, &tokens).in_store(their_key.clone()).unwrap();
    let record = serde_json::to_vec(&session.record().unwrap()).unwrap();
    let entry = valetkey_core::store::Entry::from(valetkey_core::store::StoredBytes::new(record.clone()));
    assert!(store.replace(&their_key, None, Some(&entry)).unwrap().is_done());
    let (end, log) = end_with(SessionEnd::of(&client()), &store, &their_key, |_| None);
    assert_eq!(log, "load");
    assert!(matches!(end.finish().unwrap(), Ended::Nothing));
    assert_eq!(store.load(&their_key).unwrap().unwrap().bytes.expose(), record);
}

/// A session that one task owns keeps its record in memory: that is ended with it.
#[test]
fn a_session_of_one_task_does_not_come_back_from_its_own_memory() {
    let token = valetkey_core::RefreshToken::new("r0").unwrap();
    let mut session = Session::from_refresh_token(&client(), token);
    let request = || valetkey_tests::get("https://api.example/me");
    let mut call = session.call(request()).unwrap();
    let Step::Send(_) = call.step(None, NOW).unwrap() else { panic!("it is renewed first") };
    let tokens = json(200, &world::token("a1", 3600, Some("r1")));
    let Step::Send(_) = call.step(Some(tokens), NOW).unwrap() else { panic!("then it is sent") };
    let Step::Done(_) = call.step(Some(json(200, "")), NOW).unwrap() else { panic!("then it is answered") };
    let store = valetkey_core::store::MemoryStore::new();
    let (end, _) = end_with(session.end().unwrap(), &store, &key(), |_| None);
    session.settle_end(end, NOW).unwrap();
    for seconds in [0, 2, 7200] {
        let now = NOW.after(std::time::Duration::from_secs(seconds));
        let ended = session.call(request()).unwrap().step(None, now).unwrap_err();
        assert!(ended.is_authorization_required(), "{ended}");
    }
}

/// A tombstone is kept for a day. One that is over, and dropped by its store, has ended the session all the same, also one
/// that a repeatable grant renews: only the application's own begins anew.
#[test]
fn a_session_stays_ended_when_its_tombstone_is_over() {
    let by_assertion = || kept(Session::from_grant(&client(), valetkey_tests::renewing::assertion()));
    for session in [login(&client(), "a0", "r0"), by_assertion()] {
        let (mut rig, mut session) = (Rig::new(), session);
        rig.grants("a0");
        rig.renew(&mut session).unwrap();
        rig.withdraw_answers();
        let (end, _) = end_with(session.end().unwrap(), &rig.store, &key(), |_| None);
        session.settle_end(end, rig.now()).unwrap();
        rig.pass(2 * 24 * 60 * 60);
        let there = rig.store.load(&key()).unwrap().unwrap();
        assert!(rig.store.replace(&key(), Some(&there.version), None).unwrap().is_done());
        assert!(has_ended(&rig.renew(&mut session)));
        assert!(rig.record().is_null() && held(&session).is_none());
    }
    let mut rig = Rig::new();
    let mut service = valetkey_tests::renewing::service();
    rig.grants("a0");
    rig.renew(&mut service).unwrap();
    let (end, _) = end_with(service.end().unwrap(), &rig.store, &key(), |_| None);
    service.settle_end(end, rig.now()).unwrap();
    rig.pass(60);
    rig.grants("a1");
    rig.renew(&mut service).unwrap();
    assert_eq!(held(&service).as_deref(), Some("a1"));
}

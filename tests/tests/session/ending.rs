//! From the moment a log-out begins, its session hands out no credential; and a credential goes to its own client's APIs only.

use std::time::Duration;

use valetkey_core::error::Cause;
use valetkey_core::server::Endpoint;
use valetkey_core::session::{
    AwaitedCredential, Call, Ended, NotRevoked, RenewalAnswer, RenewalStep, SessionEnd, SharedSession,
};
use valetkey_core::store::{Index, MemoryStore, Store as _, StoreAnswer, StoreError};
use valetkey_core::{
    AccessToken, AuthorizationServer, Client, Error, Rule, Session, Subject, TokenResponse, UnixTime,
};
use valetkey_tests::ending::end_with;
use valetkey_tests::renewing::{Event, Rig, Run, kept, key};
use valetkey_tests::{NOW, client, client_of, get, json, server, world};

fn login(client: &Client) -> Session {
    let body = world::token("a0", 3600, Some("r0"));
    let tokens = TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).unwrap();
    kept(Session::from_tokens(client, &tokens))
}

fn ask(session: &SharedSession) -> Result<Option<String>, Error> {
    ask_at(session, NOW)
}

fn ask_at(session: &SharedSession, now: UnixTime) -> Result<Option<String>, Error> {
    let mut awaited = AwaitedCredential::new();
    let _ = session.provide(&mut awaited, now)?;
    Ok(awaited.take().map(|credential| credential.access_token().expose().to_owned()))
}

fn is_told_of_the_end(asked: &Result<Option<String>, Error>) -> bool {
    matches!(asked, Err(Error::AuthorizationRequired(why)) if matches!(why.cause(), Cause::Ended))
}

#[test]
fn no_credential_is_handed_out_once_a_log_out_has_begun() {
    let mut rig = Rig::new();
    let mut session = login(&client());
    rig.renew(&mut session).unwrap();
    let session = SharedSession::new(session);
    assert_eq!(ask(&session).unwrap().as_deref(), Some("a0"));
    let end = session.end().unwrap();
    assert!(session.fresh(NOW).is_none());
    assert!(is_told_of_the_end(&ask(&session)));
    let (end, _) = end_with(end, &rig.store, &key(), |_| {
        assert!(is_told_of_the_end(&ask(&session)), "while it is under way");
        None
    });
    assert!(matches!(session.settle_end(end, NOW), Ok(Ended::Forgotten(_))));
    assert!(is_told_of_the_end(&ask(&session)));
}

/// What a renewal brings that was under way is not handed out either.
#[test]
fn a_renewal_that_is_settled_while_a_log_out_is_under_way_brings_no_credential() {
    let mut rig = Rig::new();
    let mut session = login(&client());
    rig.renew(&mut session).unwrap();
    let session = SharedSession::new(session.with_look_after(std::time::Duration::MAX));
    let later = NOW.after(std::time::Duration::from_secs(3590));
    let (_, renewal) = session.provide(&mut AwaitedCredential::new(), later).unwrap();
    let mut renewal = renewal.unwrap();
    let (end, mut answer) = (session.end().unwrap(), None);
    loop {
        answer = match renewal.step(answer.take(), later).unwrap() {
            RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(&rig.store, &key(), later))),
            RenewalStep::Send(_) => {
                Some(RenewalAnswer::Response(json(200, &world::token("a1", 3600, Some("r1")))))
            }
            RenewalStep::Wait(_) => None,
            RenewalStep::Done => break,
        };
    }
    assert!(rig.record()["access_token"] == "a1" && session.fresh(later).is_none());
    assert!(is_told_of_the_end(&ask(&session)));
    let (end, done) = end_with(end, &rig.store, &key(), |_| None);
    assert_eq!(done, "load write");
    session.settle_end(end, later).unwrap();
    assert!(is_told_of_the_end(&ask_at(&session, later)));
}

/// A log-out that failed has ended nothing, and one that was dropped may have: only a repeated one tells.
#[test]
fn a_log_out_that_failed_gives_the_session_back_and_one_that_was_dropped_does_not() {
    let mut rig = Rig::new();
    let mut session = login(&client());
    rig.renew(&mut session).unwrap();
    let session = SharedSession::new(session);
    let (end, _) = end_with(session.end().unwrap(), &rig.store, &key(), broken);
    assert!(matches!(session.settle_end(end, NOW), Err(Error::Store(_))));
    assert_eq!(ask(&session).unwrap().as_deref(), Some("a0"));
    // Of two at once, the one that is still under way counts.
    let (one, other) = (session.end().unwrap(), session.end().unwrap());
    let (one, _) = end_with(one, &rig.store, &key(), broken);
    assert!(session.settle_end(one, NOW).is_err() && is_told_of_the_end(&ask(&session)));
    drop(other);
    assert!(is_told_of_the_end(&ask(&session)));
    let (end, _) = end_with(session.end().unwrap(), &rig.store, &key(), |_| None);
    session.settle_end(end, NOW).unwrap();
    assert!(!rig.record()["ended_at"].is_null() && is_told_of_the_end(&ask(&session)));
}

/// WA-5: a call of one client's API takes no credential of another's, whichever way it is offered.
#[test]
fn wa5_a_credential_goes_only_to_the_apis_of_its_own_client() {
    let at = |api: &str| {
        let token = AccessToken::new("secret-of-b").unwrap();
        Session::from_permanent_token(api, token, Subject::User).unwrap()
    };
    let (ours, others) = (at("https://a.example"), at("https://b.example"));
    let call = || Call::new(ours.shared(), &get("https://a.example/me")).unwrap();

    let mut fresh = call();
    assert!(fresh.use_fresh(others.shared(), NOW));
    assert_eq!(fresh.step(None).unwrap_err().rule(), Some(Rule::Wa5));

    let (mut owned, mut session) = (call(), others);
    let _ = session.authorize(&mut owned, NOW).unwrap();
    let refused = owned.step(None).unwrap_err();
    assert_eq!(refused.rule(), Some(Rule::Wa5));
    assert!(refused.to_string().contains("https://a.example") && !refused.to_string().contains("secret"));

    // A program that sends by itself is held to the same.
    let credential = session.credential().unwrap();
    assert_eq!(credential.sign(&mut get("https://a.example/me"), NOW).unwrap_err().rule(), Some(Rule::Wa5));
    credential.sign(&mut get("https://b.example/me"), NOW).unwrap();
}

/// A session that takes up what a store has is found by what it names, from its next writing on.
#[test]
fn the_indexes_of_a_session_that_a_store_had_count_when_it_is_written_next() {
    let user = Index::of_user("https://as.example", "248289761001");
    let mut rig = Rig::new();
    rig.renew(&mut login(&client())).unwrap();
    assert_eq!(rig.store.find(&user, None).unwrap().keys, []);
    let mut session = kept(Session::from_store(&client()).with_indexes([user.clone()]));
    rig.pass(7200);
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.store.find(&user, None).unwrap().keys, [key()]);
    // One that says nothing leaves them, and one that names others has those.
    rig.pass(7200);
    rig.rotates("a2", "r2");
    rig.renew(&mut kept(Session::from_store(&client()))).unwrap();
    assert_eq!(rig.store.find(&user, None).unwrap().keys, [key()]);
    let other = Index::of_name("other");
    let mut renamed = kept(Session::from_store(&client())).with_indexes([other.clone()]);
    rig.pass(7200);
    rig.rotates("a3", "r3");
    rig.renew(&mut renamed).unwrap();
    assert_eq!(rig.store.find(&user, None).unwrap().keys, []);
    assert_eq!(rig.store.find(&other, None).unwrap().keys, [key()]);
    // A tombstone is found by none of them.
    let (end, _) = end_with(renamed.end().unwrap(), &rig.store, &key(), |_| None);
    renamed.settle_end(end, rig.now()).unwrap();
    assert_eq!(rig.store.find(&other, None).unwrap().keys, []);
}

#[test]
fn the_indexes_of_a_restored_session_count_too() {
    let user = Index::of_name("alice");
    let record = {
        let mut rig = Rig::new();
        let mut session = login(&client());
        rig.renew(&mut session).unwrap();
        session.record().unwrap()
    };
    let mut rig = Rig::new();
    rig.renew(&mut login(&client())).unwrap();
    let restored = Session::from_record(&client(), record).unwrap().with_indexes([user.clone()]);
    rig.pass(7200);
    rig.rotates("a1", "r1");
    rig.renew(&mut kept(restored)).unwrap();
    assert_eq!(rig.store.find(&user, None).unwrap().keys, [key()]);
}

fn revoking() -> Client {
    let server = server().endpoint(Endpoint::Revocation, "https://as.example/revoke").unwrap();
    client_of(server)
}

fn broken(step: &str) -> Option<RenewalAnswer> {
    let fails = || RenewalAnswer::Store(StoreAnswer::Failed(StoreError::new("the disk is full")));
    (step != "wait").then(fails)
}

/// A log-out of whose revocation nobody waits for the answer has ended the session: its tombstone is in the store.
#[test]
fn a_log_out_whose_tombstone_is_written_is_one_whatever_becomes_of_its_tokens() {
    let mut rig = Rig::new();
    let mut session = login(&revoking());
    rig.renew(&mut session).unwrap();
    let session = SharedSession::new(session);
    let mut end = session.end().unwrap();
    let mut answer = None;
    let sent = loop {
        match end.step(answer.take(), NOW).unwrap() {
            RenewalStep::Store(step) => answer = Some(RenewalAnswer::Store(step.on(&rig.store, &key(), NOW))),
            RenewalStep::Send(request) => break request,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(sent.uri().path(), "/revoke");
    let ended = session.settle_end(end, NOW).unwrap();
    assert!(matches!(ended, Ended::Forgotten(NotRevoked::Failed(Error::Unanswered))), "{ended:?}");
    assert!(!rig.record()["ended_at"].is_null());
    assert!(session.fresh(NOW).is_none() && is_told_of_the_end(&ask(&session)));
    assert!(session.look(|session| session.credential().is_none() && session.refresh_token().is_none()));
}

/// Each log-out counts for itself, however many there are at once.
#[test]
fn of_log_outs_that_overlap_each_is_settled_by_itself() {
    let mut rig = Rig::new();
    let mut session = login(&client());
    rig.renew(&mut session).unwrap();
    let session = SharedSession::new(session);
    // One succeeds, and the user logs in again, in another process: the other log-out is still under way.
    let (one, other) = (session.end().unwrap(), session.end().unwrap());
    let (one, _) = end_with(one, &rig.store, &key(), |_| None);
    session.settle_end(one, NOW).unwrap();
    let body = world::token("b0", 3600, Some("s0"));
    let tokens = TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).unwrap();
    rig.renew(&mut kept(Session::from_tokens(&client(), &tokens))).unwrap();
    assert!(is_told_of_the_end(&ask_at(&session, rig.now().after(Duration::from_secs(60)))));
    // A third that fails does not end the count of it, and neither does one that is another session's.
    let (third, _) = end_with(session.end().unwrap(), &rig.store, &key(), broken);
    assert!(session.settle_end(third, NOW).is_err());
    let (foreign, _) = end_with(SessionEnd::of(&client()), &MemoryStore::new(), &key(), broken);
    assert!(session.settle_end(foreign, NOW).is_err());
    assert!(is_told_of_the_end(&ask_at(&session, rig.now().after(Duration::from_secs(60)))));
    let (other, _) = end_with(other, &rig.store, &key(), broken);
    assert!(session.settle_end(other, NOW).is_err());
    let asked = session.provide(&mut AwaitedCredential::new(), rig.now().after(Duration::from_secs(60)));
    assert!(matches!(asked, Ok((_, Some(_)))), "a renewal looks at the store again: {asked:?}");
}

/// Nobody knows how far a dropped one came: it is another that succeeds which ends the doubt, and not one that fails.
#[test]
fn a_dropped_log_out_is_over_when_a_repeated_one_has_succeeded() {
    let mut rig = Rig::new();
    let mut session = login(&client());
    rig.renew(&mut session).unwrap();
    let session = SharedSession::new(session);
    drop(session.end().unwrap());
    let (failed, _) = end_with(session.end().unwrap(), &rig.store, &key(), broken);
    assert!(session.settle_end(failed, NOW).is_err());
    assert!(is_told_of_the_end(&ask(&session)));
    let (end, _) = end_with(session.end().unwrap(), &rig.store, &key(), |_| None);
    session.settle_end(end, NOW).unwrap();
    let asked = session.provide(&mut AwaitedCredential::new(), NOW.after(Duration::from_secs(60)));
    assert!(matches!(asked, Ok((_, Some(_)))), "the store is asked for another login: {asked:?}");
}

/// A log-out that fails hands out nothing that was not handed out before it: tokens of a login are stored first.
#[test]
fn a_failed_log_out_hands_out_no_token_that_is_not_stored() {
    let session = SharedSession::new(login(&client()));
    assert!(session.fresh(NOW).is_none());
    let (end, _) = end_with(session.end().unwrap(), &Rig::new().store, &key(), broken);
    assert!(session.settle_end(end, NOW).is_err());
    assert!(session.fresh(NOW).is_none());
}

/// A log-out that names a login finds the record of that login, and no other's, whatever else renews under the same key.
#[test]
fn a_session_of_an_earlier_login_leaves_the_indexes_of_a_later_one() {
    let of = |token: &str, refresh_token: &str, indexes: &[Index]| {
        let body = world::token(token, 3600, Some(refresh_token));
        let tokens = TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).unwrap();
        kept(Session::from_tokens(&client(), &tokens).with_indexes(indexes.to_vec()))
    };
    let (old, new) = (Index::of_name("sid-old"), Index::of_name("sid-new"));
    for of_former in [vec![old.clone()], vec![]] {
        let mut rig = Rig::new();
        let mut former = of("a0", "r0", &of_former);
        rig.renew(&mut former).unwrap();
        rig.renew(&mut of("b0", "s0", std::slice::from_ref(&new))).unwrap();
        rig.pass(7200);
        rig.rotates("b1", "s1");
        let mut run = Run::of(&former);
        rig.until(&mut run, "send");
        assert_eq!(rig.store.find(&new, None).unwrap().keys, [key()], "what is about to be sent is written");
        rig.until(&mut run, "done");
        run.settle(&mut former, &rig).unwrap();
        assert_eq!(rig.record()["access_token"], "b1");
        assert_eq!(rig.store.find(&new, None).unwrap().keys, [key()]);
        assert_eq!(rig.store.find(&old, None).unwrap().keys, []);
        // So it is with one that was restored from a record of the earlier login.
        let record = Session::record(&of("a0", "r0", &[])).unwrap();
        let restored = Session::from_record(&client(), record).unwrap().with_indexes([old.clone()]);
        rig.pass(7200);
        rig.rotates("b2", "s2");
        rig.renew(&mut kept(restored)).unwrap();
        assert_eq!(rig.record()["access_token"], "b2");
        assert_eq!(rig.store.find(&new, None).unwrap().keys, [key()]);
        assert_eq!(rig.store.find(&old, None).unwrap().keys, []);
    }
}

/// A log-out wins: over the login whose tokens are here and could not be written, and over the one that is in the store, whose process
/// does not know yet that it is.
#[test]
fn a_log_out_ends_the_login_that_is_in_the_store_and_the_one_that_is_not_there_yet() {
    let of = |token: &str, refresh_token: &str| {
        let body = world::token(token, 3600, Some(refresh_token));
        let tokens = TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).unwrap();
        kept(Session::from_tokens(&client(), &tokens))
    };
    let mut rig = Rig::new();
    let (mut here, mut there) = (of("a0", "r0"), of("b0", "s0"));
    rig.at("commit", Event::Fails);
    let mut not_written = Run::of_new(&here);
    rig.until(&mut not_written, "wait");
    rig.at("commit", Event::AnswerLost);
    let mut written = Run::of_new(&there);
    rig.until(&mut written, "wait");
    assert_eq!(rig.record()["access_token"], "b0");
    let (end, _) = end_with(here.end().unwrap(), &rig.store, &key(), |_| None);
    here.settle_end(end, NOW).unwrap();
    for (mut run, session) in [(written, &mut there), (not_written, &mut here)] {
        rig.until(&mut run, "done");
        assert!(is_told_of_the_end(&run.settle(session, &rig).map(|()| None)));
        assert!(rig.record()["ended_at"].is_number(), "{}", rig.record());
    }
}

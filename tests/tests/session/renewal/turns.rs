//! RF-1, ST-2: a turn lasts as long as its lease. Whoever has sent nothing by then gives it up, and one request is sent.

use std::sync::Arc;
use std::time::Duration;

use valetkey_core::jose::{Algorithm, AwsLc, DeferredSigner, KeyPair, Signer};
use valetkey_core::session::RenewalAnswer;
use valetkey_core::store::StoreKey;
use valetkey_core::{Client, Dpop, Error, RefreshToken, Session};
use valetkey_tests::jose::key_pair;
use valetkey_tests::renewing::{Rig, Run, elsewhere, held, refreshing};
use valetkey_tests::{NOW, client, entropy, json, server, world};

/// A key that answers when it is told to, and what it asks of.
struct LateKey {
    key: Arc<KeyPair>,
    deferred: Arc<DeferredSigner>,
}

impl LateKey {
    fn new() -> Self {
        let key = key_pair(&AwsLc, Algorithm::Es256);
        let public = key.public_key().cloned();
        let deferred = Arc::new(DeferredSigner::new(Algorithm::Es256, public, Duration::from_secs(7)));
        Self { key, deferred }
    }

    /// The client whose assertions it signs.
    fn client(&self) -> Client {
        Client::new(server(), client().id()).assertion(self.deferred.clone(), entropy(1)).unwrap()
    }

    fn answers(&self) {
        for message in self.deferred.wanted() {
            self.deferred.fulfil(&message, self.key.sign(&message).map(|signed| signed.ready().unwrap()));
        }
    }
}

fn session_of(client: &Client) -> Session {
    let session = Session::from_refresh_token(client, RefreshToken::new("r0").unwrap());
    session.in_store(StoreKey::of_only_user(client)).unwrap()
}

/// The key is waited for before anything is written, so that no intent stands for a request that was never sent.
#[test]
fn a_key_that_answers_in_time_is_waited_for_before_the_intent() {
    let late = LateKey::new();
    let mut rig = Rig::new();
    let mut session = session_of(&late.client());
    let mut run = Run::of(&session);
    rig.until(&mut run, "wait");
    assert!(rig.record().is_null(), "nothing is written yet");
    assert!(run.renewal().may_be_abandoned());
    late.answers();
    rig.rotates("a1", "r1");
    rig.until(&mut run, "done");
    run.settle(&mut session, &rig).unwrap();
    assert_eq!(rig.done(), "load lease load intend send r0 commit release");
    assert_eq!(held(&session).as_deref(), Some("a1"));
}

/// While a key is waited for for longer than the lease lasts, somebody else renews, and that token is used.
#[test]
fn a_key_that_answers_after_the_lease_gives_the_turn_to_others() {
    let late = LateKey::new();
    let mut rig = Rig::new();
    let mut session = session_of(&late.client());
    let mut run = Run::of(&session);
    rig.until(&mut run, "wait");
    // It answers at last, while the other's request is under way.
    assert_leaves_the_turn(&mut rig, &mut session, run, || late.answers());
}

/// Its lease is over with nothing sent, and somebody else has begun: they are waited for, and their token is used.
fn assert_leaves_the_turn(rig: &mut Rig, session: &mut Session, mut run: Run, meanwhile: impl FnOnce()) {
    rig.pass(31);
    let mut other = refreshing("r0");
    let mut theirs = Run::of(&other);
    rig.until(&mut theirs, "send");
    meanwhile();
    rig.until(&mut run, "wait");
    rig.rotates("a1", "r1");
    rig.until(&mut theirs, "done");
    theirs.settle(&mut other, rig).unwrap();
    rig.until(&mut run, "done");
    run.settle(session, rig).unwrap();
    let done = rig.done();
    assert_eq!(done.matches("send").count(), 1, "{done}");
    assert_eq!(held(session).as_deref(), Some("a1"));
}

/// A key that never answers is waited for no longer than any other turn, and leaves nothing behind.
#[test]
fn a_key_that_never_answers_is_waited_for_boundedly() {
    let late = LateKey::new();
    let mut rig = Rig::new();
    let mut session = session_of(&late.client());
    let error = rig.renew(&mut session).unwrap_err();
    assert!(matches!(error, Error::Unanswered), "{error}");
    let waited = rig.now().since(NOW).as_secs();
    assert_eq!(waited, 60, "twice the time of a lease");
    assert_eq!(rig.requests(), 0);
    assert!(rig.record().is_null());
    rig.rotates("a1", "r1");
    rig.renew(&mut refreshing("r0")).unwrap();
}

/// A process that slept through its lease meets somebody who has written an intent, and leaves the turn to them.
#[test]
fn an_intent_after_the_lease_is_over_leaves_the_turn_to_whoever_has_it() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    let mut run = Run::of(&session);
    rig.until(&mut run, "intend");
    assert_leaves_the_turn(&mut rig, &mut session, run, || {});
}

/// So does one that slept between its intent and its request; one whose request was handed out does not.
#[test]
fn a_request_is_first_sent_under_a_lease() {
    let mut rig = Rig::new();
    let session = refreshing("r0");
    let mut run = Run::of(&session);
    rig.until(&mut run, "intend");
    rig.one_more(&mut run);
    rig.pass(31);
    rig.done();
    rig.before("load", |rig| {
        rig.rotates("a1", "r1");
        rig.renew(&mut elsewhere()).unwrap();
    });
    rig.until(&mut run, "done");
    assert_eq!(rig.done().matches("send").count(), 1);

    let mut rig = Rig::new();
    let mut run = Run::of(&session);
    rig.until(&mut run, "send");
    rig.pass(31);
    rig.rotates("a1", "r1");
    rig.until(&mut run, "done");
    assert_eq!(rig.done(), "load lease load intend send r0 commit release");
}

/// DP-5: a proof that is signed anew, for a nonce, is waited for under the lease too.
#[test]
fn a_second_proof_is_waited_for_under_the_lease() {
    let late = LateKey::new();
    let dpop = Dpop::of(late.deferred.clone(), entropy(2)).unwrap();
    let bound = client().dpop(dpop).unwrap();
    let mut rig = Rig::new();
    let session = session_of(&bound);
    let mut run = Run::of(&session);
    rig.until(&mut run, "wait");
    late.answers();
    let mut demand = json(400, r#"{"error":"use_dpop_nonce"}"#);
    demand.headers_mut().insert("dpop-nonce", "n-1".parse().unwrap());
    rig.answers(Some(demand));
    rig.until(&mut run, "send");
    rig.one_more(&mut run);
    rig.until(&mut run, "wait");
    rig.pass(31);
    late.answers();
    // The lease is over: it looks again, and has a turn of its own.
    rig.done();
    rig.until(&mut run, "wait");
    assert_eq!(rig.done(), "load lease load");
    late.answers();
    let mut token: serde_json::Value = serde_json::from_str(&world::token("a1", 3600, Some("r1"))).unwrap();
    token["token_type"] = "DPoP".into();
    rig.answers(Some(json(200, &token.to_string())));
    rig.until(&mut run, "done");
    assert_eq!(rig.requests(), 1);
}

/// An answer that comes while a key is waited for is the program's mistake, and changes nothing.
#[test]
fn nothing_answers_a_request_that_was_not_sent() {
    let late = LateKey::new();
    let mut rig = Rig::new();
    let session = session_of(&late.client());
    let mut run = Run::of(&session);
    rig.until(&mut run, "wait");
    run.refuses(RenewalAnswer::Response(json(200, "{}")), rig.now());
    run.refuses(RenewalAnswer::NoResponse, rig.now());
}

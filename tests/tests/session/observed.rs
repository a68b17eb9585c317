//! What an operator sees of a session: each event once, with its cause and its duration, and no secret.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use valetkey_core::host::{TransportError, TransportErrorKind};
use valetkey_core::session::{
    AwaitedCredential, Observer, Readiness, RenewalAnswer, RenewalStep, SessionEvent, SharedRenewal,
    SharedSession,
};
use valetkey_core::store::{MemoryStore, Replaced, StoreAnswer, StoreKey, StoreStep};
use valetkey_core::{Client, ClientSecret, Grant, RefreshToken, Response, Session, UnixTime};
use valetkey_tests::secrets::{assert_clean, planted, spellings};
use valetkey_tests::world::token;
use valetkey_tests::{NOW, client, json, server};

/// An observer that writes down what it is told.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// What was written since the last look.
    fn read(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Log {
    fn observe(&self, _: &str, event: &SessionEvent<'_>, now: UnixTime) {
        let told = match event {
            SessionEvent::Done { took, .. } => format!(" after {took:?}"),
            SessionEvent::Refused { cause, took, .. } | SessionEvent::Ended { cause, took, .. } => {
                format!(" after {took:?}: {cause}")
            }
            SessionEvent::Failed { cause, why, took, .. } => {
                format!(" after {took:?}: {cause}, {:?}", why.map(TransportError::kind))
            }
            SessionEvent::Paused { until, .. } => format!(" for {:?}", until.since(now)),
            _ => String::new(),
        };
        self.0.lock().unwrap().push(format!("{}{told}", event.name()));
    }
}

/// A session that is observed, and where it is kept.
struct Scene {
    session: SharedSession,
    store: MemoryStore,
    log: Log,
}

impl Scene {
    fn new() -> Self {
        Self::of(Session::from_grant(&client(), Grant::client_credentials()))
    }

    fn of(session: Session) -> Self {
        let log = Log::default();
        let session = SharedSession::new(session.with_observer(Arc::new(log.clone())));
        Self { session, store: MemoryStore::new(), log }
    }

    /// Asks, and is given the renewal.
    fn begin(&self, now: UnixTime) -> SharedRenewal {
        let (readiness, renewal) = self.session.provide(&mut AwaitedCredential::new(), now).unwrap();
        assert_eq!(readiness, Readiness::Wait);
        renewal.unwrap()
    }

    /// Asks, and is told to wait.
    fn join(&self, awaited: &mut AwaitedCredential, now: UnixTime) {
        assert!(matches!(self.session.provide(awaited, now), Ok((Readiness::Wait, None))));
    }

    /// Carries a renewal to its end; the token endpoint takes two seconds for this answer.
    fn finish(&self, mut renewal: SharedRenewal, mut now: UnixTime, response: Option<Response>) {
        let mut answer = None;
        loop {
            answer = match renewal.step(answer.take(), now).unwrap() {
                RenewalStep::Store(step) => {
                    Some(RenewalAnswer::Store(step.on(&self.store, renewal.key(), now)))
                }
                RenewalStep::Send(_) => {
                    now = now.after(Duration::from_secs(2));
                    Some(match response.clone() {
                        Some(response) => RenewalAnswer::Response(response),
                        None => renewal.unanswered(Some(TransportError::new(TransportErrorKind::Timeout))),
                    })
                }
                RenewalStep::Wait(time) => {
                    now = now.after(time);
                    None
                }
                RenewalStep::Done => return,
            };
        }
    }
}

#[test]
fn a_renewal_is_told_from_its_beginning_to_its_end() {
    let scene = Scene::new();
    let renewal = scene.begin(NOW);
    assert_eq!(scene.log.read(), ["begun"]);
    scene.finish(renewal, NOW, Some(json(200, &token("new", 3600, None))));
    assert_eq!(scene.log.read(), ["done after 2s"]);
    // What is good is used without a word.
    assert!(scene.session.fresh(NOW).is_some());
    let (readiness, _) = scene.session.provide(&mut AwaitedCredential::new(), NOW).unwrap();
    assert_eq!((readiness, scene.log.read().len()), (Readiness::Ready, 0));
}

/// A caller who waits is told of once, however often they ask meanwhile.
#[test]
fn each_caller_who_joins_is_told_of_once() {
    let scene = Scene::new();
    let renewal = scene.begin(NOW);
    let [mut one, mut other] = [AwaitedCredential::new(), AwaitedCredential::new()];
    scene.join(&mut one, NOW);
    scene.join(&mut one, NOW);
    scene.join(&mut other, NOW);
    assert_eq!(scene.log.read(), ["begun", "shared", "shared"]);
    drop(renewal);
}

#[test]
fn a_refusal_is_told_with_its_cause_and_until_when_the_renewals_pause() {
    let scene = Scene::new();
    let refusal = json(400, r#"{"error":"invalid_scope","error_description":"no such scope"}"#);
    scene.finish(scene.begin(NOW), NOW, Some(refusal));
    let told = scene.log.read();
    assert_eq!([told[0].as_str(), &told[2]], ["begun", "paused for 1s"]);
    assert!(told[1].starts_with("refused after 2s: ") && told[1].contains("invalid_scope"), "{}", told[1]);
}

#[test]
fn a_request_without_an_answer_is_told_with_what_the_host_knows() {
    let scene = Scene::new();
    scene.finish(scene.begin(NOW), NOW, None);
    let cause = "no answer came to the renewal of the token: the same call may work later, Some(Timeout)";
    assert_eq!(scene.log.read(), ["begun", &format!("failed after 2s: {cause}"), "paused for 1s"]);
}

#[test]
fn a_grant_that_has_ended_is_told_as_such() {
    let token = RefreshToken::new("old").unwrap();
    let scene = Scene::of(Session::from_refresh_token(&client(), token));
    scene.finish(scene.begin(NOW), NOW, Some(json(400, r#"{"error":"invalid_grant"}"#)));
    let told = scene.log.read();
    assert!(told.len() == 2 && told[1].starts_with("ended after 2s: "), "{told:?}");
}

/// Somebody else writes after the renewal has read.
#[test]
fn a_conflict_in_the_store_is_told() {
    let scene = Scene::new();
    let mut renewal = scene.begin(NOW);
    let mut answer = None;
    loop {
        answer = match renewal.step(answer.take(), NOW).unwrap() {
            RenewalStep::Store(StoreStep::Replace { .. }) => break,
            RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(&scene.store, renewal.key(), NOW))),
            step => panic!("{step:?}"),
        };
    }
    let _ = renewal.step(Some(RenewalAnswer::Store(StoreAnswer::Replaced(Replaced::Conflict))), NOW).unwrap();
    assert_eq!(scene.log.read(), ["begun", "store_conflict"]);
}

/// A renewal that its host has dropped is over at the time of its last step.
#[test]
fn a_renewal_that_is_dropped_is_told_as_failed() {
    let scene = Scene::new();
    let mut renewal = scene.begin(NOW);
    let _ = renewal.step(None, NOW.after(Duration::from_secs(5))).unwrap();
    drop(renewal);
    let told = scene.log.read();
    assert!(told[1].starts_with("failed after 5s: "), "{told:?}");
}

/// An observer is a guest: one that panics is not missed, and the others are told all the same.
#[test]
fn an_observer_that_panics_disturbs_nobody() {
    let log = Log::default();
    let panics =
        |_: &str, _: &SessionEvent<'_>, _: UnixTime| std::panic::resume_unwind(Box::new("an observer's"));
    let session = Session::from_grant(&client(), Grant::client_credentials()).with_observer(Arc::new(panics));
    let session = SharedSession::new(session.with_observer(Arc::new(log.clone())));
    let scene = Scene { session, store: MemoryStore::new(), log };
    scene.finish(scene.begin(NOW), NOW, Some(json(200, &token("new", 3600, None))));
    assert_eq!(scene.log.read(), ["begun", "done after 2s"]);
}

/// The key's digest tells whose the session is to nobody; and no secret is in any event, whatever the server echoes.
#[test]
fn an_observer_is_told_no_secret_and_no_part_of_the_key() {
    let told = Arc::new(Mutex::new(String::new()));
    let client = Client::new(server(), "id").secret(ClientSecret::new(planted("client secret")).unwrap());
    let client = client.unwrap().api("https://api.example").unwrap();
    let key = StoreKey::of_user(&client, "alice@example.com");
    for (spelling, echo) in spellings(planted("refresh token")) {
        for status in [200, 400, 500] {
            let (writing, digest) = (Arc::clone(&told), key.as_str().to_owned());
            let observer = move |key: &str, event: &SessionEvent<'_>, now: UnixTime| {
                assert_eq!(key, digest);
                let mut told = writing.lock().unwrap();
                *told += &format!("{key} {event:?} {event:#?} {now:?}\n");
                if let SessionEvent::Refused { cause, .. }
                | SessionEvent::Failed { cause, .. }
                | SessionEvent::Ended { cause, .. } = event
                {
                    *told += &format!("{cause}\n");
                }
            };
            let refresh_token = RefreshToken::new(planted("refresh token")).unwrap();
            let session = Session::from_refresh_token(&client, refresh_token).in_store(key.clone()).unwrap();
            let scene = Scene::of(session.with_observer(Arc::new(observer)));
            let echo = serde_json::to_string(&echo).unwrap();
            let body = format!(r#"{{"error":{echo},"error_description":{echo},"access_token":{echo}}}"#);
            scene.finish(scene.begin(NOW), NOW, Some(json(status, &body)));
            assert!(!scene.log.read().is_empty());
            let told = std::mem::take(&mut *told.lock().unwrap());
            assert!(told.contains("Begun"), "{told}");
            assert_clean(&told, &format!("{spelling}, {status}"));
            assert!(!told.contains("alice"), "{told}");
        }
    }
}

//! Renewals of sessions that share a store, step by step and in virtual time: [`Rig`].

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;
use valetkey_core::session::{Renewal, RenewalAnswer, RenewalStep};
use valetkey_core::store::{MemoryStore, Store, StoreAnswer, StoreError, StoreKey, StoreStep, StoredBytes};
use valetkey_core::token::JwtAssertion;
use valetkey_core::{Error, Grant, RefreshToken, Request, Response, Session, UnixTime};

use crate::world::{same, token};
use crate::{NOW, client, json};

/// What happens to the step of a renewal that a test names.
pub enum Event {
    /// The store fails, and has done nothing.
    Fails,
    /// The store does what it was asked, and its answer is lost.
    AnswerLost,
    /// Somebody else is faster.
    Before(Box<dyn FnOnce(&mut Rig)>),
}

/// A store, a token endpoint and a clock.
///
/// The token endpoint answers what was queued, and a request that nobody queued an answer for fails the test.
#[derive(Default)]
pub struct Rig {
    /// The store that all sessions share.
    pub store: MemoryStore,
    passed: Duration,
    answers: VecDeque<Option<Response>>,
    events: VecDeque<(&'static str, Event)>,
    log: Vec<String>,
}

/// A renewal under way.
pub struct Run {
    renewal: Renewal,
    answer: Option<RenewalAnswer>,
    /// Whether it has sent its request since the last intent.
    sent: bool,
}

impl Run {
    /// Begins a renewal.
    ///
    /// # Panics
    ///
    /// If the session never renews.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        Self { renewal: session.renewal().unwrap(), answer: None, sent: false }
    }

    /// Begins a renewal that brings a new token, whatever the store has.
    ///
    /// # Panics
    ///
    /// If the session never renews.
    #[must_use]
    pub fn of_new(session: &Session) -> Self {
        Self { renewal: session.forced_renewal().unwrap(), answer: None, sent: false }
    }

    /// Takes its outcome over into the session.
    ///
    /// # Errors
    ///
    /// The renewal's own.
    pub fn settle(self, session: &mut Session, rig: &Rig) -> Result<(), Error> {
        session.settle(self.renewal, rig.now())
    }

    /// Hands over an answer that is to be refused.
    ///
    /// # Panics
    ///
    /// If it is taken, or changes what is wanted.
    pub fn refuses(&mut self, answer: RenewalAnswer, now: UnixTime) {
        let step = self.renewal.step(self.answer.take(), now).unwrap();
        let told = format!("{answer:?}");
        let error = self.renewal.step(Some(answer), now).expect_err(&told);
        assert!(matches!(error, Error::Misuse(_)), "{told}: {error}");
        let again = self.renewal.step(None, now).unwrap();
        assert!(alike(&step, &again), "{told} made {again:?} of {step:?}");
    }

    /// The renewal itself.
    #[must_use]
    pub const fn renewal(&self) -> &Renewal {
        &self.renewal
    }

    /// `load`, `lease`, `intend`, `send`, `commit`, `release`, `wait` or `done`.
    fn name(&self, step: &RenewalStep) -> &'static str {
        match step {
            RenewalStep::Store(StoreStep::Load) => "load",
            RenewalStep::Store(StoreStep::Lease(_)) => "lease",
            RenewalStep::Store(StoreStep::Release(_)) => "release",
            RenewalStep::Store(StoreStep::Replace { entry, .. }) => {
                let record: Value = serde_json::from_slice(entry.bytes().expose()).unwrap();
                if self.sent || record["intent"].is_null() { "commit" } else { "intend" }
            }
            RenewalStep::Send(_) => "send",
            RenewalStep::Wait(_) => "wait",
            RenewalStep::Done => "done",
        }
    }
}

impl Rig {
    /// An empty store, at [`NOW`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        NOW.after(self.passed)
    }

    /// Lets time pass.
    pub fn pass(&mut self, seconds: u64) {
        self.passed += Duration::from_secs(seconds);
    }

    /// Sets the clock back to when everything began.
    pub fn set_back(&mut self) {
        self.passed = Duration::ZERO;
    }

    /// Queues an answer of the token endpoint; `None` is one that never comes.
    pub fn answers(&mut self, answer: Option<Response>) {
        self.answers.push_back(answer);
    }

    /// Forgets the answers that nobody asked for.
    pub fn withdraw_answers(&mut self) {
        self.answers.clear();
    }

    /// Queues a token of an hour with a refresh token.
    pub fn rotates(&mut self, access_token: &str, refresh_token: &str) {
        self.answers(Some(json(200, &token(access_token, 3600, Some(refresh_token)))));
    }

    /// Queues a token of an hour and nothing else.
    pub fn grants(&mut self, access_token: &str) {
        self.answers(Some(json(200, &token(access_token, 3600, None))));
    }

    /// Queues a refusal.
    pub fn refuses(&mut self, status: u16, code: &str) {
        self.answers(Some(json(status, &format!(r#"{{"error":"{code}"}}"#))));
    }

    /// Lets this happen at the next step of that name, after what was said before it.
    pub fn at(&mut self, name: &'static str, event: Event) {
        self.events.push_back((name, event));
    }

    /// Lets somebody be faster than the next step of that name.
    pub fn before(&mut self, name: &'static str, somebody: impl FnOnce(&mut Self) + 'static) {
        self.at(name, Event::Before(Box::new(somebody)));
    }

    /// Forgets what was still to happen.
    pub fn store_works_again(&mut self) {
        self.events.clear();
    }

    /// Runs a renewal to its end and settles it.
    ///
    /// # Errors
    ///
    /// The renewal's own.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub fn renew(&mut self, session: &mut Session) -> Result<(), Error> {
        let mut run = Run::of(session);
        self.until(&mut run, "done");
        run.settle(session, self)
    }

    /// Runs a renewal until its next step is the one of that name, which is not carried out.
    ///
    /// # Panics
    ///
    /// If that step never comes, or a step that is asked for twice is not the same.
    pub fn until(&mut self, run: &mut Run, name: &str) {
        for _ in 0..1000 {
            let step = run.renewal.step(run.answer.take(), self.now()).unwrap();
            let again = run.renewal.step(None, self.now()).unwrap();
            assert!(alike(&step, &again), "asked twice: {step:?}, then {again:?}");
            let what = run.name(&step);
            if what == name {
                return;
            }
            assert!(what != "done", "the renewal ended before {name}: {:?}", self.log);
            run.answer = self.carry_out(step, what, run);
        }
        panic!("the renewal does not come to {name}: {:?}", self.log);
    }

    /// Carries one more step out.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn one_more(&mut self, run: &mut Run) {
        let step = run.renewal.step(run.answer.take(), self.now()).unwrap();
        let what = run.name(&step);
        assert_ne!(what, "done");
        run.answer = self.carry_out(step, what, run);
    }

    fn carry_out(&mut self, step: RenewalStep, what: &'static str, run: &mut Run) -> Option<RenewalAnswer> {
        let mut event = None;
        if self.events.front().is_some_and(|(name, _)| *name == what) {
            event = self.events.pop_front().map(|(_, event)| event);
        }
        if let Some(Event::Before(somebody)) = event {
            somebody(self);
            event = None;
        }
        self.log.push(match &step {
            RenewalStep::Send(request) => format!("send {}", grant_of(request)),
            _ => what.to_owned(),
        });
        match step {
            RenewalStep::Store(_) if matches!(event, Some(Event::Fails)) => {
                Some(RenewalAnswer::Store(StoreAnswer::Failed(StoreError::new("the disk is full"))))
            }
            RenewalStep::Store(step) => {
                let answer = step.on(&self.store, &key(), self.now());
                if matches!(event, Some(Event::AnswerLost)) {
                    let lost = StoreError::new("the line is dead");
                    return Some(RenewalAnswer::Store(StoreAnswer::Failed(lost)));
                }
                // What is written after another look is an intent if it has one.
                let looked = matches!(answer, StoreAnswer::Loaded(_))
                    || matches!(&answer, StoreAnswer::Replaced(replaced) if replaced.is_done());
                run.sent &= !looked;
                Some(RenewalAnswer::Store(answer))
            }
            RenewalStep::Send(_) => {
                run.sent = true;
                let answer = self.answers.pop_front();
                let answer = answer.unwrap_or_else(|| panic!("a token request too many: {:?}", self.log));
                Some(answer.map_or(RenewalAnswer::NoResponse, RenewalAnswer::Response))
            }
            RenewalStep::Wait(time) => {
                assert!(time > Duration::ZERO, "a wait of nothing is a busy loop");
                self.passed += time;
                None
            }
            RenewalStep::Done => None,
        }
    }

    /// What was done since this was last asked, in a line: `load lease load intend send r0 commit release`.
    pub fn done(&mut self) -> String {
        std::mem::take(&mut self.log).join(" ")
    }

    /// How many token requests were sent since [`done`](Self::done) was last asked.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.log.iter().filter(|line| line.starts_with("send")).count()
    }

    /// The record in the store, or null.
    ///
    /// # Panics
    ///
    /// If it is no JSON.
    #[must_use]
    pub fn record(&self) -> Value {
        let stored = self.store.load(&key()).unwrap();
        stored.map_or(Value::Null, |stored| serde_json::from_slice(stored.bytes.expose()).unwrap())
    }

    /// Puts bytes into the store in the place of what is there.
    ///
    /// # Panics
    ///
    /// Never: nobody else writes meanwhile.
    pub fn put(&mut self, bytes: &[u8]) {
        let version = self.store.load(&key()).unwrap().map(|stored| stored.version);
        let written =
            self.store.replace(&key(), version.as_ref(), Some(&StoredBytes::new(bytes.to_vec()).into()));
        assert!(written.unwrap().is_done());
    }

    /// Changes the record in the store.
    pub fn edit(&mut self, change: impl FnOnce(&mut Value)) {
        let mut record = self.record();
        change(&mut record);
        self.put(record.to_string().as_bytes());
    }
}

/// Where all sessions of a rig are kept: it is the only user's.
#[must_use]
pub fn key() -> StoreKey {
    StoreKey::of_only_user(&client())
}

/// The session in the rig's store.
///
/// # Panics
///
/// If it is not a user's.
#[must_use]
pub fn kept(session: Session) -> Session {
    session.in_store(key()).unwrap()
}

/// The application's own session, renewed by client credentials, in the store that it is given.
///
/// # Panics
///
/// Never.
#[must_use]
pub fn service() -> Session {
    let grant = Grant::client_credentials();
    let key = StoreKey::of_application(&client(), &grant);
    Session::from_grant(&client(), grant).in_store(key).unwrap()
}

/// A grant that can be repeated, on a user's behalf as a refresh token is.
///
/// # Panics
///
/// Never: it has the form of a JWT.
#[must_use]
pub fn assertion() -> Grant {
    Grant::from(&JwtAssertion::new("e30.e30.c2ln").unwrap())
}

/// A session that takes its tokens from the store, as another process would.
#[must_use]
pub fn elsewhere() -> Session {
    kept(Session::from_store(&client()))
}

/// A session that renews by this refresh token, which is not in the store yet.
///
/// # Panics
///
/// If it is no token.
#[must_use]
pub fn refreshing(token: &str) -> Session {
    kept(Session::from_refresh_token(&client(), RefreshToken::new(token).unwrap()))
}

/// The access token that a session has.
#[must_use]
pub fn held(session: &Session) -> Option<String> {
    session.credential().map(|credential| credential.access_token().expose().to_owned())
}

fn grant_of(request: &Request) -> String {
    let form: Vec<_> = form_urlencoded::parse(request.body()).collect();
    let value = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.to_string());
    let revoked = value("token").map(|token| format!("revocation of {token}"));
    value("refresh_token").or(revoked).or_else(|| value("grant_type")).unwrap()
}

fn alike(one: &RenewalStep, other: &RenewalStep) -> bool {
    match (one, other) {
        (RenewalStep::Store(one), RenewalStep::Store(other)) => one == other,
        (RenewalStep::Send(one), RenewalStep::Send(other)) => same(one, other),
        (RenewalStep::Wait(one), RenewalStep::Wait(other)) => one == other,
        (RenewalStep::Done, RenewalStep::Done) => true,
        _ => false,
    }
}

//! A session, a call of its API, and renewals of it.

use std::time::Duration;

use http::HeaderMap;
use valetkey_core::session::{
    AwaitedCredential, Call, CallStep, Readiness, Renewal, RenewalAnswer, RenewalStep,
};
use valetkey_core::store::{MemoryStore, StoreKey};
use valetkey_core::token::JwtAssertion;
use valetkey_core::{AccessToken, Flow, Grant, RefreshToken, Response, Session, Step, Subject, UnixTime};

use super::choose;
use crate::{NOW, client, get, heard, json};

const API: &str = "https://api.example/me";

/// The sessions, by what renews them.
const KINDS: [(u8, Kind); 4] =
    [(b'c', Kind::Credentials), (b'r', Kind::Refresh), (b'b', Kind::Both), (b'p', Kind::Permanent)];

#[derive(Clone, Copy)]
enum Kind {
    Credentials,
    Refresh,
    Both,
    Permanent,
}

const OPERATIONS: [(u8, Operation); 20] = [
    (b'a', Operation::Ask),
    (b'o', Operation::Answer(200)),
    (b'u', Operation::Answer(401)),
    (b'h', Operation::CallHangsUp),
    (b'n', Operation::NewCall),
    (b'r', Operation::Renew),
    (b'g', Operation::AnswerRenewal(200, GOOD)),
    (b'x', Operation::AnswerRenewal(200, EXPIRES_AT_ONCE)),
    (b'm', Operation::AnswerRenewal(200, NEVER_EXPIRES)),
    (b'i', Operation::AnswerRenewal(400, r#"{"error":"invalid_grant"}"#)),
    (b'd', Operation::AnswerRenewal(400, r#"{"error":"invalid_request"}"#)),
    (b'v', Operation::AnswerRenewal(503, "busy")),
    (b'f', Operation::AnswerRenewal(302, "")),
    (b'l', Operation::LoseRenewal),
    (b's', Operation::Settle),
    (b'R', Operation::Refuse),
    (b'F', Operation::RenewAnyway),
    (b't', Operation::Later(1)),
    (b'T', Operation::Later(1_000)),
    (b'B', Operation::Earlier(1_000)),
];

const GOOD: &str = r#"{"access_token":"a","token_type":"Bearer","expires_in":600,"refresh_token":"r1"}"#;
const EXPIRES_AT_ONCE: &str = r#"{"access_token":"b","token_type":"Bearer","expires_in":0}"#;
const NEVER_EXPIRES: &str = r#"{"access_token":"c","token_type":"Bearer","expires_in":18446744073709551615}"#;

#[derive(Clone, Copy)]
enum Operation {
    Ask,
    Answer(u16),
    CallHangsUp,
    NewCall,
    Renew,
    /// Wants a new token, whatever is held.
    RenewAnyway,
    /// Says that the credential which is held is no good.
    Refuse,
    AnswerRenewal(u16, &'static str),
    LoseRenewal,
    Settle,
    Later(u64),
    Earlier(u64),
}

pub(super) fn play(kind: u8, operations: &[u8]) {
    let Some(session) = session(choose(&KINDS, kind)) else { return };
    let Ok(call) = Call::new(session.shared(), &get(API)) else { return };
    let (store, key) = (MemoryStore::new(), StoreKey::in_memory());
    let mut game = Game { session, call, renewal: None, store, key, now: NOW, last: None };
    for operation in operations {
        game.play(choose(&OPERATIONS, *operation));
    }
    game.ends();
}

fn session(kind: Kind) -> Option<Session> {
    let client = client();
    let refreshing = || Some(Session::from_refresh_token(&client, RefreshToken::new("r0").ok()?));
    Some(match kind {
        Kind::Credentials => Session::from_grant(&client, Grant::client_credentials()),
        Kind::Refresh => refreshing()?,
        Kind::Both => refreshing()?.with_grant(assertion()?).ok()?,
        Kind::Permanent => {
            Session::from_permanent_token(API, AccessToken::new("p").ok()?, Subject::User).ok()?
        }
    })
}

/// A grant that can be repeated, on a user's behalf as the refresh token is.
fn assertion() -> Option<Grant> {
    Some(Grant::from(&JwtAssertion::new("e30.e30.c2ln").ok()?))
}

struct Game {
    session: Session,
    call: Call,
    renewal: Option<Renewal>,
    store: MemoryStore,
    key: StoreKey,
    now: UnixTime,
    /// What the call wanted last, to check that asking again changes nothing.
    last: Option<String>,
}

impl Game {
    fn play(&mut self, operation: Operation) {
        match operation {
            Operation::Ask => self.ask(),
            Operation::Answer(status) => {
                let step = self.step_call(Some(json(status, "{}")));
                self.last = Some(is_authorized(step));
            }
            Operation::CallHangsUp => {
                self.call.unanswered();
                self.last = None;
            }
            Operation::NewCall => {
                if let Ok(call) = Call::new(self.session.shared(), &get(API)) {
                    self.call = call;
                    self.last = None;
                }
            }
            Operation::Renew => self.renewal = self.session.renewal().ok(),
            Operation::RenewAnyway => {
                let wanted = self.session.provide(&mut AwaitedCredential::renewed(), self.now);
                assert!(!matches!(wanted, Ok(Readiness::Ready)), "nothing that is held is new");
                self.renewal = self.session.forced_renewal().ok();
            }
            Operation::Refuse => {
                if let Some(held) = self.session.credential() {
                    let is_refused = self.session.refuse(&held, self.now);
                    assert_eq!(is_refused, self.session.credential().is_none());
                    assert!(!is_refused || self.session.renews(), "what nothing renews is kept");
                    self.last = None;
                }
            }
            Operation::AnswerRenewal(status, body) => {
                self.answer_renewal(RenewalAnswer::Response(json(status, body)));
            }
            Operation::LoseRenewal => self.answer_renewal(RenewalAnswer::NoResponse),
            Operation::Settle => {
                if let Some(renewal) = self.renewal.take() {
                    let _ = self.session.settle(renewal, self.now);
                    self.last = None;
                }
            }
            Operation::Later(seconds) => self.at(self.now.after(Duration::from_secs(seconds))),
            Operation::Earlier(seconds) => self.at(self.now.before(Duration::from_secs(seconds))),
        }
    }

    fn at(&mut self, time: UnixTime) {
        self.now = time;
        self.last = None;
    }

    fn ask(&mut self) {
        let shown = is_authorized(self.step_call(None));
        if let Some(last) = &self.last {
            let has_ended = last.starts_with("Err") || last.starts_with("Ok(Done");
            assert!(has_ended || *last == shown, "asking twice changes nothing");
        }
        self.last = Some(shown);
    }

    /// The call's step, once it has been given a credential if there is one.
    fn step_call(&mut self, answer: Option<Response>) -> Result<CallStep, valetkey_core::Error> {
        let step = self.call.step(answer.as_ref().map(heard));
        if matches!(step, Ok(CallStep::Authorize)) && self.session.authorize(&mut self.call, self.now).is_ok()
        {
            return self.call.step(None);
        }
        step
    }

    /// Runs the renewal to its request, answers it, and runs on to the next request or the end.
    fn answer_renewal(&mut self, answer: RenewalAnswer) {
        let Some(renewal) = &mut self.renewal else { return };
        let (mut request_answer, mut next) = (Some(answer), None);
        for _ in 0..32 {
            next = match renewal.step(next.take(), self.now) {
                Ok(RenewalStep::Store(step)) => {
                    Some(RenewalAnswer::Store(step.on(&self.store, &self.key, self.now)))
                }
                Ok(RenewalStep::Send(_)) => match request_answer.take() {
                    Some(answer) => Some(answer),
                    None => return,
                },
                Ok(RenewalStep::Wait(_) | RenewalStep::Done) | Err(_) => return,
            };
        }
        panic!("a renewal wants a bounded number of things of its store");
    }

    /// Whatever was played before, an API that refuses every token and a server that grants every renewal are asked a
    /// bounded number of times (WA-3).
    fn ends(mut self) {
        let Ok(mut call) = self.session.call(get(API)) else { panic!("the API is the session's") };
        let mut answer = None;
        for _ in 0..6 {
            let Ok(Step::Send(request)) = call.step(answer.take(), self.now) else { return };
            let is_call = request.uri().host() == Some("api.example");
            answer = Some(if is_call { json(401, "{}") } else { json(200, GOOD) });
        }
        panic!("a call is repeated once");
    }
}

/// The step as it is shown, once no request was seen to go out without a credential.
fn is_authorized(step: Result<CallStep, valetkey_core::Error>) -> String {
    let shown = format!("{step:?}");
    if let Ok(CallStep::Send(authorization)) = step {
        let mut headers = HeaderMap::new();
        authorization.apply(&mut headers);
        let authorization = headers.get("authorization");
        assert!(authorization.is_some_and(|value| value.is_sensitive()), "no request without a credential");
    }
    shown
}

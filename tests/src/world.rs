//! A session beside its authorization server and its API, in virtual time: [`World`].

use std::collections::VecDeque;
use std::time::Duration;

use valetkey_core::{Error, Flow, Request, Response, Session, Step, UnixTime};

use crate::{NOW, get, json};

/// What a test says the two servers answer, and what was sent to them.
///
/// The token endpoint answers what was queued, and a request that nobody queued an answer for fails the test: a renewal
/// too many does not go unseen. The API answers what was queued, and 200 after that.
pub struct World {
    /// The session under test.
    pub session: Session,
    /// What time it is.
    pub now: UnixTime,
    tokens: VecDeque<Option<Response>>,
    api: VecDeque<Response>,
    log: Vec<String>,
}

impl World {
    /// The world at [`NOW`] with this session in it.
    #[must_use]
    pub const fn of(session: Session) -> Self {
        Self { session, now: NOW, tokens: VecDeque::new(), api: VecDeque::new(), log: Vec::new() }
    }

    /// Queues an answer of the token endpoint.
    pub fn answers(&mut self, status: u16, body: &str) {
        self.answers_with(json(status, body));
    }

    /// Queues any answer of the token endpoint.
    pub fn answers_with(&mut self, response: Response) {
        self.tokens.push_back(Some(response));
    }

    /// Queues tokens: an access token with a lifetime in seconds.
    pub fn grants(&mut self, access_token: &str, lifetime: u64) {
        self.answers(200, &token(access_token, lifetime, None));
    }

    /// Queues tokens with a refresh token.
    pub fn rotates(&mut self, access_token: &str, lifetime: u64, refresh_token: &str) {
        self.answers(200, &token(access_token, lifetime, Some(refresh_token)));
    }

    /// Queues a token request that gets no answer.
    pub fn stays_silent(&mut self) {
        self.tokens.push_back(None);
    }

    /// Queues an answer of the API.
    pub fn api_answers(&mut self, status: u16) {
        self.api.push_back(json(status, ""));
    }

    /// Forgets the API's answers that nobody asked for.
    pub fn forget_api_answers(&mut self) {
        self.api.clear();
    }

    /// Lets time pass.
    pub fn pass(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
    }

    /// Calls the API once, and says with which status it answered.
    ///
    /// # Errors
    ///
    /// The call's own.
    ///
    /// # Panics
    ///
    /// If the call asks for something else when it is asked twice, sends a request without a credential, or does not
    /// end; see [`World`].
    pub fn call(&mut self) -> Result<u16, Error> {
        let mut flow = self.session.call(get("https://api.example/me"))?;
        let mut response = None;
        for _ in 0..8 {
            let request = match flow.step(response.take(), self.now)? {
                Step::Send(request) => request,
                Step::Wait(time) => {
                    self.now = self.now.after(time);
                    continue;
                }
                Step::Done(response) => return Ok(response.status().as_u16()),
            };
            match flow.step(None, self.now)? {
                Step::Send(again) => assert!(same(&request, &again), "asking twice changes nothing"),
                other => panic!("asked again, it said {other:?}"),
            }
            let is_api = request.uri().host() == Some("api.example");
            self.log.push(if is_api { shown_call(&request) } else { shown_renewal(&request) });
            let answer = if is_api {
                Some(self.api.pop_front().unwrap_or_else(|| json(200, "")))
            } else {
                self.tokens.pop_front().unwrap_or_else(|| panic!("a token request too many: {:?}", self.log))
            };
            if answer.is_none() && !flow.unanswered(self.now) {
                return Err(Error::Unanswered);
            }
            response = answer;
        }
        panic!("the call does not end: {:?}", self.log);
    }

    /// Calls the API some times in a row, each with success.
    ///
    /// # Panics
    ///
    /// If one is no success; see [`call`](Self::call).
    pub fn calls(&mut self, times: usize) {
        for _ in 0..times {
            assert_eq!(self.call().unwrap(), 200);
        }
    }

    /// What was sent since this was last asked: `renew refresh_token=r0` or `call a1`, a line each.
    pub fn sent(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }
}

/// A token response's body.
#[must_use]
pub fn token(access_token: &str, lifetime: u64, refresh_token: Option<&str>) -> String {
    let rotated = refresh_token.map(|token| format!(r#","refresh_token":"{token}""#)).unwrap_or_default();
    format!(r#"{{"access_token":"{access_token}","token_type":"Bearer","expires_in":{lifetime}{rotated}}}"#)
}

/// Whether two requests are the same, byte for byte.
#[must_use]
pub fn same(one: &Request, other: &Request) -> bool {
    one.method() == other.method()
        && one.uri() == other.uri()
        && one.headers() == other.headers()
        && one.body() == other.body()
}

fn shown_call(request: &Request) -> String {
    let credentials: Vec<_> = request.headers().get_all("authorization").iter().collect();
    let [credential] = credentials[..] else { panic!("a request with {} credentials", credentials.len()) };
    assert!(credential.is_sensitive(), "a credential is marked as sensitive");
    let token = credential.to_str().unwrap().strip_prefix("Bearer ").expect("a bearer token");
    format!("call {token}")
}

fn shown_renewal(request: &Request) -> String {
    let target = (request.method().as_str(), request.uri().to_string());
    assert_eq!(target, ("POST", "https://as.example/token".to_owned()));
    let body = std::str::from_utf8(request.body()).unwrap();
    // A refresh token is its own name: `grant_type=refresh_token&refresh_token=r0`.
    let grant = body.strip_prefix("grant_type=").unwrap();
    format!("renew {}", grant.strip_prefix("refresh_token&").unwrap_or(grant))
}

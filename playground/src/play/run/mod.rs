//! A method from its first request to its last: [`Run`], Sans-IO like core.
//!
//! ```text
//!  begin ──▶ Browse(url) ──arrived──▶ Send(token request) ──answered──▶ Idle ──call, renew──▶ Send(…) ─┐
//!     │         ▲  a response that was not proven to be the server's                          ▲        │
//!     │         └─ changes nothing, and the right one may still come                          └────────┘
//!     └─────▶ Send(token request), for the methods without a browser; Over, after a failure that ends it
//! ```
//!
//! Every step is there to be looked at before it happens. The request is built anew when its answer is read, so that
//! the time that somebody looks at it does not count: with the same seed it is the same request.

mod came;
mod seen;
mod session;
mod steps;

use std::time::Duration;

use valetkey_core::dialect::jetbrains::AccessType;
use valetkey_core::terms::Password;
use valetkey_core::{
    AccessToken, AuthorizationResponse, Client, Error, Flow, Grant, Quirk, RefreshToken, Request, Response,
    Session, Step as FlowStep, TokenRequest, UnixTime,
};

use self::session::{Calling, Wanted, renewal_request};
use super::step::{Came, Kind, Reading, Step};
use super::{Answer, ApiCall, Held, Method, Sent, Setup};
use crate::play::opening::{self, ELSEWHERE, HERE, Opening, Pending};

/// More steps than anybody looks at.
const MAX_STEPS: usize = 60;

/// One use of a method: what was asked and answered so far, and what comes next.
pub struct Run {
    setup: Setup,
    client: Client,
    seed: [u8; 32],
    begun_at: UnixTime,
    steps: Vec<Step>,
    stage: Stage,
    /// What the response was checked against that counted: no other is taken ([AR-12](valetkey_core::Rule::Ar12)).
    spent: Option<Box<Pending>>,
    session: Option<Session>,
    held: Vec<Held>,
}

enum Stage {
    Authorization(Box<Pending>),
    Token(Box<Opening>),
    /// A renewal, and the call that waits for it.
    Renewal(Option<Calling>),
    Api(Calling),
    Idle,
    Over,
}

/// What a run wants next.
#[derive(Clone, Copy, Debug)]
pub enum Next<'a> {
    /// A browser is to open this URL.
    Browse(&'a str),
    /// This request is to be sent.
    Send(&'a Step),
    /// The same, but not yet.
    Wait(Duration),
    /// Nothing: there is a token, and [`Run::call`] and [`Run::renew`] do something with it.
    Idle,
    /// Nothing any more.
    Over,
}

impl Run {
    /// Begins. The seed is for this run alone.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] for a setup that core refuses, with the rule where there is one.
    pub fn begin(setup: Setup, seed: [u8; 32], now: UnixTime) -> Result<Self, Error> {
        let client = setup.client()?;
        let mut run = Self {
            client,
            seed,
            begun_at: now,
            steps: Vec::new(),
            stage: Stage::Idle,
            spent: None,
            session: None,
            held: Vec::new(),
            setup,
        };
        run.open(now)?;
        Ok(run)
    }

    fn open(&mut self, now: UnixTime) -> Result<(), Error> {
        let scope = self.setup.scope()?;
        let wanting = |grant: Grant| grant.access(scope.clone());
        match self.setup.method {
            Method::PermanentToken => {
                let token = AccessToken::new(self.setup.token.as_str())?;
                let api = &self.setup.call.url;
                let session =
                    Session::from_permanent_token(api, token, self.setup.subject)?.admit(Quirk::LoopbackHttp);
                self.take_up(session, now);
                self.call(None, now)
            }
            Method::RefreshToken => {
                let token = RefreshToken::new(self.setup.token.as_str())?;
                let session = Session::from_refresh_token(&self.client, token);
                let said = scope.into_iter().try_fold(session, |session, scope| session.with_scope(scope));
                self.session = Some(said?);
                self.renew(now)
            }
            Method::AuthorizationCode => {
                let (url, pending) = opening::code(&self.setup, &self.client, self.seed, now)?;
                self.browse(url.as_str(), Pending::Code(pending), now);
                Ok(())
            }
            Method::Implicit => {
                let (url, pending) = opening::implicit(&self.setup, &self.client, self.seed, now)?;
                self.browse(url.as_str(), Pending::Implicit(pending), now);
                Ok(())
            }
            Method::ClientCredentials => {
                self.ask(Opening::Grant(Box::new(wanting(Grant::client_credentials())?)), None, now)
            }
            Method::Password => {
                #[expect(deprecated, reason = "the playground shows the deprecated method too, and says so")]
                let grant =
                    Grant::password(&self.setup.username, &Password::new(self.setup.password.as_str()));
                let access = if self.setup.offline { AccessType::Offline } else { AccessType::Online };
                self.ask(Opening::Grant(Box::new(wanting(grant)?.access_type(access))), None, now)
            }
        }
    }

    /// What is next at `now`.
    #[must_use]
    pub fn next(&self, now: UnixTime) -> Next<'_> {
        let open = self.steps.last().filter(|step| step.outcome.is_none());
        match (&self.stage, open) {
            (Stage::Idle | Stage::Over, _) | (_, None) if !self.is_usable() => Next::Over,
            (Stage::Idle | Stage::Over, _) | (_, None) => Next::Idle,
            (Stage::Authorization(_), Some(step)) => Next::Browse(&step.request.url),
            (_, Some(step)) => match step.not_before {
                Some(time) if now < time => Next::Wait(time.since(now)),
                _ => Next::Send(step),
            },
        }
    }

    /// Whether there is a token, or something that gets one without a person.
    fn is_usable(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.credential().is_some() || session.renews())
    }

    /// The request of the open step as it is to be sent, if one is to be sent.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        match self.stage {
            Stage::Token(_) | Stage::Renewal(_) | Stage::Api(_) => {
                self.steps.last().filter(|step| step.outcome.is_none())?.request.request()
            }
            _ => None,
        }
    }

    /// Takes the answer to the open step, which was sent at `sent_at`. Without an open step nothing happens.
    pub fn answered(&mut self, response: Response, sent_at: UnixTime, now: UnixTime) {
        let came = Came::Answer(Answer::of(&response));
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Token(opening) => self.token_came(&opening, response, came, sent_at, now),
            Stage::Renewal(call) => self.renewal_came(call, Some(response), came, sent_at, now),
            Stage::Api(call) => self.api_came(call, response, came, sent_at, now),
            stage => self.stage = stage,
        }
    }

    /// Says that no answer came to the open step. A code is not sent again ([TR-18](valetkey_core::Rule::Tr18)); anything
    /// else may be.
    pub fn unanswered(&mut self, why: &str, sent_at: UnixTime, now: UnixTime) {
        let came = Came::Nothing(why.to_owned());
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Token(opening) => {
                self.close(came, Reading::default(), sent_at, now);
                if opening.is_repeatable() {
                    let _ = self.ask(*opening, None, now);
                }
            }
            Stage::Renewal(call) => self.renewal_came(call, None, came, sent_at, now),
            Stage::Api(mut call) => {
                call.unanswered();
                self.close(came, Reading::default(), sent_at, now);
                self.stage = Stage::Idle;
            }
            stage => self.stage = stage,
        }
    }

    /// Takes the URL where a browser has arrived, and whether it is the browser that began this run.
    pub fn arrived(&mut self, url: &str, same_session: bool, now: UnixTime) {
        let came = Came::Redirect { url: url.to_owned(), same_session };
        let response = AuthorizationResponse::from_url(url)
            .map(|response| response.received_in(if same_session { HERE } else { ELSEWHERE }));
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Authorization(pending) => self.redirect_came(*pending, response, came, now),
            stage => {
                self.stage = stage;
                // A second response: what the first one was checked against is used up (AR-12).
                if let Some(spent) = &mut self.spent {
                    let reading = spent.finish(&self.client, response, now).reading;
                    self.insert_refused_arrival(came, reading, now);
                }
            }
        }
    }

    /// Prepares an API request: the setup's, unless another is given.
    ///
    /// # Errors
    ///
    /// [`Error::AuthorizationRequired`] if nothing gets a good token any more; [`Error::Misuse`] if the request goes to
    /// another origin than the API's ([WA-5](valetkey_core::Rule::Wa5)), or is not valid.
    pub fn call(&mut self, call: Option<&ApiCall>, now: UnixTime) -> Result<(), Error> {
        let request = call.unwrap_or(&self.setup.call).request();
        let (Stage::Idle | Stage::Over, Some(session), Some(request), true) =
            (&self.stage, &mut self.session, request, self.steps.len() < MAX_STEPS)
        else {
            return Ok(());
        };
        let mut call = Calling::new(session, request)?;
        let wanted = call.advance(session, None, now)?;
        self.follow(call, wanted, now)
    }

    /// Prepares a renewal.
    ///
    /// # Errors
    ///
    /// [`Error::AuthorizationRequired`] if nothing renews the session.
    pub fn renew(&mut self, now: UnixTime) -> Result<(), Error> {
        if matches!(self.stage, Stage::Idle | Stage::Over) && self.steps.len() < MAX_STEPS {
            self.renew_for(None, now)?;
        }
        Ok(())
    }

    fn renew_for(&mut self, call: Option<Calling>, now: UnixTime) -> Result<(), Error> {
        let Some(session) = &self.session else { return Ok(()) };
        if let Some(request) = renewal_request(session, now)? {
            self.push(Kind::Renewal, Sent::of(&request), None, now);
            self.stage = Stage::Renewal(call);
        }
        Ok(())
    }

    fn follow(&mut self, call: Calling, wanted: Wanted, now: UnixTime) -> Result<(), Error> {
        match wanted {
            Wanted::Send(request) => {
                self.push(Kind::Api, Sent::of(&request), None, now);
                self.stage = Stage::Api(call);
                Ok(())
            }
            Wanted::Renewal => self.renew_for(Some(call), now),
            Wanted::Done => {
                self.stage = Stage::Idle;
                Ok(())
            }
        }
    }

    fn browse(&mut self, url: &str, pending: Pending, now: UnixTime) {
        self.push(Kind::Authorization, Sent::browsed(url), None, now);
        self.stage = Stage::Authorization(Box::new(pending));
    }

    fn ask(&mut self, opening: Opening, not_before: Option<UnixTime>, now: UnixTime) -> Result<(), Error> {
        if let FlowStep::Send(request) = self.flow(&opening)?.step(None, now)? {
            self.push(Kind::Token, Sent::of(&request), not_before, now);
            self.stage = Stage::Token(Box::new(opening));
        }
        Ok(())
    }

    /// The request for the first token, from its start.
    fn flow(&self, opening: &Opening) -> Result<TokenRequest, Error> {
        opening.flow(&self.client, || {
            let (_, pending) = opening::code(&self.setup, &self.client, self.seed, self.begun_at)?;
            Ok(pending)
        })
    }

    fn take_up(&mut self, session: Session, now: UnixTime) {
        self.held.extend(Held::of(&session, now));
        self.session = Some(session);
        self.stage = Stage::Idle;
    }
}

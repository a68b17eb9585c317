//! Sessions, and the logins that they come of. One of a web application is told to nobody before it is known that no log-out came
//! meanwhile (LO-16): its steps take their time, and a process may stop between any two of them.

use std::time::Duration;

use valetkey_core::logout::{LoginUnderWay, LogoutAnswer, indexes_of};
use valetkey_core::session::{
    AwaitedCredential, Readiness, RenewalAnswer, RenewalStep, SharedRenewal, SharedSession,
};
use valetkey_core::store::{StoreAnswer, StoreKey, StoreStep};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret, Entropy, Flow,
    Session, Step, TokenResponse, UnixTime,
};
use valetkey_sandbox::{CHATBOTS_RIGHTS, DEMO_USERS, Person, Sandbox};

use super::errand::{Asked, Next, Work};
use super::{API, Event, World};
use crate::simulator::Protection;
use crate::simulator::ledger::WebLogin;

const CALLBACK: &str = "https://app.example/callback";

/// The client of this name at the sandbox, which is no OpenID provider.
pub(super) fn client(sandbox: &Sandbox, id: &str) -> Client {
    client_of(AuthorizationServer::new(), sandbox, id)
}

pub(super) fn client_of(server: AuthorizationServer, sandbox: &Sandbox, id: &str) -> Client {
    let server = server
        .authorization_endpoint("https://space.example/oauth/auth")
        .and_then(|server| server.token_endpoint("https://space.example/oauth/token"))
        .unwrap();
    let secret = ClientSecret::new(sandbox.client_secret(id).unwrap()).unwrap();
    Client::new(server, id).secret(secret).and_then(|client| client.api(API)).unwrap()
}

/// A login of the web application that is not through yet.
pub(super) struct Login {
    login: WebLogin,
    session: SharedSession,
    /// What stores it.
    renewal: Option<SharedRenewal>,
    under_way: LoginUnderWay,
    /// Which marks are still to be looked at.
    marks: Vec<StoreKey>,
}

impl Login {
    /// Where its store keeps it.
    pub(super) fn key(&self) -> &StoreKey {
        self.session.key()
    }

    /// Takes one step. `Next::Done` says that it goes on, `Next::Failed` that nobody is logged in by it.
    pub(super) fn step(
        &mut self,
        answer: Option<LogoutAnswer>,
        without: Option<Protection>,
        clock: UnixTime,
    ) -> Next {
        let answer = match answer {
            Some(LogoutAnswer::Store(answer)) => Some(answer),
            _ => None,
        };
        let Some(renewal) = &mut self.renewal else { return self.look(answer, without) };
        match renewal.step(answer.map(RenewalAnswer::Store), clock) {
            Ok(RenewalStep::Store(step)) => Next::Ask(Asked::Store(Box::new(self.key().clone()), step)),
            Ok(RenewalStep::Wait(time)) => Next::Wait(time),
            Ok(RenewalStep::Done) => {
                self.renewal = None;
                let provided = self.session.provide(&mut AwaitedCredential::new(), clock);
                match provided {
                    Ok((Readiness::Ready | Readiness::Due, _)) => self.look(None, without),
                    // Its tokens have expired meanwhile, or are in no store: the person begins anew.
                    _ => Next::Failed,
                }
            }
            Ok(RenewalStep::Send(_)) | Err(_) => Next::Failed,
        }
    }

    /// The marks are looked at, one after the other, once it is stored.
    fn look(&mut self, answer: Option<StoreAnswer>, without: Option<Protection>) -> Next {
        match answer {
            Some(StoreAnswer::Loaded(mark)) if self.under_way.require_going_on(mark.as_ref()).is_err() => {
                return Next::Failed;
            }
            Some(StoreAnswer::Failed(_)) => return Next::Failed,
            _ => {}
        }
        match self.marks.pop() {
            Some(mark) if without != Some(Protection::Mark) => {
                Next::Ask(Asked::Store(Box::new(mark), StoreStep::Load))
            }
            _ => Next::Done,
        }
    }
}

impl World {
    /// The session of the process that the person logged in with.
    pub(super) fn first_session(&mut self) -> SharedSession {
        if self.grant.is_some() {
            return self.session();
        }
        let now = UnixTime::from_millis(self.now);
        let tokens = self.tokens_of_login(CHATBOTS_RIGHTS[1], now).expect("it is a good code");
        let session = Session::from_tokens(&self.client, &tokens);
        SharedSession::new(self.looking(session).in_store(self.key.clone()).unwrap())
    }

    /// The session of a process that finds everything in the store.
    pub(super) fn session(&mut self) -> SharedSession {
        let session = match &self.grant {
            Some(grant) => Session::from_grant(&self.client, grant.clone()),
            None => Session::from_store(&self.client),
        };
        let session = session.with_spread(self.rng.u16(..=1000));
        SharedSession::new(self.looking(session).in_store(self.key.clone()).unwrap())
    }

    /// A login of the web application begins in this process: its tokens are here, and it takes its time to store them.
    pub(super) fn begin_web_login(&mut self, process: usize) {
        if self.processes[process].is_dead {
            return;
        }
        self.ledger.fault("login");
        let clock = self.processes[process].clock(self.now);
        let scope = format!("{} openid", CHATBOTS_RIGHTS[1]);
        // One whose clock is far off refuses the ID token.
        let Some(tokens) = self.tokens_of_login(&scope, clock) else { return };
        let at_server = tokens.login().expect("it was asked who logs in");
        let name = |name: Option<&str>| name.unwrap_or_default().to_owned();
        let login = WebLogin {
            number: self.ledger.logins_so_far(),
            names: [name(at_server.session_id()), name(Some(at_server.identity().subject()))],
            issued_at: self.now / 1000,
            asked_at: self.now,
        };
        // A name that was never used before, as the adapters ask for.
        let key = StoreKey::of_user(&self.client, &format!("login {}", login.number));
        let session = Session::from_tokens(&self.client, &tokens).with_indexes(indexes_of(at_server));
        let session = SharedSession::new(self.looking(session).in_store(key).unwrap());
        let Ok((_, Some(renewal))) = session.provide(&mut AwaitedCredential::new(), clock) else {
            return self.ledger.violation(self.now, "the tokens of a login need not be stored");
        };
        let under_way = LoginUnderWay::of(&self.client, &tokens).expect("it came with an ID token");
        self.announced_logins.push(login.clone());
        let marks = under_way.keys().to_vec();
        let work = Login { login, session, renewal: Some(renewal), under_way, marks };
        let time = match self.rng.u8(..4) {
            0 | 1 => self.rng.u64(..50),
            2 => self.rng.u64(..3_000),
            _ => self.rng.u64(..30_000),
        };
        self.begin_errand(process, Work::Login(Box::new(work)), time);
    }

    /// The browser is told the session's name, and comes to the other processes in a while.
    pub(super) fn end_web_login(&mut self, process: usize, login: Login) {
        let Login { login, session, .. } = login;
        let number = login.number;
        self.key = session.key().clone();
        (self.has_login, self.newest_login) = (true, number);
        self.ledger.goes_on(login, self.now);
        self.take_up(process, session);
        for other in 0..self.processes.len() {
            if other != process {
                let time = self.rng.u64(..2_000);
                self.after(time, Event::Meets(other, number));
            }
        }
    }

    pub(super) fn meet(&mut self, process: usize, login: u64) {
        if login == self.newest_login && !self.processes[process].is_dead {
            let session = self.session();
            self.take_up(process, session);
        }
    }

    /// What the process had before is another browser's matter.
    fn take_up(&mut self, process: usize, session: SharedSession) {
        let host = &mut self.processes[process];
        let requests = host.die();
        host.session = Some(session);
        self.ledger.died(&requests);
    }

    fn looking(&self, session: Session) -> Session {
        match self.without {
            Some(Protection::Look) => session.with_look_after(Duration::MAX),
            _ => session,
        }
    }

    /// The tokens of a login by a process whose clock says this; `None` if it refuses them.
    fn tokens_of_login(&mut self, scope: &str, clock: UnixTime) -> Option<TokenResponse> {
        let now = UnixTime::from_millis(self.now);
        let request = AuthorizationRequest::new(&self.client, CALLBACK).unwrap();
        let request = request.scope(scope).unwrap();
        let mut seed = [7_u8; 32];
        seed[0] = seed[0].wrapping_add(u8::try_from(self.ledger.logins_so_far()).unwrap_or(u8::MAX));
        let (url, mut pending) = request.begin_unbound(Entropy::from_seed(seed), clock).unwrap();
        let [(name, password), _] = DEMO_USERS;
        let arrival = self.sandbox.visit(url.as_str(), &Person::new(name, password), now).unwrap();
        let response = AuthorizationResponse::from_url(arrival.url().unwrap()).unwrap();
        let mut flow = pending.finish(&self.client, &response, clock).unwrap();
        let Ok(Step::Send(request)) = flow.step(None, clock) else { unreachable!("a code is sent first") };
        // A server in trouble is asked again: it has not looked at the code.
        let mut answers = (0..10).map(|_| self.sandbox.answer(&request, now));
        let response = answers.find(|response| response.status() == 200).expect("the trouble is soon over");
        self.ledger.issues(None, response.body(), self.now);
        match flow.step(Some(response), clock) {
            Ok(Step::Done(tokens)) => Some(tokens),
            _ => None,
        }
    }
}

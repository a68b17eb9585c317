//! One of the processes of the web application: it holds the tokens of everybody, uses them, and receives log-outs.

use std::collections::HashMap;
use std::io::{self, BufRead as _, Write as _};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use serde_json::json;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::sleep;
use valetkey_async::jose::{Algorithm, JwtSigner, KeyPair};
use valetkey_async::logout::BackChannel;
use valetkey_async::{
    AuthorizationRequest, AuthorizationResponse, Client, Flow as _, Sessions, Step, TokenResponse, Tokens,
    entropy, http_client, now,
};
use valetkey_core::Error as Core;
use valetkey_stores::AsyncRedisStore;

use crate::messages::{
    Found, ISSUER, LOOK_AFTER, Order, Outcome, SECRET, Said, client, milliseconds, names, session,
};
use crate::server::tokens;

/// How many logins go on at once, and how often a session is used.
const LOGINS: usize = 32;
const PAUSE: Duration = Duration::from_secs(2);
/// After a log-out it is used this often, and for so long.
const SHORT_PAUSE: Duration = Duration::from_millis(250);
const AFTERWARDS: Duration = Duration::from_millis(6_500);
/// How many sessions a task uses, one after the other.
const GROUP: usize = 50;

type Failed = Box<dyn std::error::Error + Send + Sync>;

struct Process {
    client: Client,
    sessions: Sessions,
    receiver: BackChannel,
    lifetime: u64,
    /// What a program holds on to: of each person, from before their log-out.
    held: Vec<OnceLock<Tokens>>,
    /// When whose log-out was acknowledged.
    ended: Mutex<HashMap<usize, u64>>,
    found: Mutex<Found>,
}

pub(crate) async fn run(server: &str, store: &str, sessions: usize, lifetime: u64) -> Result<(), Failed> {
    let client = client(server);
    let process = Arc::new(Process {
        sessions: Sessions::new(http_client()?, &client, AsyncRedisStore::connect(store)?),
        receiver: BackChannel::new(&client)?,
        client,
        lifetime,
        held: (0..sessions).map(|_| OnceLock::new()).collect(),
        ended: Mutex::default(),
        found: Mutex::default(),
    });
    let mut orders = orders();
    while let Some(order) = orders.recv().await {
        let process = Arc::clone(&process);
        tokio::spawn(async move {
            if let Some(said) = process.obey(order).await {
                say(&said);
            }
        });
    }
    Ok(())
}

/// What the other process says, until it ends.
fn orders() -> mpsc::UnboundedReceiver<Order> {
    let (told, orders) = mpsc::unbounded_channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if serde_json::from_str(&line).map(|order| told.send(order)).is_err() {
                return;
            }
        }
    });
    orders
}

fn say(said: &Said) {
    let line = serde_json::to_string(said).unwrap();
    // Nobody listens any more if the parent is gone.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

impl Process {
    async fn obey(self: Arc<Self>, order: Order) -> Option<Said> {
        let (id, what) = match order {
            Order::LogIn { id, from, to } => (id, self.log_in(from, to).await),
            Order::Use { id } => {
                self.use_all();
                (id, Ok(Outcome::Done))
            }
            Order::LogOut { id, token } => (id, self.log_out(token).await),
            Order::Ask { id, person } => {
                let found = self.sessions.logged_in(&session(person)).await;
                (id, found.map(|found| Outcome::LoggedIn(found.is_some())).map_err(Failed::from))
            }
            Order::Ended { person, at } => {
                self.ended.lock().unwrap().insert(person, at);
                self.use_ended(person, at).await;
                return None;
            }
            Order::Report { id } => {
                (id, Ok(Outcome::Report(Box::new(std::mem::take(&mut *self.found.lock().unwrap())))))
            }
        };
        let what = what.unwrap_or_else(|error| Outcome::Failed(error.to_string()));
        Some(Said { id, what })
    }

    async fn log_in(self: &Arc<Self>, from: usize, to: usize) -> Result<Outcome, Failed> {
        let room = Arc::new(Semaphore::new(LOGINS));
        let mut logins = Vec::new();
        for person in from..to {
            let (process, room) = (Arc::clone(self), Arc::clone(&room).acquire_owned().await?);
            logins.push(tokio::spawn(async move {
                let tokens = process.tokens_of_login(person)?;
                process.sessions.login(&session(person), &tokens).await?;
                drop(room);
                Ok::<(), Failed>(())
            }));
        }
        for login in logins {
            login.await??;
        }
        Ok(Outcome::Done)
    }

    /// What the code of a login is exchanged for, with the server's answer made here.
    fn tokens_of_login(&self, person: usize) -> Result<TokenResponse, Failed> {
        let request =
            AuthorizationRequest::new(&self.client, "https://app.example/callback")?.scope("openid")?;
        let (url, mut pending) = request.begin_unbound(entropy()?, now())?;
        let (_, query) = url.as_str().split_once('?').ok_or("no query")?;
        let nonce = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "nonce");
        let (time, [sub, sid]) = (now().as_secs(), names(person));
        let claims = json!({
            "iss": ISSUER, "aud": self.client.id(), "sub": sub, "sid": sid, "iat": time, "exp": time + 600,
            "nonce": nonce.map(|(_, nonce)| nonce.into_owned()),
        });
        let signer =
            JwtSigner::new(Arc::new(KeyPair::from_secret(Algorithm::Hs256, SECRET.as_bytes())?), None);
        let mut body = tokens(person, 0, self.lifetime);
        let signed = signer.write(&claims)?.sign()?.ready()?;
        body["id_token"] = signed.expose().into();
        let back = format!("https://app.example/callback?code=c&state={}&iss={ISSUER}", pending.state());
        let mut flow = pending.finish(&self.client, &AuthorizationResponse::from_url(&back)?, now())?;
        let Step::Send(_) = flow.step(None, now())? else { return Err("a code is sent first".into()) };
        match flow.step(Some(valetkey_tests::json(200, &body.to_string())), now())? {
            Step::Done(tokens) => Ok(tokens),
            _ => Err("the keys of the server are known".into()),
        }
    }

    async fn log_out(&self, token: String) -> Result<Outcome, Failed> {
        let request = http::Request::post("/logout/back-channel")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("logout_token={token}"))?;
        let (answer, came) = self.sessions.receive_logout(&self.receiver, &request).await;
        came?;
        if answer.status() == 200 { Ok(Outcome::Done) } else { Err("the answer is not 200".into()) }
    }

    /// Uses every session every few seconds, as requests for pages would.
    fn use_all(self: &Arc<Self>) {
        for first in (0..self.held.len()).step_by(GROUP) {
            let process = Arc::clone(self);
            tokio::spawn(async move {
                // Not all at the same moment.
                sleep(PAUSE.mul_f64(fastrand::f64())).await;
                loop {
                    for person in first..(first + GROUP).min(process.held.len()) {
                        process.use_session(person).await;
                    }
                    sleep(PAUSE).await;
                }
            });
        }
    }

    async fn use_session(&self, person: usize) {
        let asked = milliseconds();
        let Ok(tokens) = self.tokens(person) else { return };
        let came = tokens.credential().await;
        let ended = self.ended.lock().unwrap().get(&person).copied();
        match (came, ended) {
            (Ok(_), None) => self.found.lock().unwrap().credentials += 1,
            (Ok(_), Some(ended)) => self.handed_out(person, ended, asked),
            (Err(_), Some(_)) => {}
            (Err(error), None) => {
                // Its log-out may not have been acknowledged yet, and be in the store.
                if !matches!(error.core(), Some(Core::AuthorizationRequired(_))) {
                    let mut found = self.found.lock().unwrap();
                    if found.failures.len() < 1_000 {
                        found.failures.push(error.to_string());
                    }
                }
            }
        }
    }

    /// Uses a session whose log-out was acknowledged, until it must be over.
    async fn use_ended(&self, person: usize, at: u64) {
        let until = at + u64::try_from(AFTERWARDS.as_millis()).unwrap_or(u64::MAX);
        let Ok(tokens) = self.tokens(person) else { return };
        let mut was_over = false;
        loop {
            let asked = milliseconds();
            if asked > until {
                return;
            }
            let came = tokens.credential().await;
            self.found.lock().unwrap().asked_afterwards += 1;
            if came.is_ok() {
                self.handed_out(person, at, asked);
                if was_over {
                    self.found.lock().unwrap().came_back.push(person);
                }
            }
            was_over |= matches!(
                came.as_ref().map_err(valetkey_async::Error::core),
                Err(Some(Core::AuthorizationRequired(_)))
            );
            sleep(SHORT_PAUSE).await;
        }
    }

    /// A token of a session that has ended, to a call that began at this time.
    fn handed_out(&self, person: usize, ended: u64, asked: u64) {
        let after = asked.saturating_sub(ended);
        let mut found = self.found.lock().unwrap();
        found.credentials += 1;
        found.latest = found.latest.max(after);
        if u128::from(after) > LOOK_AFTER.as_millis() {
            found.too_late.push(person);
        }
    }

    fn tokens(&self, person: usize) -> Result<&Tokens, valetkey_async::Error> {
        let place = &self.held[person];
        if place.get().is_none() {
            let _ = place.set(self.sessions.of(&session(person))?);
        }
        Ok(place.get().expect("it was just set"))
    }
}

//! The server announces that a login has ended there, by a logout token in the back channel, while everything else goes on.

use std::sync::Arc;

use fastrand::Rng;
use serde_json::json;
use valetkey_core::jose::{Algorithm, JwtSigner, KeyPair};
use valetkey_core::logout::{BackChannel, LogoutAnswer, LogoutNotice, LogoutStep, RemoteLogout};
use valetkey_core::{AuthorizationServer, Client, Flow as _, Step, UnixTime};
use valetkey_sandbox::{Application, FlowKind, Rights, Sandbox};

use super::errand::{Asked, Next, Work};
use super::logging_in::client_of;
use super::{Event, FAULTS, World};
use crate::simulator::ledger::Came;

const ISSUER: &str = "https://space.example";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How often a logout token that is not acknowledged is posted in all.
const MOST_POSTS: u8 = 6;

/// Whether the schedule is one of a web application: so are a quarter of those of a user, drawn by themselves, so that the others are
/// what they would be without.
pub(super) fn is_drawn(seed: u64) -> bool {
    Rng::with_seed(seed.rotate_left(16) ^ SALT).u8(..4) == 0
}

/// Makes seeds that found something before there were such schedules keep theirs.
const SALT: u64 = 0xB4C4;

/// The client of the web application, whose ID tokens and logout tokens are signed by its secret: that is verified fast.
pub(super) fn client(sandbox: &mut Sandbox) -> Client {
    sandbox.settings_mut().issuer = Some(ISSUER.to_owned());
    let secret = sandbox.client_secret("web").unwrap().to_owned();
    let web = Application::confidential("web", &secret)
        .flow(FlowKind::AuthorizationCode)
        .redirect_uri("https://app.example/callback")
        .may_request(Rights::All)
        .id_tokens_by_secret();
    sandbox.add_application(web);
    let client = client_of(AuthorizationServer::new().issuer(ISSUER).unwrap(), sandbox, "web");
    client.id_token_algorithm(Algorithm::Hs256).unwrap()
}

/// A logout token that the server sends.
pub(super) struct Posted {
    text: String,
    names: [Option<String>; 2],
    issued_at: u64,
    posts: u8,
    /// Whether the server need not send it again.
    is_heard: bool,
}

/// What comes of it in a process.
pub(super) struct LogOut {
    out: RemoteLogout,
    /// Which logout token it is of.
    token: usize,
    came: Came,
    is_heard: bool,
}

impl LogOut {
    pub(super) fn step(&mut self, answer: Option<LogoutAnswer>, clock: UnixTime) -> Next {
        match self.out.step(answer, clock) {
            Ok(LogoutStep::Find(index, after)) => Next::Ask(Asked::Find(index, after.map(Box::new))),
            Ok(LogoutStep::Store(key, step)) => Next::Ask(Asked::Store(Box::new(key), step)),
            Ok(LogoutStep::Wait(time)) => Next::Wait(time),
            Ok(LogoutStep::Done) if self.out.has_ended() => Next::Done,
            // This server has nothing to revoke tokens by.
            Ok(LogoutStep::Done | LogoutStep::Send(_)) | Err(_) => Next::Failed,
        }
    }
}

impl World {
    /// Up to three logins more, and to each, and the first, a log-out: by the client, or announced by the server, in the same moment, a
    /// little later, or after a while.
    pub(super) fn plan_announced(&mut self, seed: u64) {
        if !self.is_announced {
            return;
        }
        let mut rng = Rng::with_seed(seed ^ SALT);
        let mut login = 0;
        for _ in 0..rng.u8(1..=4) {
            if login > 0 {
                self.after(login, Event::LogsIn(rng.usize(..self.processes.len())));
            }
            for _ in 0..rng.u8(1..=2) {
                let soon = match rng.u8(..4) {
                    0 => rng.u64(..100),
                    1 | 2 => rng.u64(..10_000),
                    _ => rng.u64(..90_000),
                };
                let process = rng.usize(..=self.processes.len());
                let event = match rng.u8(..4) {
                    0 => Event::LogsOut((process < self.processes.len()).then_some(process)),
                    1 => Event::Announces([true, false]),
                    2 => Event::Announces([false, true]),
                    _ => Event::Announces([true, true]),
                };
                self.after(login + soon, event);
            }
            login += rng.u64(1..100_000);
            if login >= FAULTS {
                break;
            }
        }
    }

    /// The server ends the newest login, and says so by a token that names its `sid`, its `sub`, or both.
    pub(super) fn announce(&mut self, named: [bool; 2]) {
        let Some(login) = self.announced_logins.last() else { return };
        self.ledger.fault("log-out announced");
        let [sid, sub] = &login.names;
        let names = [named[0].then(|| sid.clone()), named[1].then(|| sub.clone())];
        let issued_at = self.now / 1000;
        let mut claims = json!({
            "iss": ISSUER,
            "aud": self.client.id(),
            "iat": issued_at,
            "exp": issued_at + 600,
            "jti": format!("log-out {}", self.posted.len()),
            "events": { EVENT: {} },
        });
        for (name, value) in ["sid", "sub"].into_iter().zip(&names) {
            if let Some(value) = value {
                claims[name] = value.as_str().into();
            }
        }
        let secret = self.sandbox.client_secret("web").unwrap().as_bytes();
        let key = KeyPair::from_secret(Algorithm::Hs256, secret).unwrap();
        let signer = JwtSigner::new(Arc::new(key), Some("logout+jwt"));
        let text = signer.write(&claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned();
        self.posted.push(Posted { text, names, issued_at, posts: 0, is_heard: false });
        let time = if self.rng.bool() { self.rng.u64(..50) } else { self.rng.u64(..5_000) };
        self.after(time, Event::Posts(self.posted.len() - 1));
    }

    /// A logout token comes to some process, and once more if it is not acknowledged in a while.
    pub(super) fn post(&mut self, token: usize) {
        let posted = &mut self.posted[token];
        if posted.is_heard || posted.posts == MOST_POSTS {
            return;
        }
        posted.posts += 1;
        let time = self.rng.u64(1_000..40_000);
        self.after(time, Event::Posts(token));
        let process = self.rng.usize(..self.processes.len());
        if self.processes[process].is_dead {
            return;
        }
        let clock = self.processes[process].clock(self.now);
        let posted = &self.posted[token];
        // One whose clock is far off refuses it.
        let Some(notice) = self.verified(&posted.text, clock) else { return };
        let came = Came {
            names: posted.names.clone(),
            issued_at: posted.issued_at,
            at: self.now,
            do_clocks_agree: true,
        };
        let out = RemoteLogout::new(&self.client, notice);
        self.begin_errand(process, Work::LogOut(Box::new(LogOut { out, token, came, is_heard: false })), 0);
    }

    /// The server is told, once the sessions have ended.
    pub(super) fn hear(&mut self, out: &mut LogOut) {
        if out.out.has_ended() && !out.is_heard {
            out.is_heard = true;
            self.posted[out.token].is_heard = true;
            self.ledger.fault("announced log-out acknowledged");
            let came = Came { do_clocks_agree: self.ledger.do_clocks_agree(), ..out.came.clone() };
            self.ledger.acknowledged(came, self.now);
        }
    }

    fn verified(&self, token: &str, clock: UnixTime) -> Option<LogoutNotice> {
        let receiver = BackChannel::new(&self.client).unwrap();
        match receiver.verify(token).unwrap().step(None, clock) {
            Ok(Step::Done(notice)) => Some(notice),
            _ => None,
        }
    }
}

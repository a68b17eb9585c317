//! A run with somebody who interferes: [`Trial`], and how it goes when nobody has to look.

use valetkey_core::{Request, UnixTime};
use valetkey_sandbox::{Arrival, DEMO_USERS, Person, Sandbox};

use super::attack::Trick;
use super::{Attack, Kind, Next, Run, Sent, Verdict};

/// How late a late response is, in seconds: a minute more than a pending authorization waits.
const LATE: u64 = 11 * 60;

/// More rounds than any method needs.
const MAX_ROUNDS: usize = 20;

/// A run, and the attack that is on.
#[derive(Debug)]
pub struct Trial {
    /// The run itself.
    pub run: Run,
    attack: Option<Attack>,
    struck: bool,
    /// What the attacker was told.
    loot: Option<String>,
}

impl Trial {
    /// A run under an attack, which is set at the sandbox at once if it is the server's to carry out.
    #[must_use]
    pub fn new(run: Run, attack: Option<Attack>, sandbox: Option<&mut Sandbox>) -> Self {
        let mut trial = Self { run, attack: None, struck: false, loot: None };
        if let (Some(attack), Some(sandbox)) = (attack, sandbox) {
            trial.arm(attack, sandbox);
        }
        trial
    }

    /// Switches an attack on, in the place of the one before.
    pub fn arm(&mut self, attack: Attack, sandbox: &mut Sandbox) {
        sandbox.behave();
        if let Attack::Misbehaviour(misbehaviour) = attack {
            sandbox.misbehave_once(misbehaviour);
        }
        (self.attack, self.struck, self.loot) = (Some(attack), false, None);
    }

    /// The attack that is on.
    #[must_use]
    pub const fn attack(&self) -> Option<Attack> {
        self.attack
    }

    /// What an attacker who acted for himself was told.
    #[must_use]
    pub fn loot(&self) -> Option<&str> {
        self.loot.as_deref()
    }

    fn trick(&self) -> Option<Trick> {
        match self.attack {
            Some(Attack::Trick(trick)) if !self.struck => Some(trick),
            _ => None,
        }
    }

    /// The URL that reaches the browser: the one that core made, unless somebody changes it on the way.
    #[must_use]
    pub fn browser_url(&self) -> Option<String> {
        let Next::Browse(url) = self.run.next(UnixTime::default()) else { return None };
        if self.trick() != Some(Trick::ChallengeStripped) {
            return Some(url.to_owned());
        }
        let (endpoint, query) = url.split_once('?')?;
        let kept =
            form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !name.starts_with("code_challenge"));
        Some(format!(
            "{endpoint}?{}",
            form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
        ))
    }

    /// The browser comes back.
    pub fn arrive(&mut self, url: &str, same_session: bool, now: UnixTime) {
        match self.trick() {
            Some(Trick::OtherSession) => {
                self.struck = true;
                self.run.arrived(url, false, now);
            }
            Some(Trick::ResponseLate) => {
                self.struck = true;
                self.run.arrived(url, same_session, UnixTime::from_millis(now.as_millis() + LATE * 1000));
            }
            Some(Trick::ResponseReplayed) => {
                self.struck = true;
                self.run.arrived(url, same_session, now);
                self.run.arrived(url, same_session, now);
            }
            _ => self.run.arrived(url, same_session, now),
        }
    }

    /// What happens at the server between a request's being looked at and its being sent.
    pub fn before_sending(&mut self, sandbox: &mut Sandbox, now: UnixTime) {
        let Some(step) = self.run.steps().last().filter(|step| step.outcome.is_none()) else { return };
        match (self.trick(), step.kind) {
            (Some(Trick::CodeStolen), Kind::Token) => {
                let theft = stolen_code(&step.request, &self.run.setup().client_id);
                self.strike(theft, sandbox, now);
            }
            // The first renewal's request, captured and sent again, before the second one.
            (Some(Trick::RefreshTokenReused), Kind::Renewal) => {
                let mut done = self.run.steps().iter().filter(|step| step.outcome.is_some());
                if let Some(used) = done.find(|step| step.kind == Kind::Renewal) {
                    let theft = used.request.request();
                    self.strike(theft, sandbox, now);
                }
            }
            (Some(Trick::TokensExpired), Kind::Api) => {
                self.struck = true;
                sandbox.expire_all();
            }
            (Some(Trick::GrantRevoked), Kind::Api) => {
                self.struck = true;
                for (username, _) in DEMO_USERS {
                    sandbox.revoke_user(username);
                }
                sandbox.revoke_application(&self.run.setup().client_id);
            }
            _ => {}
        }
    }

    fn strike(&mut self, theft: Option<Request>, sandbox: &mut Sandbox, now: UnixTime) {
        self.struck = true;
        self.loot = theft.map(|theft| {
            let answer = sandbox.answer(&theft, now);
            let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap_or_default();
            let told = body.get("error_description").and_then(|text| text.as_str());
            format!("{}: {}", answer.status().as_u16(), told.unwrap_or("a token"))
        });
    }

    /// Lets a person of the sandbox's, without a browser, log in and allow, and brings the response back.
    ///
    /// # Errors
    ///
    /// Why the person was not sent back, as a sentence.
    pub fn consent(&mut self, sandbox: &mut Sandbox, now: UnixTime) -> Result<(), String> {
        let [(username, password), _] = DEMO_USERS;
        let Some(url) = self.browser_url() else { return Ok(()) };
        match sandbox.visit(&url, &Person::new(username, password), now) {
            Ok(Arrival::Get(back)) => {
                self.arrive(&back, true, now);
                Ok(())
            }
            Ok(_) => Err("the response came as a form, which was not asked for".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Plays the run to its end, with a call, a renewal and another call, and stops at the first failure.
    pub fn drive(&mut self, sandbox: &mut Sandbox, mut now: UnixTime) -> Verdict {
        let mut script = [Kind::Api, Kind::Renewal, Kind::Renewal, Kind::Api].into_iter();
        for _ in 0..MAX_ROUNDS {
            let done = match self.run.next(now) {
                Next::Browse(_) => self.consent(sandbox, now).is_err(),
                Next::Wait(time) => {
                    now = now.after(time);
                    false
                }
                Next::Send(_) => {
                    self.before_sending(sandbox, now);
                    let Some(request) = self.run.request() else { break };
                    let response = sandbox.answer(&request, now);
                    self.run.answered(response, now, now);
                    false
                }
                Next::Idle => match script.next() {
                    Some(Kind::Api) => self.run.call(None, now).is_err(),
                    Some(_) => {
                        // What nothing renews is not renewed; that is no failure.
                        let _ = self.run.renew(now);
                        false
                    }
                    None => true,
                },
                Next::Over => true,
            };
            if done || self.run.failure().is_some() {
                break;
            }
        }
        self.verdict(sandbox)
    }

    /// Whether the attack has not struck yet: nothing has come that it fits.
    #[must_use]
    pub fn is_waiting(&self, sandbox: &Sandbox) -> bool {
        match self.attack {
            Some(Attack::Misbehaviour(one)) => sandbox.misbehaviours().any(|waiting| waiting == one),
            // The URL is changed on its way, whenever it goes.
            Some(Attack::Trick(Trick::ChallengeStripped)) => self.run.steps().len() < 2,
            Some(Attack::Trick(_)) => !self.struck,
            None => false,
        }
    }

    /// What became of the attack, as far as the run has gone.
    #[must_use]
    pub fn verdict(&self, sandbox: &Sandbox) -> Verdict {
        Verdict::of(&self.run, self.attack, self.is_waiting(sandbox), self.loot())
    }
}

/// What a thief sends who has read the redirect: the code and what is public, neither verifier nor secret.
fn stolen_code(request: &Sent, client_id: &str) -> Option<Request> {
    let public =
        request.form().into_iter().filter(|(name, _)| name != "code_verifier" && name != "client_id");
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(public)
        .append_pair("client_id", client_id)
        .finish();
    http::Request::post(request.url.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into_bytes())
        .ok()
}

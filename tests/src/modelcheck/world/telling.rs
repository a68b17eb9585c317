//! A run in words.

use valetkey_core::store::StoreStep;

use super::{Stray, World};
use crate::modelcheck::action::Action;
use crate::modelcheck::process::Waiting;
use crate::modelcheck::server::refresh_token;

impl World<'_> {
    /// What an action is, here and now.
    pub(crate) fn words(&self, action: Action) -> String {
        let who = |actor: u8| match usize::from(actor) {
            actor if actor < self.processes.len() => format!("process {actor}"),
            _ => self.logs_out_in.map_or_else(
                || "the log-out of an administrator's".to_owned(),
                |process| format!("the log-out in process {process}"),
            ),
        };
        match action {
            Action::Wants(actor) => format!("{} wants a new token", who(actor)),
            Action::Goes(actor) => format!("{} {}", who(actor), self.wants(actor)),
            Action::LogsOut => "an administrator logs the user out".to_owned(),
            Action::LogsOutIn(actor) => format!("{} logs the user out", who(actor)),
            Action::LeaseEndsAtLast => "nobody moves on, until the lease ends".to_owned(),
            Action::Arrives(stray) => {
                let what = self.strays.get(usize::from(stray)).map(|stray| match stray {
                    Stray::Store(step) => self.store_step(step),
                    Stray::Server(_, request) => sends(refresh_token(request).as_deref()),
                });
                format!("a message comes that nobody waits for any longer: {}", what.unwrap_or_default())
            }
            Action::LosesRequest(actor) => {
                format!("{} {}: the request is lost", who(actor), self.wants(actor))
            }
            Action::LosesAnswer(actor) => {
                format!("{} {}: it is done, and the answer is lost", who(actor), self.wants(actor))
            }
            Action::IsLate(actor) => {
                format!(
                    "{} {}: it gives up, and the request is still on its way",
                    who(actor),
                    self.wants(actor)
                )
            }
            Action::AnswersLate(actor) => {
                format!(
                    "{} {}: it is done, and the answer is still on its way",
                    who(actor),
                    self.wants(actor)
                )
            }
            Action::Dies(actor) => {
                let renews = self.running.get(usize::from(actor)).is_some_and(Option::is_some);
                let when = if renews { format!(" when it {}", self.wants(actor)) } else { String::new() };
                format!("{} dies and begins anew{when}", who(actor))
            }
            Action::LeaseEnds => "the lease ends under its holder".to_owned(),
            Action::ClockStepsOn(actor) => format!("the clock of {} steps on", who(actor)),
            Action::ClockStepsBack(actor) => format!("the clock of {} steps back", who(actor)),
        }
    }

    /// What one who acts waits for.
    fn wants(&self, actor: u8) -> String {
        match self.running.get(usize::from(actor)).and_then(Option::as_ref).map(|running| &running.waiting) {
            None => String::new(),
            Some(Waiting::Time(..)) => "has waited".to_owned(),
            Some(Waiting::Answer(_)) => "gets the store's late answer".to_owned(),
            Some(Waiting::Server(_, request)) => sends(refresh_token(request).as_deref()),
            Some(Waiting::Store(step)) => self.store_step(step),
        }
    }

    fn store_step(&self, step: &StoreStep) -> String {
        match step {
            StoreStep::Load => "looks at the store".to_owned(),
            StoreStep::Lease(_) if self.is_leased() => "asks for the lease, which another has".to_owned(),
            StoreStep::Lease(_) => "asks for the lease".to_owned(),
            StoreStep::Release(_) => "gives the lease back".to_owned(),
            StoreStep::Replace { expected, entry } => {
                let there = self.store.load(self.store_time()).map(|stored| stored.version);
                let record: serde_json::Value =
                    serde_json::from_slice(entry.bytes().expose()).unwrap_or_default();
                let has = |name| record.get(name).is_some();
                let token = record.get("refresh_token").and_then(serde_json::Value::as_str);
                let what = match (has("ended_at"), has("failure"), has("intent"), token) {
                    (true, ..) => "that the session has ended".to_owned(),
                    (_, true, _, token) => format!("that it failed with {}", token.unwrap_or("no token")),
                    (_, _, true, token) => format!("that it will send {}", token.unwrap_or("no token")),
                    (.., token) => format!("{}, which it was given", token.unwrap_or("no token")),
                };
                let is_current = if there == *expected { "" } else { ", over what is there no more" };
                format!("writes {what}{is_current}")
            }
        }
    }
}

fn sends(token: Option<&str>) -> String {
    format!("sends {}", token.unwrap_or("something"))
}

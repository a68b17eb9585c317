//! What an answer does to a run: one function for each kind of step.

use std::time::Duration;

use valetkey_core::error::Retry;
use valetkey_core::{
    AuthorizationResponse, Error, Flow, Response, Session, Step as FlowStep, TokenResponse, UnixTime,
};

use super::session::{Calling, Wanted, renewed};
use super::{MAX_STEPS, Run, Stage};
use crate::play::opening::{Opening, Pending};
use crate::play::step::{Came, Step};
use crate::play::{Held, reading};

impl Run {
    pub(super) fn redirect_came(
        &mut self,
        mut pending: Pending,
        response: Result<AuthorizationResponse, Error>,
        came: Came,
        now: UnixTime,
    ) {
        let url = self.steps.last().map(|step| step.request.url.clone()).unwrap_or_default();
        let is_stray = !response.as_ref().is_ok_and(|response| pending.recognizes(response));
        let finished = pending.finish(&self.client, response, now);
        self.close(came, finished.reading, now, now);
        if is_stray {
            // Anybody may send a browser here with a response of their own: it is shown, and counts for nothing.
            self.forget_all_but_the_last(|step| is_stray_for(&pending, step));
        }
        if pending.is_spent() {
            self.spent = Some(Box::new(pending));
        } else if is_stray || self.steps.len() < MAX_STEPS {
            // Not proven to be the server's answer: the right one may still come.
            self.browse(&url, pending, now);
        }
        if let Some(opening) = finished.opening {
            let _ = self.ask(opening, None, now);
        }
        if let Some(tokens) = finished.tokens {
            self.take_up(Session::from_tokens(&self.client, &tokens), now);
        }
    }

    pub(super) fn token_came(
        &mut self,
        opening: &Opening,
        response: Response,
        came: Came,
        sent_at: UnixTime,
        now: UnixTime,
    ) {
        let mut checks = Default::default();
        let outcome = self.flow(opening).and_then(|mut flow| {
            let _ = flow.step(None, sent_at)?;
            let outcome = flow.step(Some(response), now);
            checks = flow.checks();
            outcome
        });
        match outcome {
            Ok(FlowStep::Done(tokens)) => match opening.renews(Session::from_tokens(&self.client, &tokens)) {
                Ok(session) => {
                    self.close(came, reading::of_tokens(&tokens, &self.setup), sent_at, now);
                    self.take_up(session, now);
                }
                Err(error) => self.close(came, reading::of_error(checks, error), sent_at, now),
            },
            Ok(_) => {}
            Err(error) => {
                let again = opening.is_repeatable().then(|| later(&error, now)).flatten();
                self.close(came, reading::of_error(checks, error), sent_at, now);
                if let (Some(time), true) = (again, self.steps.len() < MAX_STEPS) {
                    let _ = self.ask(opening.clone(), Some(time), now);
                }
            }
        }
    }

    pub(super) fn renewal_came(
        &mut self,
        call: Option<Calling>,
        response: Option<Response>,
        came: Came,
        sent_at: UnixTime,
        now: UnixTime,
    ) {
        let Some(session) = &mut self.session else { return };
        let before = session.refresh_token().cloned();
        let server = self.client.server();
        let tokens = response.clone().and_then(|answer| TokenResponse::parse(answer, sent_at, server).ok());
        let (checks, outcome) = renewed(session, response, sent_at, now);
        let reading =
            tokens.map(|tokens| reading::of_renewal(&tokens, checks, session.scope(), before.as_ref()));
        let reading = reading.unwrap_or_default();
        let reading = match outcome {
            Ok(()) => reading,
            Err(error) => reading::of_error(checks, error),
        };
        let failed = reading.error.is_some();
        if !failed {
            self.held.extend(Held::of(session, now));
        }
        self.stage = Stage::Idle;
        self.close(came, reading, sent_at, now);
        if let (Some(mut call), Some(session)) = (call, &mut self.session) {
            // With the credential that the call waited for, or the failure that it shares.
            match call.advance(session, None, now) {
                Ok(wanted) => drop(self.follow(call, wanted, now)),
                Err(error) if !failed => self.fail(error),
                Err(_) => {}
            }
        }
    }

    pub(super) fn api_came(
        &mut self,
        mut call: Calling,
        response: Response,
        came: Came,
        sent_at: UnixTime,
        now: UnixTime,
    ) {
        let Some(session) = &mut self.session else { return };
        let mut reading = reading::of_api(&response, now);
        let next = call.advance(session, Some(&response), now);
        if matches!(next, Ok(Wanted::Renewal | Wanted::Send(_))) {
            reading.facts.push(reading::repeated());
        }
        self.stage = Stage::Idle;
        self.close(came, reading, sent_at, now);
        match next {
            Ok(wanted) => drop(self.follow(call, wanted, now)),
            Err(error) => self.fail(error),
        }
    }
}

/// Whether a step ended with a response that was not for this authorization.
fn is_stray_for(pending: &Pending, step: &Step) -> bool {
    match step.outcome.as_ref().map(|outcome| &outcome.came) {
        Some(Came::Redirect { url, .. }) => {
            !AuthorizationResponse::from_url(url).is_ok_and(|response| pending.recognizes(&response))
        }
        _ => false,
    }
}

/// When the server says, or lets hope, that the same request may work.
fn later(error: &Error, now: UnixTime) -> Option<UnixTime> {
    match error.refused()?.retry() {
        Retry::Later(wait) => Some(now.after(wait.unwrap_or(Duration::from_secs(1)))),
        _ => None,
    }
}

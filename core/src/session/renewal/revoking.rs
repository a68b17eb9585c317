//! Revoking tokens that must not be used any more: [`Revoking`].

use std::time::Duration;

use crate::client::Client;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::time::UnixTime;
use crate::session::record::SessionRecord;
use crate::session::renewal::outcome::Outcome;
use crate::session::renewal::step::RenewalStep;
use crate::status::revocation::Revocation;

/// A revocation, and what its machine comes to when that is over.
pub(crate) struct Revoking<T = Outcome> {
    flow: Revocation,
    is_sent: bool,
    from: UnixTime,
    patience: Duration,
    result: Option<Result<(), Error>>,
    outcome: T,
}

/// What ends these tokens at the client's server: the refresh token, and the access tokens with it, or the access token
/// alone. `None` if there are none, or the server has no endpoint for it.
pub(crate) fn revocation(client: &Client, tokens: &SessionRecord) -> Option<Revocation> {
    client.server().url_of(Endpoint::Revocation)?;
    match (&tokens.refresh_token, &tokens.access_token) {
        (Some(token), _) => Revocation::refresh_token(client, token).ok(),
        (None, Some(token)) => Revocation::access_token(client, token).ok(),
        (None, None) => None,
    }
}

impl<T> Revoking<T> {
    /// Waits no longer than this for keys that answer later.
    pub(crate) const fn new(flow: Revocation, patience: Duration, outcome: T, now: UnixTime) -> Self {
        Self { flow, is_sent: false, from: now, patience, result: None, outcome }
    }

    pub(crate) fn is_over(&self, now: UnixTime) -> bool {
        self.result.is_some() || (!self.is_sent && self.left(now).is_zero())
    }

    fn left(&self, now: UnixTime) -> Duration {
        self.patience.saturating_sub(now.since(self.from))
    }

    /// What is to be done; `None` once it is over.
    pub(crate) fn step(&mut self, now: UnixTime) -> Option<RenewalStep> {
        match self.flow.step(None, now) {
            Ok(Step::Send(request)) => {
                self.is_sent = true;
                return Some(RenewalStep::Send(request));
            }
            Ok(Step::Wait(time)) => return Some(RenewalStep::Wait(time.min(self.left(now)))),
            Ok(Step::Done(())) => self.result = Some(Ok(())),
            Err(error) => self.result = Some(Err(error)),
        }
        None
    }

    /// Takes the server's answer; `None` is one that never came.
    pub(crate) fn received(&mut self, response: Option<Response>, now: UnixTime) -> Result<(), Error> {
        if !std::mem::take(&mut self.is_sent) {
            return Err(misuse("an answer came before its request: step the flow with `None` first"));
        }
        self.result = match response {
            Some(response) => match self.flow.step(Some(response), now) {
                Ok(Step::Send(_) | Step::Wait(_)) => None,
                Ok(Step::Done(())) => Some(Ok(())),
                Err(error) => Some(Err(error)),
            },
            // A revocation does not go on without its answer.
            None => Some(Err(Error::Unanswered)),
        };
        Ok(())
    }

    pub(crate) fn into_outcome(self) -> T {
        self.outcome
    }

    /// How it went; nothing if it was given up.
    pub(crate) fn into_result(self) -> Result<(), Error> {
        self.result.unwrap_or(Err(Error::Unanswered))
    }
}

//! Getting a session's next token: [`Renewal`], a flow that a session begins and settles.

use std::fmt;
use std::time::Duration;

use crate::error::Error;
use crate::secret::RefreshToken;
use crate::{Checks, Flow, Response, Retry, Step, TokenRequest, TokenResponse, UnixTime};

/// The first wait after a renewal that failed, and the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// One renewal of a session, from [`Session::renewal`](crate::Session::renewal) to
/// [`Session::settle`](crate::Session::settle).
///
/// It keeps its own outcome, so it is run and then settled in any case: without an answer, its outcome is unknown.
pub struct Renewal {
    request: TokenRequest,
    refresh_token: Option<RefreshToken>,
    outcome: Option<Result<TokenResponse, Error>>,
}

impl Renewal {
    pub(crate) fn new(request: TokenRequest, refresh_token: Option<RefreshToken>) -> Self {
        Self { request, refresh_token, outcome: None }
    }

    /// The checks that the answer passed, whether it then failed or not; none before it came.
    #[must_use]
    pub const fn checks(&self) -> Checks {
        self.request.checks()
    }

    /// The tokens that came, before the session takes them over; none before the answer, or if it was none.
    #[must_use]
    pub fn tokens(&self) -> Option<&TokenResponse> {
        self.outcome.as_ref()?.as_ref().ok()
    }

    pub(crate) fn into_outcome(self) -> (Option<Result<TokenResponse, Error>>, Option<RefreshToken>) {
        (self.outcome, self.refresh_token)
    }
}

impl Flow for Renewal {
    type Output = ();

    /// Ends as its token request ends, and never with an error: the outcome is told when it is settled.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<()>, Error> {
        if self.outcome.is_some() {
            return Ok(Step::Done(()));
        }
        let outcome = match self.request.step(response, now) {
            Ok(Step::Send(request)) => return Ok(Step::Send(request)),
            Ok(Step::Wait(time)) => return Ok(Step::Wait(time)),
            Ok(Step::Done(tokens)) => Ok(tokens),
            Err(error) => Err(error),
        };
        self.outcome = Some(outcome);
        Ok(Step::Done(()))
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        self.request.unanswered(now)
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal").field("request", &self.request).finish_non_exhaustive()
    }
}

/// A renewal that failed: told to whoever asks until it is time to try again.
pub(crate) struct Failure {
    pub(crate) error: Error,
    failed_at: UnixTime,
    wait: Duration,
}

impl Failure {
    /// The wait is a second at first and doubles with each failure in a row; a server that asks for longer gets it.
    pub(crate) fn after(earlier: Option<Self>, error: Error, now: UnixTime) -> Self {
        let wait =
            earlier.map_or(FIRST_WAIT, |earlier| (2 * earlier.wait.min(LONGEST_WAIT)).min(LONGEST_WAIT));
        let asked = match error.refused().map(crate::Refused::retry) {
            Some(Retry::Later(Some(time))) => time,
            _ => Duration::ZERO,
        };
        Self { error, failed_at: now, wait: wait.max(asked) }
    }

    /// Whether it is time to try again. A clock that was set back does not make the wait longer.
    pub(crate) fn is_over(&self, now: UnixTime) -> bool {
        now >= self.failed_at.after(self.wait) || now < self.failed_at
    }
}

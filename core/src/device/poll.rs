//! The Device Authorization flow's back half: [`DevicePoll`] (RFC 8628 §3.4, §3.5).
//!
//! ```text
//!  device                                        authorization server
//!     │ wait: interval                                  │
//!     ├── POST token endpoint: device_code, client ────▶│
//!     │◀─ 400 authorization_pending ────────────────────┤  wait: interval
//!     ├── POST … ──────────────────────────────────────▶│
//!     │◀─ 400 slow_down ────────────────────────────────┤  wait: interval, five seconds longer from now on
//!     ├── POST … ──────────────────────────────────────▶│
//!     │◀─ 503, 429, or nothing at all ──────────────────┤  wait: twice as long as the last time, or Retry-After
//!     ├── POST … ──────────────────────────────────────▶│
//!     │◀─ 200 access_token … ───────────────────────────┤  TokenResponse
//! ```
//!
//! As many rounds as it takes, until the code expires, which ends it without a request. Any other answer ends it too.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::client::Client;
use crate::device::authorization::{DeviceAuthorization, MAX_INTERVAL};
use crate::ground::error::{Error, misuse, misuse_of, refused_for_good, too_late};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::identity::asked::Asked;
use crate::identity::verifiable::is_login;
use crate::token::grant::Grant;
use crate::token::proving::Proof;
use crate::token::request::TokenRequest;
use crate::token::response::TokenResponse;

/// What `slow_down` adds to the interval, in seconds (RFC 8628 §3.5).
const SLOWER: u64 = 5;
/// The longest wait that a server in trouble causes by itself, in seconds; it may ask for more.
const LONGEST_BACKOFF: u64 = 5 * 60;

/// A flow that polls for the tokens that a person is granting elsewhere.
///
/// It may be dropped and begun again, in another process too: [`authorization`](Self::authorization) is all it knows,
/// what the server has asked for by then included.
pub struct DevicePoll {
    client: Client,
    authorization: DeviceAuthorization,
    /// The poll that is under way.
    request: Option<TokenRequest>,
    ended: bool,
}

impl DevicePoll {
    /// Polls for this authorization.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it was issued to another client or by another server ([TR-17](crate::Rule::Tr17)), or the client
    /// cannot send token requests.
    pub fn new(client: &Client, authorization: DeviceAuthorization) -> Result<Self, Error> {
        if !authorization.belongs_to(client) {
            return Err(misuse_of(
                Rule::Tr17,
                "this device authorization belongs to another client or server: poll with the client that \
                 began it",
            ));
        }
        let poll = Self { client: client.clone(), authorization, request: None, ended: false };
        // What keeps a poll from being sent is told now, before a person is sent anywhere.
        poll.poll().map(|_| poll)
    }

    /// The authorization as it stands: the interval and the next poll's time are the server's last word. Worth storing
    /// again after a step that ended a round.
    #[must_use]
    pub const fn authorization(&self) -> &DeviceAuthorization {
        &self.authorization
    }

    fn poll(&self) -> Result<TokenRequest, Error> {
        let authorization = &self.authorization;
        let mut grant = Grant::device_code(&authorization.device_code, authorization.verifier.as_ref())
            .for_scope(authorization.scope.clone())
            .for_audience(authorization.audience.clone());
        if let Some(details) = &authorization.details {
            grant = grant.expecting_details(details.clone());
        }
        let request = TokenRequest::new(&self.client, grant)?;
        let is_login = is_login(&self.client, authorization.scope.as_ref())?;
        Ok(if is_login { request.proving(Proof::Login(Asked::default())) } else { request })
    }

    fn begin(&mut self, now: UnixTime) -> Result<Step<TokenResponse>, Error> {
        let left = self.authorization.expires_at.since(now);
        if left.is_zero() {
            self.ended = true;
            return Err(code_expired());
        }
        let authorization = &mut self.authorization;
        // A clock that was set back begins the wait anew, and does not make it longer.
        authorization.waiting_since = authorization.waiting_since.min(now);
        let wait = authorization.interval().max(Duration::from_secs(authorization.backoff));
        let wait = authorization.waiting_since.after(wait).since(now);
        if !wait.is_zero() {
            return Ok(Step::Wait(wait.min(left)));
        }
        let request = self.poll()?;
        self.ask(request, now)
    }

    fn ask(&mut self, mut request: TokenRequest, now: UnixTime) -> Result<Step<TokenResponse>, Error> {
        let step = match request.step(None, now) {
            step if request.is_proving() => step,
            // The client's key answers later, and the code is not good for as long.
            Ok(Step::Wait(_)) if self.authorization.expires_at.since(now).is_zero() => Err(code_expired()),
            step => step,
        };
        match &step {
            Ok(_) => self.request = Some(request),
            Err(_) => self.ended = true,
        }
        step
    }

    fn hear(
        &mut self,
        mut request: TokenRequest,
        response: Response,
        now: UnixTime,
    ) -> Result<Step<TokenResponse>, Error> {
        if request.is_proving() {
            return self.prove(request, response, now);
        }
        let in_trouble = is_trouble(response.status());
        let outcome = request.step(Some(response), now);
        if request.is_proving() {
            self.request = Some(request);
            return outcome;
        }
        let error = match outcome {
            Ok(Step::Done(tokens)) => {
                self.ended = true;
                return Ok(Step::Done(tokens));
            }
            // The token request has another round in it.
            Ok(step) => {
                self.request = Some(request);
                return Ok(step);
            }
            // It was not sent: that is the program's mistake, and no poll.
            Err(error @ Error::Misuse(_)) => {
                self.request = Some(request);
                return Err(error);
            }
            // The program's own code failed on an answer that was for good, perhaps.
            Err(error @ Error::Callback(_)) => {
                self.ended = true;
                return Err(error);
            }
            Err(error) => error,
        };
        let refused = error.refused();
        let code = refused.and_then(|refused| refused.meant()).unwrap_or_default();
        let asked = refused.and_then(|refused| refused.retry_after()).unwrap_or_default().as_secs();
        match code {
            "authorization_pending" => self.wait(asked, now),
            "slow_down" => {
                self.authorization.interval =
                    self.authorization.interval.saturating_add(SLOWER).clamp(SLOWER, MAX_INTERVAL);
                self.wait(asked, now);
            }
            _ if in_trouble || error.is_transient() => self.wait(self.doubled().max(asked), now),
            "expired_token" => {
                self.ended = true;
                return Err(match error {
                    Error::Refused(refused) => refused_for_good(refused),
                    error => error,
                });
            }
            _ => {
                self.ended = true;
                return Err(error);
            }
        }
        self.begin(now)
    }

    /// The tokens have come, and the keys for the ID token beside them: the code is not sent again.
    fn prove(
        &mut self,
        mut request: TokenRequest,
        response: Response,
        now: UnixTime,
    ) -> Result<Step<TokenResponse>, Error> {
        let step = request.step(Some(response), now);
        match &step {
            Ok(Step::Send(_) | Step::Wait(_)) | Err(Error::Misuse(_)) => self.request = Some(request),
            Ok(Step::Done(_)) | Err(_) => self.ended = true,
        }
        step
    }

    fn wait(&mut self, backoff: u64, now: UnixTime) {
        self.authorization.backoff = backoff;
        self.authorization.waiting_since = now;
    }

    /// Twice the last wait.
    fn doubled(&self) -> u64 {
        let last = self.authorization.interval.max(self.authorization.backoff);
        last.saturating_mul(2).min(LONGEST_BACKOFF)
    }
}

impl Flow for DevicePoll {
    type Output = TokenResponse;

    /// # Errors
    ///
    /// - [`Error::AuthorizationRequired`] if the code has expired, here ([DV-4](crate::Rule::Dv4)) or at the server;
    /// - [`Error::Refused`] if the person said no ([`Error::is_access_denied`]), or the server anything else;
    /// - [`Error::Malformed`] for an answer that breaks the rules of a token response;
    /// - [`Error::Misuse`] after the end.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<TokenResponse>, Error> {
        if self.ended {
            return Err(misuse(
                "this device authorization has ended, and is not polled any more: begin another",
            ));
        }
        match (response, self.request.take()) {
            (None, None) => self.begin(now),
            (None, Some(request)) => self.ask(request, now),
            (Some(response), Some(request)) => self.hear(request, response, now),
            (Some(_), None) => {
                Err(misuse("an answer came before its request: step the flow with `None` first"))
            }
        }
    }

    /// A poll that got no answer makes the next one later.
    fn unanswered(&mut self, now: UnixTime) -> bool {
        match self.request.take() {
            Some(mut request) if request.is_proving() => {
                self.ended = !request.unanswered(now);
                self.request = (!self.ended).then_some(request);
            }
            Some(_) => self.wait(self.doubled(), now),
            None => {}
        }
        !self.ended
    }
}

impl fmt::Debug for DevicePoll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevicePoll")
            .field("client", &self.client)
            .field("authorization", &self.authorization)
            .finish_non_exhaustive()
    }
}

/// Whether the server is in trouble, whatever it says in its answer's body.
fn is_trouble(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

fn code_expired() -> Error {
    too_late(
        Rule::Dv4,
        "the device code expired before the user allowed it: begin another device authorization",
    )
}

//! The token endpoint, for every grant: [`TokenRequest`] (RFC 6749 §3.2).
//!
//! ```text
//!  program                                   authorization server
//!     │ TokenRequest::new(&client, grant)             │
//!     ├── POST token endpoint: grant, client ────────▶│
//!     │◀─ 200 access_token, expires_in … ─────────────┤  TokenResponse
//!     │◀─ 4xx error ──────────────────────────────────┤  Error::Refused
//! ```
//!
//! One round. The request is built anew whenever it is asked for, so the flow holds no copy of it.

use std::fmt;

use form_urlencoded::Serializer;

use crate::error::{Error, misuse, misuse_of};
use crate::token_response::Asked;
use crate::{Checks, Client, Flow, Grant, Request, Response, Rule, Step, TokenResponse, UnixTime};

/// A flow that trades a [`Grant`] for a [`TokenResponse`].
///
/// ```
/// use valetkey_core::{AuthorizationServer, Client, Flow, Grant, Step, TokenRequest, UnixTime};
///
/// let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// let client = Client::new(server, "s6BhdRkqt3");
/// let mut flow = TokenRequest::new(&client, Grant::client_credentials())?;
///
/// let Step::Send(request) = flow.step(None, UnixTime::from_secs(1_700_000_000))? else { unreachable!() };
/// assert_eq!(request.body(), b"grant_type=client_credentials&client_id=s6BhdRkqt3");
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct TokenRequest {
    client: Client,
    grant: Grant,
    /// When the request was first asked for: an access token's lifetime is counted from there, so that a slow
    /// answer makes it shorter and never longer.
    asked_at: Option<UnixTime>,
    state: State,
    checks: Checks,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Unanswered,
    Ended,
}

impl TokenRequest {
    /// Prepares the request at the client's authorization server.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no token endpoint, or lists authentication methods without the client's
    /// (CA-3), or types of authorization details without one that the grant asks for (AQ-10).
    pub fn new(client: &Client, grant: Grant) -> Result<Self, Error> {
        client.server().require_token_endpoint()?;
        client.server().require_method(client.method())?;
        if let Some(details) = grant.details() {
            details.require_supported(client.server())?;
        }
        Ok(Self { client: client.clone(), grant, asked_at: None, state: State::Open, checks: Checks::NONE })
    }

    /// The checks that the answer passed, whether it then failed or not; none before it came.
    #[must_use]
    pub const fn checks(&self) -> Checks {
        self.checks
    }

    fn request(&self) -> Result<Request, Error> {
        let endpoint = self.client.server().require_token_endpoint()?;
        let scope = self.grant.sent_scope().map_or("", |scope| scope.as_str());
        // Room for the client's part too, so that the body is allocated once and its secrets are not left behind.
        let mut body =
            String::with_capacity(self.grant.form().len() + 3 * scope.len() + self.client.form_size() + 32);
        body.push_str(self.grant.form());
        // The grant's own pairs are before the serializer's start, so the separator is ours to count on.
        let mut form = Serializer::for_suffix(body, 0);
        if !scope.is_empty() {
            form.append_pair("scope", scope);
        }
        Ok(self.client.post(endpoint, form))
    }

    fn read(
        &mut self,
        response: Response,
        asked_at: UnixTime,
        now: UnixTime,
    ) -> Result<TokenResponse, Error> {
        TokenResponse::read(
            response,
            &Asked {
                at: asked_at,
                now,
                quirks: self.client.server().quirks(),
                grant: Some(&self.grant),
                client: Some(&self.client),
            },
            &mut self.checks,
        )
    }
}

impl Flow for TokenRequest {
    type Output = TokenResponse;

    /// # Errors
    ///
    /// [`Error::Refused`] or [`Error::Malformed`] for the server's answer, as [`TokenResponse::parse`] says;
    /// [`Error::Misuse`] after the end, which for an authorization code means TR-18.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<TokenResponse>, Error> {
        match (self.state, response, self.asked_at) {
            (State::Open, None, _) => {
                let request = self.request()?;
                self.asked_at.get_or_insert(now);
                Ok(Step::Send(request))
            }
            (State::Open, Some(response), Some(asked_at)) => {
                self.state = State::Ended;
                self.read(response, asked_at, now).map(Step::Done)
            }
            (State::Open, Some(_), None) => Err(misuse("an answer came before the request was asked for")),
            (State::Unanswered | State::Ended, ..) if self.grant.is_single_use() => {
                Err(misuse_of(Rule::Tr18, "the code has been sent, and is not sent again"))
            }
            (State::Unanswered | State::Ended, ..) => Err(misuse("the token request has ended")),
        }
    }

    fn unanswered(&mut self, _now: UnixTime) -> bool {
        self.state = State::Unanswered;
        false
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("client", &self.client)
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}

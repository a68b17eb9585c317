//! The token endpoint, for every grant: [`TokenRequest`] (RFC 6749 §3.2).
//!
//! ```text
//!  program                                   authorization server
//!     │ TokenRequest::new(&client, grant)             │
//!     ├── POST token endpoint: grant, client ────────▶│
//!     │◀─ 200 access_token, expires_in … ─────────────┤  TokenResponse
//!     │◀─ 4xx error ──────────────────────────────────┤  Error::Refused
//!     ├── GET jwks_uri, if an ID token is to be verified by a key that is not held ─▶│
//! ```
//!
//! One round, or two for a login. The request is built anew whenever it is asked for, so the flow holds no copy of it.

use std::fmt;

use form_urlencoded::Serializer;

use crate::client::Client;
use crate::client::post::Post;
use crate::ground::authentication_method::AuthenticationMethod;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::{Checks, Rule};
use crate::ground::time::UnixTime;
use crate::jose::signer::Signed;
use crate::server::AuthorizationServer;
use crate::terms::secret::RefreshToken;
use crate::token::grant::{DEVICE_CODE, Grant};
use crate::token::proving::{Begin, Proof, Proven, Proves};
use crate::token::response::TokenResponse;
use crate::token::response_reading::Asked;

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
    post: Post,
    grant: Grant,
    checks: Checks,
    /// What the ID token of the answer is held to, if it tells who logged in.
    proof: Option<(Proof, Begin)>,
    proving: Option<Box<dyn Proves>>,
    /// What was let through before it, at the login whose code it sends.
    before: Quirks,
}

impl TokenRequest {
    /// Prepares the request at the client's authorization server.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no token endpoint, or lists authentication methods without the client's
    /// ([CA-3](crate::Rule::Ca3)) or algorithms without its own ([CA-4](crate::Rule::Ca4)), or types of authorization
    /// details without one that the grant asks for ([AQ-10](crate::Rule::Aq10)); or if a refresh asks for more than was
    /// [granted](Grant::granted) ([TR-14](crate::Rule::Tr14), [TR-22](crate::Rule::Tr22)); or if the client, or the grant, is
    /// not as its [profile](Client::security_profile) wants it ([FA-1](crate::Rule::Fa1), [FA-2](crate::Rule::Fa2),
    /// [FA-4](crate::Rule::Fa4)).
    pub fn new(client: &Client, grant: Grant) -> Result<Self, Error> {
        client.require_profile_for_grant(grant.grant_type())?;
        grant.require_granted()?;
        let post = Post::new(client, Endpoint::Token)?.with_late(grant.late());
        if let Some(details) = grant.details() {
            client.server().require_details(details)?;
        }
        Ok(Self { post, grant, checks: Checks::NONE, before: Quirks::default(), proof: None, proving: None })
    }

    /// The same, whose ID token is held to this.
    pub(crate) fn proving(self, proof: Proof) -> Self {
        self.proving_by(proof, Proof::of)
    }

    /// The same, for whom has the pointer.
    pub(crate) fn proving_by(self, proof: Proof, begin: Begin) -> Self {
        Self { proof: Some((proof, begin)), ..self }
    }

    /// Whether its answer has come, and the ID token in it is being verified: nothing is granted a second time.
    pub(crate) const fn is_proving(&self) -> bool {
        self.proving.is_some()
    }

    fn prove(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<TokenResponse>, Error> {
        let Some(proving) = &mut self.proving else {
            return Err(misuse("this flow has ended: make another"));
        };
        let step = proving.step(response, now);
        match &step {
            // An answer to what was not asked is the program's mistake, and ends nothing.
            Ok(Step::Send(_) | Step::Wait(_)) | Err(Error::Misuse(_)) => {}
            Ok(Step::Done(tokens)) => {
                self.checks = tokens.checks();
                self.proving = None;
            }
            Err(_) => self.proving = None,
        }
        step
    }

    /// The same after a login at which this was let through, which its tokens report too.
    pub(crate) fn after(self, before: Quirks) -> Self {
        Self { before, ..self }
    }

    /// Waits for the keys that sign for it, and sends nothing.
    pub(crate) fn sign(&mut self, now: UnixTime) -> Result<Signed<()>, Error> {
        self.post.sign(now)
    }

    /// The checks that the answer passed, whether it then failed or not; none before it came.
    #[must_use]
    pub const fn checks(&self) -> Checks {
        self.checks
    }
}

/// Whether a refresh token that nothing binds stays in use ([TR-21](crate::Rule::Tr21)): a thief of it has it for as long.
fn is_kept(grant: &Grant, client: &Client, tokens: &TokenResponse) -> bool {
    let is_bound = client.bound_to().is_some() || client.has_certificate();
    let is_used = |token: &RefreshToken| grant.is_of(token);
    grant.is_refresh_token()
        && client.method() == AuthenticationMethod::None
        && !is_bound
        && tokens.refresh_token().is_none_or(is_used)
}

/// The grant as a form, with room for the client's part too, so that it is allocated once and its secrets are not left
/// behind.
fn form(grant: &Grant, server: &AuthorizationServer, room: usize) -> Serializer<'static, String> {
    let further = || server.token_parameters().filter(|(name, _)| !grant.has_parameter(name));
    let room = room + further().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum::<usize>();
    // A poll has the scope only where the server calls it otherwise, and wants it again.
    let repeated = server
        .other_name_of_scope(Endpoint::DeviceAuthorization)
        .filter(|_| grant.grant_type() == DEVICE_CODE);
    let sent = repeated.map_or_else(|| grant.sent_scope(), |_| grant.requested_scope());
    let (name_of_scope, scope) = (repeated.unwrap_or("scope"), sent.map_or("", |scope| scope.as_str()));
    let mut body =
        String::with_capacity(grant.form().len() + name_of_scope.len() + 3 * scope.len() + room + 32);
    body.push_str(grant.form());
    // The grant's own pairs are before the serializer's start, so the separator is ours to count on.
    let mut form = Serializer::for_suffix(body, 0);
    if !scope.is_empty() {
        form.append_pair(name_of_scope, scope);
    }
    form.extend_pairs(further());
    form
}

impl Flow for TokenRequest {
    type Output = TokenResponse;

    /// # Errors
    ///
    /// [`Error::Refused`] or [`Error::Malformed`] for the server's answer, as [`TokenResponse::parse`] says, and for the ID
    /// token of a login, as [`IdTokenVerification`](crate::identity::IdTokenVerification) says; [`Error::Misuse`] after the end,
    /// which for an authorization code means [TR-18](crate::Rule::Tr18).
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<TokenResponse>, Error> {
        if self.is_proving() {
            return self.prove(response, now);
        }
        if self.post.has_ended() && self.grant.is_single_use() {
            return Err(misuse_of(
                Rule::Tr18,
                "the code has been sent already, and a code is sent once: begin another authorization",
            ));
        }
        let (grant, checks, before) = (&self.grant, &mut self.checks, self.before);
        let client = self.post.client().clone();
        let step = self.post.step(
            response,
            now,
            |room| form(grant, client.server(), room),
            |response, sent| {
                let server = sent.client.server();
                let asked = Asked { at: sent.at, now, server, grant: Some(grant), sent: Some(sent) };
                let mut tokens = TokenResponse::read(response, &asked, checks)?;
                tokens.quirks = sent.and_adjusted(tokens.quirks);
                if is_kept(grant, sent.client, &tokens) {
                    tokens.quirks = tokens.quirks.with(Quirk::RefreshTokenKept);
                }
                Ok(tokens.after(before))
            },
        )?;
        let tokens = match step {
            Step::Done(tokens) => tokens,
            step => return Ok(step),
        };
        let Some((proof, begin)) = &self.proof else { return Ok(Step::Done(tokens)) };
        match begin(proof, self.post.client(), tokens)? {
            Proven::Done(tokens) => Ok(Step::Done(*tokens)),
            Proven::Proving(proving) => {
                self.proving = Some(proving);
                self.prove(None, now)
            }
        }
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        if let Some(proving) = &mut self.proving {
            let goes_on = proving.unanswered(now);
            if !goes_on {
                self.proving = None;
            }
            return goes_on;
        }
        self.post.end()
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("client", self.post.client())
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}

//! The last part of a token request whose answer tells who logged in: its ID token is verified: [`Proof`], [`Proving`].

use crate::client::Client;
use crate::ground::error::{Error, misuse};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::quirk::Quirk;
use crate::ground::time::UnixTime;
use crate::identity::asked::Asked;
use crate::identity::known::KnownLogin;
use crate::identity::login::Login;
use crate::identity::verification::IdTokenVerification;
use crate::terms::secret::AuthorizationCode;
use crate::token::response::TokenResponse;

/// What the ID token of an answer is held to.
#[derive(Clone)]
pub(crate) enum Proof {
    /// What was asked for.
    Login(Asked),
    /// What was asked for, the code that is traded, and the login that came through the browser with it.
    Code(Asked, AuthorizationCode, Option<Box<Login>>),
    /// The login that is renewed.
    Renewal(KnownLogin),
}

/// The last part, once it has begun. A request knows it, and how it begins ([`Begin`]), by a pointer that only
/// [`TokenRequest::proving`](crate::token::request::TokenRequest::proving) sets: so a program that proves no login, as a
/// service's, is linked without what verifies ID tokens, the largest part of core.
pub(crate) trait Proves: Send + Sync {
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<TokenResponse>, Error>;

    /// Whether it goes on without an answer.
    fn unanswered(&mut self, now: UnixTime) -> bool;
}

/// How it begins: [`Proof::of`].
pub(crate) type Begin = fn(&Proof, &Client, TokenResponse) -> Result<Proven, Error>;

/// An answer whose ID token is being verified.
pub(super) struct Proving {
    tokens: Option<TokenResponse>,
    verification: IdTokenVerification,
    front: Option<Box<Login>>,
}

impl Proof {
    /// What comes of an answer: itself if nothing in it is to be proven.
    pub(crate) fn of(&self, client: &Client, tokens: TokenResponse) -> Result<Proven, Error> {
        let front = self.front();
        let Some(token) = tokens.id_token() else {
            // The login that came with the code stands.
            return Ok(Proven::Done(Box::new(TokenResponse {
                login: front.cloned().map(Box::new),
                ..tokens
            })));
        };
        if client.server().quirks().contains(Quirk::IdTokenUnread) && front.is_none() {
            let quirks = tokens.quirks.with(Quirk::IdTokenUnread);
            return Ok(Proven::Done(Box::new(TokenResponse { quirks, ..tokens })));
        }
        let verification = match self {
            Self::Login(asked) => IdTokenVerification::of_answer(client, token)?.asked(asked.clone()),
            Self::Code(asked, code, _) => IdTokenVerification::of_answer(client, token)?
                .asked(asked.clone())
                .beside_code(Some(code.clone())),
            Self::Renewal(known) => IdTokenVerification::of_renewal(client, token, known)?,
        };
        let verification = verification.beside(tokens.access_token()).begun_at(tokens.issued_at());
        let front = front.cloned().map(Box::new);
        Ok(Proven::Proving(Box::new(Proving { tokens: Some(tokens), verification, front })))
    }

    /// The login that came through the browser.
    fn front(&self) -> Option<&Login> {
        match self {
            Self::Code(_, _, front) => front.as_deref(),
            Self::Login(_) | Self::Renewal(_) => None,
        }
    }
}

/// What an answer comes to.
pub(crate) enum Proven {
    Done(Box<TokenResponse>),
    Proving(Box<dyn Proves>),
}

impl Proves for Proving {
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<TokenResponse>, Error> {
        let mut login = match self.verification.step(response, now)? {
            Step::Done(login) => login,
            Step::Send(request) => return Ok(Step::Send(request)),
            Step::Wait(time) => return Ok(Step::Wait(time)),
        };
        if let Some(front) = &self.front {
            front.require_same(&login)?;
            login = login.after_same(front);
        }
        let tokens = self.tokens.take().ok_or_else(|| misuse("this flow has ended: make another"))?;
        let id_token = self.verification.decrypted().or(tokens.id_token);
        let (quirks, checks) = (tokens.quirks.and(login.quirks()), tokens.checks.and(login.checks()));
        Ok(Step::Done(TokenResponse { login: Some(Box::new(login)), id_token, quirks, checks, ..tokens }))
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        self.verification.unanswered(now)
    }
}

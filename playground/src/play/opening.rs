//! What a run's first token comes from: a person at a browser ([`Pending`]), then a grant ([`Opening`]).

#![expect(deprecated, reason = "the playground shows the deprecated methods too, and says so")]

use valetkey_core::{
    AuthorizationResponse, BrowserUrl, Checks, Client, Entropy, Error, Grant, ImplicitRequest,
    PendingAuthorization, PendingImplicit, Scope, Session, TokenRequest, TokenResponse, UnixTime,
};

use super::reading;
use super::run::HERE;
use super::step::Reading;

/// What stays here while the person is at the server.
#[derive(Clone)]
pub(crate) enum Pending {
    Code(PendingAuthorization),
    Implicit(PendingImplicit),
}

/// What became of a response.
pub(crate) struct Finished {
    pub(crate) pending: Pending,
    pub(crate) reading: Reading,
    /// The request for tokens that it leads to.
    pub(crate) opening: Option<Opening>,
    /// The token that was in it.
    pub(crate) tokens: Option<TokenResponse>,
}

impl Pending {
    pub(crate) fn implicit(
        client: &Client,
        redirect_uri: &str,
        scope: Option<Scope>,
        entropy: Entropy,
        now: UnixTime,
    ) -> Result<(BrowserUrl, Self), Error> {
        let mut request = ImplicitRequest::new(client, redirect_uri)?;
        if let Some(scope) = scope {
            request = request.scope(scope);
        }
        let (url, pending) = request.begin_in(HERE, entropy, now)?;
        Ok((url, Self::Implicit(pending)))
    }

    pub(crate) fn finish(
        mut self,
        client: &Client,
        response: Result<AuthorizationResponse, Error>,
        now: UnixTime,
    ) -> Finished {
        let before = self.clone();
        let (mut opening, mut tokens) = (None, None);
        let outcome = response.and_then(|response| match (&mut self, before) {
            (Self::Code(pending), Self::Code(before)) => pending.finish(client, &response, now).map(|_| {
                opening = Some(Opening::Code(Box::new(Code { before, response, at: now })));
            }),
            (Self::Implicit(pending), _) => {
                pending.finish(client, &response, now).map(|token| tokens = Some(token))
            }
            (Self::Code(_), Self::Implicit(_)) => Ok(()),
        });
        let mut reading = match outcome {
            Ok(()) => reading::of_redirect(&self),
            Err(error) => reading::of_error(self.checks(), error),
        };
        if let Some(tokens) = &tokens {
            reading.facts.extend(reading::lines(tokens, tokens.scope()));
            reading.quirks = tokens.quirks();
        }
        Finished { pending: self, reading, opening, tokens }
    }

    pub(crate) fn checks(&self) -> Checks {
        match self {
            Self::Code(pending) => pending.checks(),
            Self::Implicit(pending) => pending.checks(),
        }
    }

    pub(crate) fn is_spent(&self) -> bool {
        match self {
            Self::Code(pending) => pending.is_spent(),
            Self::Implicit(pending) => pending.is_spent(),
        }
    }
}

/// A grant that is traded for the first token.
#[derive(Clone)]
pub(crate) enum Opening {
    Grant(Grant),
    Code(Box<Code>),
}

/// A code has no grant that can be copied: only the checks make one, so they are made again.
#[derive(Clone)]
pub(crate) struct Code {
    before: PendingAuthorization,
    response: AuthorizationResponse,
    at: UnixTime,
}

impl Opening {
    pub(crate) fn flow(&self, client: &Client) -> Result<TokenRequest, Error> {
        match self {
            Self::Grant(grant) => TokenRequest::new(client, grant.clone()),
            Self::Code(code) => code.before.clone().finish(client, &code.response, code.at),
        }
    }

    /// A code is sent once (TR-18).
    pub(crate) const fn is_repeatable(&self) -> bool {
        matches!(self, Self::Grant(_))
    }

    /// The session renews by the grant itself where that needs no person.
    pub(crate) fn renews(&self, session: Session) -> Result<Session, Error> {
        match self {
            Self::Grant(grant) if grant.kind() == "client_credentials" => session.with_grant(grant.clone()),
            _ => Ok(session),
        }
    }
}

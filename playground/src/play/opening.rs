//! What a run's first token comes from: a person at a browser ([`Pending`]), then a grant ([`Opening`]).

#![expect(deprecated, reason = "the playground shows the deprecated methods too, and says so")]

use valetkey_core::authorize::{ImplicitRequest, PendingImplicit};
use valetkey_core::error::Checks;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, BrowserUrl, Client, Entropy, Error, Grant,
    PendingAuthorization, Session, TokenRequest, TokenResponse, UnixTime,
};

use super::step::{Fact, Reading};
use super::{Setup, reading};

/// The browser session in which a run begins, and any other. Core compares their names.
pub(crate) const HERE: &str = "the session that began";
pub(crate) const ELSEWHERE: &str = "another session";

/// What stays here while the person is at the server.
#[expect(clippy::large_enum_variant, reason = "a run has one of them")]
pub(crate) enum Pending {
    Code(PendingAuthorization),
    Implicit(PendingImplicit),
}

/// What became of a response.
pub(crate) struct Finished {
    pub(crate) reading: Reading,
    /// The request for tokens that it leads to.
    pub(crate) opening: Option<Opening>,
    /// The token that was in it.
    pub(crate) tokens: Option<TokenResponse>,
}

/// Begins an authorization by the code flow.
pub(crate) fn code(
    setup: &Setup,
    client: &Client,
    seed: [u8; 32],
    now: UnixTime,
) -> Result<(BrowserUrl, PendingAuthorization), Error> {
    let mut request =
        AuthorizationRequest::new(client, setup.redirect_uri.as_str())?.access(setup.scope()?)?;
    if setup.offline {
        request = request.offline();
    }
    request.begin(HERE, Entropy::from_seed(seed), now)
}

/// Begins one by the implicit flow.
pub(crate) fn implicit(
    setup: &Setup,
    client: &Client,
    seed: [u8; 32],
    now: UnixTime,
) -> Result<(BrowserUrl, PendingImplicit), Error> {
    let request = ImplicitRequest::new(client, setup.redirect_uri.as_str())?.access(setup.scope()?)?;
    request.begin(HERE, Entropy::from_seed(seed), now)
}

impl Pending {
    pub(crate) fn finish(
        &mut self,
        client: &Client,
        response: Result<AuthorizationResponse, Error>,
        now: UnixTime,
    ) -> Finished {
        let (mut opening, mut tokens) = (None, None);
        let outcome = response.and_then(|response| match self {
            // What is asked for here is asked for again when it is shown, and when it is sent.
            Self::Code(pending) => pending
                .finish(client, &response, now)
                .map(|_| opening = Some(Opening::Code(Box::new(Code { response, at: now })))),
            Self::Implicit(pending) => {
                pending.finish(client, &response, now).map(|token| tokens = Some(token))
            }
        });
        let mut reading = match outcome {
            Ok(()) => self.reading(),
            Err(error) => reading::of_error(self.checks(), error),
        };
        if let Some(tokens) = &tokens {
            reading.facts.extend(reading::lines(tokens, tokens.scope()));
            reading.quirks = tokens.quirks();
        }
        Finished { reading, opening, tokens }
    }

    /// What a response that was right has brought.
    fn reading(&self) -> Reading {
        let facts = match self {
            Self::Code(_) => vec![Fact::new("a code", "checked; it goes into the token request, once")],
            Self::Implicit(_) => vec![Fact::new("a token", "checked; it came through the address bar")],
        };
        Reading { checks: self.checks(), facts, ..Reading::default() }
    }

    pub(crate) fn checks(&self) -> Checks {
        match self {
            Self::Code(pending) => pending.checks(),
            Self::Implicit(pending) => pending.checks(),
        }
    }

    /// Whether the response is for this, by its place and its `state`.
    pub(crate) fn recognizes(&self, response: &AuthorizationResponse) -> bool {
        match self {
            Self::Code(pending) => pending.recognizes(response),
            Self::Implicit(pending) => pending.recognizes(response),
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
    Grant(Box<Grant>),
    Code(Box<Code>),
}

/// The response that brought a code, and when it was finished.
#[derive(Clone)]
pub(crate) struct Code {
    response: AuthorizationResponse,
    at: UnixTime,
}

impl Opening {
    /// The flow, from its start. A code's grant cannot be copied, nor can what it was checked against: only the checks
    /// make one. So the authorization is played again from the run's seed, up to where the code has come; what it leads
    /// to is sent once.
    pub(crate) fn flow(
        &self,
        client: &Client,
        begin: impl FnOnce() -> Result<PendingAuthorization, Error>,
    ) -> Result<TokenRequest, Error> {
        match self {
            Self::Grant(grant) => TokenRequest::new(client, (**grant).clone()),
            Self::Code(code) => begin()?.finish(client, &code.response, code.at),
        }
    }

    /// A code is sent once ([TR-18](valetkey_core::Rule::Tr18)).
    pub(crate) const fn is_repeatable(&self) -> bool {
        matches!(self, Self::Grant(_))
    }

    /// The session renews by the grant itself where that needs no person.
    pub(crate) fn renews(&self, session: Session) -> Result<Session, Error> {
        match self {
            Self::Grant(grant) if grant.grant_type() == "client_credentials" => {
                session.with_grant((**grant).clone())
            }
            _ => Ok(session),
        }
    }
}

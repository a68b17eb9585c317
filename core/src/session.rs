//! The tokens held, and how to get the next one: [`Session`]. It decides and never sends.
//!
//! Three questions, each with one answer: is there a credential good at `now`? what renews it? what does this 401
//! mean? A [`Call`](crate::Call) asks them for one API request.

use std::fmt;

use crate::error::{Error, expired, misuse_of, refused_for_good};
use crate::renewal::{Failure, Renewal};
use crate::secret::{AccessToken, RefreshToken};
use crate::uri::Apis;
use crate::{
    Client, Credential, Grant, Margin, Quirks, Request, Resource, Rule, Scope, SessionCall, SessionRecord,
    Subject, TokenRequest, TokenResponse, TokenType, UnixTime,
};

/// The tokens of one subject, and what gets the next one: plain data.
///
/// ```
/// # use valetkey_core::{AuthorizationServer, Client, ClientSecret};
/// use valetkey_core::{Grant, Session, Subject};
///
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3").secret(ClientSecret::new("gX1fBAt3bV")?)?.api("https://api.example")?;
/// let session = Session::renewing(&client, Grant::client_credentials().scope("profile".parse()?));
/// assert_eq!(session.subject(), Some(Subject::Application));
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct Session {
    pub(crate) client: Option<Client>,
    apis: Apis,
    subject: Option<Subject>,
    grant: Option<Grant>,
    refresh_token: Option<RefreshToken>,
    scope: Option<Scope>,
    /// The APIs that its tokens are for, named again at each refresh.
    resources: Vec<Resource>,
    credential: Option<Credential>,
    margin: Margin,
    /// How many credentials this session has had.
    generation: u64,
    /// How many renewals have been settled, one way or the other.
    settled: u64,
    failure: Option<Failure>,
}

impl Session {
    /// A session from the tokens of any grant. It renews with the refresh token, if one came.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the access token does not fit a header, or is of no use at an API (TR-16).
    pub fn issued(client: &Client, tokens: &TokenResponse) -> Result<Self, Error> {
        let mut session = Self::empty(Some(client), client.apis().clone(), tokens.subject());
        session.adopt(tokens)?;
        Ok(session)
    }

    /// A session that gets its tokens by a grant that can be repeated, such as client credentials, the first of them
    /// when it is needed.
    #[must_use]
    pub fn renewing(client: &Client, grant: Grant) -> Self {
        Self::empty(Some(client), client.apis().clone(), Some(grant.subject())).with_grant(grant)
    }

    /// A session from a refresh token that came from elsewhere, and the scope it was granted for.
    #[must_use]
    pub fn refreshing(client: &Client, token: RefreshToken, scope: Option<Scope>) -> Self {
        let session = Self::empty(Some(client), client.apis().clone(), Some(Subject::User));
        Self { refresh_token: Some(token), scope, ..session }
    }

    /// A session with a token that never expires and that nothing renews, for the API at `api`. `quirks` may be
    /// [`Quirks::STRICT`]; only [`Quirk::LoopbackHttp`](crate::Quirk::LoopbackHttp) matters here.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (DI-5) if the API's URL is not https.
    pub fn permanent(api: &str, token: AccessToken, subject: Subject, quirks: Quirks) -> Result<Self, Error> {
        let mut session = Self::empty(None, Apis::default().and(api, quirks)?, Some(subject));
        session.hold(token, None, None)?;
        Ok(session)
    }

    /// Takes up a session that was stored.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (ST-1) if it was stored for another client or another server.
    pub fn restore(client: &Client, record: SessionRecord) -> Result<Self, Error> {
        if !record.belongs_to(client) {
            return Err(misuse_of(Rule::St1, "the stored session belongs to another client or server"));
        }
        let mut session = Self::empty(Some(client), client.apis().clone(), record.subject);
        session.scope = record.scope;
        session.resources = record.resources;
        session.refresh_token = record.refresh_token;
        if let Some(token) = record.access_token {
            session.hold(token, record.expires_at, record.fresh_until)?;
        }
        Ok(session)
    }

    fn empty(client: Option<&Client>, apis: Apis, subject: Option<Subject>) -> Self {
        Self {
            client: client.cloned(),
            apis,
            subject,
            grant: None,
            refresh_token: None,
            scope: None,
            resources: Vec::new(),
            credential: None,
            margin: Margin::default(),
            generation: 0,
            settled: 0,
            failure: None,
        }
    }

    /// Renews by this grant where there is no refresh token: for a restored session, whose record has no grant.
    #[must_use]
    pub fn with_grant(mut self, grant: Grant) -> Self {
        self.scope = self.scope.or_else(|| grant.requested_scope().cloned());
        self.grant = Some(grant);
        self
    }

    /// Renews tokens this long before they expire. Tells for those that come from now on.
    #[must_use]
    pub const fn with_margin(mut self, margin: Margin) -> Self {
        self.margin = margin;
        self
    }

    /// What is worth storing; `None` for a permanent token, which is stored where it came from.
    #[must_use]
    pub fn record(&self) -> Option<SessionRecord> {
        let client = self.client.as_ref()?;
        Some(SessionRecord::new(
            client,
            self.subject,
            self.scope.clone(),
            self.resources.clone(),
            self.credential.as_ref(),
            self.refresh_token.clone(),
        ))
    }

    /// On whose behalf its requests are made, where that is known.
    #[must_use]
    pub const fn subject(&self) -> Option<Subject> {
        self.subject
    }

    /// What its tokens may do, where that is known.
    #[must_use]
    pub const fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// The refresh token that is held now: the newest one.
    #[must_use]
    pub const fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    /// The credential that is held now, good or not.
    #[must_use]
    pub const fn credential(&self) -> Option<&Credential> {
        self.credential.as_ref()
    }

    /// Sends one API request as a flow: renews before it if need be, signs it, and after a 401 renews and repeats it
    /// once. For a session that one task owns; where several share one, each runs a [`Call`](crate::Call) beside it.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as for [`Call::new`](crate::Call::new).
    pub fn call(&mut self, request: Request) -> Result<SessionCall<'_>, Error> {
        SessionCall::new(self, request)
    }

    /// Begins a renewal: by the refresh token, or else by the grant. Run it, then [`settle`](Self::settle) it. At most
    /// one should be under way at a time: see to that where a session is shared.
    ///
    /// # Errors
    ///
    /// [`Error::AuthorizationRequired`] if nothing renews this session, [`Error::Misuse`] as for [`TokenRequest::new`].
    pub fn renewal(&self) -> Result<Renewal, Error> {
        let Some(client) = &self.client else { return Err(expired()) };
        let grant = match (&self.refresh_token, &self.grant) {
            (Some(token), _) => {
                let grant = self.resources.iter().fold(Grant::refresh_token(token), Grant::resource);
                match &self.scope {
                    Some(scope) => grant.no_wider_than(scope.clone()),
                    None => grant,
                }
            }
            (None, Some(grant)) => grant.clone(),
            (None, None) => return Err(self.nothing_renews()),
        };
        Ok(Renewal::new(TokenRequest::new(client, grant)?, self.refresh_token.clone()))
    }

    /// Takes a renewal's outcome over, and says how it went. A renewal that got no answer is settled too.
    ///
    /// A new refresh token replaces the old one, none leaves it in place (TR-13). A refresh token that the server
    /// refused is dropped, unless a newer one is held by now (ER-7). Any failure leaves a still-good access token in
    /// use, and the next renewal waits: a second at first, twice as long each time, a minute at most, or as long as
    /// the server asked for.
    ///
    /// # Errors
    ///
    /// The failure of the renewal; [`Error::Unanswered`] if no answer came; [`Error::AuthorizationRequired`] if the
    /// server refused the grant for good and nothing else renews.
    pub fn settle(&mut self, renewal: Renewal, now: UnixTime) -> Result<(), Error> {
        self.settled += 1;
        let (outcome, used) = renewal.into_outcome();
        match outcome.unwrap_or(Err(Error::Unanswered)).and_then(|tokens| self.adopt(&tokens)) {
            Ok(()) => {
                self.failure = None;
                Ok(())
            }
            Err(error) => {
                let error = self.give_up(error, used.as_ref());
                self.failure = Some(Failure::after(self.failure.take(), error.clone(), now));
                Err(error)
            }
        }
    }

    /// What a failure means for this session.
    fn give_up(&mut self, error: Error, used: Option<&RefreshToken>) -> Error {
        if !error.is_invalid_grant() {
            return error;
        }
        if used.is_some() && used == self.refresh_token.as_ref() {
            self.refresh_token = None;
        }
        match error {
            // With a grant of its own the next renewal needs no person.
            Error::Refused(refused)
                if self.refresh_token.is_none() && (used.is_none() || self.grant.is_none()) =>
            {
                refused_for_good(refused)
            }
            error => error,
        }
    }

    /// What is held from now on.
    fn adopt(&mut self, tokens: &TokenResponse) -> Result<(), Error> {
        if tokens.token_type() == TokenType::NotApplicable {
            return Err(misuse_of(Rule::Tr16, "the exchanged token is of no use at an API by itself"));
        }
        let fresh_until = tokens.expires_at().map(|expiry| self.margin.before(tokens.issued_at(), expiry));
        self.hold(tokens.access_token().clone(), tokens.expires_at(), fresh_until)?;
        if let Some(token) = tokens.refresh_token() {
            self.refresh_token = Some(token.clone());
        }
        self.scope = tokens.scope().cloned().or(self.scope.take());
        if !tokens.resources().is_empty() {
            self.resources = tokens.resources().to_vec();
        }
        Ok(())
    }

    fn hold(
        &mut self,
        token: AccessToken,
        expires_at: Option<UnixTime>,
        fresh_until: Option<UnixTime>,
    ) -> Result<(), Error> {
        self.generation += 1;
        self.credential = Some(Credential::new(token, expires_at, fresh_until, self.generation)?);
        Ok(())
    }

    /// Forgets a credential that the API refused, unless a newer one is held by now.
    pub(crate) fn discard(&mut self, refused: &Credential) {
        if self.credential.as_ref().is_some_and(|held| held.generation() == refused.generation()) {
            self.credential = None;
        }
    }

    /// What a call is to do at `now`. `settled` is what [`settled`](Self::settled) said when the call last wanted a
    /// renewal: one that was settled since is not asked for again, so that a call ends whatever the clock does.
    pub(crate) fn ready(&self, settled: Option<u64>, now: UnixTime) -> Ready {
        let held = self.credential.as_ref();
        let waited = settled.is_some_and(|settled| settled < self.settled);
        match (held, &self.failure) {
            (Some(held), _) if held.is_fresh(now) => Ready::Use(held.clone()),
            // A token that was renewed for this call is used, however short its lifetime is.
            (Some(held), None) if waited => Ready::Use(held.clone()),
            (_, failure)
                if self.renews()
                    && !waited
                    && failure.as_ref().is_none_or(|failure| failure.is_over(now)) =>
            {
                Ready::Renew
            }
            (Some(held), _) if held.is_valid(now) => Ready::Use(held.clone()),
            (_, Some(failure)) => Ready::Fail(failure.error.clone()),
            (_, None) => Ready::Fail(self.nothing_renews()),
        }
    }

    pub(crate) const fn settled(&self) -> u64 {
        self.settled
    }

    pub(crate) const fn renews(&self) -> bool {
        self.grant.is_some() || self.refresh_token.is_some()
    }

    pub(crate) const fn apis(&self) -> &Apis {
        &self.apis
    }

    fn nothing_renews(&self) -> Error {
        match &self.failure {
            Some(failure) => failure.error.clone(),
            None => expired(),
        }
    }
}

/// What a session says to a call.
pub(crate) enum Ready {
    Use(Credential),
    Renew,
    Fail(Error),
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("client", &self.client)
            .field("subject", &self.subject)
            .field("scope", &self.scope)
            .field("credential", &self.credential)
            .field("renews", &self.renews())
            .finish_non_exhaustive()
    }
}

//! The tokens held, and how to get the next one: [`Session`]. It decides and never sends.
//!
//! Three questions, each with one answer: is there a credential good at `now`? what renews it? what does this 401
//! mean? A [`Call`](crate::Call) asks them for one API request.

use std::fmt;
use std::time::Duration;

use crate::error::{Error, expired};
use crate::rejection::Rejections;
use crate::renewal::{Failure, Plan, Renewal, Unsaved};
use crate::secret::{AccessToken, RefreshToken};
use crate::store::{Slot, StoreKey};
use crate::uri::Apis;
use crate::{
    AwaitedCredential, Call, Cause, Client, Credential, Grant, Margin, Quirks, Readiness, Request, Resource,
    Scope, SessionCall, SessionRecord, SharedCredential, Subject, TokenResponse, UnixTime,
};

/// How long a renewal holds the lease of its store, unless said otherwise.
const LEASE: Duration = Duration::from_secs(30);

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
    client: Option<Client>,
    grant: Option<Grant>,
    subject: Option<Subject>,
    margin: Margin,
    spread: u16,
    lease: Duration,
    key: Option<StoreKey>,
    /// Whether its tokens come from a login of just now.
    login: bool,
    /// Whether a store may know more than this session does.
    stored: bool,
    /// What is held; none for a permanent token.
    record: Option<SessionRecord>,
    unsaved: Option<Unsaved>,
    shared: SharedCredential,
    refused: Option<AccessToken>,
    rejections: Rejections,
    failure: Option<(Failure, Error)>,
    /// The store of a session that one task owns.
    pub(crate) memory: Slot,
    /// How many credentials this session has had.
    credentials: u64,
    /// How many renewals have been settled, one way or the other.
    settled: u64,
}

impl Session {
    /// A session from the tokens of any grant. It renews with the refresh token, if one came. A token that is of no use
    /// at an API by itself ([`TokenType::NotApplicable`](crate::TokenType::NotApplicable)) is not held (TR-16).
    ///
    /// In a store they replace whatever there was: this is a new login.
    #[must_use]
    pub fn issued(client: &Client, tokens: &TokenResponse) -> Self {
        let record = SessionRecord::of_login(client, tokens);
        let mut key = StoreKey::new(client);
        if let Some(scope) = &record.scope {
            key = key.scope(scope);
        }
        let mut session = Self { login: true, key: Some(key), ..Self::holding(client, record) };
        session.hold();
        session
    }

    /// A session that gets its tokens by a grant that can be repeated, such as client credentials, the first of them
    /// when it is needed.
    #[must_use]
    pub fn renewing(client: &Client, grant: Grant) -> Self {
        let mut key = StoreKey::new(client);
        if let Some(scope) = grant.requested_scope() {
            key = key.scope(scope);
        }
        let record = SessionRecord::new(client, Some(grant.subject()));
        Self { key: Some(key), ..Self::holding(client, record) }.with_grant(grant)
    }

    /// A session from a refresh token that came from elsewhere, and the scope it was granted for. A newer one in a
    /// store is preferred.
    #[must_use]
    pub fn refreshing(client: &Client, token: RefreshToken, scope: Option<Scope>) -> Self {
        let mut key = StoreKey::new(client);
        if let Some(scope) = &scope {
            key = key.scope(scope);
        }
        let record = SessionRecord::new(client, Some(Subject::User));
        let record = SessionRecord { refresh_token: Some(token), scope, ..record };
        Self { key: Some(key), ..Self::holding(client, record) }
    }

    /// A session whose tokens are in a store, under this key.
    #[must_use]
    pub fn stored(client: &Client, key: StoreKey) -> Self {
        let record = SessionRecord::new(client, None);
        Self { key: Some(key), stored: true, ..Self::holding(client, record) }
    }

    /// A session with a token that never expires and that nothing renews, for the API at `api`. `quirks` may be
    /// [`Quirks::STRICT`]; only [`Quirk::LoopbackHttp`](crate::Quirk::LoopbackHttp) matters here.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (DI-5) if the API's URL is not https.
    pub fn permanent(api: &str, token: AccessToken, subject: Subject, quirks: Quirks) -> Result<Self, Error> {
        let mut session = Self::empty(None, Apis::default().and(api, quirks)?, Some(subject));
        session.credentials = 1;
        session.shared.set(Some(Credential::new(token, None, None, None, 1)?));
        Ok(session)
    }

    /// Takes up a session that was stored by other means than a [`Store`](crate::store::Store).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] (ST-1) if it was stored for another client or another server; (DP-7) if its tokens are bound to
    /// another key than the client's: see [`SessionRecord::rekeyed`].
    pub fn restore(client: &Client, record: SessionRecord) -> Result<Self, Error> {
        let record = record.admitted(client)?;
        let failure = record.failure.clone().map(|failure| (failure.clone(), failure.error()));
        let mut session = Self { failure, ..Self::holding(client, record) };
        session.hold();
        Ok(session)
    }

    fn empty(client: Option<&Client>, apis: Apis, subject: Option<Subject>) -> Self {
        Self {
            client: client.cloned(),
            grant: None,
            subject,
            margin: Margin::default(),
            spread: 0,
            lease: LEASE,
            key: None,
            login: false,
            stored: false,
            record: None,
            unsaved: None,
            shared: SharedCredential::new(apis),
            refused: None,
            rejections: Rejections::default(),
            failure: None,
            memory: Slot::default(),
            credentials: 0,
            settled: 0,
        }
    }

    fn holding(client: &Client, record: SessionRecord) -> Self {
        let session = Self::empty(Some(client), client.apis().clone(), record.subject);
        Self { record: Some(record), key: Some(StoreKey::new(client)), ..session }
    }

    /// Renews by this grant where there is no refresh token: for a session whose record has no grant.
    #[must_use]
    pub fn with_grant(mut self, grant: Grant) -> Self {
        self.grant = Some(grant);
        self
    }

    /// Names these APIs whenever the refresh token is used (RFC 8707 §2.2), for one that came from elsewhere. Tokens that
    /// were asked for with resources bring them along.
    #[must_use]
    pub fn with_resources(mut self, resources: impl IntoIterator<Item = Resource>) -> Self {
        if let Some(record) = &mut self.record {
            record.resources = resources.into_iter().collect();
        }
        self
    }

    /// Renews tokens this long before they expire.
    #[must_use]
    pub fn with_margin(mut self, margin: Margin) -> Self {
        self.margin = margin;
        self.hold_anew();
        self
    }

    /// Renews a little earlier than others who share its tokens: `of_a_thousand`, a random number up to 1000, makes the
    /// margin and the waits after failures up to a quarter longer. The adapters see to it.
    #[must_use]
    pub fn with_spread(mut self, of_a_thousand: u16) -> Self {
        self.spread = of_a_thousand.min(1000);
        self.hold_anew();
        self
    }

    /// Holds the lease of its store this long for a renewal; 30 seconds unless said. Longer than a token request can
    /// take, and shorter than callers can wait for a process that died.
    #[must_use]
    pub const fn with_lease(mut self, time: Duration) -> Self {
        self.lease = time;
        self
    }

    /// Keeps its tokens under this key. Without it the key is the client's, with the scope where one was asked for.
    #[must_use]
    pub fn with_key(mut self, key: StoreKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Says that a store outlives this session, which others may write to. Tokens of a login are used only once they
    /// are in it. The adapters see to it.
    #[must_use]
    pub fn in_store(mut self) -> Self {
        self.stored = true;
        if let (true, Some(record)) = (self.login, &self.record) {
            self.unsaved = Some(Unsaved::login(record.clone()));
            self.shared.set(None);
        }
        self
    }

    /// Whether it holds tokens that are not in the store yet: those of a login, or those that could not be written.
    #[must_use]
    pub const fn is_unsaved(&self) -> bool {
        self.unsaved.is_some()
    }

    /// What a store keeps it under; `None` for a permanent token, which is stored where it came from.
    #[must_use]
    pub const fn key(&self) -> Option<&StoreKey> {
        match self.client {
            Some(_) => self.key.as_ref(),
            None => None,
        }
    }

    /// What is worth storing; `None` for a permanent token.
    #[must_use]
    pub fn record(&self) -> Option<SessionRecord> {
        self.record.clone()
    }

    /// On whose behalf its requests are made, where that is known.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        self.record.as_ref().and_then(SessionRecord::subject).or(self.subject)
    }

    /// What its tokens may do, where that is known.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        let granted = self.record.as_ref().and_then(SessionRecord::scope);
        granted.or_else(|| self.grant.as_ref().and_then(Grant::requested_scope))
    }

    /// The refresh token that is held now: the newest one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        self.record.as_ref().and_then(|record| record.refresh_token.as_ref())
    }

    /// The credential that is held now, good or not.
    #[must_use]
    pub fn credential(&self) -> Option<Credential> {
        self.shared.current()
    }

    /// The same for all who share the session, without a lock: give each of them a clone.
    #[must_use]
    pub const fn shared(&self) -> &SharedCredential {
        &self.shared
    }

    /// Sends one API request as a flow: renews before it if need be, signs it, and after a 401 renews and repeats it
    /// once. For a session that one task owns; where several share one, each runs a [`Call`] beside it.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as for [`Call::new`].
    pub fn call(&mut self, request: Request) -> Result<SessionCall<'_>, Error> {
        SessionCall::new(self, request)
    }

    /// Gives a call what it goes on with, or says what the session needs first.
    ///
    /// # Errors
    ///
    /// [`Error::AuthorizationRequired`] if no credential is good and nothing renews one; what the last renewal failed
    /// with, where no credential is good.
    pub fn authorize(&mut self, call: &mut Call, now: UnixTime) -> Result<Readiness, Error> {
        self.admit(call, now, true)
    }

    /// The same for whoever has nobody to leave a renewal to.
    pub(crate) fn authorize_owned(&mut self, call: &mut Call, now: UnixTime) -> Result<Readiness, Error> {
        self.admit(call, now, false)
    }

    fn admit(&mut self, call: &mut Call, now: UnixTime, in_background: bool) -> Result<Readiness, Error> {
        if let Some(refused) = call.refused()
            && !self.discard(refused, now)
        {
            call.rest();
            return Ok(Readiness::Ready);
        }
        let readiness = self.find(&mut call.awaited, now, in_background)?;
        if let Some(credential) = call.awaited.take() {
            call.take(credential, now);
        }
        Ok(readiness)
    }

    /// Provides a credential for whoever wants only that, or says what the session needs first.
    ///
    /// # Errors
    ///
    /// As for [`authorize`](Self::authorize).
    pub fn provide(&self, awaited: &mut AwaitedCredential, now: UnixTime) -> Result<Readiness, Error> {
        self.find(awaited, now, true)
    }

    fn find(
        &self,
        awaited: &mut AwaitedCredential,
        now: UnixTime,
        in_background: bool,
    ) -> Result<Readiness, Error> {
        match self.ready(awaited.wanted, now)? {
            Ready::Use(credential) => {
                awaited.credential = Some(credential);
                Ok(Readiness::Ready)
            }
            Ready::Renew(Some(credential)) if in_background => {
                awaited.credential = Some(credential);
                Ok(Readiness::Due)
            }
            Ready::Renew(_) => {
                awaited.wanted.get_or_insert(self.settled);
                Ok(Readiness::Wait)
            }
        }
    }

    /// Begins a renewal. Run it to its end, then [`settle`](Self::settle) it. At most one should be under way at a
    /// time: see to that where a session is shared.
    ///
    /// # Errors
    ///
    /// [`Error::AuthorizationRequired`] if nothing ever renews this session: its token is a permanent one.
    pub fn renewal(&self) -> Result<Renewal, Error> {
        let Some(client) = self.client.clone() else { return Err(expired()) };
        let (margin, spread, lease) = (self.margin, self.spread, self.lease);
        let plan = Plan { client, grant: self.grant.clone(), margin, spread, lease };
        Ok(Renewal::new(plan, self.record.clone(), self.refused.clone(), self.unsaved.clone()))
    }

    /// The same over this session's own memory, where a lease can only be that of a renewal that was dropped.
    pub(crate) fn renewal_alone(&mut self) -> Result<Renewal, Error> {
        self.memory.free();
        self.renewal()
    }

    /// Takes a renewal's outcome over, and says how it went. One that was dropped before its end is settled too.
    ///
    /// Any failure leaves a still-good access token in use, and the next renewal waits: a second at first, twice as long
    /// each time, a minute at most (five seconds if the store failed), or as long as the server asked for.
    ///
    /// # Errors
    ///
    /// The failure of the renewal: [`Error::Unanswered`] if no answer came, [`Error::AuthorizationRequired`] if the
    /// server refused the grant for good and nothing else renews, [`Error::Store`] if the store failed.
    pub fn settle(&mut self, renewal: Renewal, now: UnixTime) -> Result<(), Error> {
        self.settled += 1;
        let Some(outcome) = renewal.into_outcome() else {
            return self.fail(Error::Unanswered, None, now);
        };
        self.unsaved = outcome.unsaved;
        let told = outcome.record.as_ref().and_then(|record| record.failure.clone());
        if let Some(record) = outcome.record {
            if outcome.granted {
                // The server has just said that it is good, whatever the API said of it before.
                self.refused = None;
            }
            let renewed = self
                .record
                .as_ref()
                .is_none_or(|held| !held.same_tokens(&record) || held.expires_at != record.expires_at);
            self.record = Some(record);
            // A token that was just written is held for the first time, however the record compares.
            if renewed || (outcome.result.is_ok() && self.shared.current().is_none()) {
                self.hold();
            }
        }
        match outcome.result {
            Ok(()) => {
                self.failure = None;
                Ok(())
            }
            Err(error) => self.fail(error, told, now),
        }
    }

    fn fail(&mut self, error: Error, told: Option<Failure>, now: UnixTime) -> Result<(), Error> {
        // A store that has nothing yet is looked at again and again: somebody may log in.
        let looks_again =
            matches!(&error, Error::AuthorizationRequired(why) if matches!(why.cause(), Cause::Expired));
        let earlier = self.failure.as_ref().map(|(failure, _)| failure).filter(|_| !looks_again);
        let failure = told.unwrap_or_else(|| Failure::after(earlier, &error, None, self.spread, now));
        self.failure = Some((failure, error.clone()));
        Err(error)
    }

    /// Makes the record's access token the credential, unless it is one that the API refused.
    fn hold(&mut self) {
        let Some(record) = &self.record else { return };
        let Some(token) = record.access_token.clone() else {
            self.shared.set(None);
            return;
        };
        if self.refused.as_ref() == Some(&token) {
            return;
        }
        let Some(Ok(key)) = self.client.as_ref().map(|client| record.key(client)) else {
            self.shared.set(None);
            return;
        };
        self.credentials += 1;
        let fresh_until = self.margin.fresh_until(record.issued_at, record.expires_at, self.spread);
        // A token that was admitted is printable, so it fits a header.
        self.shared.set(Credential::new(token, key, record.expires_at, fresh_until, self.credentials).ok());
        self.refused = None;
    }

    /// When a credential stops being fresh is a part of it, so that one that is held follows a setting.
    fn hold_anew(&mut self) {
        if self.shared.current().is_some() {
            self.hold();
        }
    }

    /// Forgets a credential that the API refused, unless a newer one is held by now; whether there is another, or
    /// something to get one by.
    fn discard(&mut self, refused: &Credential, now: UnixTime) -> bool {
        match self.shared.current() {
            Some(held) if held.generation() == refused.generation() => {
                if !self.renews() || !self.rejections.admit(now) {
                    return false;
                }
                self.refused = Some(refused.access_token().clone());
                self.shared.set(None);
                true
            }
            Some(_) => true,
            None => self.renews(),
        }
    }

    /// What a call is to do at `now`. `wanted` is how many renewals had been settled when the call first wanted one: one
    /// that was settled since is not asked for again, so that a call ends whatever the clock does.
    fn ready(&self, wanted: Option<u64>, now: UnixTime) -> Result<Ready, Error> {
        let held = self.shared.current();
        let settled_since = wanted.map_or(0, |wanted| self.settled - wanted);
        let waited = settled_since > 0;
        let failing = self.failure.as_ref();
        // The first may have begun before the token was refused, and bring nothing but that token; the second has not.
        let answered = settled_since > 1 || (waited && (held.is_some() || failing.is_some()));
        let due = self.renews() && !answered && failing.is_none_or(|(failure, _)| failure.is_over(now));
        match held {
            Some(held) if held.is_fresh(now) => Ok(Ready::Use(held)),
            // A token that was renewed for this call is used, however short its lifetime is.
            Some(held) if waited && failing.is_none() => Ok(Ready::Use(held)),
            held if due => Ok(Ready::Renew(held.filter(|held| held.is_valid(now)))),
            Some(held) if held.is_valid(now) => Ok(Ready::Use(held)),
            _ => Err(failing.map_or_else(expired, |(_, error)| error.clone())),
        }
    }

    /// Whether something may get it another token without a person: a refresh token, a grant, a store.
    #[must_use]
    pub const fn renews(&self) -> bool {
        let refreshes = match &self.record {
            Some(record) => record.has_refresh_token(),
            None => false,
        };
        self.client.is_some() && (self.grant.is_some() || refreshes || self.stored || self.unsaved.is_some())
    }
}

/// What a session says to a call.
enum Ready {
    Use(Credential),
    /// A renewal is due; the credential is still good meanwhile.
    Renew(Option<Credential>),
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("client", &self.client)
            .field("subject", &self.subject())
            .field("scope", &self.scope())
            .field("credential", &self.credential())
            .field("renews", &self.renews())
            .finish_non_exhaustive()
    }
}

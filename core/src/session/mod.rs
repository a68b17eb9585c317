//! The tokens held, and how to get the next one: [`Session`]. It decides and never sends.
//!
//! Three questions, each with one answer: is there a credential good at `now`? what renews it? what does this 401
//! mean? A [`Call`] asks them for one API request.
//!
//! Longer than most files: the ways to a session stand side by side.

pub(crate) mod beside_token;
pub(crate) mod call;
pub(crate) mod call_step;
pub(crate) mod credential;
pub(crate) mod end;
pub(crate) mod ended;
pub(crate) mod ending;
pub(crate) mod endings;
pub(crate) mod held;
mod keeping;
pub(crate) mod kept;
pub(crate) mod logged_in;
mod looking;
mod looks;
mod margin;
pub(crate) mod observer;
pub(crate) mod purpose;
pub(crate) mod readiness;
pub(crate) mod recent;
pub(crate) mod record;
pub(crate) mod record_bytes;
pub(crate) mod rejection;
pub(crate) mod renewal;
pub(crate) mod renewing;
pub(crate) mod request_head;
pub(crate) mod session_call;
pub(crate) mod settings;
pub(crate) mod shared;
pub(crate) mod shared_credential;
pub(crate) mod shared_renewal;
pub(crate) mod storing;
pub(crate) mod sync;
pub(crate) mod tombstone;
pub(crate) mod user_info;

pub use crate::session::call::Call;
pub use crate::session::call_step::{CallStep, Readiness};
pub use crate::session::credential::{Authorization, AwaitedCredential, Credential};
pub use crate::session::end::SessionEnd;
pub use crate::session::ended::{Ended, NotRevoked};
pub use crate::session::logged_in::LoginLookup;
pub use crate::session::margin::Margin;
pub use crate::session::observer::{Observer, SessionEvent};
pub use crate::session::recent::Recent;
pub use crate::session::record::SessionRecord;
pub use crate::session::renewal::dead::RefusalPolicy;
pub use crate::session::renewal::machine::Renewal;
pub use crate::session::renewal::step::{RenewalAnswer, RenewalStep};
pub use crate::session::request_head::RequestHead;
pub use crate::session::session_call::SessionCall;
pub use crate::session::shared::SharedSession;
pub use crate::session::shared_credential::SharedCredential;
pub use crate::session::shared_renewal::SharedRenewal;

use std::fmt;
use std::time::Duration;

use crate::client::Client;
use crate::client::apis::Apis;
use crate::ground::error::Error;
use crate::ground::quirk::Quirks;
use crate::ground::subject::Subject;
use crate::identity::login::Identity;
use crate::session::endings::Endings;
use crate::session::looks::Looks;
use crate::session::observer::Observers;
use crate::session::purpose::Purpose;
use crate::session::rejection::Rejections;
use crate::session::renewal::failure::Failure;
use crate::session::renewal::outcome::Unsaved;
use crate::store::key::StoreKey;
use crate::store::memory::Slot;
use crate::store::origin::Origin;
use crate::terms::scope::Scope;
use crate::terms::secret::{AccessToken, RefreshToken};
use crate::token::grant::Grant;
use crate::token::proving::{Begin, Proof};
use crate::token::response::TokenResponse;

/// How long a renewal holds the lease of its store, by default.
const LEASE: Duration = Duration::from_secs(30);

/// The tokens of one subject, and what gets the next one: plain data.
///
/// ```
/// # use valetkey_core::{AuthorizationServer, Client, ClientSecret};
/// use valetkey_core::{Grant, Session, Subject};
///
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3").secret("gX1fBAt3bV")?.api("https://api.example")?;
/// let session = Session::from_grant(&client, Grant::client_credentials().scope("profile")?);
/// assert_eq!(session.subject(), Some(Subject::Application));
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct Session {
    // A program may hold one for each of its users: what most of them do not have is boxed.
    client: Option<Client>,
    grant: Option<Box<Grant>>,
    /// How an ID token that comes with a renewal is verified: by a pointer, which an application's own session does not have.
    begin: Option<Begin>,
    subject: Option<Subject>,
    margin: Margin,
    spread: u16,
    lease: Duration,
    refusals: RefusalPolicy,
    /// Whether it is to name resources that its login was not asked for.
    is_widened: bool,
    /// What goes along whenever its refresh token is used.
    refresh_parameters: Vec<(String, String)>,
    /// Where it is kept, if a store outlives it, which may know more than it does.
    key: Option<Box<StoreKey>>,
    /// What it is for, which anything loaded for it must be for too.
    purpose: Purpose,
    /// The grant that its first tokens came by, if that is known.
    origin: Option<Origin>,
    /// Whether its tokens come from a login of just now.
    login: bool,
    /// What is held; none for a permanent token.
    record: Option<SessionRecord>,
    unsaved: Option<Unsaved>,
    shared: SharedCredential,
    observers: Observers,
    refused: Option<AccessToken>,
    rejections: Rejections,
    failure: Option<Box<(Failure, Error)>>,
    /// The store of a session that one task owns.
    pub(crate) memory: Option<Box<Slot>>,
    looks: Looks,
    /// How many credentials this session has had.
    credentials: u64,
    /// How many renewals have been settled, one way or the other.
    settled: u64,
    /// How many of these brought a token that is new, or were to.
    renewed: u64,
    /// How often it was ended.
    ends: u64,
    /// The log-outs that were begun and not settled.
    endings: Endings,
}

impl Session {
    /// A session from the tokens of any grant. It renews with the refresh token, if one came. A token that is of no use at
    /// an API by itself ([`TokenType::NotApplicable`](crate::token::TokenType::NotApplicable)) is not held
    /// ([TR-16](crate::Rule::Tr16)).
    ///
    /// In a store they replace whatever there was: this is a new login.
    #[must_use]
    pub fn from_tokens(client: &Client, tokens: &TokenResponse) -> Self {
        let record = SessionRecord::of_login(client, tokens);
        let origin = Origin::of_tokens(tokens);
        let purpose = Purpose::of_tokens(tokens).with_login_of(&record);
        let mut session = Self { login: true, origin, purpose, ..Self::proving(client, record) };
        session.hold();
        session
    }

    /// A session that gets its tokens by a grant that can be repeated, such as client credentials, the first of them
    /// when it is needed.
    #[must_use]
    pub fn from_grant(client: &Client, grant: Grant) -> Self {
        let record = SessionRecord::new(client, Some(grant.subject()));
        let record = SessionRecord { purpose: grant.purpose(), resources: grant.resources(), ..record };
        let purpose = Purpose::default().with_grant(&grant);
        Self { purpose, begin: grant.begin(), grant: Some(Box::new(grant)), ..Self::holding(client, record) }
    }

    /// A session from a refresh token that came from elsewhere. What it was granted for is said by [`with_scope`](Self::with_scope)
    /// and [`with_resources`](Self::with_resources). A newer one in a store is preferred.
    #[must_use]
    pub fn from_refresh_token(client: &Client, token: RefreshToken) -> Self {
        let record = SessionRecord::new(client, Some(Subject::User));
        let origin = Some(Origin::of_grant(&Grant::renewing(&token)));
        let record = SessionRecord { refresh_token: Some(token), ..record };
        Self { origin, ..Self::proving(client, record) }
    }

    /// A session whose tokens a store has: say which and whose by [`in_store`](Self::in_store), or by the adapters'
    /// `stored`.
    #[must_use]
    pub fn from_store(client: &Client) -> Self {
        Self::proving(client, SessionRecord::new(client, None))
    }

    /// A session with a token that never expires and that nothing renews, for the API at `api`.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5)) if the API's URL is not https. Plain http on loopback is refused when a
    /// request goes there, unless it is [admitted](Self::admit).
    pub fn from_permanent_token(api: &str, token: AccessToken, subject: Subject) -> Result<Self, Error> {
        let apis = Apis::default().and(api, Quirks::WHEN_NAMED)?.admitting(Quirks::STRICT);
        let mut session = Self::empty(None, apis.clone(), Some(subject));
        session.credentials = 1;
        session.shared.set(Some(Credential::new(token, None, None, None, 1, apis)?), None);
        Ok(session)
    }

    /// Takes up a session that was stored by other means than a [`Store`](crate::store::Store).
    ///
    /// If it is put [into a store](Self::in_store) that other processes use too, it may have ended there. So where it
    /// [looks](Self::with_look_after) at its store, it does so before it hands out a credential for the first time. A store that has
    /// nothing says nothing: a record that is kept elsewhere is to be deleted there when its session ends.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ST-1](crate::Rule::St1)) if it was stored for another client or another server;
    /// ([DP-7](crate::Rule::Dp7)) if its tokens are bound to another key than the client's: see
    /// [`SessionRecord::with_key_of`].
    pub fn from_record(client: &Client, record: SessionRecord) -> Result<Self, Error> {
        let record = record.admitted(client)?;
        let purpose = Purpose::of_record(&record);
        let failure = record.failure.as_deref().map(|failure| Box::new((failure.clone(), failure.error())));
        let mut session = Self { failure, purpose, ..Self::proving(client, record) };
        session.hold();
        Ok(session)
    }

    fn empty(client: Option<&Client>, apis: Apis, subject: Option<Subject>) -> Self {
        Self {
            client: client.cloned(),
            grant: None,
            begin: None,
            subject,
            margin: client.and_then(|client| client.server().margin).map_or_else(Margin::default, Margin::of),
            spread: 0,
            lease: LEASE,
            refusals: RefusalPolicy::default(),
            is_widened: false,
            refresh_parameters: Vec::new(),
            key: None,
            purpose: Purpose::default(),
            origin: None,
            login: false,
            record: None,
            unsaved: None,
            shared: SharedCredential::new(apis),
            observers: Observers::default(),
            refused: None,
            rejections: Rejections::default(),
            failure: None,
            memory: None,
            looks: Looks::default(),
            credentials: 0,
            settled: 0,
            renewed: 0,
            ends: 0,
            endings: Endings::default(),
        }
    }

    /// One that may be of a person's login, now or by what its store has.
    fn proving(client: &Client, record: SessionRecord) -> Self {
        Self { begin: Some(Proof::of), ..Self::holding(client, record) }
    }

    fn holding(client: &Client, record: SessionRecord) -> Self {
        let session = Self::empty(Some(client), client.apis().clone(), record.subject);
        Self { record: Some(record), ..session }
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

    /// Who logged in, if its tokens came of a login whose ID token was verified, and all that came since were theirs
    /// ([ID-53](crate::Rule::Id53)).
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.record.as_ref().and_then(SessionRecord::identity)
    }

    /// What its tokens may do, where that is known.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        let granted = self.record.as_ref().and_then(SessionRecord::scope);
        granted.or_else(|| self.grant.as_deref().and_then(Grant::requested_scope))
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

    /// Whether something may get it another token without a person: a refresh token, a grant, a store.
    #[must_use]
    pub const fn renews(&self) -> bool {
        let refreshes = match &self.record {
            Some(record) => record.has_refresh_token(),
            None => false,
        };
        let stored = self.key.is_some() || self.unsaved.is_some();
        self.client.is_some() && (self.grant.is_some() || refreshes || stored)
    }
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

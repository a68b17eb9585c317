//! The sessions of many users: [`Sessions`].

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use valetkey_core::logout::{LoginUnderWay, indexes_of};
use valetkey_core::session::{Ended, LoginLookup, Recent};
use valetkey_core::store::{AsyncStore, Index, StoreKey};
use valetkey_core::{self as core, Client, Session, TokenResponse};

use crate::said::Said;
use crate::{ApiClient, Error, HttpClient, LoggedIn, Tasks, Tokens, now};

/// How many sessions are held in memory at most, and for how long one that nobody uses.
const MOST: usize = 10_000;
const IDLE: Duration = Duration::from_secs(15 * 60);

/// The sessions of many users, each under the name by which the program knows the user. A clone shares them.
///
/// They are in the store; the ones used of late are also held in memory, so that the tasks of one user share one renewal.
/// Of these there are 10,000 at most, and one that nobody used for 15 minutes is let go: its user is still logged in. One
/// whose new tokens could not be stored yet is not let go.
///
/// ```no_run
/// # use valetkey_async::{AuthorizationServer, Client, TokenResponse, http_client};
/// # use valetkey_async::store::MemoryStore;
/// use valetkey_async::Sessions;
///
/// # async fn program(tokens: TokenResponse) -> Result<(), valetkey_async::Error> {
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3").api("https://api.example")?;
/// let sessions = Sessions::new(http_client()?, &client, MemoryStore::new());
/// sessions.login("alice", &tokens).await?; // the tokens that a login ended with
/// let today = sessions.api("alice")?.get("https://api.example/today").await?;
/// sessions.logout("alice").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sessions(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) http: HttpClient,
    pub(crate) client: Client,
    pub(crate) store: Arc<dyn AsyncStore>,
    pub(crate) said: Said,
    recent: Mutex<Recent<Held>>,
}

/// What is held in memory of a session.
#[derive(Clone)]
struct Held {
    tokens: Tokens,
    lookup: LoginLookup,
}

impl Sessions {
    /// The sessions that this client's users have in this store.
    #[must_use]
    pub fn new(http: HttpClient, client: &Client, store: impl AsyncStore + 'static) -> Self {
        Self::build(http, client.clone(), Arc::new(store), Said::default())
    }

    /// Looks into the store again before a session that is held in memory hands out a token, where the last look is older than this:
    /// so late at most a log-out in another process reaches it. Five seconds by default: see [`Session::with_look_after`]. Say it
    /// before the sessions are used: what is held in memory by then is let go.
    #[must_use]
    pub fn with_look_after(self, time: Duration) -> Self {
        let said = Said { look_after: Some(time), ..self.0.said.clone() };
        self.saying(said)
    }

    /// Lets the store drop a session when nobody has used it for this long, so that nobody's tokens stay there for ever after a browser
    /// that never came back: see [`Session::with_lifetime`]. [`logged_in`](Self::logged_in) is a use, and so is whatever asks for a
    /// token. Where nothing is said they are kept until the session ends.
    ///
    /// Name the time that your web session lasts without a visit, or a longer one. Say it before the sessions are used: what is held in
    /// memory by then is let go. A session that was stored before without a lifetime gets it when it is used.
    #[must_use]
    pub fn with_lifetime(self, time: Duration) -> Self {
        let said = Said { lifetime: Some(time), ..self.0.said.clone() };
        self.saying(said)
    }

    /// Has these count what goes on when nobody waits for it any more: renewals, and revocations after a log-out that the server
    /// announced. Say it before the sessions are used, as [`with_look_after`](Self::with_look_after).
    #[must_use]
    pub fn with_tasks(self, tasks: &Tasks) -> Self {
        let said = Said { tasks: tasks.clone(), ..self.0.said.clone() };
        self.saying(said)
    }

    fn saying(&self, said: Said) -> Self {
        let Inner { http, client, store, .. } = &*self.0;
        Self::build(http.clone(), client.clone(), Arc::clone(store), said)
    }

    fn build(http: HttpClient, client: Client, store: Arc<dyn AsyncStore>, said: Said) -> Self {
        let recent =
            Mutex::new(Recent::new(MOST, IDLE).keeping(|held: &Held| held.tokens.look(Session::is_unsaved)));
        Self(Arc::new(Inner { http, client, store, said, recent }))
    }

    /// Keeps the tokens of a login as this user's, in the place of what was there. They are in the store when this returns.
    /// Take a name that was never used before, as the web login of the guide does: a login that fails may leave its session in a
    /// store that failed too, and nobody should know its name.
    ///
    /// A login whose ID token was verified is found there by [whose it is](indexes_of) at the authorization server, so that a
    /// log-out which the server announces ends it ([LO-19](crate::Rule::Lo19)). Tokens that are to outlive the login are not for here:
    /// put them into a [`Session`] of their own.
    ///
    /// # Errors
    ///
    /// As for [`Tokens::stored`]; and [`Error::Core`] with [`AuthorizationRequired`](crate::error::AuthorizationRequired), because
    /// the server has [ended](crate::error::Cause::Ended) this login while it was under way ([LO-16](crate::Rule::Lo16)): its session
    /// has ended again, and its tokens are revoked.
    pub async fn login(&self, user: &str, tokens: &TokenResponse) -> Result<Tokens, Error> {
        self.login_indexed(user, tokens, []).await
    }

    /// The same, found in the store by these too: by a name of the program's own, for example, for all sessions of one account.
    /// A record is found by [`MOST_INDEXES`](crate::store::MOST_INDEXES) at most, of which two are the login's own.
    ///
    /// # Errors
    ///
    /// As for [`login`](Self::login).
    pub async fn login_indexed(
        &self,
        user: &str,
        response: &TokenResponse,
        indexes: impl IntoIterator<Item = Index>,
    ) -> Result<Tokens, Error> {
        let (session, others) =
            (self.0.said.to(Session::from_tokens(&self.0.client, response)), Vec::from_iter(indexes));
        // Its own come first: they are never those that there is no room for.
        let mut indexes = response.login().map(indexes_of).unwrap_or_default();
        indexes.extend(others);
        // Naming none would take those away that another process gives the same login.
        let session = if indexes.is_empty() { session } else { session.with_indexes(indexes) };
        let under_way = LoginUnderWay::of(&self.0.client, response);
        // A task of its own: a session that is stored is looked after, also if its caller has stopped waiting.
        let kept = self.0.said.tasks.spawn(self.clone().keep(user.to_owned(), session, under_way));
        kept.await.unwrap_or(Err(Error::Core(core::Error::Unanswered)))
    }

    async fn keep(
        self,
        user: String,
        session: Session,
        under_way: Option<LoginUnderWay>,
    ) -> Result<Tokens, Error> {
        let lookup = self.lookup(&user)?;
        let tokens = self.tokens(session.in_store(self.key(&user))?).saved().await?;
        if let Some(login) = under_way
            && let Err(error) = self.require_going_on(&login).await
        {
            // If this fails too, the session stays in the store, under a name that the caller tells nobody.
            let _ = tokens.end().await;
            return Err(error);
        }
        let held = Held { tokens: tokens.clone(), lookup };
        self.recent().put(&user, held, now());
        Ok(tokens)
    }

    /// Who is logged in under this name, by a look into the store at each call: a session that any process ended, or the server,
    /// is over at once. `None` if nobody is: there is no session, or it has ended. Ask this first at each request of a web
    /// application.
    ///
    /// An access token that has expired does not end a session, nor does a renewal that was refused: the person goes on to be
    /// logged in, and a call of an API says that they must [authorize](crate::error::AuthorizationRequired).
    ///
    /// # Errors
    ///
    /// [`Error::Core`] with [`Store`](valetkey_core::Error::Store) if the store failed, or what it has cannot be read: that is no
    /// log-out, and an answer for it is 503. [`Misuse`](valetkey_core::Error::Misuse) ([ST-4](crate::Rule::St4)) if the name is empty, or
    /// the record is another owner's.
    pub async fn logged_in(&self, user: &str) -> Result<Option<LoggedIn>, Error> {
        let lookup = self.recent().get(user, now()).map(|held| held.lookup);
        let lookup = lookup.map_or_else(|| self.lookup(user), Ok)?;
        let key = lookup.key();
        let stored = self.0.store.load(key).await.map_err(core::Error::Store)?;
        let record = lookup.logged_in(stored.as_ref(), now());
        // A record that does not say whose it is, of a former version, is nobody's login.
        let record = match record {
            Err(core::Error::AuthorizationRequired(_)) => None,
            record => record?,
        };
        // Asked again: others may have logged in, or out, while the store was asked.
        let held = self.recent().get(user, now());
        let Some(record) = record else {
            held.iter().for_each(|held| self.let_go(user, held));
            return Ok(None);
        };
        if let (Some(stored), Some(kept)) = (stored, record.kept_longer(self.0.said.lifetime, now())?) {
            // It goes on, whatever comes of this: the next request tries it again.
            let _ = self.0.store.replace(key, Some(&stored.version), Some(&kept)).await;
        }
        // What is held may be of an earlier login under this name: its tokens are not this person's.
        let is_other = |session: &Session| session.is_of_another_login(&record);
        let tokens = match held {
            Some(held) if !held.tokens.look(is_other) => held.tokens,
            other => {
                other.iter().for_each(|other| self.let_go(user, other));
                self.held(user, Some(lookup))?
            }
        };
        Ok(Some(LoggedIn::new(record, self.0.http.clone(), tokens)))
    }

    /// Holds these in memory no longer, unless they have something that is in no store yet.
    fn let_go(&self, user: &str, held: &Held) {
        if !held.tokens.look(Session::is_unsaved) {
            self.recent().remove(user);
        }
    }

    /// No log-out of this login came while it was under way ([LO-16](crate::Rule::Lo16)): asked once the session is in the store.
    async fn require_going_on(&self, login: &LoginUnderWay) -> Result<(), Error> {
        for key in login.keys() {
            let mark = self.0.store.load(key).await.map_err(core::Error::Store)?;
            login.require_going_on(mark.as_ref())?;
        }
        Ok(())
    }

    /// The tokens of this user. The store is asked when they are needed: a user who is not logged in is told then, as
    /// [`AuthorizationRequired`](crate::error::AuthorizationRequired).
    ///
    /// # Errors
    ///
    /// [`Error::Core`] ([ST-4](crate::Rule::St4)) if the name is empty.
    pub fn of(&self, user: &str) -> Result<Tokens, Error> {
        self.held(user, None)
    }

    /// The same, which is found by this from then on if it is held anew.
    fn held(&self, user: &str, lookup: Option<LoginLookup>) -> Result<Tokens, Error> {
        let mut recent = self.recent();
        if let Some(held) = recent.get(user, now()) {
            return Ok(held.tokens);
        }
        let session = self.0.said.to(Session::from_store(&self.0.client)).in_store(self.key(user))?;
        let tokens = self.tokens(session);
        let lookup = lookup.map_or_else(|| self.lookup(user), Ok)?;
        recent.put(user, Held { tokens: tokens.clone(), lookup }, now());
        Ok(tokens)
    }

    /// The client's APIs, called on behalf of this user.
    ///
    /// # Errors
    ///
    /// As for [`of`](Self::of).
    pub fn api(&self, user: &str) -> Result<ApiClient, Error> {
        Ok(ApiClient::over(self.0.http.clone(), self.of(user)?))
    }

    /// Logs this user out, in all processes: see [`Tokens::end`].
    ///
    /// # Errors
    ///
    /// As for [`of`](Self::of) and [`Tokens::end`].
    pub async fn logout(&self, user: &str) -> Result<Ended, Error> {
        let ended = self.of(user)?.end().await?;
        self.recent().remove(user);
        Ok(ended)
    }

    fn tokens(&self, session: Session) -> Tokens {
        let Inner { http, store, said, .. } = &*self.0;
        Tokens::build(http.clone(), session, Arc::clone(store), said.tasks.clone())
    }

    fn key(&self, user: &str) -> StoreKey {
        StoreKey::of_user(&self.0.client, user)
    }

    fn lookup(&self, user: &str) -> Result<LoginLookup, Error> {
        Ok(LoginLookup::new(&self.0.client, self.key(user))?)
    }

    /// A panic elsewhere leaves what is held as it was.
    fn recent(&self) -> MutexGuard<'_, Recent<Held>> {
        self.0.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("client", &self.0.client)
            .field("recent", &*self.recent())
            .finish_non_exhaustive()
    }
}

//! The sessions of many users: [`Sessions`].

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use valetkey_core::session::{Ended, Recent};
use valetkey_core::store::{AsyncStore, Index, StoreKey};
use valetkey_core::{Client, Session, TokenResponse};

use crate::{ApiClient, Error, HttpClient, Tokens, now};

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
pub struct Sessions(Arc<Inner>);

struct Inner {
    http: HttpClient,
    client: Client,
    store: Arc<dyn AsyncStore>,
    recent: Mutex<Recent<Tokens>>,
}

impl Sessions {
    /// The sessions that this client's users have in this store.
    #[must_use]
    pub fn new(http: HttpClient, client: &Client, store: impl AsyncStore + 'static) -> Self {
        let recent =
            Mutex::new(Recent::new(MOST, IDLE).keeping(|tokens: &Tokens| tokens.look(Session::is_unsaved)));
        Self(Arc::new(Inner { http, client: client.clone(), store: Arc::new(store), recent }))
    }

    /// Keeps the tokens of a login as this user's, in the place of what was there. They are in the store when this returns.
    ///
    /// # Errors
    ///
    /// As for [`Tokens::stored`].
    pub async fn login(&self, user: &str, tokens: &TokenResponse) -> Result<Tokens, Error> {
        self.login_indexed(user, tokens, []).await
    }

    /// The same, found in the store by these too: by the user and the login at the authorization server, for example, so that
    /// a log-out which the server announces finds it ([`Session::with_indexes`]).
    ///
    /// # Errors
    ///
    /// As for [`Tokens::stored`].
    pub async fn login_indexed(
        &self,
        user: &str,
        tokens: &TokenResponse,
        indexes: impl IntoIterator<Item = Index>,
    ) -> Result<Tokens, Error> {
        let (session, indexes) = (Session::from_tokens(&self.0.client, tokens), Vec::from_iter(indexes));
        // Naming none would take those away that another process gives the same login.
        let session = if indexes.is_empty() { session } else { session.with_indexes(indexes) };
        let (http, store) = (self.0.http.clone(), Arc::clone(&self.0.store));
        let tokens = Tokens::stored(http, session, self.key(user), store).await?;
        self.recent().put(user, tokens.clone(), now());
        Ok(tokens)
    }

    /// The tokens of this user. The store is asked when they are needed: a user who is not logged in is told then, as
    /// [`AuthorizationRequired`](crate::error::AuthorizationRequired).
    ///
    /// # Errors
    ///
    /// [`Error::Core`] ([ST-4](crate::Rule::St4)) if the name is empty.
    pub fn of(&self, user: &str) -> Result<Tokens, Error> {
        let mut recent = self.recent();
        if let Some(tokens) = recent.get(user, now()) {
            return Ok(tokens);
        }
        let session = Session::from_store(&self.0.client).in_store(self.key(user))?;
        let tokens = Tokens::build(self.0.http.clone(), session, Arc::clone(&self.0.store));
        recent.put(user, tokens.clone(), now());
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

    /// Logs this user out, in all processes: see [`Tokens::end`]. An access token that another process holds in memory, or a
    /// clone of tokens from before the last login, is used until it expires, unless the server revoked it.
    ///
    /// # Errors
    ///
    /// As for [`of`](Self::of) and [`Tokens::end`].
    pub async fn logout(&self, user: &str) -> Result<Ended, Error> {
        let ended = self.of(user)?.end().await?;
        self.recent().remove(user);
        Ok(ended)
    }

    fn key(&self, user: &str) -> StoreKey {
        StoreKey::of_user(&self.0.client, user)
    }

    /// A panic elsewhere leaves what is held as it was.
    fn recent(&self) -> MutexGuard<'_, Recent<Tokens>> {
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

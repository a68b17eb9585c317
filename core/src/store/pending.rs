//! A pending authorization in a store: put there once, and taken out once ([AR-12](crate::Rule::Ar12)).

use crate::authorize::pending::{PendingAuthorization, StoredAuthorization};
use crate::authorize::response::AuthorizationResponse;
use crate::ground::error::Error;
use crate::ground::time::UnixTime;
use crate::store::entry::{Entry, StoredBytes};
use crate::store::key::StoreKey;
use crate::store::{AsyncStore, Store, StoreError};

/// In a [`Store`], which may be the sessions' own. Who takes it out is the one who goes on with the response: a second
/// tab, or a page that is loaded again, gets nothing.
///
/// ```
/// # use valetkey_core::{AuthorizationRequest, AuthorizationServer, Client, Entropy, Error, UnixTime};
/// use valetkey_core::store::{MemoryStore, Store};
/// use valetkey_core::{AuthorizationResponse, PendingAuthorization, TokenRequest};
///
/// # type Failed = Box<dyn std::error::Error>;
/// /// `GET /login`: where to send the browser. `session` is the value of the browser's session cookie.
/// fn login(store: &dyn Store, client: &Client, session: &str) -> Result<String, Error> {
///     let request = AuthorizationRequest::new(client, "https://app.example/callback")?;
///     let (url, pending) = request.begin(session, entropy(), now())?;
///     pending.put_in(store, now())?;
///     Ok(url.as_str().to_owned())
/// }
///
/// /// `GET /callback?…`: the request for tokens that it leads to.
/// fn callback(store: &dyn Store, client: &Client, session: &str, query: &str) -> Result<TokenRequest, Failed> {
///     let url = format!("https://app.example/callback?{query}");
///     let response = AuthorizationResponse::from_url(&url)?.received_in(session);
///     let pending = PendingAuthorization::take_from(store, &response)?;
///     let mut pending = pending.ok_or("no login waits for this: log in again")?;
///     Ok(pending.finish(client, &response, now())?)
/// }
///
/// # fn entropy() -> Entropy { Entropy::from_seed([7; 32]) }
/// # fn now() -> UnixTime { UnixTime::from_secs(1_700_000_000) }
/// # let server = AuthorizationServer::new()
/// #     .authorization_endpoint("https://as.example/authorize")?
/// #     .token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3");
/// # let store = MemoryStore::new();
/// let url = login(&store, &client, "alice's session")?;
/// # let state = url.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
/// let query = format!("code=SplxlOBeZQQYbYS6WxSbIA&state={state}");
/// assert!(callback(&store, &client, "alice's session", &query).is_ok());
/// // A reload finds nothing.
/// assert!(callback(&store, &client, "alice's session", &query).is_err());
/// # Ok::<(), Failed>(())
/// ```
impl PendingAuthorization {
    /// Puts it into a store under its `state`, for as long as it is [good](Self::expires_at).
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store failed, or has one under this `state` already: its entropy was used twice.
    pub fn put_in(self, store: &dyn Store, now: UnixTime) -> Result<(), Error> {
        let (key, entry) = self.entry(now).map_err(Error::Store)?;
        put(store.insert_if_absent(&key, &entry))
    }

    /// The same for a store for tasks.
    ///
    /// # Errors
    ///
    /// As for [`put_in`](Self::put_in).
    pub async fn put_in_async(self, store: &dyn AsyncStore, now: UnixTime) -> Result<(), Error> {
        let (key, entry) = self.entry(now).map_err(Error::Store)?;
        put(store.insert_if_absent(&key, &entry).await)
    }

    /// Takes the one that the response claims to answer out of a store, for [`finish`](Self::finish) to check. `None` if
    /// it is not there, or another was first: the user begins another login. It is not put back, however the response is
    /// judged. One that may be encrypted is [decrypted](AuthorizationResponse::decrypted_for) first.
    ///
    /// A response that another browser brought takes nothing, so that a `state` which somebody has seen or guessed ends no
    /// login: the session is compared first.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store failed, or holds something else there; ([AR-14](crate::Rule::Ar14))
    /// [`Error::Malformed`] if the response arrived in another session than the one it was begun in, [`Error::Misuse`] if it
    /// was begun with a session and the response was not [`received_in`](AuthorizationResponse::received_in) one, or the
    /// other way about.
    pub fn take_from(store: &dyn Store, response: &AuthorizationResponse) -> Result<Option<Self>, Error> {
        let Some(state) = response.state() else { return Ok(None) };
        let key = StoreKey::of_pending(&state);
        match store.load(&key).map_err(Error::Store)? {
            Some(stored) => read(&stored.bytes)?.require_session(response)?,
            None => return Ok(None),
        }
        taken(store.take(&key))
    }

    /// The same for a store for tasks.
    ///
    /// # Errors
    ///
    /// As for [`take_from`](Self::take_from).
    pub async fn take_from_async(
        store: &dyn AsyncStore,
        response: &AuthorizationResponse,
    ) -> Result<Option<Self>, Error> {
        let Some(state) = response.state() else { return Ok(None) };
        let key = StoreKey::of_pending(&state);
        match store.load(&key).await.map_err(Error::Store)? {
            Some(stored) => read(&stored.bytes)?.require_session(response)?,
            None => return Ok(None),
        }
        taken(store.take(&key).await)
    }

    fn entry(&self, now: UnixTime) -> Result<(StoreKey, Entry), StoreError> {
        let bytes = serde_json::to_vec(self)
            .map_err(|_| StoreError::new("a pending authorization cannot be written"))?;
        let entry = Entry::new(StoredBytes::new(bytes)).kept_for(self.expires_at().since(now), now);
        Ok((StoreKey::of_pending(self.state()), entry))
    }
}

fn put(inserted: Result<bool, StoreError>) -> Result<(), Error> {
    match inserted {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::Store(StoreError::new(
            "a pending authorization of this `state` is stored already: use fresh entropy for each",
        ))),
        Err(error) => Err(Error::Store(error)),
    }
}

fn taken(taken: Result<Option<StoredBytes>, StoreError>) -> Result<Option<PendingAuthorization>, Error> {
    let Some(bytes) = taken.map_err(Error::Store)? else { return Ok(None) };
    read(&bytes)?.taken_out(true).map(Some)
}

fn read(bytes: &StoredBytes) -> Result<StoredAuthorization, Error> {
    // serde_json's message may quote the input.
    serde_json::from_slice(bytes.expose()).map_err(|_| {
        Error::Store(StoreError::new("the stored record is not a pending authorization that can be read"))
    })
}

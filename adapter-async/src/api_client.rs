//! Calls of an API, many at a time, over one session: [`ApiClient`].

use std::fmt;
use std::sync::MutexGuard;

use valetkey_core::session::CallStep;
use valetkey_core::store::{AsyncStore, StoreKey};
use valetkey_core::{Request, Response, Session};

use crate::exchange::exchange;
use crate::{Error, HttpClient, Tokens};

/// The largest body of an API's answer unless said otherwise: 64 MiB.
const BODY_LIMIT: usize = 64 << 20;

/// An API, called with [`Tokens`]. A clone shares them; give one to each task.
#[derive(Clone)]
pub struct ApiClient {
    client: HttpClient,
    tokens: Tokens,
    body_limit: usize,
}

impl ApiClient {
    /// A client over this HTTP client and session, whose tokens are kept in memory.
    #[must_use]
    pub fn new(client: HttpClient, session: Session) -> Self {
        Self::over(client.clone(), Tokens::new(client, session))
    }

    /// The same with the tokens in a store, where they outlive the process and are shared with others, under a key that says
    /// whose they are.
    ///
    /// # Errors
    ///
    /// As for [`Tokens::stored`].
    pub async fn stored(
        client: HttpClient,
        session: Session,
        key: StoreKey,
        store: impl AsyncStore + 'static,
    ) -> Result<Self, Error> {
        Ok(Self::over(client.clone(), Tokens::stored(client, session, key, store).await?))
    }

    /// A client over tokens that others use too.
    #[must_use]
    pub fn over(client: HttpClient, tokens: Tokens) -> Self {
        Self { client, tokens, body_limit: BODY_LIMIT }
    }

    /// Limits the bodies of the API's answers, in bytes: one that is larger is an error. 64 MiB unless said.
    #[must_use]
    pub fn limited(self, body_limit: usize) -> Self {
        Self { body_limit, ..self }
    }

    /// Sends one request: renews before it if need be, signs it, and after a 401 renews and repeats it once.
    ///
    /// Whatever the API answers is the answer, a 403 or a redirect too.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] as for [`Session::authorize`]: a person must authorize again, or the renewal was refused; and if
    /// the request goes to another origin than the session's APIs, or has a header that leads it elsewhere, as for
    /// [`Call::new`](valetkey_core::session::Call::new); [`Error::Http`] if no answer came.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let mut call = self.tokens.call(request)?;
        let mut response = None;
        loop {
            match call.step(response.take())? {
                CallStep::Authorize => self.tokens.authorize(&mut call).await?,
                CallStep::Send(request) => {
                    response = Some(exchange(&self.client, request, self.body_limit).await?);
                }
                CallStep::Wait(time) => tokio::time::sleep(time).await,
                CallStep::Done(response) => return Ok(response),
            }
        }
    }

    /// The tokens, for whoever needs only them.
    #[must_use]
    pub const fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The session, for a look at its subject, its scope, or [its record](Session::record). Renewals wait while it is
    /// held.
    pub fn session(&self) -> MutexGuard<'_, Session> {
        self.tokens.session()
    }
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient").field("session", &*self.session()).finish_non_exhaustive()
    }
}

//! Calls of an API, many at a time, over one session: [`ApiClient`].

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use valetkey_core::{self as core, Call, CallStep, Request, Response, Session};

use crate::exchange::exchange;
use crate::{Error, Http, HttpClient, now, run};

/// The largest body of an API's answer unless said otherwise: 64 MiB.
const BODY_LIMIT: usize = 64 << 20;

/// An API, called with the tokens of one [`Session`]. A clone shares it; give one to each task.
///
/// A credential that is good costs a lock for a moment. Whoever finds it no longer good renews it; all others wait for
/// that one renewal and share its outcome, a failure too. Cancelling a call cancels no renewal.
#[derive(Clone)]
pub struct ApiClient(Arc<Shared>);

struct Shared {
    client: HttpClient,
    session: Mutex<Session>,
    /// Held by the one renewal that is under way.
    renewing: Arc<tokio::sync::Mutex<()>>,
    /// Why the last renewal got no answer.
    trouble: Mutex<Option<Http>>,
    body_limit: usize,
}

impl ApiClient {
    /// A client over this HTTP client and session.
    #[must_use]
    pub fn new(client: HttpClient, session: Session) -> Self {
        Self::limited(client, session, BODY_LIMIT)
    }

    /// The same, with a limit in bytes for the bodies of the API's answers: one that is larger is an error.
    #[must_use]
    pub fn limited(client: HttpClient, session: Session, body_limit: usize) -> Self {
        Self(Arc::new(Shared {
            client,
            session: Mutex::new(session),
            renewing: Arc::default(),
            trouble: Mutex::default(),
            body_limit,
        }))
    }

    /// Sends one request: renews before it if need be, signs it, and after a 401 renews and repeats it once.
    ///
    /// Whatever the API answers is the answer, a 403 or a redirect too.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] as for [`Call::step`]: a person must authorize again, the renewal was refused, or the request
    /// goes to another origin than the session's APIs; [`Error::Http`] if no answer came.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let mut call = Call::new(&self.session(), request)?;
        let mut response = None;
        loop {
            match self.step(&mut call, response.take())? {
                CallStep::Send(request) => match exchange(&self.0.client, request, self.0.body_limit).await {
                    Ok(answer) => response = Some(answer),
                    Err(error) => {
                        call.unanswered();
                        return Err(error);
                    }
                },
                CallStep::Renew => self.renew(&mut call).await?,
                CallStep::Done(response) => return Ok(response),
            }
        }
    }

    /// The session, for a look at its subject, its scope, or [its record](Session::record) to store. Calls wait
    /// while it is held.
    pub fn session(&self) -> MutexGuard<'_, Session> {
        lock(&self.0.session)
    }

    fn step(&self, call: &mut Call, response: Option<Response>) -> Result<CallStep, Error> {
        call.step(&mut self.session(), response, now()).map_err(|error| match error {
            // Core knows that no answer came; this client knows why.
            core::Error::Unanswered => lock(&self.0.trouble).clone().map_or(Error::Core(error), Error::Http),
            error => Error::Core(error),
        })
    }

    async fn renew(&self, call: &mut Call) -> Result<(), Error> {
        let renewing = Arc::clone(&self.0.renewing).lock_owned().await;
        // Whoever held the lock may have renewed what this call wanted.
        if !matches!(call.step(&mut self.session(), None, now()), Ok(CallStep::Renew)) {
            return Ok(());
        }
        let shared = Arc::clone(&self.0);
        // A task of its own, so that a token that was sent for is received, whoever stops waiting for it.
        let renewal = tokio::spawn(async move {
            let _renewing = renewing;
            shared.renew().await
        });
        renewal.await.unwrap_or_else(|_| Err(Error::Http(Http::new(crate::HttpKind::Broken))))
    }
}

impl Shared {
    async fn renew(&self) -> Result<(), Error> {
        let mut renewal = lock(&self.session).renewal()?;
        let outcome = run(&self.client, &mut renewal).await;
        *lock(&self.trouble) = match outcome {
            Err(Error::Http(http)) => Some(http),
            _ => None,
        };
        // What it came to, the session tells every call that waits.
        let _ = lock(&self.session).settle(renewal, now());
        Ok(())
    }
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient").field("session", &*self.session()).finish_non_exhaustive()
    }
}

/// A panic elsewhere leaves a session as it was before a step: it can be used on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

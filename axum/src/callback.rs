//! `/callback`: the browser is back with a response, which is checked, and becomes a session.
//!
//! ```text
//!  browser                 program                     store               server
//!     ├── GET code, state ──▶│ the sealed cookie of this state: this browser's
//!     │                      │ finish: every check       │                    │
//!     │                      ├── insert if absent: used ▶│                    │
//!     │                      ├── POST code, verifier ────────────────────────▶│
//!     │                      ├── the new session ───────▶│                    │
//!     │                      ├── the old one ends ──────▶│                    │
//!     │◀─ 303, new cookie ───┤
//! ```

use std::time::Duration;

use http::{Method, Request, StatusCode};
use valetkey_async::authorize::StoredAuthorization;
use valetkey_async::store::{Entry, StoreKey, StoredBytes};
use valetkey_async::{ApiClient, AuthorizationResponse, TokenResponse, entropy, now, run};

use crate::failure::Failure;
use crate::login::{CANCELLED, OCCUPIED, REFUSED, UNAVAILABLE};
use crate::names::{Came, Leaves};
use crate::page::{Answer, see_other};
use crate::record::Record;
use crate::waiting::{How, Waiting};
use crate::web_login::{Provider, WebLogin};

/// How much longer than a login it is remembered that its state was used: other processes' clocks may be behind.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// What is remembered of it. A record is not empty, or stores refuse it.
const USED: &[u8] = b"used";

/// How a callback failed.
struct Failed {
    failure: Failure,
    /// The login is over with it.
    is_over: bool,
    /// The same request may succeed later: it is answered in its place.
    is_to_be_repeated: bool,
}

impl WebLogin {
    pub(crate) async fn callback(&self, name: &str, request: &Request<Vec<u8>>) -> Answer {
        let Some(provider) = self.provider(name) else {
            return self.says(StatusCode::NOT_FOUND, &self.0.texts.refused);
        };
        if request.method() == Method::POST {
            return match self.take_posted(name, request) {
                Ok(answer) => answer,
                Err(failure) => self.refused(Failed::of(failure)),
            };
        }
        match self.finish(provider, request).await {
            Ok(answer) => answer,
            Err(failed) => self.refused(failed),
        }
    }

    async fn finish(&self, provider: &Provider, request: &Request<Vec<u8>>) -> Result<Answer, Failed> {
        let response = self.response(provider, request).map_err(Failed::of)?;
        let state = response.state().unwrap_or_default();
        let common = |name: &str| self.provider(name).map(|provider| &provider.common);
        let kept = (&self.0.cookies, &self.0.seals);
        let Some((cookie, waiting)) = Waiting::of(&state, kept, request.headers(), common) else {
            let what = "no login of this browser waits for the response: it was begun in another one, is over, or was \
                        planted";
            return Err(Failed::of(Failure::refused("AR-14", what)));
        };
        let ended = async {
            // While it is not known who is there, the code goes nowhere.
            self.session_of(request.into()).await.map_err(Failed::to_be_repeated)?;
            let tokens = self.tokens(provider, &waiting, &state, response).await?;
            self.keep(provider, &waiting, &tokens, request.into()).await.map_err(Failed::over)
        };
        let (mut answer, is_over) = match ended.await {
            Ok(answer) => (answer, true),
            Err(failed) => {
                let is_over = failed.is_over;
                let answer = match waiting.how.is_silent() {
                    true => self.unchanged(failed.failure, &waiting, request.into()).await,
                    false => self.refused(failed),
                };
                (answer, is_over)
            }
        };
        if is_over {
            self.0.cookies.clear(answer.headers_mut(), cookie);
        }
        Ok(answer)
    }

    /// A login that was to show nothing has failed, and the person goes on where they were, as who they were (LG-7).
    async fn unchanged(&self, failure: Failure, waiting: &Waiting, came: Came<'_>) -> Answer {
        let mut answer = see_other(waiting.place(&self.0.base).as_str());
        if !failure.needs_person() {
            self.note(&failure);
        }
        // But for who has become another at the server, whose session has ended. A stranger's basket stays.
        if matches!(failure, Failure::Refused { rule: "LG-7", .. })
            && !matches!(self.session_of(came).await, Ok(None))
            && let Err(failure) = self.0.names.take(&self.0.cookies, came, answer.headers_mut()).await
        {
            self.note(&failure);
        }
        answer
    }

    /// Checks the response, and redeems its code once.
    async fn tokens(
        &self,
        provider: &Provider,
        waiting: &Waiting,
        state: &str,
        response: AuthorizationResponse,
    ) -> Result<TokenResponse, Failed> {
        if waiting.provider != provider.name {
            let what = "the response came to the callback of another server than the one that was asked";
            return Err(Failed::of(Failure::refused("AR-10", what)));
        }
        let read = || -> Result<StoredAuthorization, Failed> {
            serde_json::from_str(&waiting.pending)
                .map_err(|_| Failed::over(Failure::broken("the login in the cookie cannot be read")))
        };
        let response = response.received_in(&waiting.binding);
        // It is only looked at so far. The code goes nowhere before the store says that this request is the first.
        let mut pending = read()?.taken_out(true).map_err(|error| Failed::over(error.into()))?;
        let opened = pending.open(&provider.client, &response).map_err(|error| Failed::of(error.into()))?;
        let response = run(&self.0.http, opened).await.map_err(|error| Failed::of(error.into()))?;
        let flow = pending.finish(&provider.client, &response, now());
        let flow = flow.map_err(|error| match pending.is_spent() {
            true => Failed::over(error.into()),
            // The right response may still come.
            false => Failed::of(error.into()),
        })?;
        let key = StoreKey::of_mark(&["valetkey-axum login", state]);
        let until = waiting.expires_at.after(MARGIN);
        let entry = Entry::new(StoredBytes::new(USED.to_vec())).kept_for(until.since(now()), now());
        let is_first = self.0.store.insert_if_absent(&key, &entry).await;
        // The code is still good: the same request may come again.
        let is_first = is_first.map_err(|error| Failed::to_be_repeated(error.into()))?;
        read()?.taken_out(is_first).map_err(|error| Failed::over(error.into()))?;
        run(&self.0.http, flow).await.map_err(|error| Failed::over(error.into()))
    }

    /// Keeps the tokens as a new session, and ends the one that this browser had.
    async fn keep(
        &self,
        provider: &Provider,
        waiting: &Waiting,
        tokens: &TokenResponse,
        came: Came<'_>,
    ) -> Result<Answer, Failure> {
        match self.try_keep(provider, waiting, tokens, came).await {
            Ok(answer) => Ok(answer),
            Err(failure) => {
                // Nobody has these tokens now, so they go.
                let unused = ApiClient::from_tokens(self.0.http.clone(), &provider.client, tokens);
                let web = self.clone();
                drop(self.0.tasks.spawn(async move {
                    if let Err(error) = unused.tokens().end().await {
                        web.note(&error.into());
                    }
                }));
                Err(failure)
            }
        }
    }

    async fn try_keep(
        &self,
        provider: &Provider,
        waiting: &Waiting,
        tokens: &TokenResponse,
        came: Came<'_>,
    ) -> Result<Answer, Failure> {
        let login = tokens
            .login()
            .ok_or_else(|| Failure::broken("the server gave no ID token: ask for the scope `openid`"))?;
        let old = self.session_of(came).await?;
        let live = match &old {
            Some(old) => self.live(old).await?,
            None => None,
        };
        let is_same = live.as_ref().is_some_and(|live| live.who.record.identity == *login.identity());
        // In another tab somebody may have logged in since.
        match waiting.how {
            How::Own => {}
            _ if is_same => {}
            // A log-out in another tab stands: nobody has said since that somebody is to be logged in.
            _ if live.is_none() && waiting.how.is_of_somebody() => {
                let what = "who was logged in when a login that shows nothing began is not any more, so that it begins no session";
                return Err(Failure::refused("LG-7", what));
            }
            _ if live.is_none() => {}
            How::Silent(_) => {
                if let Some(old) = &old {
                    self.end(old).await?;
                }
                let what =
                    "somebody else is logged in at the server than here, so that the session here has ended";
                return Err(Failure::refused("LG-7", what));
            }
            How::Foreign => {
                let what = "a login that another site started would put somebody in another's place";
                return Err(Failure::refused("TP-4", what));
            }
        }
        let session = entropy()?.text("session");
        let record = Record::new(&provider.name, login, tokens.id_token(), now().after(self.0.lifetime));
        // Without its tokens nobody is logged in by it.
        record.put(&*self.0.store, &session).await?;
        if let Err(error) = provider.sessions.login(&session, tokens).await {
            // Its name goes to nobody.
            if let Err(failure) = Record::take(&*self.0.store, &session).await {
                self.note(&failure);
            }
            return Err(error.into());
        }
        let mut answer = see_other(waiting.place(&self.0.base).as_str());
        let leaves = if old.is_none() || is_same { Leaves::All } else { Leaves::Nothing };
        let given = self.0.names.give(&self.0.cookies, came, answer.headers_mut(), &session, leaves).await;
        if let Err(failure) = given {
            // Its name goes to nobody.
            if let Err(failure) = self.end(&session).await {
                self.note(&failure);
            }
            return Err(failure);
        }
        // After the new one: if the store fails before, the person who is logged in stays so.
        if let Some(old) = old
            && let Err(failure) = self.end(&old).await
        {
            self.note(&failure);
        }
        Ok(answer)
    }

    fn refused(&self, failed: Failed) -> Answer {
        let Failed { failure, is_to_be_repeated, .. } = failed;
        self.note(&failure);
        if is_to_be_repeated {
            return self.says(StatusCode::SERVICE_UNAVAILABLE, &self.0.texts.unavailable);
        }
        let why = match &failure {
            failure if failure.is_transient() => UNAVAILABLE,
            failure if failure.is_access_denied() => CANCELLED,
            Failure::Refused { rule: "TP-4", .. } => OCCUPIED,
            _ => REFUSED,
        };
        match why {
            // The status says it to the browser at once; a reload asks again, and no more.
            UNAVAILABLE => self.says(StatusCode::SERVICE_UNAVAILABLE, &self.0.texts.unavailable),
            why => see_other(&format!("{}?why={why}", self.0.base.path("/login/failed"))),
        }
    }
}

impl Failed {
    const fn of(failure: Failure) -> Self {
        Self { failure, is_over: false, is_to_be_repeated: false }
    }

    const fn over(failure: Failure) -> Self {
        Self { failure, is_over: true, is_to_be_repeated: false }
    }

    const fn to_be_repeated(failure: Failure) -> Self {
        Self { failure, is_over: false, is_to_be_repeated: true }
    }
}

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

use http::{HeaderMap, Method, Request, StatusCode};
use serde::{Deserialize, Serialize};
use valetkey_async::authorize::StoredAuthorization;
use valetkey_async::store::{Entry, StoreKey, StoredBytes};
use valetkey_async::{ApiClient, AuthorizationResponse, TokenResponse, UnixTime, entropy, now, run};
use zeroize::Zeroizing;

use crate::asked::{is_form, parameter};
use crate::failure::Failure;
use crate::login::{CANCELLED, OCCUPIED, REFUSED, UNAVAILABLE};
use crate::page::{Answer, see_other};
use crate::record::Record;
use crate::waiting::{Waiting, clear};
use crate::web_login::{Provider, WebLogin};

/// How long a response that was posted waits for its browser, which is sent back at once.
const POSTED_FOR: Duration = Duration::from_secs(60);

/// The largest response that is posted, in bytes.
const MOST_POSTED: usize = 16 * 1024;

/// How much longer than a login it is remembered that its state was used: other processes' clocks may be behind.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// What is remembered of it. A record is not empty, or stores refuse it.
const USED: &[u8] = b"used";

const POSTED: &str = "posted";

/// A response that was posted, on its way through a redirect.
#[derive(Serialize, Deserialize)]
struct Posted {
    form: String,
    at: UnixTime,
}

/// How a callback failed.
struct Failed {
    failure: Failure,
    /// The state of the login that is over with it.
    over: Option<String>,
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

    /// A response that was posted comes from another site, so without cookies that are `SameSite=Lax`. It is sealed, and the
    /// browser comes again with it and them.
    fn take_posted(&self, name: &str, request: &Request<Vec<u8>>) -> Result<Answer, Failure> {
        let form = std::str::from_utf8(request.body()).ok().filter(|form| form.len() <= MOST_POSTED);
        let Some(form) = form.filter(|_| is_form(request.headers())) else {
            return Err(Failure::refused(
                "AR-22",
                "what was posted to the callback is not a form, or is larger than 16 KiB",
            ));
        };
        let posted = Posted { form: form.to_owned(), at: now() };
        let plain =
            serde_json::to_vec(&posted).map_err(|_| Failure::broken("a response cannot be written"))?;
        let sealed = self.0.seals.seal(POSTED, &Zeroizing::new(plain))?;
        let route = if name.is_empty() { "/callback".to_owned() } else { format!("/callback/{name}") };
        Ok(see_other(&format!("{}?{POSTED}={sealed}", self.0.base.path(&route))))
    }

    /// The response as it arrived, in the query or posted.
    fn response(
        &self,
        provider: &Provider,
        request: &Request<Vec<u8>>,
    ) -> Result<AuthorizationResponse, Failure> {
        let response = match parameter(request, POSTED) {
            None => AuthorizationResponse::from_request(&provider.redirect_uri, request)?,
            Some(sealed) => {
                let plain = self.0.seals.open(POSTED, &sealed);
                let posted: Option<Posted> = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
                let posted =
                    posted.filter(|posted| now().since(posted.at) < POSTED_FOR).ok_or_else(|| {
                        Failure::refused(
                            "AR-22",
                            "a response that was posted comes back too late, or was changed",
                        )
                    })?;
                let request = Request::post(&provider.redirect_uri)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(posted.form.into_bytes())
                    .map_err(|_| Failure::broken("a response that was posted cannot be read again"))?;
                AuthorizationResponse::from_request(&provider.redirect_uri, &request)?
            }
        };
        Ok(response.decrypted_for(&provider.client)?)
    }

    async fn finish(&self, provider: &Provider, request: &Request<Vec<u8>>) -> Result<Answer, Failed> {
        let response = self.response(provider, request).map_err(Failed::of)?;
        let headers = request.headers();
        let state = response.state().unwrap_or_default();
        let Some(waiting) = Waiting::of(&state, &self.0.cookies, &self.0.seals, headers) else {
            let what = "no login of this browser waits for the response: it was begun in another one, is over, or was \
                        planted";
            return Err(Failed::of(Failure::refused("AR-14", what)));
        };
        let tokens = self.tokens(provider, &waiting, &state, response).await?;
        let over = |failure| Failed { over: Some(state.clone()), ..Failed::of(failure) };
        let mut answer = self.keep(provider, &waiting, &tokens, headers).await.map_err(over)?;
        clear(&state, &self.0.cookies, answer.headers_mut());
        Ok(answer)
    }

    /// Checks the response, and redeems its code once.
    async fn tokens(
        &self,
        provider: &Provider,
        waiting: &Waiting,
        state: &str,
        response: AuthorizationResponse,
    ) -> Result<TokenResponse, Failed> {
        let over = |failure| Failed { over: Some(state.to_owned()), ..Failed::of(failure) };
        if waiting.provider != provider.name {
            let what = "the response came to the callback of another server than the one that was asked";
            return Err(Failed::of(Failure::refused("AR-10", what)));
        }
        let read = || -> Result<StoredAuthorization, Failed> {
            serde_json::from_str(&waiting.pending)
                .map_err(|_| over(Failure::broken("the login in the cookie cannot be read")))
        };
        let response = response.received_in(&waiting.binding);
        // It is only looked at so far. The code goes nowhere before the store says that this request is the first.
        let mut pending = read()?.taken_out(true).map_err(|error| over(error.into()))?;
        let opened = pending.open(&provider.client, &response).map_err(|error| Failed::of(error.into()))?;
        let response = run(&self.0.http, opened).await.map_err(|error| Failed::of(error.into()))?;
        let flow = pending.finish(&provider.client, &response, now());
        let flow = flow.map_err(|error| match pending.is_spent() {
            true => over(error.into()),
            // The right response may still come.
            false => Failed::of(error.into()),
        })?;
        let key = StoreKey::of_mark(&["valetkey-axum login", state]);
        let until = waiting.expires_at.after(MARGIN);
        let entry = Entry::new(StoredBytes::new(USED.to_vec())).kept_for(until.since(now()), now());
        let is_first = self.0.store.insert_if_absent(&key, &entry).await;
        // The code is still good: the same request may come again.
        let is_first =
            is_first.map_err(|error| Failed { is_to_be_repeated: true, ..Failed::of(error.into()) })?;
        read()?.taken_out(is_first).map_err(|error| over(error.into()))?;
        run(&self.0.http, flow).await.map_err(|error| over(error.into()))
    }

    /// Keeps the tokens as a new session, and ends the one that this browser had.
    async fn keep(
        &self,
        provider: &Provider,
        waiting: &Waiting,
        tokens: &TokenResponse,
        headers: &HeaderMap,
    ) -> Result<Answer, Failure> {
        match self.try_keep(provider, waiting, tokens, headers).await {
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
        headers: &HeaderMap,
    ) -> Result<Answer, Failure> {
        let login = tokens
            .login()
            .ok_or_else(|| Failure::broken("the server gave no ID token: ask for the scope `openid`"))?;
        let old = self.session_of(headers);
        // In another tab somebody may have logged in since.
        if let Some(old) = old.filter(|_| waiting.is_foreign)
            && let Some(live) = self.live(old).await?
            && live.record.identity != *login.identity()
        {
            return Err(Failure::refused(
                "TP-4",
                "a login that another site started would put somebody in another's place",
            ));
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
        // After the new one: if the store fails before, the person who is logged in stays so.
        if let Some(old) = old
            && let Err(failure) = self.end(old).await
        {
            self.note(&failure);
        }
        let mut answer = see_other(waiting.place(&self.0.base).as_str());
        self.0.cookies.set(answer.headers_mut(), &self.0.cookies.session(), &session);
        Ok(answer)
    }

    fn refused(&self, failed: Failed) -> Answer {
        let Failed { failure, over, is_to_be_repeated } = failed;
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
        let mut answer = match why {
            // The status says it to the browser at once; a reload asks again, and no more.
            UNAVAILABLE => self.says(StatusCode::SERVICE_UNAVAILABLE, &self.0.texts.unavailable),
            why => see_other(&format!("{}?why={why}", self.0.base.path("/login/failed"))),
        };
        if let Some(state) = over {
            clear(&state, &self.0.cookies, answer.headers_mut());
        }
        answer
    }
}

impl Failed {
    const fn of(failure: Failure) -> Self {
        Self { failure, over: None, is_to_be_repeated: false }
    }
}

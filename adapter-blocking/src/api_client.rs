//! Calls of an API, many at a time, over one session: [`ApiClient`].

use std::fmt;

use valetkey_core::session::{Call, CallStep, RequestHead};
use valetkey_core::store::{Store, StoreKey};
use valetkey_core::{self as core, Client, Response, Session, TokenResponse, host};

use crate::transport::open;
use crate::{Download, Error, HttpClient, Tokens, Upload};

/// The largest body of an API's answer, where the program sets no other limit: 64 MiB.
const BODY_LIMIT: usize = 64 << 20;

/// An API, called with [`Tokens`]. A clone shares them; give one to each thread.
#[derive(Clone)]
pub struct ApiClient {
    http: HttpClient,
    tokens: Tokens,
    body_limit: usize,
}

impl ApiClient {
    /// A client over this HTTP client and session, whose tokens are kept in memory.
    #[must_use]
    pub fn new(http: HttpClient, session: Session) -> Self {
        Self::over(http.clone(), Tokens::new(http, session))
    }

    /// The same of the tokens that a login, or any other grant, has brought, kept in memory.
    #[must_use]
    pub fn from_tokens(http: HttpClient, client: &Client, tokens: &TokenResponse) -> Self {
        Self::new(http, Session::from_tokens(client, tokens))
    }

    /// The same with the tokens in a store, where they outlive the process and are shared with others, under a key that says
    /// whose they are.
    ///
    /// # Errors
    ///
    /// As for [`Tokens::stored`].
    pub fn stored(
        http: HttpClient,
        session: Session,
        key: StoreKey,
        store: impl Store + 'static,
    ) -> Result<Self, Error> {
        Ok(Self::over(http.clone(), Tokens::stored(http, session, key, store)?))
    }

    /// A client over tokens that others use too.
    #[must_use]
    pub const fn over(http: HttpClient, tokens: Tokens) -> Self {
        Self { http, tokens, body_limit: BODY_LIMIT }
    }

    /// Limits the bodies of the API's answers, in bytes: one that is larger is an error. The default is 64 MiB.
    #[must_use]
    pub fn with_body_limit(self, body_limit: usize) -> Self {
        Self { body_limit, ..self }
    }

    /// Sends one request: renews before it if need be, authorizes it, and after a 401 renews and repeats it once. The body is
    /// bytes or text; an answer's body is read up to the [limit](Self::with_body_limit).
    ///
    /// Whatever the API answers is the answer, a 403 or a redirect too. A 400 or 403 is treated as a 401 where
    /// [`Quirk::BadTokenBy400`](crate::Quirk::BadTokenBy400) or [`BadTokenBy403`](crate::Quirk::BadTokenBy403) is admitted; that it was
    /// is in the answer's extensions, as [`Quirks`](crate::Quirks).
    ///
    /// # Errors
    ///
    /// [`Error::Core`] as for [`Session::authorize`]: a person must authorize again, or the renewal was refused; and if
    /// the request goes to another origin than the session's APIs, or has a header that leads it elsewhere, as for
    /// [`Call::new`](valetkey_core::session::Call::new); [`Error::Transport`] if no answer came.
    pub fn send(&self, request: http::Request<impl Into<Vec<u8>>>) -> Result<Response, Error> {
        let request = request.map(Into::into);
        let call = self.tokens.call(&request)?;
        let (head, body) = self.carry(call, request.map(Upload::from))?.into_parts();
        Ok(Response::from_parts(head, body.bytes(self.body_limit)?))
    }

    /// Sends a GET of this URL, as [`send`](Self::send) does.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send); and [`Error::Core`] ([WA-5](crate::Rule::Wa5)) if this is not an absolute URL.
    pub fn get(&self, url: impl AsRef<str>) -> Result<Response, Error> {
        self.send(host::get(url.as_ref())?)
    }

    /// Sends one request whose bodies are streams: the request's is an [`Upload`], bytes or what a reader has, and the answer's is
    /// read by the one who called, as it comes. Neither is kept in memory, and the [limit](Self::with_body_limit) is not for them: read
    /// as much as you have room for.
    ///
    /// All else is as with [`send`](Self::send), but for a 401 to a body that was there once: it is not sent again, the 401 is
    /// the answer, and the next request has a new token.
    ///
    /// The timeout of the HTTP client is for the whole, from the connection to the last byte of the answer: 60 seconds with
    /// [`http_client`](crate::http_client). For what takes longer, use an [`HttpClient`] of your own with another:
    /// `timeout_recv_body`, for example.
    ///
    /// A stream is sent in chunks, unless the request says its length in `Content-Length`.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send); of a stream, a `Content-Length` that is not a plain number is refused
    /// ([WA-5](crate::Rule::Wa5)).
    pub fn stream<'a>(
        &self,
        request: http::Request<impl Into<Upload<'a>>>,
    ) -> Result<http::Response<Download>, Error> {
        let request = request.map(Into::into);
        let head = RequestHead::new(request.method(), request.uri(), request.headers());
        let length = request.body().length();
        let call = self.tokens.call(length.map_or(head, |length| head.sent_by_length(length)))?;
        self.carry(call, request)
    }

    fn carry(
        &self,
        mut call: Call,
        request: http::Request<Upload<'_>>,
    ) -> Result<http::Response<Download>, Error> {
        let (head, mut body) = request.into_parts();
        let mut answer = None;
        let mut step = call.step(None)?;
        loop {
            step = match step {
                CallStep::Authorize => {
                    match self.tokens.authorize(&mut call) {
                        // It is not repeated anyway, and the next request says why.
                        Err(_) if !body.is_there() => break,
                        authorized => authorized?,
                    }
                    call.step(None)?
                }
                CallStep::Send(authorization) => {
                    // A body that cannot be had again: the answer that there is stands.
                    if !body.is_there() {
                        break;
                    }
                    // Its connection is free before another is asked for.
                    drop(answer.take());
                    let mut head = head.clone();
                    authorization.apply(&mut head.headers);
                    let Some(came) = body.send(|body| open(&self.http, head, body)) else { break };
                    let came = came?;
                    let step = call.step(Some((came.status(), came.headers())))?;
                    answer = Some(came);
                    step
                }
                CallStep::Wait(time) => {
                    crate::run::sleep(time);
                    call.step(None)?
                }
                CallStep::Done => break,
            };
        }
        let mut answer = answer.ok_or(Error::Core(core::Error::Unanswered))?;
        if !call.quirks().is_empty() {
            answer.extensions_mut().insert(call.quirks());
        }
        Ok(answer)
    }

    /// The tokens, for code that needs only them.
    #[must_use]
    pub const fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Looks at the session: see [`Tokens::look`].
    pub fn look<T>(&self, look: impl FnOnce(&Session) -> T) -> T {
        self.tokens.look(look)
    }
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

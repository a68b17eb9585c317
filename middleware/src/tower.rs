//! For tower: [`AuthorizeLayer`] makes of a service that sends requests one that authorizes them.
//!
//! ```text
//!  request ──▶ to an API of the session? ──▶ a credential that is good ──▶ the service ──▶ any other answer ──▶ the answer
//!                        │ no                  ▲                              │ a 401, the first
//!                        ▼                     │ yes                          ▼
//!                      error                   └─ is there a body again? ◀── the credential is renewed
//!                                                            └──▶ no: the 401 is the answer
//! ```
//!
//! ```no_run
//! use hyper_util::client::legacy::Client;
//! use hyper_util::rt::TokioExecutor;
//! use tower::{Service, ServiceBuilder, ServiceExt};
//! use valetkey_async::dialect::space::{Permissions, Space};
//! use valetkey_async::{ClientSecret, Tokens, http_client, http};
//! use valetkey_middleware::tower::AuthorizeLayer;
//!
//! # async fn service() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let space = Space::new("https://mycompany.jetbrains.space")?;
//! let app = space.application("client-id").secret("client-secret")?;
//! let scope = Permissions::new().global("Profile.Absences.View").scope()?;
//! let tokens = Tokens::new(http_client()?, app.client_credentials(scope)?);
//!
//! // Any service of `http::Request`s; a real one speaks TLS.
//! let https = Client::builder(TokioExecutor::new()).build_http::<String>();
//! let mut service = ServiceBuilder::new().layer(AuthorizeLayer::new(tokens)).service(https);
//! let request = http::Request::get(space.api("absences")).body(String::new())?;
//! let absences = service.ready().await?.call(request).await?; // renews, signs, repeats once
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;
use valetkey_async::session::CallStep;
use valetkey_async::{Error, Tokens};
use valetkey_core as core;
use valetkey_core::session::RequestHead;

/// Any error, as tower's own middleware gives it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Authorizes the requests of the service that it is laid around.
///
/// `R` says how to have a body again, for a request that is repeated: see [`RepeatBody`].
#[derive(Clone)]
pub struct AuthorizeLayer<R = Cloned> {
    tokens: Tokens,
    bodies: R,
}

impl AuthorizeLayer {
    /// With these tokens, for bodies that can be cloned, such as `String` or `Full<Bytes>`.
    #[must_use]
    pub const fn new(tokens: Tokens) -> Self {
        Self { tokens, bodies: Cloned }
    }
}

impl AuthorizeLayer<Once> {
    /// With these tokens, for bodies that are there once. A request is not repeated; its 401 is the answer, and the next
    /// request has a new token.
    #[must_use]
    pub const fn once(tokens: Tokens) -> Self {
        Self { tokens, bodies: Once }
    }
}

impl<R> AuthorizeLayer<R> {
    /// With these tokens, and bodies that this has again: a closure `|body| …`, for example.
    #[must_use]
    pub const fn repeating(tokens: Tokens, bodies: R) -> Self {
        Self { tokens, bodies }
    }
}

impl<S, R: Clone> Layer<S> for AuthorizeLayer<R> {
    type Service = Authorize<S, R>;

    fn layer(&self, service: S) -> Self::Service {
        Authorize { service, tokens: self.tokens.clone(), bodies: self.bodies.clone() }
    }
}

/// How to have a request's body again. A closure `Fn(&B) -> Option<B>` is one, too.
pub trait RepeatBody<B> {
    /// The same body once more, or nothing if that cannot be.
    fn repeat(&self, body: &B) -> Option<B>;
}

/// By its `Clone`.
#[derive(Clone, Copy, Debug)]
pub struct Cloned;

impl<B: Clone> RepeatBody<B> for Cloned {
    fn repeat(&self, body: &B) -> Option<B> {
        Some(body.clone())
    }
}

/// Not at all.
#[derive(Clone, Copy, Debug)]
pub struct Once;

impl<B> RepeatBody<B> for Once {
    fn repeat(&self, _: &B) -> Option<B> {
        None
    }
}

impl<B, F: Fn(&B) -> Option<B>> RepeatBody<B> for F {
    fn repeat(&self, body: &B) -> Option<B> {
        self(body)
    }
}

/// A service whose requests are authorized: what [`AuthorizeLayer`] makes of one that sends them.
///
/// It answers whatever the API does, a 403 or a redirect too. Its error is the service's own, or an [`Error`] of
/// `valetkey-async` if a request goes to another origin than the session's APIs or has a header that leads it elsewhere
/// ([WA-5](valetkey_core::Rule::Wa5)), or there is no credential to be had.
#[derive(Clone)]
pub struct Authorize<S, R = Cloned> {
    service: S,
    tokens: Tokens,
    bodies: R,
}

impl<S, B, A, R> Service<http::Request<B>> for Authorize<S, R>
where
    S: Service<http::Request<B>, Response = http::Response<A>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Send + 'static,
    A: Send + 'static,
    R: RepeatBody<B> + Clone + Send + 'static,
{
    type Response = http::Response<A>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.service.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        // The one that is ready goes with the request, and a clone stays.
        let next = self.clone();
        Box::pin(std::mem::replace(self, next).send(request))
    }
}

impl<S, R> Authorize<S, R> {
    async fn send<B, A>(mut self, request: http::Request<B>) -> Result<http::Response<A>, BoxError>
    where
        S: Service<http::Request<B>, Response = http::Response<A>>,
        S::Error: Into<BoxError>,
        R: RepeatBody<B>,
    {
        let (head, body) = request.into_parts();
        let mut call = self.tokens.call(RequestHead::new(&head.method, &head.uri, &head.headers))?;
        let (mut body, mut answer) = (Some(body), None);
        let mut step = call.step(None).map_err(Error::from)?;
        loop {
            step = match step {
                CallStep::Authorize => {
                    match self.tokens.authorize(&mut call).await {
                        // It is not repeated anyway, and the next request says why.
                        Err(_) if body.is_none() => break,
                        authorized => authorized?,
                    }
                    call.step(None).map_err(Error::from)?
                }
                CallStep::Send(authorization) => {
                    // A body that cannot be had again: the answer that there is stands.
                    let Some(this) = body.take() else { break };
                    body = self.bodies.repeat(&this);
                    // Its connection is free before another is asked for.
                    drop(answer.take());
                    let mut request = http::Request::from_parts(head.clone(), this);
                    authorization.apply(request.headers_mut());
                    poll_fn(|context| self.service.poll_ready(context)).await.map_err(Into::into)?;
                    let response = self.service.call(request).await.map_err(Into::into)?;
                    let head = (response.status(), response.headers());
                    let step = call.step(Some(head)).map_err(Error::from)?;
                    answer = Some(response);
                    step
                }
                CallStep::Wait(time) => {
                    tokio::time::sleep(time).await;
                    call.step(None).map_err(Error::from)?
                }
                CallStep::Done => break,
            };
        }
        answer.ok_or_else(|| Error::Core(core::Error::Unanswered).into())
    }
}

impl<R> fmt::Debug for AuthorizeLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizeLayer").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

impl<S, R> fmt::Debug for Authorize<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorize").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

//! For reqwest, by way of `reqwest_middleware`: [`Authorize`].
//!
//! ```no_run
//! use std::time::Duration;
//! use valetkey_async::reqwest::{self, redirect};
//! use valetkey_async::{Client, Discovery, Grant, Session, Tokens, http_client, run};
//! use valetkey_middleware::reqwest::Authorize;
//! use valetkey_middleware::reqwest::reqwest_middleware::ClientBuilder;
//!
//! # async fn service() -> Result<(), Box<dyn std::error::Error>> {
//! let server = run(&http_client()?, Discovery::new("https://login.example")?).await?.into_server();
//! let app = Client::new(server, "client-id").secret("client-secret")?;
//! let app = app.api("https://api.example")?; // its tokens go nowhere else
//! let grant = Grant::client_credentials().scope("orders:read")?;
//! let tokens = Tokens::new(http_client()?, Session::from_grant(&app, grant));
//!
//! let http = reqwest::Client::builder().redirect(redirect::Policy::none());
//! let http = http.connect_timeout(Duration::from_secs(10)).timeout(Duration::from_secs(60)).build()?; // reqwest has no timeouts by itself
//! let http = ClientBuilder::new(http).with(Authorize::new(tokens)).build();
//! let orders = http.get("https://api.example/orders").send().await?; // renews, signs, repeats once
//! # Ok(())
//! # }
//! ```

pub use ::reqwest_middleware;
use ::reqwest_middleware::{Error, Middleware, Next};
use async_trait::async_trait;
use http::Extensions;
use valetkey_async::Tokens;
use valetkey_async::reqwest::{Request, Response};
use valetkey_async::session::CallStep;
use valetkey_core as core;
use valetkey_core::session::RequestHead;

/// A middleware that authorizes the requests of its client.
///
/// The answer is whatever the API's is. Its error is the client's own, or [`Error::Middleware`] with an
/// [`Error`](valetkey_async::Error) in it if a request goes to another origin than the session's APIs or has a header that
/// leads it elsewhere ([WA-5](valetkey_core::Rule::Wa5)), or there is no credential to be had.
#[derive(Clone, Debug)]
pub struct Authorize(Tokens);

impl Authorize {
    /// With these tokens.
    #[must_use]
    pub const fn new(tokens: Tokens) -> Self {
        Self(tokens)
    }
}

#[async_trait]
impl Middleware for Authorize {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response, Error> {
        // What is no URI goes to no API.
        let uri = request.url().as_str().parse().unwrap_or_default();
        // The length of a body that is a stream is not known.
        let length = request.body().map_or(Some(0), |body| body.as_bytes().map(<[u8]>::len));
        let length = length.and_then(|length| u64::try_from(length).ok());
        let head = RequestHead::new(request.method(), &uri, request.headers()).with_length(length);
        let mut call = self.0.call(head).map_err(Error::middleware)?;
        let (mut request, mut answer) = (Some(request), None);
        let mut step = call.step(None).map_err(told)?;
        loop {
            step = match step {
                CallStep::Authorize => {
                    match self.0.authorize(&mut call).await {
                        // It is not repeated anyway, and the next request says why.
                        Err(_) if request.is_none() => break,
                        authorized => authorized.map_err(Error::middleware)?,
                    }
                    call.step(None).map_err(told)?
                }
                CallStep::Send(authorization) => {
                    // A body that is a stream is not to be had again: the answer that there is stands.
                    let Some(mut this) = request.take() else { break };
                    request = this.try_clone();
                    drop(answer.take());
                    authorization.apply(this.headers_mut());
                    let response = next.clone().run(this, extensions).await?;
                    let step = call.step(Some((response.status(), response.headers()))).map_err(told)?;
                    answer = Some(response);
                    step
                }
                CallStep::Wait(time) => {
                    tokio::time::sleep(time).await;
                    call.step(None).map_err(told)?
                }
                CallStep::Done => break,
            };
        }
        answer.ok_or_else(|| told(core::Error::Unanswered))
    }
}

fn told(error: core::Error) -> Error {
    Error::middleware(valetkey_async::Error::from(error))
}

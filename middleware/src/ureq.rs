//! For ureq: [`Authorize`].
//!
//! ```no_run
//! use valetkey_blocking::dialect::space::{Permissions, Space};
//! use valetkey_blocking::ureq::Agent;
//! use valetkey_blocking::{ClientSecret, Tokens, http_client};
//! use valetkey_middleware::ureq::Authorize;
//!
//! let space = Space::new("https://mycompany.jetbrains.space")?;
//! let app = space.application("client-id").secret("client-secret")?;
//! let scope = Permissions::new().global("Profile.Absences.View").scope()?;
//! let tokens = Tokens::new(http_client(), app.client_credentials(scope)?);
//!
//! let http: Agent = Agent::config_builder()
//!     .max_redirects(0)
//!     .http_status_as_error(false)
//!     .middleware(Authorize::new(tokens))
//!     .build()
//!     .into();
//! let absences = http.get(space.api("absences")).call()?; // renews, and signs
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::thread;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use valetkey_blocking::Tokens;
use valetkey_blocking::session::CallStep;
use valetkey_blocking::ureq::middleware::{Middleware, MiddlewareNext};
use valetkey_blocking::ureq::{Body, Error, SendBody};
use valetkey_core as core;
use valetkey_core::session::RequestHead;

/// A middleware that authorizes the requests of its agent.
///
/// ureq lets a middleware hand a request on once, and its bodies cannot be cloned. So a 401 is the answer; the credential
/// that it refused is renewed all the same, before the answer is returned, and a nonce that it demanded is learned, so
/// a program that repeats the request sends it with another. An `Agent` that makes errors of statuses hides why: then any
/// 401 counts as one that a new token may cure.
///
/// Its error is ureq's own, or [`Error::Other`] with an [`Error`](valetkey_blocking::Error) in it if a request goes to
/// another origin than the session's APIs or has a header that leads it elsewhere ([WA-5](valetkey_core::Rule::Wa5)), or
/// there is no credential to be had.
#[derive(Clone, Debug)]
pub struct Authorize(Tokens);

impl Authorize {
    /// With these tokens, which are renewed by an agent of their own.
    #[must_use]
    pub const fn new(tokens: Tokens) -> Self {
        Self(tokens)
    }
}

impl Middleware for Authorize {
    fn handle(
        &self,
        mut request: http::Request<SendBody<'_>>,
        next: MiddlewareNext<'_>,
    ) -> Result<http::Response<Body>, Error> {
        let head = RequestHead::new(request.method(), request.uri(), request.headers());
        let mut call = self.0.call(head).map_err(told)?;
        let authorization = loop {
            match call.step(None).map_err(told)? {
                CallStep::Authorize => self.0.authorize(&mut call).map_err(told)?,
                CallStep::Send(authorization) => break authorization,
                CallStep::Wait(time) => sleep(time),
                CallStep::Done => return Err(told(core::Error::Unanswered)),
            }
        };
        authorization.apply(request.headers_mut());
        let answer = next.handle(request);
        let none = HeaderMap::new();
        let heard = match &answer {
            Ok(response) => (response.status(), response.headers()),
            Err(Error::StatusCode(401)) => (StatusCode::UNAUTHORIZED, &none),
            Err(_) => return answer,
        };
        if matches!(call.step(Some(heard)), Ok(CallStep::Authorize)) {
            // If that fails, the next request says so.
            let _ = self.0.authorize(&mut call);
        }
        answer
    }
}

#[expect(clippy::disallowed_methods, reason = "a caller of ureq waits in place")]
fn sleep(time: Duration) {
    thread::sleep(time);
}

fn told(error: impl Into<valetkey_blocking::Error>) -> Error {
    Error::Other(Box::new(error.into()))
}

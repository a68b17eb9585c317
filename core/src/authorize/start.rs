//! An authorization that begins in whichever way its server takes: [`AuthorizationStart`].
//!
//! ```text
//!  program                                        authorization server
//!     │ AuthorizationRequest::start
//!     ├── POST pushed request, if it is to be pushed ──▶│
//!     │◀─ 201 request_uri ──────────────────────────────┤
//!     │ BrowserUrl, PendingAuthorization
//! ```
//!
//! One round if the request is pushed, none otherwise.

use std::fmt;

use crate::authorize::pending::PendingAuthorization;
use crate::authorize::pushed::PushedAuthorizationRequest;
use crate::authorize::request::AuthorizationRequest;
use crate::authorize::response::session_digest;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::time::UnixTime;
use crate::wire::uri::BrowserUrl;

/// A flow that begins one authorization: by pushing the request, if the server takes nothing else
/// (`require_pushed_authorization_requests`) or it is [to be pushed](AuthorizationRequest::pushed), and without a round
/// otherwise. Made by [`AuthorizationRequest::start`].
pub struct AuthorizationStart {
    way: Way,
}

enum Way {
    /// Until it is handed over.
    Browser(Option<Box<(BrowserUrl, PendingAuthorization)>>),
    Pushed(Box<PushedAuthorizationRequest>),
}

impl AuthorizationRequest {
    /// Begins one authorization in the way that its server takes, for the session of the browser that will come back
    /// ([AR-14](crate::Rule::Ar14)): the flow ends with what [`begin`](Self::begin) gives.
    ///
    /// ```
    /// use valetkey_core::{AuthorizationRequest, AuthorizationServer, Client, Entropy, Flow, Step, UnixTime};
    ///
    /// let server = AuthorizationServer::new()
    ///     .authorization_endpoint("https://as.example/authorize")?
    ///     .token_endpoint("https://as.example/token")?;
    /// let client = Client::new(server, "s6BhdRkqt3");
    /// let request = AuthorizationRequest::new(&client, "https://app.example/callback")?;
    ///
    /// # let entropy = || Entropy::from_seed([7; 32]);
    /// # let now = UnixTime::from_secs(1_700_000_000);
    /// let mut flow = request.start("the value of the session cookie", entropy(), now)?;
    /// // This server's metadata ask for no push: there is nothing to send.
    /// let Step::Done((url, pending)) = flow.step(None, now)? else { unreachable!() };
    /// assert!(url.as_str().starts_with("https://as.example/authorize?response_type=code"));
    /// # let _ = pending;
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`begin`](Self::begin), or for [`push`](Self::push) if it is pushed.
    pub fn start(&self, session: &str, entropy: Entropy, now: UnixTime) -> Result<AuthorizationStart, Error> {
        self.in_the_servers_way(entropy, now, Some(session_digest(session)?))
    }

    /// The same without a session, as [`begin_unbound`](Self::begin_unbound) is.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_unbound(&self, entropy: Entropy, now: UnixTime) -> Result<AuthorizationStart, Error> {
        self.in_the_servers_way(entropy, now, None)
    }

    fn in_the_servers_way(
        &self,
        entropy: Entropy,
        now: UnixTime,
        session: Option<String>,
    ) -> Result<AuthorizationStart, Error> {
        let way = if self.front.is_pushed() {
            Way::Pushed(Box::new(self.past_browser(entropy, now, session)?))
        } else {
            Way::Browser(Some(Box::new(self.through_browser(entropy, now, session)?)))
        };
        Ok(AuthorizationStart { way })
    }
}

impl Flow for AuthorizationStart {
    type Output = (BrowserUrl, PendingAuthorization);

    /// # Errors
    ///
    /// As for [`PushedAuthorizationRequest`] if the request is pushed; [`Error::Misuse`] after the end.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Self::Output>, Error> {
        match &mut self.way {
            Way::Pushed(flow) => flow.step(response, now),
            Way::Browser(_) if response.is_some() => {
                Err(misuse("an answer came that no request was for: step with `None`"))
            }
            Way::Browser(begun) => begun
                .take()
                .map(|begun| Step::Done(*begun))
                .ok_or_else(|| misuse("this flow has ended: make another")),
        }
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        match &mut self.way {
            Way::Pushed(flow) => flow.unanswered(now),
            Way::Browser(_) => false,
        }
    }
}

impl fmt::Debug for AuthorizationStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.way {
            Way::Pushed(flow) => f.debug_tuple("AuthorizationStart").field(flow).finish(),
            Way::Browser(_) => f.write_str("AuthorizationStart(..)"),
        }
    }
}

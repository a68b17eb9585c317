//! An authorization that begins in whichever way its server takes: [`AuthorizationStart`].
//!
//! ```text
//!  program                                        authorization server
//!     │ AuthorizationRequest::start
//!     ├── POST pushed request, if it is to be pushed ──▶│
//!     │◀─ 201 request_uri ──────────────────────────────┤
//!     ├── GET jwks_uri, if it is encrypted and no key held fits ▶│
//!     │◀─ 200 {"keys": […]} ────────────────────────────┤
//!     │ BrowserUrl, PendingAuthorization
//! ```
//!
//! One round if the request is pushed, one for the key of an encrypted one, none otherwise.

use std::fmt;
use std::mem;

use crate::authorize::front_channel::{Carried, FrontChannel};
use crate::authorize::pending::PendingAuthorization;
use crate::authorize::pushed::PushedAuthorizationRequest;
use crate::authorize::request::AuthorizationRequest;
use crate::authorize::request_object::RequestObject;
use crate::authorize::response::session_digest;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::time::UnixTime;
use crate::wire::uri::BrowserUrl;

/// A flow that begins one authorization: by pushing the request, if the server takes nothing else
/// (`require_pushed_authorization_requests`) or it is [to be pushed](AuthorizationRequest::pushed), and without a round
/// otherwise, but for the keys of a server that it is [encrypted](AuthorizationRequest::encrypted) to. It waits for a key that
/// [signs](AuthorizationRequest::signed) later. Made by [`AuthorizationRequest::start`].
pub struct AuthorizationStart {
    way: Way,
}

enum Way {
    /// Until it is handed over.
    Browser(Box<(BrowserUrl, PendingAuthorization)>),
    Pushed(Box<PushedAuthorizationRequest>),
    /// Through the browser as an object, which is made first.
    Object(Box<Making>),
    Ended,
}

/// A request whose object is being made.
struct Making {
    front: FrontChannel,
    object: Box<RequestObject>,
    pending: PendingAuthorization,
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
        if self.front.is_pushed() {
            let pushed = Box::new(self.past_browser(entropy, now, session)?);
            return Ok(AuthorizationStart { way: Way::Pushed(pushed) });
        }
        let way = match self.carried(&entropy, now, session)? {
            (Carried::Plain(url), pending) => Way::Browser(Box::new((url, pending))),
            (Carried::Object(object), pending) => {
                Way::Object(Box::new(Making { front: self.front.clone(), object, pending }))
            }
        };
        Ok(AuthorizationStart { way })
    }
}

impl Flow for AuthorizationStart {
    type Output = (BrowserUrl, PendingAuthorization);

    /// # Errors
    ///
    /// As for [`PushedAuthorizationRequest`] if the request is pushed; [`Error::Malformed`] ([AQ-29](crate::Rule::Aq29)) if it
    /// is to be encrypted and the server has no key for that, and whatever the fetch of its keys fails by; [`Error::Misuse`]
    /// after the end.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Self::Output>, Error> {
        match &mut self.way {
            Way::Pushed(flow) => return flow.step(response, now),
            Way::Browser(_) if response.is_some() => {
                return Err(misuse("an answer came that no request was for: step with `None`"));
            }
            Way::Object(making) => match making.object.step(response, now) {
                Ok(Step::Done(())) => {}
                Ok(Step::Send(request)) => return Ok(Step::Send(request)),
                Ok(Step::Wait(time)) => return Ok(Step::Wait(time)),
                // A mistake of the program's, or of the key that signs, ends nothing.
                Err(error @ Error::Misuse(_)) => return Err(error),
                Err(error) => {
                    self.way = Way::Ended;
                    return Err(error);
                }
            },
            Way::Browser(_) | Way::Ended => {}
        }
        match mem::replace(&mut self.way, Way::Ended) {
            Way::Browser(begun) => Ok(Step::Done(*begun)),
            Way::Object(making) => {
                let Making { front, object, pending } = *making;
                let url = front.containing(object.text().unwrap_or_default())?;
                Ok(Step::Done((url, pending)))
            }
            Way::Pushed(_) | Way::Ended => Err(misuse("this flow has ended: make another")),
        }
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        match &mut self.way {
            Way::Pushed(flow) => flow.unanswered(now),
            Way::Object(making) => {
                let goes_on = making.object.unanswered(now);
                if !goes_on {
                    self.way = Way::Ended;
                }
                goes_on
            }
            Way::Browser(_) | Way::Ended => false,
        }
    }
}

impl fmt::Debug for AuthorizationStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.way {
            Way::Pushed(flow) => f.debug_tuple("AuthorizationStart").field(flow).finish(),
            _ => f.write_str("AuthorizationStart(..)"),
        }
    }
}

//! One authorized API request, beside a session that others may share: [`Call`].
//!
//! ```text
//!            ┌──▶ Authorize ──▶ a credential that is good ──▶ Send ──▶ any answer but the first 401 ──▶ Done
//!  Call ─────┤        ▲    └──▶ none, and something renews it: the session is renewed, and asked again
//!            │        ├──── 401, the first: that credential is refused, and another is asked for
//!            │        └──── a demand for a nonce in the proof: the same credential, with another proof (RFC 9449 §9)
//!            └──▶ an error, if no credential is there and nothing gets one
//! ```
//!
//! A bound token goes with a proof, which is written when the call gets its credential. A key that signs later makes the
//! call wait before it sends.
//!
//! A call knows the head of its request, and the status and the headers of its answer. The bodies are for the one who sends:
//! they can be streams.

use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, StatusCode, Uri};

use crate::client::apis::Apis;
use crate::client::dpop::DPOP;
use crate::client::dpop::proof::Proof;
use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::quirk::Quirks;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::signer::Signed;
use crate::session::beside_token::require_plain;
use crate::session::call_step::CallStep;
use crate::session::credential::{AwaitedCredential, Credential};
use crate::session::request_head::RequestHead;
use crate::session::shared_credential::SharedCredential;

/// One API request from its credential to its answer, beside a [`Session`](crate::Session) that many calls share.
///
/// It holds no part of the session while its request is under way. Every answer of the API is an answer, a 403 or a
/// redirect too.
///
/// ```
/// # use http::{HeaderMap, StatusCode};
/// # use valetkey_core::{Error, Request, Session, UnixTime};
/// # use valetkey_core::session::{Call, CallStep, RequestHead};
/// # fn send(
/// #     session: &mut Session,
/// #     mut request: Request,
/// #     now: UnixTime,
/// #     mut fetch: impl FnMut(&Request) -> (StatusCode, HeaderMap),
/// # ) -> Result<(), Error> {
/// let mut call = Call::new(session.shared(), &request)?;
/// let mut step = call.step(None)?;
/// loop {
///     step = match step {
///         CallStep::Authorize => {
///             // Whether to renew first is what this says.
///             let _readiness = session.authorize(&mut call, now)?;
///             call.step(None)?
///         }
///         CallStep::Send(authorization) => {
///             authorization.apply(request.headers_mut());
///             let (status, headers) = fetch(&request);
///             call.step(Some((status, &headers)))?
///         }
///         CallStep::Wait(_time) => call.step(None)?,
///         CallStep::Done => break,
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Call {
    method: Method,
    uri: Uri,
    /// The APIs that its request was compared with.
    apis: Apis,
    state: State,
    pub(crate) awaited: AwaitedCredential,
    repeated: bool,
    /// How the API departed from the RFCs.
    quirks: Quirks,
    /// Whether it was repeated with another nonce, since it has its credential.
    proven_anew: bool,
}

enum State {
    Open,
    /// With the proof for this very request, where the token is bound to a key.
    Sent(Credential, Option<Proof>),
    /// The proof could not be made.
    Failed(Error),
    /// The API refused the credential.
    Refused(Credential),
    /// There is nothing else to repeat the request with, so the answer that came is the answer.
    Rest,
    Ended,
}

impl Call {
    /// A call with the credential of a session, for a request with this head: `&request` of a [`Request`](crate::Request), or a
    /// [`RequestHead`] where another HTTP client carries the body.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([WA-5](crate::Rule::Wa5)) if the request goes to another origin than the session's APIs, which the
    /// error names, or has a header that decides about the request itself:
    ///
    /// - a `Host` that is not the authority of its URI (RFC 9110 §7.2);
    /// - a credential: `Authorization`, `DPoP`, `Proxy-Authorization`;
    /// - `Transfer-Encoding`, a `Content-Length` that is not the body's, `Trailer`, an `Expect` other than `100-continue`;
    /// - `Connection` or `Proxy-Connection` other than `close`, `keep-alive` and `TE`, `Upgrade`, `HTTP2-Settings`, a `TE`
    ///   other than `trailers`;
    ///
    /// or its method is CONNECT, TRACE, TRACK or PRI. Of a body that another client carries, [`RequestHead::new`] says what is
    /// let through; a `Content-Length` of it is refused if it is not a plain number, not the known length, or stands beside a
    /// `Transfer-Encoding`.
    pub fn new<'a>(credential: &SharedCredential, head: impl Into<RequestHead<'a>>) -> Result<Self, Error> {
        Self::of(credential, head.into())
    }

    fn of(credential: &SharedCredential, head: RequestHead<'_>) -> Result<Self, Error> {
        credential.apis().require(head.uri)?;
        require_plain(head)?;
        for (name, shown) in [(AUTHORIZATION, "Authorization"), (DPOP, "DPoP")] {
            if head.headers.contains_key(&name) {
                let what = format!(
                    "the request has a header {shown} already, and the session sets its own: leave it out"
                );
                return Err(misuse_of(Rule::Wa5, what));
            }
        }
        Ok(Self {
            method: head.method.clone(),
            uri: head.uri.clone(),
            apis: credential.apis().clone(),
            state: State::Open,
            awaited: AwaitedCredential::new(),
            repeated: false,
            quirks: Quirks::default(),
            proven_anew: false,
        })
    }

    /// Moves the call on, as [`Flow::step`](crate::Flow::step) does: `None` asks what is to be done and may be asked again;
    /// the status and the headers of the answer to what was sent last are handed over once.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] after the end, or if an answer comes to nothing that was sent; if the token is bound to a key that
    /// does not sign; ([WA-5](crate::Rule::Wa5)) if it was given a credential of another session, which may not go to this
    /// API.
    pub fn step(&mut self, answer: Option<(StatusCode, &HeaderMap)>) -> Result<CallStep, Error> {
        match (std::mem::replace(&mut self.state, State::Ended), answer) {
            (State::Ended, _) | (State::Rest, Some(_)) => Err(misuse("this call has ended: make another")),
            (State::Rest, None) => Ok(CallStep::Done),
            (state @ (State::Open | State::Refused(_)), None) => {
                self.state = state;
                Ok(CallStep::Authorize)
            }
            (state @ (State::Open | State::Refused(_)), Some(_)) => {
                self.state = state;
                Err(misuse("an answer came before its request: step the call with `None` first"))
            }
            (State::Failed(error), _) => Err(error),
            (State::Sent(credential, proof), None) => self.send(credential, proof),
            (State::Sent(credential, Some(proof)), Some(_)) if proof.signed().is_none() => {
                self.state = State::Sent(credential, Some(proof));
                Err(misuse("an answer came before its request: step the call with `None` first"))
            }
            (State::Sent(credential, proof), Some(answer)) => {
                Ok(self.hear(credential, proof.as_ref(), answer))
            }
        }
    }

    fn send(&mut self, credential: Credential, mut proof: Option<Proof>) -> Result<CallStep, Error> {
        let signed = match proof.as_mut().map(Proof::header).transpose()? {
            None => None,
            Some(Signed::Ready(header)) => Some(header),
            Some(Signed::Pending(time)) => {
                self.state = State::Sent(credential, proof);
                return Ok(CallStep::Wait(time));
            }
        };
        let authorization = credential.with_proof(signed);
        self.state = State::Sent(credential, proof);
        Ok(CallStep::Send(authorization))
    }

    fn hear(
        &mut self,
        credential: Credential,
        proof: Option<&Proof>,
        (status, headers): (StatusCode, &HeaderMap),
    ) -> CallStep {
        let nonce = credential.demanded(&self.uri, status, headers);
        let answered = proof.zip(nonce).is_some_and(|(proof, nonce)| proof.is_answered_by(&nonce));
        // Once for each credential (DP-5).
        if answered && !self.proven_anew {
            self.proven_anew = true;
            self.state = State::Open;
        } else if let Some(quirks) = credential.refusal(status, headers)
            // Repeated once (WA-3).
            && !self.repeated
        {
            self.quirks = self.quirks.and(quirks);
            self.state = State::Refused(credential);
        } else {
            return CallStep::Done;
        }
        self.awaited = AwaitedCredential::new();
        CallStep::Authorize
    }

    /// Takes the credential that the session has, if it is fresh and not one that was refused; whether it did. No lock,
    /// and no look at the session.
    pub fn use_fresh(&mut self, shared: &SharedCredential, now: UnixTime) -> bool {
        match shared.fresh(now) {
            Some(credential) if self.takes(&credential) => {
                self.take(credential, now);
                true
            }
            _ => false,
        }
    }

    /// Tells the call that its request got no answer; it has ended. Whether a request may be sent again is the API's
    /// matter, and a new call's.
    pub fn unanswered(&mut self) {
        self.state = State::Ended;
    }

    /// How the API departed from the RFCs, and was met: [`Quirk::BadTokenBy400`](crate::Quirk::BadTokenBy400),
    /// [`Quirk::BadTokenBy403`](crate::Quirk::BadTokenBy403).
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// The credential that the API refused.
    pub(crate) const fn refused(&self) -> Option<&Credential> {
        match &self.state {
            State::Refused(credential) => Some(credential),
            _ => None,
        }
    }

    fn takes(&self, credential: &Credential) -> bool {
        match &self.state {
            State::Open => true,
            State::Refused(refused) => refused.generation() != credential.generation(),
            State::Sent(..) | State::Failed(_) | State::Rest | State::Ended => false,
        }
    }

    /// Goes on with a credential, if it waits for one.
    pub(crate) fn take(&mut self, credential: Credential, now: UnixTime) {
        match self.state {
            State::Open => {}
            State::Refused(_) => {
                self.repeated = true;
                self.proven_anew = false;
            }
            State::Sent(..) | State::Failed(_) | State::Rest | State::Ended => return,
        }
        // Whichever session it is from, it goes to that session's APIs only (WA-5).
        let is_admitted =
            if credential.apis().are(&self.apis) { Ok(()) } else { credential.apis().require(&self.uri) };
        self.state = match is_admitted.and_then(|()| credential.prove((&self.method, &self.uri), now)) {
            Ok(proof) => State::Sent(credential, proof),
            Err(error) => State::Failed(error),
        };
    }

    /// Leaves it at the answer that refused.
    pub(crate) fn rest(&mut self) {
        if matches!(self.state, State::Refused(_)) {
            self.state = State::Rest;
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("path", &self.uri.path())
            .finish_non_exhaustive()
    }
}

//! The one interface between OAuth and the network: a [`Flow`] is stepped, and each [`Step`] is carried out.
//!
//! ```text
//!            ┌───────────── step(None | Some(response), now) ─────────────┐
//!            │                                                            │
//!            ▼                                                            │
//!          Flow ──▶ Send(request) ──▶ the host sends it, brings the answer ┤
//!            │  └─▶ Wait(time)    ──▶ the host comes back later            ┘
//!            ├────▶ Done(output)      the flow has ended
//!            └────▶ Err(error)        the flow has ended
//! ```

use std::fmt;
use std::time::Duration;

use crate::ground::error::Error;
use crate::ground::time::UnixTime;

/// An HTTP request as core builds it: the whole body in memory, the URI absolute.
pub type Request = http::Request<Vec<u8>>;

/// An HTTP response as a host hands it over: the whole body in memory.
pub type Response = http::Response<Vec<u8>>;

/// One conversation with a server, any number of rounds, without any I/O.
///
/// Call [`step`](Flow::step) and carry out what it returns, until it is `Done` or an error. Nothing else is
/// needed to run any flow of this library or of a third party:
///
/// ```
/// use valetkey_core::{Error, Flow, Request, Response, Step, UnixTime};
///
/// fn run<F: Flow>(
///     mut flow: F,
///     mut send: impl FnMut(Request) -> Response,
///     mut now: impl FnMut() -> UnixTime,
/// ) -> Result<F::Output, Error> {
///     let mut response = None;
///     loop {
///         match flow.step(response.take(), now())? {
///             Step::Send(request) => response = Some(send(request)),
///             Step::Wait(_time) => { /* come back after that time */ }
///             Step::Done(output) => return Ok(output),
///         }
///     }
/// }
/// ```
///
/// The trait is object-safe and implemented for `&mut F` and `Box<F>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a flow",
    label = "nothing to step here",
    note = "a grant is traded by `TokenRequest::new(&client, grant)?`, and a `Result` of a flow wants `?`"
)]
pub trait Flow {
    /// What the conversation is for.
    type Output;

    /// Moves the flow on.
    ///
    /// `None` asks "what now?" and changes nothing: asking twice returns the same step, so a cancelled future or
    /// an early timer does no harm. `Some` hands over the answer to the last [`Step::Send`]. `now` is the time of
    /// the call; a clock that jumps makes a flow early or late, never wrong.
    ///
    /// # Errors
    ///
    /// Any [`Error`] ends the flow, as [`Step::Done`] does; a step after the end is [`Error::Misuse`].
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Self::Output>, Error>;

    /// Tells the flow that its last request was sent, or may have been, and that no answer came.
    ///
    /// Returns whether the flow goes on: `false`, the default, ends it, and the host reports its own transport
    /// error. A flow whose request may be repeated (polling, for example) returns `true` and is stepped again.
    fn unanswered(&mut self, now: UnixTime) -> bool {
        let _ = now;
        false
    }
}

impl<F: Flow + ?Sized> Flow for &mut F {
    type Output = F::Output;

    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Self::Output>, Error> {
        (**self).step(response, now)
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        (**self).unanswered(now)
    }
}

impl<F: Flow + ?Sized> Flow for Box<F> {
    type Output = F::Output;

    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Self::Output>, Error> {
        (**self).step(response, now)
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        (**self).unanswered(now)
    }
}

/// What a flow wants done next. It has no more arms than these: a host that handles each of them runs every flow.
///
/// Its `Debug` shows a request's method and URI without the query, and neither headers, body nor output: any of
/// them may hold a secret.
#[must_use = "a flow moves on only when its step is carried out"]
#[expect(
    clippy::large_enum_variant,
    reason = "a step is moved once, from the flow to the host; a box would be an allocation each"
)]
pub enum Step<T> {
    /// Send this request once and hand its answer to the next [`Flow::step`]. Redirects are not to be followed: a 3xx is an
    /// answer ([HT-1](crate::Rule::Ht1)), and so is a 4xx.
    Send(Request),
    /// Ask again after this time; earlier does no harm.
    Wait(Duration),
    /// The conversation has reached its end.
    Done(T),
}

impl<T> Step<T> {
    /// The same step with another output.
    pub fn map<U>(self, output: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Send(request) => Step::Send(request),
            Self::Wait(time) => Step::Wait(time),
            Self::Done(done) => Step::Done(output(done)),
        }
    }
}

impl<T> fmt::Debug for Step<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request) => show_send(f, request),
            Self::Wait(time) => f.debug_tuple("Wait").field(time).finish(),
            Self::Done(_) => f.write_str("Done(..)"),
        }
    }
}

/// A request that is to be sent, without its query, headers and body.
pub(crate) fn show_send(f: &mut fmt::Formatter<'_>, request: &Request) -> fmt::Result {
    let (method, uri) = (request.method(), request.uri());
    let (scheme, host) = (uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default());
    write!(f, "Send({method} {scheme}://{host}{})", uri.path())
}

//! What a call wants done, and what its session needs: [`CallStep`], [`Readiness`].

use std::time::Duration;

use crate::session::credential::Authorization;

/// What a call wants done next. `Debug` shows no secret.
///
/// It has no more arms than these: a host that handles each of them handles all.
#[derive(Debug)]
#[must_use = "a call moves on only when its step is carried out"]
pub enum CallStep {
    /// Give it a credential: a fresh one by [`Call::use_fresh`](crate::session::Call::use_fresh), or else by [`Session::authorize`](crate::Session::authorize).
    Authorize,
    /// Put this into the request's headers, send it once, follow no redirect, and hand over the status and the headers of the
    /// answer. A body that cannot be sent again ends the call here the second time: the answer that came is the answer.
    Send(Authorization),
    /// Step again after this time; earlier does no harm. A key is signing the request's proof; one that answers at once
    /// never makes a call wait.
    Wait(Duration),
    /// The answer that came last is the API's answer.
    Done,
}

/// Whether a call can go on, and what its session needs: what [`Session::authorize`](crate::Session::authorize) says.
///
/// It has no more arms than these: a host that handles each of them handles all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a session is renewed only when its host renews it"]
pub enum Readiness {
    /// Step the call on.
    Ready,
    /// Step the call on; and the session is due for a renewal, which nobody needs to wait for.
    Due,
    /// Renew the session, once for all calls that want it, and ask again.
    Wait,
}

//! What a renewal wants done, and what came of it: [`RenewalStep`], [`RenewalAnswer`].

use std::fmt;
use std::time::Duration;

use crate::ground::flow::{Request, Response};
use crate::store::step::{StoreAnswer, StoreStep};

/// What a renewal wants done next. `Debug` shows no secret.
///
/// It has no more arms than these: a host that handles each of them handles all.
#[must_use = "a renewal moves on only when its step is carried out"]
pub enum RenewalStep {
    /// Do this in the store.
    Store(StoreStep),
    /// Send this request once, and follow no redirect.
    Send(Request),
    /// Step again after this time; earlier does no harm.
    Wait(Duration),
    /// It has ended: [settle](crate::Session::settle) it.
    Done,
}

/// What came of a [`RenewalStep`]. `Debug` shows no secret, and nothing of the server's answer but its status. It has
/// an arm for each step that is answered, and no others.
pub enum RenewalAnswer {
    /// The store's.
    Store(StoreAnswer),
    /// The server's.
    Response(Response),
    /// The request was sent, or may have been, and no answer came.
    NoResponse,
}

impl fmt::Debug for RenewalStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(step) => f.debug_tuple("Store").field(step).finish(),
            Self::Send(request) => write!(f, "Send({} {})", request.method(), request.uri().path()),
            Self::Wait(time) => f.debug_tuple("Wait").field(time).finish(),
            Self::Done => f.write_str("Done"),
        }
    }
}

impl fmt::Debug for RenewalAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(answer) => f.debug_tuple("Store").field(answer).finish(),
            Self::Response(response) => write!(f, "Response({})", response.status().as_u16()),
            Self::NoResponse => f.write_str("NoResponse"),
        }
    }
}

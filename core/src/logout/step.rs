//! What the end of the sessions wants done, and what came of it: [`LogoutStep`], [`LogoutAnswer`].

use std::fmt;
use std::time::Duration;

use crate::ground::flow::{Request, Response, show_send};
use crate::store::StoreError;
use crate::store::found::Found;
use crate::store::index::Index;
use crate::store::key::StoreKey;
use crate::store::step::{StoreAnswer, StoreStep};

/// What a [`RemoteLogout`](crate::logout::RemoteLogout) wants done next. `Debug` shows no secret.
///
/// It has no more arms than these: a host that handles each of them handles all.
#[must_use = "a log-out moves on only when its step is carried out"]
pub enum LogoutStep {
    /// [`Store::find`](crate::store::Store::find): the page after this key, or the first.
    Find(Index, Option<StoreKey>),
    /// Do this in the store, under this key.
    Store(StoreKey, StoreStep),
    /// Send this request once, and follow no redirect: it revokes a token.
    Send(Request),
    /// Step again after this time; earlier does no harm.
    Wait(Duration),
    /// It has come to its end: [finish](crate::logout::RemoteLogout::finish) it.
    Done,
}

/// What came of a [`LogoutStep`]: an arm for each that is answered, and no others. `Debug` shows no secret.
pub enum LogoutAnswer {
    /// To [`LogoutStep::Find`].
    Found(Result<Found, StoreError>),
    /// To [`LogoutStep::Store`].
    Store(StoreAnswer),
    /// To [`LogoutStep::Send`].
    Response(Response),
    /// The request was sent, or may have been, and no answer came.
    NoResponse,
}

impl fmt::Debug for LogoutStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Find(index, after) => f.debug_tuple("Find").field(index).field(after).finish(),
            Self::Store(key, step) => f.debug_tuple("Store").field(key).field(step).finish(),
            Self::Send(request) => show_send(f, request),
            Self::Wait(time) => f.debug_tuple("Wait").field(time).finish(),
            Self::Done => f.write_str("Done"),
        }
    }
}

impl fmt::Debug for LogoutAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(found) => {
                f.debug_tuple("Found").field(&found.as_ref().map(|found| found.keys.len())).finish()
            }
            Self::Store(answer) => f.debug_tuple("Store").field(answer).finish(),
            Self::Response(response) => write!(f, "Response({})", response.status().as_u16()),
            Self::NoResponse => f.write_str("NoResponse"),
        }
    }
}

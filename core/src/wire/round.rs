//! One request and its answer: what the flows of a single round have in common.

use crate::ground::error::{Error, misuse};
use crate::ground::flow::{Request, Response, Step};
use crate::ground::time::UnixTime;
use crate::wire::encoding;

/// Where a flow of one round is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Round {
    #[default]
    New,
    /// The request was asked for, first at this time.
    Asked(UnixTime),
    Ended,
}

impl Round {
    /// Moves on: builds the request anew whenever it is asked for, so that no copy of it is held, and reads the answer
    /// with the time at which it was first asked for.
    pub(crate) fn step<T>(
        &mut self,
        response: Option<Response>,
        now: UnixTime,
        request: impl FnOnce() -> Result<Request, Error>,
        read: impl FnOnce(Response, UnixTime) -> Result<T, Error>,
    ) -> Result<Step<T>, Error> {
        match (*self, response) {
            (Self::Ended, _) => Err(misuse("this flow has ended: make another")),
            (Self::New, Some(_)) => {
                Err(misuse("an answer came before its request: step the flow with `None` first"))
            }
            (Self::New, None) => {
                let request = request()?;
                *self = Self::Asked(now);
                Ok(Step::Send(request))
            }
            (Self::Asked(_), None) => request().map(Step::Send),
            (Self::Asked(at), Some(response)) => {
                *self = Self::Ended;
                read(encoding::unpacked(response)?, at).map(Step::Done)
            }
        }
    }

    /// No answer came, and the flow does not go on.
    pub(crate) fn end(&mut self) -> bool {
        *self = Self::Ended;
        false
    }
}

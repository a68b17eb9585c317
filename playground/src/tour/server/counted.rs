//! A flow whose requests are counted: [`Counted`].

use std::cell::Cell;

use valetkey_blocking::valetkey_core::Error;
use valetkey_blocking::{Flow, Response, Step, UnixTime};

/// A flow as it is, with a count of what it sends. An adapter asks it each time but once.
pub(crate) struct Counted<'c, F> {
    pub(crate) flow: F,
    pub(crate) requests: &'c Cell<usize>,
}

impl<F: Flow> Flow for Counted<'_, F> {
    type Output = F::Output;

    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<F::Output>, Error> {
        let step = self.flow.step(response, now)?;
        if matches!(step, Step::Send(_)) {
            self.requests.set(self.requests.get() + 1);
        }
        Ok(step)
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        self.flow.unanswered(now)
    }
}

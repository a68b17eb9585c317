//! How long a connection may take for a piece of a request, in whole seconds: [`Deadlines`].
//!
//! Before each read and write ureq tells the socket what is left of the request's time. That is another number each time,
//! and so each time a call of the system, two or three for a request: a tenth of what a request to a server nearby
//! costs. ureq tells the socket only what has changed, and whole seconds hardly ever change:
//!
//! ```text
//!             ┌─▶ read within 59 s ─── nothing came ──▶ read within 0.7 s ─── nothing came ──▶ a timeout
//! 59.7 s left ┤
//!             └─▶ write within 59 s ── not taken ─────▶ a timeout, less than a second early
//! ```
//!
//! A read that nothing came to has taken nothing, and is made again with the rest: it ends when it would without this. A
//! write is not: nobody knows how much of it has been sent. In its last second a request has the time that is left, to
//! the nanosecond.
//!
//! These traits are among those that ureq may change in a minor version: see [`names`](super::names).

use std::fmt;
use std::time::Duration;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// The connections that another connector makes, with deadlines in whole seconds.
#[derive(Debug)]
pub(super) struct Deadlines<C>(pub(super) C);

impl<C: Connector> Connector for Deadlines<C> {
    type Out = InSeconds<C::Out>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        Ok(self.0.connect(details, chained)?.map(InSeconds))
    }
}

/// One of these connections.
pub(super) struct InSeconds<T>(pub(super) T);

impl<T: Transport> Transport for InSeconds<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let first = seconds(timeout).map_or(timeout, |(seconds, _)| seconds);
        self.0.transmit_output(amount, first)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let Some((seconds, rest)) = seconds(timeout) else { return self.0.await_input(timeout) };
        match self.0.await_input(seconds) {
            Err(Error::Timeout(_)) if !rest.after.is_zero() => self.0.await_input(rest),
            came => came,
        }
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

impl<T: fmt::Debug> fmt::Debug for InSeconds<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The whole seconds of a time, and what is left after them. None of the last second, of a time that never ends, and where
/// each read or write has a time of its own, which does not change anyway.
fn seconds(timeout: NextTimeout) -> Option<(NextTimeout, NextTimeout)> {
    if timeout.after.is_not_happening() || timeout.per_read.is_some() || timeout.per_write.is_some() {
        return None;
    }
    let seconds = Duration::from_secs(timeout.after.as_secs());
    let rest = timeout.after.saturating_sub(seconds);
    let of = |after: Duration| NextTimeout { after: after.into(), ..timeout };
    (!seconds.is_zero()).then(|| (of(seconds), of(rest)))
}

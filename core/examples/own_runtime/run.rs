//! The loop: [`run`] steps every flow, and looks at every connection, until all have come to their end.

use std::error::Error;
use std::task::Poll;
use std::time::Duration;
use std::{io, thread};

use valetkey_core::{Flow, Response, Step, UnixTime};

use crate::connection::Connection;
use crate::now;

/// How long the loop rests when nothing has moved. A real host sleeps in its poller until a socket is ready.
pub(crate) const REST: Duration = Duration::from_millis(1);

/// How long a flow may take in this example.
pub(crate) const LONGEST: Duration = Duration::from_secs(30);

/// Runs all flows to their end, side by side, and returns their outputs in the same order.
pub(crate) fn run<F: Flow>(flows: Vec<F>) -> Result<Vec<F::Output>, Box<dyn Error>> {
    let deadline = now().after(LONGEST);
    let mut tasks: Vec<Task<F>> = flows.into_iter().map(Task::new).collect();
    while tasks.iter().any(|task| task.output.is_none()) {
        let mut has_moved = false;
        for task in tasks.iter_mut().filter(|task| task.output.is_none()) {
            has_moved |= task.poll()?;
        }
        if !has_moved {
            if now() > deadline {
                return Err("the server takes too long".into());
            }
            thread::sleep(REST);
        }
    }
    Ok(tasks.into_iter().filter_map(|task| task.output).collect())
}

/// One flow, and what it is waiting for.
struct Task<F: Flow> {
    flow: F,
    waits_for: Event,
    output: Option<F::Output>,
}

/// What happens next.
pub(crate) enum Event {
    /// Nothing has to: it is to be asked at once.
    Turn,
    /// A connection's answer.
    Answer(Connection),
    /// A moment.
    Time(UnixTime),
}

impl Event {
    /// Whether it has happened, and the answer if it was one.
    pub(crate) fn poll(&mut self) -> io::Result<Poll<Option<Response>>> {
        match self {
            Self::Time(time) if now() < *time => Ok(Poll::Pending),
            Self::Turn | Self::Time(_) => Ok(Poll::Ready(None)),
            Self::Answer(connection) => {
                Ok(connection.poll()?.map_or(Poll::Pending, |answer| Poll::Ready(Some(answer))))
            }
        }
    }
}

impl<F: Flow> Task<F> {
    fn new(flow: F) -> Self {
        Self { flow, waits_for: Event::Turn, output: None }
    }

    /// Goes on without waiting; returns whether it could.
    fn poll(&mut self) -> Result<bool, Box<dyn Error>> {
        let response = match self.waits_for.poll() {
            Ok(Poll::Ready(response)) => response,
            Ok(Poll::Pending) => return Ok(false),
            // No answer: a flow that repeats its request says so and is asked again.
            Err(_) if self.flow.unanswered(now()) => None,
            Err(error) => return Err(error.into()),
        };
        // All that there is to running a flow.
        self.waits_for = match self.flow.step(response, now())? {
            Step::Send(request) => Event::Answer(Connection::open(&request)?),
            Step::Wait(time) => Event::Time(now().after(time)),
            Step::Done(output) => {
                self.output = Some(output);
                Event::Turn
            }
        };
        Ok(true)
    }
}

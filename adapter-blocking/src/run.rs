//! Carrying a flow to its end: [`run`].

use valetkey_core::host::MAX_BODY;
use valetkey_core::{Flow, Step};

use crate::transport::exchange;
use crate::{Error, HttpClient, now};

/// Runs a flow: sends what it wants sent, waits when it wants to wait.
///
/// An answer's body is read up to [`MAX_BODY`]; redirects are not followed, and a 4xx is an answer.
///
/// # Errors
///
/// [`Error::Core`] for what the flow ended with; [`Error::Transport`] if no answer came and the flow does not go on
/// without one.
pub fn run<F: Flow>(http: &HttpClient, mut flow: F) -> Result<F::Output, Error> {
    let mut response = None;
    loop {
        match flow.step(response.take(), now())? {
            Step::Send(request) => match exchange(http, request, MAX_BODY) {
                Ok(answer) => response = Some(answer),
                Err(error) if !flow.unanswered(now()) => return Err(error),
                Err(_) => {}
            },
            Step::Wait(time) => sleep(time),
            Step::Done(output) => return Ok(output),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where a flow's waiting is done")]
pub(crate) fn sleep(time: std::time::Duration) {
    std::thread::sleep(time);
}

//! A flow carried out against answers that were written down before, in virtual time.

use std::time::Duration;

use valetkey_core::{Error, Flow, Request, Response, Step, UnixTime};

use crate::NOW;

/// What a flow did with its answers.
pub struct Played<T> {
    /// How it ended.
    pub outcome: Result<T, Error>,
    /// Every request, with the time at which it was sent.
    pub sent: Vec<(UnixTime, Request)>,
    /// Every wait.
    pub waits: Vec<Duration>,
    /// When it ended.
    pub now: UnixTime,
}

impl<T> Played<T> {
    /// The URLs that were asked, in their order.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.sent.iter().map(|(_, request)| request.uri().to_string()).collect()
    }

    /// The rule that ended it.
    ///
    /// # Panics
    ///
    /// If it was not ended by a rule.
    #[must_use]
    pub fn rule(&self) -> valetkey_core::Rule {
        match &self.outcome {
            Err(error) => error.rule().unwrap_or_else(|| panic!("no rule in: {error}")),
            Ok(_) => panic!("the flow came to a good end"),
        }
    }
}

/// Carries a flow out from [`NOW`] on. An answer of `None` is one that never came. Every step is asked for twice, which
/// must make no difference.
///
/// # Panics
///
/// If the flow asks for more answers than there are, or asking twice makes a difference.
pub fn play<F: Flow>(mut flow: F, answers: impl IntoIterator<Item = Option<Response>>) -> Played<F::Output> {
    let mut answers = answers.into_iter();
    let mut response = None;
    let mut played =
        Played { outcome: Err(Error::Unanswered), sent: Vec::new(), waits: Vec::new(), now: NOW };
    for _ in 0..10_000 {
        match flow.step(response.take(), played.now) {
            Ok(Step::Send(request)) => {
                match flow.step(None, played.now) {
                    Ok(Step::Send(again)) => {
                        assert_eq!((request.uri(), request.body()), (again.uri(), again.body()));
                    }
                    _ => panic!("asked again, a request became something else"),
                }
                played.sent.push((played.now, request));
                match answers.next().expect("the flow asks for more answers than there are") {
                    Some(answer) => response = Some(answer),
                    None if flow.unanswered(played.now) => {}
                    None => return played,
                }
            }
            Ok(Step::Wait(time)) => {
                assert!(time > Duration::ZERO, "a wait of nothing is a busy loop");
                assert!(matches!(flow.step(None, played.now), Ok(Step::Wait(again)) if again == time));
                played.waits.push(time);
                played.now = played.now.after(time);
            }
            Ok(Step::Done(output)) => {
                assert!(flow.step(None, played.now).is_err(), "a flow that has ended goes on");
                played.outcome = Ok(output);
                return played;
            }
            Err(error) => {
                assert!(flow.step(None, played.now).is_err(), "a flow that has ended goes on");
                played.outcome = Err(error);
                return played;
            }
        }
    }
    panic!("the flow does not end");
}

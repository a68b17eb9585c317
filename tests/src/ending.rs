//! The end of a session, step by step: [`end_with`].

use valetkey_core::session::{RenewalAnswer, RenewalStep, SessionEnd};
use valetkey_core::store::{Store, StoreKey, StoreStep};

use crate::{NOW, json};

/// Steps the end of a session to its end, and returns what it did: `load write send r0`. `meet` may answer a step in the
/// place of the store, and of a server that revokes whatever it is asked to.
///
/// # Panics
///
/// If it does not end, or asks for something else when it is asked twice.
pub fn end_with(
    mut end: SessionEnd,
    store: &dyn Store,
    key: &StoreKey,
    mut meet: impl FnMut(&str) -> Option<RenewalAnswer>,
) -> (SessionEnd, String) {
    let (mut log, mut now, mut answer) = (Vec::new(), NOW, None);
    for _ in 0..200 {
        let step = end.step(answer.take(), now).unwrap();
        let again = end.step(None, now).unwrap();
        assert_eq!(format!("{step:?}"), format!("{again:?}"), "asked twice");
        let name = match &step {
            RenewalStep::Store(StoreStep::Load) => "load".to_owned(),
            RenewalStep::Store(StoreStep::Replace { .. }) => "write".to_owned(),
            RenewalStep::Store(other) => panic!("{other:?}"),
            RenewalStep::Send(request) => {
                let form: Vec<_> = form_urlencoded::parse(request.body()).collect();
                let token = form.iter().find(|(name, _)| name == "token").map(|(_, token)| token);
                format!("send {}", token.unwrap())
            }
            RenewalStep::Wait(time) => {
                now = now.after(*time);
                "wait".to_owned()
            }
            RenewalStep::Done => return (end, log.join(" ")),
        };
        answer = meet(&name);
        log.push(name);
        answer = answer.or_else(|| match step {
            RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(store, key, now))),
            RenewalStep::Send(_) => Some(RenewalAnswer::Response(json(200, ""))),
            _ => None,
        });
    }
    panic!("it does not end: {log:?}");
}

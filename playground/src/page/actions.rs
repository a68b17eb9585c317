//! What is done with a run, one button each. Every one ends with the run's page.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use valetkey_async::now;

use super::desk::{Desk, Seat};
use super::form::Form;
use super::pages::{see, trouble};
use super::visitor::Visitor;
use crate::play::{ApiCall, Next};

type Shared = State<Arc<Desk>>;

/// Sends the open step's request, and takes its answer.
pub(super) async fn send(
    State(desk): Shared,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u64>,
) -> Response {
    let request = desk.with(visitor.session, number, |seat| {
        if seat.is_sending || !matches!(seat.trial.run.next(now()), Next::Send(_)) {
            return None;
        }
        if let Some(front) = &seat.front {
            seat.trial.before_sending(&mut front.sandbox(), now());
        }
        seat.is_sending = true;
        seat.trial.run.request()
    });
    let Some(request) = request else { return trouble(&visitor, "There is no such run.") };
    if let Some(request) = request {
        let sent_at = now();
        let answer = valetkey_async::send(&desk.http, request).await;
        desk.with(visitor.session, number, |seat| {
            seat.is_sending = false;
            match answer {
                Ok(response) => seat.trial.run.answered(response, sent_at, now()),
                Err(error) => seat.trial.run.unanswered(&error.to_string(), sent_at, now()),
            }
        });
    }
    see(&visitor, &format!("/runs/{number}#latest"))
}

/// Lets the sandbox's person allow, without a browser.
pub(super) async fn consent(
    State(desk): Shared,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u64>,
) -> Response {
    act(&desk, &visitor, number, |seat| {
        let Some(front) = &seat.front else { return };
        let consent = seat.trial.consent(&mut front.sandbox(), now());
        seat.notice = consent.err().map(|why| format!("Alice was not sent back: {why}."));
    })
}

/// Takes the address where a browser ended, typed or pasted.
pub(super) async fn arrived(
    State(desk): Shared,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u64>,
    Extension(form): Extension<Form>,
) -> Response {
    act(&desk, &visitor, number, |seat| seat.trial.arrive(form.get("url"), true, now()))
}

/// Prepares an API request.
pub(super) async fn call(
    State(desk): Shared,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u64>,
    Extension(form): Extension<Form>,
) -> Response {
    act(&desk, &visitor, number, |seat| {
        let typed = ApiCall {
            method: form.get("call_method").to_owned(),
            url: form.get("call_url").to_owned(),
            body: form.get("call_body").to_owned(),
        };
        if typed.request().is_none() {
            seat.notice = Some("This is not a request: give a method and an absolute URL.".to_owned());
            return;
        }
        seat.notice = seat.trial.run.call(Some(&typed), now()).err().map(|error| error.to_string());
    })
}

/// Prepares a renewal.
pub(super) async fn renew(
    State(desk): Shared,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u64>,
) -> Response {
    act(&desk, &visitor, number, |seat| {
        seat.notice = seat.trial.run.renew(now()).err().map(|error| error.to_string());
    })
}

/// Switches an attack on, for the next answer that it fits.
pub(super) async fn attack(
    State(desk): Shared,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u64>,
    Extension(form): Extension<Form>,
) -> Response {
    act(&desk, &visitor, number, |seat| {
        if let (Some(attack), Some(front)) = (form.attack(), &seat.front) {
            seat.trial.arm(attack, &mut front.sandbox());
        }
    })
}

/// Forgets a run, its tokens and its sandbox.
pub(super) async fn close(
    State(desk): Shared,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u64>,
) -> Response {
    desk.remove(visitor.session, number);
    see(&visitor, "/#runs")
}

fn act(desk: &Desk, visitor: &Visitor, number: u64, act: impl FnOnce(&mut Seat)) -> Response {
    match desk.with(visitor.session, number, act) {
        Some(()) => see(visitor, &format!("/runs/{number}#next")),
        None => trouble(visitor, "There is no such run."),
    }
}

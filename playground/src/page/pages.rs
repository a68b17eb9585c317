//! What is looked at: one handler a page.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use valetkey_async::now;

use super::desk::Desk;
use super::view;
use super::visitor::Visitor;
use crate::play::{AttackTable, Method, Transcript};

type Shared = State<Arc<Desk>>;

pub(super) async fn home(State(desk): Shared, Extension(visitor): Extension<Visitor>) -> Markup {
    let runs = desk.each(visitor.session, view::home::Line::of);
    view::home::page(&visitor, &runs)
}

pub(super) async fn new(
    State(desk): Shared,
    Extension(visitor): Extension<Visitor>,
    Path(method): Path<String>,
) -> Response {
    match Method::of_name(&method) {
        Some(method) => view::new::page(&visitor, method, &desk.redirect_uri()).into_response(),
        None => nothing(Extension(visitor)).await,
    }
}

pub(super) async fn run(
    State(desk): Shared,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u64>,
    RawQuery(query): RawQuery,
) -> Response {
    let reveals = query.is_some_and(|query| query == "show=secrets");
    let page = desk.with(visitor.session, number, |seat| {
        let page = view::run::page(&visitor, seat, reveals, now());
        seat.notice = None;
        page
    });
    match page {
        Some(page) => page.into_response(),
        None => nothing(Extension(visitor)).await,
    }
}

pub(super) async fn transcript(
    State(desk): Shared,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u64>,
) -> Response {
    let transcript = desk.with(visitor.session, number, |seat| {
        let name = seat.trial.run.setup().method.name();
        (name, Transcript::of(&seat.trial.run, seat.trial.attack()).to_json())
    });
    let Some((name, json)) = transcript else { return nothing(Extension(visitor)).await };
    let disposition = format!("attachment; filename=\"{name}-{number}.json\"");
    ([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, disposition)], json)
        .into_response()
}

/// Every attack on every method, played once and kept.
pub(super) async fn attacks(State(desk): Shared, Extension(visitor): Extension<Visitor>) -> Markup {
    if desk.table.get().is_none() {
        let table = tokio::task::spawn_blocking(|| AttackTable::play(now())).await;
        if let Ok(table) = table {
            desk.table.get_or_init(|| table);
        }
    }
    view::attacks::page(&visitor, desk.table.get())
}

pub(super) async fn compare(State(desk): Shared, Extension(visitor): Extension<Visitor>) -> Markup {
    let columns = desk.each(visitor.session, |seat| view::compare::column(&visitor, seat, now()));
    view::compare::page(&visitor, &columns)
}

pub(super) async fn nothing(Extension(visitor): Extension<Visitor>) -> Response {
    (StatusCode::NOT_FOUND, view::trouble::page(&visitor, "There is nothing here.")).into_response()
}

/// Something did not work, said in a sentence.
pub(super) fn trouble(visitor: &Visitor, what: &str) -> Response {
    (StatusCode::BAD_REQUEST, view::trouble::page(visitor, what)).into_response()
}

/// On to a page of our own, after a POST.
pub(super) fn see(visitor: &Visitor, path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::try_from(visitor.at(path)) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

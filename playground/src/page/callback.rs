//! Where browsers come back to: `/callback`, and whatever a misbehaving server makes of it.
//!
//! ```text
//!  the server ── 303 /callback?code… ──▶ the browser ── GET ──▶ the run that waits takes the URL
//!  the server ── 303 /callback#token… ─▶ the browser ── GET ──▶ a page, whose script reads the fragment
//!                                              └── POST ──────▶ the run that waits takes the URL
//! ```
//!
//! The redirect URI is registered, so it cannot be below a session's address: the browser is known by its cookies alone,
//! which other servers of this computer are sent too. So a response may be brought by them, and is checked as any; and
//! no answer here has anything of a run, nor the way to one.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use valetkey_async::now;

use super::desk::Desk;
use super::form::Form;
use super::session::Arriving;
use super::view;

/// A browser arrives with what a server sees: path and query.
pub(super) async fn arrive(
    State(desk): State<Arc<Desk>>,
    Extension(arriving): Extension<Arriving>,
    uri: Uri,
) -> Response {
    match uri.query() {
        // Nothing to see here, so it may be in the fragment, which only the page's script sees.
        None | Some("") => view::callback::page(uri.path()).into_response(),
        Some(query) => deliver(&desk, &arriving, &format!("{}?{query}", uri.path()), query),
    }
}

/// The page's script brings the fragment.
pub(super) async fn fragment(
    State(desk): State<Arc<Desk>>,
    Extension(arriving): Extension<Arriving>,
    Extension(form): Extension<Form>,
) -> Response {
    let path = Some(form.get("path")).filter(|path| path.starts_with("/callback")).unwrap_or("/callback");
    let fragment = form.get("fragment").trim_start_matches('#');
    deliver(&desk, &arriving, &format!("{path}#{fragment}"), fragment)
}

/// The host is the one that is registered, never the one that the request named.
fn deliver(desk: &Desk, Arriving(sessions): &Arriving, target: &str, parameters: &str) -> Response {
    let url = format!("{}{target}", desk.origin());
    let state = form_urlencoded::parse(parameters.as_bytes())
        .find(|(name, _)| name == "state")
        .map(|(_, state)| state.into_owned());
    let run = desk.deliver(sessions, state.as_deref(), |seat, same_session| {
        seat.trial.arrive(&url, same_session, now());
    });
    match run {
        Some((session, number)) => view::callback::arrived(session, number).into_response(),
        None => (StatusCode::BAD_REQUEST, view::callback::unexpected()).into_response(),
    }
}

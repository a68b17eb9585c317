//! Where browsers come back to: `/callback`, and whatever a misbehaving server makes of it.
//!
//! ```text
//!  the server ── 303 /callback?code… ──▶ the browser ── GET ──▶ the run that waits takes the URL
//!  the server ── 303 /callback#token… ─▶ the browser ── GET ──▶ a page, whose script reads the fragment
//!                                              └── POST /arrive ─▶ the run that waits takes the URL
//! ```

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use valetkey_async::now;

use super::desk::Desk;
use super::form::Form;
use super::guard::Visitor;
use super::pages::{see, trouble};
use super::view;

/// A browser arrives with what a server sees: path and query.
pub(super) async fn arrive(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    uri: Uri,
) -> Response {
    match uri.query() {
        // Nothing to see here, so it may be in the fragment, which only the page's script sees.
        None | Some("") => view::callback::page(&visitor, uri.path()).into_response(),
        Some(query) => deliver(&desk, &visitor, &format!("{}?{query}", uri.path()), query),
    }
}

/// The page's script brings the fragment.
pub(super) async fn fragment(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Extension(form): Extension<Form>,
) -> Response {
    let path = Some(form.get("path")).filter(|path| path.starts_with("/callback")).unwrap_or("/callback");
    let fragment = form.get("fragment").trim_start_matches('#');
    deliver(&desk, &visitor, &format!("{path}#{fragment}"), fragment)
}

/// The host is the one that is registered, never the one that the request named.
fn deliver(desk: &Desk, visitor: &Visitor, target: &str, parameters: &str) -> Response {
    let url = format!("{}{target}", desk.origin());
    let state = form_urlencoded::parse(parameters.as_bytes())
        .find(|(name, _)| name == "state")
        .map(|(_, state)| state.into_owned());
    let number = desk.deliver(&visitor.session, state.as_deref(), |seat, same_session| {
        seat.trial.arrive(&url, same_session, now());
    });
    match number {
        Some(number) => see(&format!("/runs/{number}#latest")),
        None => trouble(visitor, "No run of this browser waits for this response."),
    }
}

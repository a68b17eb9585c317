//! Who may ask, and what every answer says: checked before any handler, set after it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, request};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt as _;

use super::desk::Desk;
use super::form::Form;
use super::session::{Arriving, Purpose, ROOT};
use super::view;

/// A form is at most this large, in bytes.
const MAX_FORM: usize = 256 * 1024;

/// The pages, and who may see which.
#[derive(Clone)]
pub(super) struct House {
    pub(super) desk: Arc<Desk>,
    /// What is a session's own: asked for below its address, with its cookie.
    pub(super) own: Router,
    /// What anybody on this computer may ask for. Nothing of a run is in it.
    pub(super) open: Router,
}

/// Refuses what is not for this address or not from this page, and names the visitor.
pub(super) async fn guard(State(house): State<House>, request: Request) -> Response {
    let mut response = match admit(&house.desk, request).await {
        Ok((router, request)) => {
            let router = if router == Place::Own { house.own } else { house.open };
            match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
        Err(refusal) => refusal,
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

const HEADERS: [(HeaderName, &str); 6] = [
    (CACHE_CONTROL, "no-store"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
    // A session's address is told to nobody else. Not `no-referrer`: a form would then be sent with the origin `null`, and
    // the check below needs the origin.
    (REFERRER_POLICY, "same-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

#[derive(PartialEq, Eq)]
enum Place {
    Own,
    Open,
}

fn refused(status: StatusCode, what: &'static str) -> Response {
    (status, format!("{what}\n")).into_response()
}

/// The request with its visitor and its form, and where it goes.
async fn admit(desk: &Desk, request: Request) -> Result<(Place, Request), Response> {
    // A name that an attacker made to resolve to this address (DNS rebinding) is not ours.
    if request.headers().get(HOST).and_then(|host| host.to_str().ok()) != Some(desk.host()) {
        let what = "This address is served under its own name only.";
        return Err(refused(StatusCode::MISDIRECTED_REQUEST, what));
    }
    let (mut head, body) = request.into_parts();
    let form = posted(desk, &head, body).await?;
    let proven = desk.signer().proven(&head.headers, desk.port());
    let place = if head.uri.path().starts_with(ROOT) {
        let own = desk.signer().below(head.uri.path()).filter(|(session, _)| proven.contains(session));
        let Some((session, path)) = own.filter(|(session, _)| desk.knows(*session)) else {
            return Err((StatusCode::FORBIDDEN, view::outside::closed()).into_response());
        };
        let token = form.as_ref().map(|form| form.get("csrf"));
        if token.is_some_and(|token| !desk.signer().verifies(Purpose::Form, session, token)) {
            let what = "This form is not of this session. Reload the page.";
            return Err(refused(StatusCode::FORBIDDEN, what));
        }
        head.extensions.insert(desk.signer().visitor(session));
        head.uri = moved(&head.uri, path)
            .ok_or_else(|| refused(StatusCode::BAD_REQUEST, "This is not an address on this page."))?;
        Place::Own
    } else {
        head.extensions.insert(Arriving(proven));
        Place::Open
    };
    if let Some(form) = form {
        head.extensions.insert(form);
    }
    Ok((place, Request::from_parts(head, Body::empty())))
}

/// The form that was posted, from a page of our own.
async fn posted(desk: &Desk, head: &request::Parts, body: Body) -> Result<Option<Form>, Response> {
    if head.method != Method::POST {
        return Ok(None);
    }
    if head.headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()) != Some(desk.origin()) {
        return Err(refused(StatusCode::FORBIDDEN, "This form comes from another page."));
    }
    let body = to_bytes(body, MAX_FORM)
        .await
        .map_err(|_| refused(StatusCode::PAYLOAD_TOO_LARGE, "This form is too large."))?;
    Ok(Some(Form::read(&body)))
}

/// The same with another path.
fn moved(uri: &Uri, path: &str) -> Option<Uri> {
    let target = match uri.query() {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")),
        None => PathAndQuery::try_from(path),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target.ok()?);
    Uri::from_parts(parts).ok()
}

//! The answers: pages of fixed words, and redirects.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};
use maud::{DOCTYPE, Markup, html};

use crate::texts::Texts;

/// What is answered.
pub(crate) type Answer = Response<Vec<u8>>;

/// A page, which no other site frames and no cache keeps.
pub(crate) fn page(texts: &Texts, status: StatusCode, body: &Markup) -> Answer {
    let html = html! {
        (DOCTYPE)
        html lang=(texts.lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (texts.title) }
            }
            body { main { h1 { (texts.title) } (body) } }
        }
    };
    let mut answer = bare(status);
    *answer.body_mut() = html.into_string().into_bytes();
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    answer
}

/// A form of one button, which posts these fields. Hidden fields come first, written so that a simple reader finds them.
pub(crate) fn button(action: &str, fields: &[(&str, &str)], text: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button { (text) }
        }
    }
}

/// Sends the browser on, by a GET.
pub(crate) fn see_other(to: &str) -> Answer {
    let mut answer = bare(StatusCode::SEE_OTHER);
    match HeaderValue::try_from(to) {
        Ok(to) => drop(answer.headers_mut().insert(LOCATION, to)),
        Err(_) => *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    answer
}

/// An answer without a body.
pub(crate) fn bare(status: StatusCode) -> Answer {
    let mut answer = Response::new(Vec::new());
    *answer.status_mut() = status;
    answer.headers_mut().extend(common());
    answer
}

fn common() -> [(HeaderName, HeaderValue); 4] {
    [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (
            CONTENT_SECURITY_POLICY,
            // Without `form-action`: browsers apply it to where a form's answer redirects, and that is the server.
            HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
        ),
    ]
}

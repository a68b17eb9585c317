//! How the browser gets to the server: [`LogoutWay`], by a redirect or by a [`LogoutForm`] that posts itself.

use std::fmt;
use std::fmt::Write as _;

use crate::ground::wiped::Wiped;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};

use crate::ground::error::{Error, misuse};
use crate::ground::flow::Response;
use crate::wire::uri::BrowserUrl;

/// How the browser gets to the server's `end_session_endpoint`. A web application sends the [`answer`](Self::answer).
///
/// A program without a web server of its own opens the URL; a log-out with a
/// [hint](crate::logout::LogoutRequest::hint) may have none.
#[derive(Clone, Debug)]
pub enum LogoutWay {
    /// It goes to this URL.
    Redirect(BrowserUrl),
    /// It posts this form: its values are too long for a URL, or are about the person, and URLs get into logs.
    Form(LogoutForm),
}

impl LogoutWay {
    /// The answer that sends the browser there: a 303, or a page with the form. It is a status, headers and a body, for a web
    /// framework to send as they are.
    ///
    /// # Errors
    ///
    /// None that a program meets: [`Error::Misuse`] if a header could not be written.
    pub fn answer(&self) -> Result<Response, Error> {
        match self {
            Self::Redirect(url) => {
                let location = HeaderValue::try_from(url.as_str())
                    .map_err(|_| misuse("the URL of the log-out cannot be written as a header"))?;
                let mut answer = Response::new(Vec::new());
                *answer.status_mut() = StatusCode::SEE_OTHER;
                answer.headers_mut().insert(LOCATION, location);
                answer.headers_mut().extend(common());
                Ok(answer)
            }
            Self::Form(form) => form.page(),
        }
    }
}

/// A form that the browser posts to the server. Its `Debug` shows where to, and none of its values.
#[derive(Clone)]
pub struct LogoutForm {
    action: String,
    fields: Vec<(&'static str, Wiped)>,
    nonce: String,
}

impl LogoutForm {
    pub(super) const fn new(action: String, fields: Vec<(&'static str, Wiped)>, nonce: String) -> Self {
        Self { action, fields, nonce }
    }

    /// Where it is posted to.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Its fields, for a page of the program's own.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// A page that posts itself by a script of three words, which runs by a nonce in its `Content-Security-Policy`; without
    /// scripts it has a button.
    ///
    /// # Errors
    ///
    /// As for [`LogoutWay::answer`].
    pub fn page(&self) -> Result<Response, Error> {
        // No `form-action`: some browsers hold the redirects that follow the POST to it too, and the server may lead
        // the person anywhere before they are back.
        let policy = format!(
            "default-src 'none'; script-src 'nonce-{}'; base-uri 'none'; frame-ancestors 'none'",
            self.nonce
        );
        let policy =
            HeaderValue::try_from(policy).map_err(|_| misuse("the page's policy cannot be written"))?;
        let mut body = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Logging out</title></head><body>\
             <form method=\"post\" action=\"{}\">",
            *escaped(&self.action)
        );
        for (name, value) in self.fields() {
            let value = escaped(value);
            // Writing into a text does not fail.
            let _ = write!(body, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", *value);
        }
        let _ = writeln!(
            body,
            "<button>Log out</button></form><script nonce=\"{}\">document.forms[0].submit();</script></body></html>",
            self.nonce
        );
        let mut page = Response::new(body.into_bytes());
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (CONTENT_SECURITY_POLICY, policy),
        ];
        page.headers_mut().extend(headers.into_iter().chain(common()));
        Ok(page)
    }
}

impl fmt::Debug for LogoutForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutForm").field("action", &self.action).finish_non_exhaustive()
    }
}

/// What every answer here has.
pub(super) fn common() -> [(HeaderName, HeaderValue); 3] {
    [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}

/// A text as an attribute's value in quotes.
fn escaped(text: &str) -> Wiped {
    let mut escaped = Wiped::new(String::with_capacity(text.len() + 16));
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

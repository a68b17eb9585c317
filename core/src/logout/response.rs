//! What comes back from the person's browser after a log-out: [`LogoutResponse`] (OpenID Connect RP-Initiated Logout §3).

use std::fmt;

use crate::ground::error::{Error, response_refused};
use crate::ground::rule::Rule;
use crate::wire::received_form::Form;

/// The largest return, in bytes.
const MOST: usize = 16 * 1024;

/// The browser's return from a log-out, as it arrived, not yet checked: [`PendingLogout::confirm`](crate::logout::PendingLogout::confirm)
/// does that.
///
/// Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct LogoutResponse {
    base: String,
    query: Option<String>,
}

impl LogoutResponse {
    /// The URL that the browser was sent to, as the program received it.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([LO-6](crate::Rule::Lo6)) if it is larger than 16 KiB.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        if url.len() > MOST {
            return Err(response_refused(Rule::Lo6, "the return from the log-out is larger than 16 KiB"));
        }
        let url = url.split_once('#').map_or(url, |(url, _)| url);
        let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
        Ok(Self { base: base.to_owned(), query: query.map(str::to_owned) })
    }

    /// The query with which the browser came to `post_logout_redirect_uri`, which is the one that was registered, never one made
    /// of a request's `Host` header.
    ///
    /// # Errors
    ///
    /// As for [`from_url`](Self::from_url).
    pub fn from_query(post_logout_redirect_uri: &str, query: &str) -> Result<Self, Error> {
        let base = post_logout_redirect_uri.split(['?', '#']).next().unwrap_or_default();
        Self::from_url(&format!("{base}?{query}"))
    }

    /// The request in which the browser came to `post_logout_redirect_uri`, as a web server has it. Of its URI only the query is
    /// read.
    ///
    /// # Errors
    ///
    /// As for [`from_url`](Self::from_url), or if it is not a GET.
    pub fn from_request<B>(
        post_logout_redirect_uri: &str,
        request: &http::Request<B>,
    ) -> Result<Self, Error> {
        if request.method() != http::Method::GET {
            return Err(response_refused(Rule::Lo6, "the return from the log-out is not a GET"));
        }
        Self::from_query(post_logout_redirect_uri, request.uri().query().unwrap_or_default())
    }

    /// The `state` that it claims: only for finding the [`PendingLogout`](crate::logout::PendingLogout) that it may answer. `None`
    /// without one, or with several.
    #[must_use]
    pub fn state(&self) -> Option<String> {
        self.parameters()?.get("state").map(str::to_owned)
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// `None` if one comes twice.
    pub(super) fn parameters(&self) -> Option<Form<'_>> {
        Form::read(self.query.as_deref().unwrap_or_default())
    }
}

impl fmt::Debug for LogoutResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogoutResponse(..)")
    }
}

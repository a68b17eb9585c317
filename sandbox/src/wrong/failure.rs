//! Refusing the next request before anything is done about it: [`Failure`].

use http::StatusCode;
use valetkey_core::Response;

use crate::ground::answer;

/// An answer in place of doing anything: no code is spent by it and no token issued.
///
/// That is what tells it from a [`Misbehaviour`](crate::Misbehaviour), which spoils the answer after the work is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    status: StatusCode,
    error: String,
    retry_after: Option<u64>,
}

impl Failure {
    /// An error with a status and a code, in JSON.
    #[must_use]
    pub fn new(status: StatusCode, error: &str) -> Self {
        Self { status, error: error.to_owned(), retry_after: None }
    }

    /// 429 `rate-limited`, to be tried again after so many seconds.
    #[must_use]
    pub fn rate_limited(retry_after: u64) -> Self {
        let failure = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate-limited");
        Self { retry_after: Some(retry_after), ..failure }
    }

    /// 503 `temporarily_unavailable`, to be tried again after so many seconds.
    #[must_use]
    pub fn unavailable(retry_after: u64) -> Self {
        let failure = Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
        Self { retry_after: Some(retry_after), ..failure }
    }

    /// 500 `internal-server-error`.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal-server-error")
    }

    /// The answer.
    pub(crate) fn response(&self) -> Response {
        let response = answer::error(self.status, &self.error, "The sandbox was told to fail");
        match self.retry_after {
            Some(seconds) => answer::retry_after(response, seconds),
            None => response,
        }
    }
}

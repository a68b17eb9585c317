//! The authorization response: parameters that travel to the application through the person's browser.

use http::StatusCode;
use valetkey_core::Response;

use crate::{answer, pages};

/// Where an authorization response goes, and how.
#[derive(Clone, Debug)]
pub(crate) struct Redirect {
    pub(crate) uri: String,
    pub(crate) mode: ResponseMode,
    pub(crate) state: Option<String>,
    pub(crate) issuer: Option<String>,
}

/// How the parameters travel (`response_mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

impl Redirect {
    /// The parameters, with `state` and `iss` after them.
    pub(crate) fn carrying(&self, status: StatusCode, parameters: &[(&str, &str)]) -> Response {
        let common = [("state", self.state.as_deref()), ("iss", self.issuer.as_deref())];
        let common = common.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let all: Vec<(&str, &str)> = parameters.iter().copied().chain(common).collect();
        if self.mode == ResponseMode::FormPost {
            return answer::page(StatusCode::OK, pages::form_post(&self.uri, &all));
        }
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
        let separator = match self.mode {
            ResponseMode::Fragment => '#',
            _ if self.uri.contains('?') => '&',
            _ => '?',
        };
        answer::redirect(status, &format!("{}{separator}{encoded}", self.uri)).unwrap_or_else(|| {
            answer::page(StatusCode::BAD_REQUEST, pages::refusal("The redirect URI cannot be redirected to."))
        })
    }

    /// An error response.
    pub(crate) fn error(&self, status: StatusCode, error: &str, description: &str) -> Response {
        self.carrying(status, &[("error", error), ("error_description", description)])
    }
}

//! The API behind a [`Provider`].

use http::StatusCode;
use http::header::AUTHORIZATION;
use valetkey_core::{Request, Response};

use super::provider::{Provider, said};
use crate::ground::answer;

impl Provider {
    pub(crate) fn api(&mut self, request: &Request) -> Response {
        if let Some(refused) = self.unnamed(request) {
            return refused;
        }
        match self.presented(request) {
            Some(_) => answer::json(StatusCode::OK, &serde_json::json!({ "api": self.persona.name })),
            None => said(self.persona.refusal),
        }
    }

    /// Whether the token of a request is that of a login; `None` if it is not good.
    pub(crate) fn presented(&self, request: &Request) -> Option<bool> {
        let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        self.access.get(token.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()).copied()
    }
}

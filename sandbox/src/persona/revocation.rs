//! The revocation endpoint of a [`Provider`] (RFC 7009).

use http::StatusCode;
use valetkey_core::{Request, Response};

use super::provider::{Provider, form};

impl Provider {
    pub(crate) fn revocation(&mut self, request: &Request) -> Response {
        let Some(form) = form(request) else {
            return self.refuse(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "it is not a form that can be read",
            );
        };
        if let Some(refused) = self.unnamed(request).or_else(|| self.unknown(request, &form)) {
            return refused;
        }
        let token = form.get("token").unwrap_or_default();
        // Whichever it was, the authorization ends with it (RFC 7009 §2.1).
        if self.refresh.remove(token).is_some() {
            self.end_access_tokens();
        }
        self.access.remove(token);
        Response::new(Vec::new())
    }
}

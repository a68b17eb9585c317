//! The revocation endpoint of a [`Provider`] (RFC 7009).

use valetkey_core::{Request, Response};

use super::provider::Provider;
use crate::ground::parameters::Parameters;

impl Provider {
    pub(crate) fn revocation(&mut self, request: &Request) -> Response {
        self.for_client(request, true, Self::revoked)
    }

    fn revoked(&mut self, form: &Parameters) -> Response {
        let token = form.get("token").unwrap_or_default();
        // Whichever it was, the authorization ends with it (RFC 7009 §2.1).
        if self.refresh.remove(token).is_some() {
            self.end_access_tokens();
        }
        self.access.remove(token);
        Response::new(Vec::new())
    }
}

//! The revocation endpoint of a [`Provider`] (RFC 7009).

use http::StatusCode;
use valetkey_core::{Request, Response};

use super::kind::Revoked;
use super::provider::Provider;
use crate::ground::parameters::Parameters;

impl Provider {
    pub(crate) fn revocation(&mut self, request: &Request) -> Response {
        let wanted = self.persona.at_revocation.unwrap_or(self.persona.client);
        self.for_client(request, wanted, true, Self::revoked)
    }

    fn revoked(&mut self, form: &Parameters) -> Response {
        let token = form.get("token").unwrap_or_default();
        if self.persona.revocation == Revoked::AccessTokens && self.refresh.get(token).is_some() {
            return self.refuse(StatusCode::FORBIDDEN, "unsupported_token_type", "it is a refresh token");
        }
        // Whichever it was, the authorization ends with it (RFC 7009 §2.1).
        if self.refresh.remove(token).is_some() {
            self.end_access_tokens();
        }
        self.access.remove(token);
        Response::new(Vec::new())
    }
}

//! Revocation (RFC 7009): a client gives a token back.
//!
//! ```text
//! the client                                   the server
//!   POST /oauth/revoke token=…               →
//!                                            ←  200, whether there was such a token or not
//! ```

use http::header::CACHE_CONTROL;
use valetkey_core::{Request, Response, UnixTime};

use crate::Sandbox;
use crate::ground::answer;
use crate::ground::refusal::refusal;
use crate::proof::client_request::ClientRequest;

impl Sandbox {
    pub(crate) fn revocation_endpoint(&mut self, request: &Request, now: UnixTime) -> Response {
        let ClientRequest { client, parameters, .. } = match self.client_request(request, now) {
            Ok(request) => request,
            Err(response) => return *response,
        };
        let Some(token) = parameters.get("token") else {
            return refusal(("invalid_request", "token is missing"));
        };
        // A permanent token is its maker's, and no client was given it to give back.
        if self.ledger.permanent_tokens.get(token).is_some() {
            return refusal(("unsupported_token_type", "A permanent token is revoked by its creator"));
        }
        let refresh = self.ledger.refresh_tokens.get(token).map(|it| &it.grant);
        let grant = refresh.or_else(|| self.ledger.access_tokens.get(token).map(|it| &it.grant));
        if let Some(grant) = grant {
            if grant.client_id.as_deref() != Some(&client.application.client_id) {
                return refusal(("invalid_grant", "The token was issued to another client"));
            }
            // With a refresh token goes what it brought; an access token goes alone (RFC 7009 §2.1).
            let family = refresh.map(|_| grant.family.clone());
            match family {
                Some(family) => self.ledger.revoke(&family),
                None => drop(self.ledger.access_tokens.remove(token)),
            }
        }
        let mut response = http::Response::new(Vec::new());
        answer::set(&mut response, CACHE_CONTROL, "no-store");
        response
    }
}

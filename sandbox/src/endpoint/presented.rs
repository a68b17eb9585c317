//! The access token of an API request: found in its one place (RFC 6750 §2.1), looked up, and proven if it is bound.

use http::StatusCode;
use http::header::AUTHORIZATION;
use valetkey_core::{Request, Response, UnixTime};

use crate::Sandbox;
use crate::ground::answer;
use crate::ground::parameters::Parameters;
use crate::proof::certificate;
use crate::proof::dpop::{ProofError, dpop_challenge};
use crate::world::ledger::{Binding, Grant};

impl Sandbox {
    /// The grant behind the request's access token, or the response that refuses it.
    pub(crate) fn presented(&mut self, request: &Request, now: UnixTime) -> Result<Grant, Box<Response>> {
        let path = request.uri().path();
        let (query, _) = Parameters::read(request.uri().query().unwrap_or_default().as_bytes());
        if query.iter().any(|(name, _)| name == "access_token") {
            let description = "An access token belongs into the Authorization header";
            return Err(Box::new(answer::error(StatusCode::BAD_REQUEST, "validation-error", description)));
        }
        let mut headers = request.headers().get_all(AUTHORIZATION).iter();
        let Some(header) = headers.next() else {
            let bare = self.unauthorized(path, "Bearer realm=\"sandbox\"", "Authentication is required");
            let modern = self.settings.modern();
            return Err(Box::new(if modern {
                answer::challenged(bare, &dpop_challenge(None))
            } else {
                bare
            }));
        };
        let credential = header.to_str().ok().filter(|_| headers.next().is_none());
        let (scheme, token) = credential.and_then(|value| value.split_once(' ')).unwrap_or_default();
        let token = token.trim_start_matches(' ');
        let by_proof = self.settings.modern() && scheme.eq_ignore_ascii_case("DPoP");
        let invalid = |sandbox: &Self, description: &str| {
            if let Some(status) = sandbox.other_bad_token_status() {
                return Box::new(answer::error(status, "validation-error", description));
            }
            let error = "invalid_token";
            let challenge =
                if by_proof { dpop_challenge(Some(error)) } else { format!("Bearer error=\"{error}\"") };
            Box::new(sandbox.unauthorized(path, &challenge, description))
        };
        let known = self.ledger.access(token).filter(|_| by_proof || scheme.eq_ignore_ascii_case("Bearer"));
        let Some(access) = known.cloned() else {
            return Err(invalid(self, "The access token is not valid"));
        };
        if access.grant.revoked {
            return Err(invalid(self, "Refresh token associated with the access token is revoked"));
        }
        if access.expires.is_some_and(|expires| now >= expires) {
            return Err(invalid(self, "Access token has expired"));
        }
        if !self.is_for(&access.grant, request) {
            return Err(invalid(self, "The access token is for another resource"));
        }
        if !certificate::is_shown(&access.grant, request) {
            return Err(invalid(self, "The access token is bound to another certificate"));
        }
        match access.grant.binding.as_ref().and_then(Binding::key) {
            None if by_proof => return Err(invalid(self, "The access token is not bound to a key")),
            Some(_) if !by_proof => return Err(invalid(self, "The access token is bound to a key")),
            None => {}
            Some(bound) => match self.proven_key(request, Some(token), now) {
                Ok(Some(key)) if key == bound => {}
                Ok(Some(_)) => return Err(invalid(self, "The access token is bound to another key")),
                Ok(None) => {
                    let missing = ProofError::Invalid("The proof is missing");
                    return Err(Box::new(self.proof_refused(path, &missing)));
                }
                Err(error) => return Err(Box::new(self.proof_refused(path, &error))),
            },
        }
        Ok(access.grant)
    }

    /// The status that stands for 401, if another does.
    fn other_bad_token_status(&self) -> Option<StatusCode> {
        let status = StatusCode::from_u16(self.settings.bad_token_status).ok()?;
        (status != StatusCode::UNAUTHORIZED).then_some(status)
    }

    fn unauthorized(&self, path: &str, challenge: &str, description: &str) -> Response {
        let response = answer::error(StatusCode::UNAUTHORIZED, "authentication-required", description);
        answer::challenged(response, &self.challenge(path, challenge))
    }

    /// The API's answer to a bad proof, or to a bound token without one.
    fn proof_refused(&self, path: &str, error: &ProofError) -> Response {
        let (code, description) = match error {
            ProofError::Invalid(reason) => ("invalid_dpop_proof", *reason),
            ProofError::Nonce => ("use_dpop_nonce", "The proof must have the nonce of DPoP-Nonce"),
        };
        let response = answer::error(StatusCode::UNAUTHORIZED, "authentication-required", description);
        answer::challenged(response, &self.challenge(path, &dpop_challenge(Some(code))))
    }
}

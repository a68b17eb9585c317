//! What the sandbox answers, endpoint by endpoint.

mod api;
mod authorization;
mod authorization_request;
mod claim_source;
mod cross_origin;
mod device;
mod introspection;
mod metadata;
pub(crate) mod pages;
mod presented;
mod pushed;
mod redirect;
mod revocation;
mod step_up;
mod token;
mod userinfo;
mod web_finger;

use http::{Method, StatusCode, Uri};
use valetkey_core::{Request, Response, UnixTime};

use crate::ground::answer;
use crate::{Endpoint, LogEntry, Sandbox};

/// The largest request body, in bytes, and the longest path with query.
const MAX_BODY: usize = 64 * 1024;
const MAX_TARGET: usize = 16 * 1024;

/// How many entries the log keeps; when it is full, its older half goes.
const MAX_LOG: usize = 2_000;

impl Sandbox {
    /// Answers a request at a time. Total: whatever comes, there is an answer, and what is kept of it is bounded.
    ///
    /// Only the method, the path, the query, the headers and the body count; scheme and host may be any, or absent.
    pub fn answer(&mut self, request: &Request, now: UnixTime) -> Response {
        let endpoint = self.endpoint(request.uri());
        let mut response = match self.preflight(endpoint, request) {
            Some(response) => response,
            None => self.answer_itself(endpoint, request, now),
        };
        self.share(endpoint, request, &mut response);
        if self.log.len() >= MAX_LOG {
            self.log.drain(..MAX_LOG / 2);
        }
        self.log.push(LogEntry::new(now, endpoint, request, &response));
        response
    }

    fn answer_itself(&mut self, endpoint: Endpoint, request: &Request, now: UnixTime) -> Response {
        let mut response = match self.due_failure(endpoint) {
            Some(failure) => failure.response(),
            None => self.behaved(endpoint, request, now),
        };
        self.offer_nonce(endpoint, request, &mut response, now);
        self.spoil(endpoint, request, &mut response);
        self.seal(&mut response);
        redirect::put_on_page(&mut response);
        response
    }

    fn behaved(&mut self, endpoint: Endpoint, request: &Request, now: UnixTime) -> Response {
        let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
        if request.body().len() > MAX_BODY || target > MAX_TARGET {
            return answer::error(
                StatusCode::PAYLOAD_TOO_LARGE,
                "payload-too-large",
                "The request is too large",
            );
        }
        let path = request.uri().path();
        match endpoint {
            Endpoint::Authorization => self.authorization_endpoint(request, now),
            Endpoint::Token => self.token_endpoint(request, now),
            Endpoint::Api => self.api(request, path.strip_prefix("/api/http/").unwrap_or_default(), now),
            Endpoint::Jwks
            | Endpoint::Metadata
            | Endpoint::ResourceMetadata
            | Endpoint::WebFinger
            | Endpoint::Claims
                if request.method() != Method::GET =>
            {
                answer::error(StatusCode::METHOD_NOT_ALLOWED, "request-error", "Only GET is answered here")
            }
            Endpoint::Jwks => answer::json(StatusCode::OK, &self.keys.jwks(&self.random)),
            Endpoint::DeviceAuthorization => self.device_authorization_endpoint(request, now),
            Endpoint::DeviceVerification => self.device_page(request, now),
            Endpoint::PushedAuthorization => self.pushed_authorization_endpoint(request, now),
            Endpoint::Introspection => self.introspection_endpoint(request, now),
            Endpoint::Revocation => self.revocation_endpoint(request, now),
            Endpoint::Userinfo => self.userinfo_endpoint(request, now),
            Endpoint::Metadata => self.metadata(),
            Endpoint::WebFinger => self.web_finger(request),
            Endpoint::Claims => self.claims_of_source(request),
            Endpoint::ResourceMetadata => self.resource_metadata(path),
            Endpoint::Other => answer::error(StatusCode::NOT_FOUND, "not-found", "There is nothing here"),
        }
    }

    fn endpoint(&self, uri: &Uri) -> Endpoint {
        let path = uri.path();
        let dialect = self.settings.dialect;
        match path {
            _ if path == dialect.authorization_path() => Endpoint::Authorization,
            _ if path == dialect.token_path() => Endpoint::Token,
            _ if path.starts_with("/api/http/") => Endpoint::Api,
            "/oauth/jwks.json" => Endpoint::Jwks,
            _ if self.served(uri).is_some() => Endpoint::Api,
            _ if self.settings.modern() => self.modern_endpoint(path),
            _ => Endpoint::Other,
        }
    }
}

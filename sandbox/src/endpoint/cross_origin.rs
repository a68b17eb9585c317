//! Pages of other origins (CORS, in the Fetch standard §3.2): those of `Settings::allowed_origins` may ask, and may read what
//! a client needs to know.
//!
//! ```text
//! a page of https://app.example                                     the server
//!   OPTIONS /oauth/token, Access-Control-Request-Method: POST     →
//!                                                                 ←  204 Access-Control-Allow-Origin, -Methods, -Headers
//!   POST /oauth/token                                             →
//!                                                                 ←  200 Access-Control-Allow-Origin, -Expose-Headers
//! ```
//!
//! The authorization endpoint takes no part in it (RFC 9700 §2.6): a browser is sent there, and no page reads what it says.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderValue, Method, StatusCode};
use valetkey_core::{Request, Response};

use crate::ground::answer;
use crate::{Endpoint, Sandbox};

/// What a page sends beyond the headers that need no leave.
const SENT: &str = "authorization, content-type, dpop";

/// What a page reads beyond the headers that it may always read; `Cache-Control` is one of those.
const READ: &str = "DPoP-Nonce, WWW-Authenticate, Retry-After";

impl Sandbox {
    /// The answer to a browser that asks whether a page may ask; `None` for any other request. It uses up nothing of what
    /// is due to go wrong.
    pub(crate) fn preflight(&self, endpoint: Endpoint, request: &Request) -> Option<Response> {
        let asks = request.method() == Method::OPTIONS
            && request.headers().contains_key(ORIGIN)
            && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !asks || !self.is_shared(endpoint) {
            return None;
        }
        if self.allowed_origin(request).is_none() {
            let what = "Pages of this origin may not ask";
            return Some(answer::error(StatusCode::FORBIDDEN, "permission-denied", what));
        }
        let mut response = http::Response::new(Vec::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let methods = match endpoint {
            Endpoint::Api => "GET, POST, DELETE",
            Endpoint::Userinfo => "GET, POST",
            Endpoint::Jwks
            | Endpoint::Metadata
            | Endpoint::ResourceMetadata
            | Endpoint::WebFinger
            | Endpoint::Claims => "GET",
            _ => "POST",
        };
        answer::set(&mut response, ACCESS_CONTROL_ALLOW_METHODS, methods);
        answer::set(&mut response, ACCESS_CONTROL_ALLOW_HEADERS, SENT);
        Some(response)
    }

    /// Says who may read an answer, whatever it is. Every answer of such an endpoint depends on who asks.
    pub(crate) fn share(&self, endpoint: Endpoint, request: &Request, response: &mut Response) {
        if !self.is_shared(endpoint) {
            return;
        }
        response.headers_mut().append(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = self.allowed_origin(request) {
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            answer::set(response, ACCESS_CONTROL_EXPOSE_HEADERS, READ);
        }
    }

    /// Whether pages of some origin may ask here.
    fn is_shared(&self, endpoint: Endpoint) -> bool {
        !self.settings.allowed_origins.is_empty()
            && !matches!(endpoint, Endpoint::Authorization | Endpoint::DeviceVerification | Endpoint::Other)
    }

    /// The request's one origin, if it is allowed to the letter. `null` is what all pages without one send, and `*` would be
    /// an answer for all.
    fn allowed_origin<'r>(&self, request: &'r Request) -> Option<&'r HeaderValue> {
        let mut origins = request.headers().get_all(ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else { return None };
        let is_allowed = self.settings.allowed_origins.iter().any(|allowed| origin == allowed.as_str());
        (is_allowed && origin != "null" && origin != "*").then_some(origin)
    }
}

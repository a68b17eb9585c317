//! Which issuer is a person's (RFC 7033, OpenID Connect Discovery §2): asked for by their email address or by their page here.
//!
//! ```text
//! GET /.well-known/webfinger?resource=acct:alice@example.com&rel=…   →   {"links":[{"rel":…,"href":"https://as.example"}]}
//! ```

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;
use valetkey_core::{Request, Response};

use crate::Sandbox;
use crate::ground::answer;
use crate::ground::parameters::Parameters;

/// The relation of a person to their issuer.
const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

impl Sandbox {
    pub(crate) fn web_finger(&self, request: &Request) -> Response {
        let (query, verdict) = Parameters::read(request.uri().query().unwrap_or_default().as_bytes());
        let Some(resource) = query.get("resource").filter(|_| verdict.is_ok()) else {
            return answer::error(StatusCode::BAD_REQUEST, "request-error", "resource is missing");
        };
        let Some(issuer) = self.settings.published_issuer().filter(|_| self.is_of_a_person(resource)) else {
            return answer::error(StatusCode::NOT_FOUND, "not-found", "Nobody here is known by this");
        };
        let is_wanted = query.get("rel").is_none_or(|rel| rel == ISSUER);
        let links: Vec<_> = is_wanted.then(|| json!({ "rel": ISSUER, "href": issuer })).into_iter().collect();
        let mut response = answer::json(StatusCode::OK, &json!({ "subject": resource, "links": links }));
        answer::set(&mut response, CONTENT_TYPE, "application/jrd+json");
        response
    }

    /// Whether it is somebody's email address (`acct:…`), or the URL of their name at the server.
    fn is_of_a_person(&self, resource: &str) -> bool {
        let origin = self.settings.origin().unwrap_or_default();
        self.users.iter().any(|user| {
            resource.strip_prefix("acct:") == Some(&user.email)
                || resource.strip_prefix(origin).and_then(|path| path.strip_prefix('/'))
                    == Some(&user.username)
        })
    }
}

//! UserInfo (OpenID Connect Core §5.3): what the application may know of the person, by an access token.
//!
//! ```text
//! the client                                               the server
//!   GET /oauth/userinfo, Authorization: Bearer T         →
//!                                                        ←  {"sub":…,"name":…}, or a JWT where that is registered, encrypted or not
//! ```

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{Method, StatusCode};
use serde_json::Value;
use valetkey_core::{Request, Response, UnixTime};

use crate::ground::answer;
use crate::world::encryption::enclose;
use crate::world::telling::asks_who;
use crate::{Sandbox, Subject};

impl Sandbox {
    pub(crate) fn userinfo_endpoint(&mut self, request: &Request, now: UnixTime) -> Response {
        if !matches!(*request.method(), Method::GET | Method::POST) {
            let description = "Only GET and POST are answered here";
            let mut response = answer::error(StatusCode::METHOD_NOT_ALLOWED, "request-error", description);
            answer::set(&mut response, ALLOW, "GET, POST");
            return response;
        }
        let grant = match self.presented(request, now) {
            Ok(grant) => grant,
            Err(response) => return *response,
        };
        let (Subject::User(username), true) = (&grant.subject, asks_who(&grant.scope)) else {
            let description = "This needs the scope openid, granted by a person";
            let response = answer::error(StatusCode::FORBIDDEN, "permission-denied", description);
            let challenge = format!("{} error=\"insufficient_scope\", scope=\"openid\"", grant.token_type());
            return answer::challenged(response, &challenge);
        };
        let wants =
            |claim: &str| grant.telling.as_ref().is_some_and(|telling| telling.wants_in_userinfo(claim));
        let mut claims = self.claims_about(username, &grant.scope, wants);
        claims.insert("sub".to_owned(), Value::from(self.user_id(username)));
        let application = grant.client_id.as_deref().and_then(|client_id| self.application(client_id));
        let Some((application, algorithm)) = application.and_then(|it| Some((it, it.userinfo_by?))) else {
            return answer::json(StatusCode::OK, &Value::from(claims));
        };
        claims.insert("iss".to_owned(), Value::from(self.settings.issuer.as_deref()));
        claims.insert("aud".to_owned(), Value::from(application.client_id.as_str()));
        let envelope = application.envelope(application.encrypted.userinfo);
        let token = self.keys.current(&self.random, algorithm).sign("JWT", &claims);
        let mut response = http::Response::new(token.into_bytes());
        answer::set(&mut response, CONTENT_TYPE, "application/jwt");
        answer::set(&mut response, CACHE_CONTROL, "no-store");
        enclose(&mut response, envelope);
        response
    }
}

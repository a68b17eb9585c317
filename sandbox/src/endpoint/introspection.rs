//! Introspection (RFC 7662): what a token is worth, for clients that may ask; signed on demand (RFC 9701).
//!
//! ```text
//! a client with a secret                              the server
//!   POST /oauth/introspect token=…                  →
//!                                                   ←  {"active":true,"scope":…,"sub":…,"exp":…}
//!   … Accept: application/token-introspection+jwt   →
//!                                                   ←  a JWT of type token-introspection+jwt
//! ```

use http::StatusCode;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use serde_json::{Value, json};
use valetkey_core::{Request, Response, UnixTime};

use crate::ground::answer;
use crate::ground::keys::Claims;
use crate::ground::parameters::Parameters;
use crate::ground::refusal::refusal;
use crate::proof::client_request::{ClientRequest, posted};
use crate::world::encryption::enclose;
use crate::world::ledger::{Binding, Grant};
use crate::{Sandbox, Subject};

const SIGNED: &str = "application/token-introspection+jwt";

impl Sandbox {
    pub(crate) fn introspection_endpoint(&mut self, request: &Request, now: UnixTime) -> Response {
        let (client_id, parameters) = match self.may_introspect(request, now) {
            Ok(asked) => asked,
            Err(response) => return *response,
        };
        let Some(token) = parameters.get("token") else {
            return refusal(("invalid_request", "token is missing"));
        };
        let document = self.introspected(token, now);
        let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
        if !accepts.is_some_and(|value| value.contains(SIGNED)) {
            return answer::json(StatusCode::OK, &document);
        }
        let asking = self.application(&client_id);
        let envelope = asking.and_then(|it| it.envelope(it.encrypted.introspections));
        let mut claims = Claims::new();
        claims.insert("iss".to_owned(), json!(self.settings.issuer));
        claims.insert("aud".to_owned(), Value::from(client_id));
        claims.insert("iat".to_owned(), Value::from(now.as_secs()));
        claims.insert("token_introspection".to_owned(), document);
        let token = self.key().sign("token-introspection+jwt", &claims);
        let mut response = http::Response::new(token.into_bytes());
        answer::set(&mut response, CONTENT_TYPE, SIGNED);
        answer::set(&mut response, CACHE_CONTROL, "no-store");
        enclose(&mut response, envelope);
        response
    }

    /// Who asks, and what: a client that authenticates, or one with an access token for it where that is wanted (RFC 7662 §2.1).
    fn may_introspect(
        &mut self,
        request: &Request,
        now: UnixTime,
    ) -> Result<(String, Parameters), Box<Response>> {
        let Some(right) = self.settings.introspection_right.clone() else {
            let ClientRequest { client, parameters, .. } = self.client_request(request, now)?;
            return if client.proven {
                Ok((client.application.client_id, parameters))
            } else {
                Err(Box::new(refusal(("invalid_client", "Only a client that authenticates may ask"))))
            };
        };
        let parameters = posted(request)?;
        let grant = self.presented(request, now)?;
        if !grant.scope.cover(&right) {
            let response =
                answer::error(StatusCode::FORBIDDEN, "insufficient_scope", "The token is not for this");
            let challenge = "Bearer error=\"insufficient_scope\"";
            return Err(Box::new(answer::challenged(response, challenge)));
        }
        Ok((grant.client_id.unwrap_or_default(), parameters))
    }

    /// Everything about a token that is good, and nothing about any other.
    fn introspected(&self, token: &str, now: UnixTime) -> Value {
        if let Some(access) = self.ledger.access(token) {
            let live = !access.grant.revoked && access.expires.is_none_or(|expires| now < expires);
            if live {
                let mut document = self.described(&access.grant);
                document.insert("token_type".to_owned(), Value::from(access.grant.token_type()));
                for (name, time) in [("iat", access.issued), ("exp", access.expires)] {
                    if let Some(time) = time {
                        document.insert(name.to_owned(), Value::from(time.as_secs()));
                    }
                }
                return Value::from(document);
            }
        }
        match self.ledger.refresh_tokens.get(token) {
            Some(refresh) if !refresh.grant.revoked && refresh.replaced.is_none() => {
                Value::from(self.described(&refresh.grant))
            }
            _ => json!({ "active": false }),
        }
    }

    fn described(&self, grant: &Grant) -> Claims {
        let mut document = Claims::new();
        document.insert("active".to_owned(), Value::from(true));
        if !grant.scope.is_empty() {
            document.insert("scope".to_owned(), Value::from(grant.scope.to_string()));
        }
        if let Some(issuer) = &self.settings.issuer {
            document.insert("iss".to_owned(), Value::from(issuer.as_str()));
        }
        if let Some(client_id) = &grant.client_id {
            document.insert("client_id".to_owned(), Value::from(client_id.as_str()));
        }
        if let Some(binding) = &grant.binding {
            let confirmation = match binding {
                Binding::Key(thumbprint) => json!({ "jkt": thumbprint }),
                Binding::Certificate(thumbprint) => json!({ "x5t#S256": thumbprint }),
            };
            document.insert("cnf".to_owned(), confirmation);
        }
        if let Some(login) = &grant.login {
            document.insert("acr".to_owned(), Value::from(login.acr));
            document.insert("auth_time".to_owned(), Value::from(login.at.as_secs()));
        }
        match grant.resources.as_slice() {
            [] => {}
            [resource] => drop(document.insert("aud".to_owned(), Value::from(resource.as_str()))),
            resources => drop(document.insert("aud".to_owned(), Value::from(resources.to_vec()))),
        }
        if !grant.details.is_empty() {
            document.insert("authorization_details".to_owned(), Value::from(grant.details.clone()));
        }
        if let Some(actor) = &grant.actor {
            document.insert("act".to_owned(), json!({ "sub": actor }));
        }
        match &grant.subject {
            Subject::Application(client_id) => {
                document.insert("sub".to_owned(), Value::from(client_id.as_str()));
            }
            Subject::User(username) => {
                document.insert("sub".to_owned(), Value::from(self.user_id(username)));
                document.insert("username".to_owned(), Value::from(username.as_str()));
            }
        }
        document
    }
}

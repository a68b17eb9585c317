//! The token endpoint: what is traded for an access token.

use http::StatusCode;
use serde_json::{Map, Value};
use valetkey_core::{Request, Response, UnixTime};

use crate::Sandbox;
use crate::grant::Granted;
use crate::grant::id_token::Beside;
use crate::grant::names::{ACCESS_TOKEN, DEVICE_CODE, JWT_BEARER, TOKEN_EXCHANGE};
use crate::ground::answer;
use crate::ground::refusal::refusal;
use crate::proof::client_request::ClientRequest;
use crate::world::details;
use crate::world::encryption::enclose;
use crate::world::ledger::{Binding, Grant};

impl Sandbox {
    pub(crate) fn token_endpoint(&mut self, request: &Request, now: UnixTime) -> Response {
        let mut asked = match self.client_request(request, now) {
            Ok(asked) => asked,
            Err(response) => return *response,
        };
        asked.binding = match self.binding(request, now) {
            Ok(proven) => proven.or_else(|| self.certificate_binding(&asked.client.application, request)),
            Err(response) => return *response,
        };
        if self.settings.modern()
            && asked.client.application.must_prove_key
            && asked.binding.as_ref().and_then(Binding::key).is_none()
        {
            return refusal(("invalid_dpop_proof", "This application must use DPoP"));
        }
        let granted = match asked.parameters.get("grant_type") {
            Some("authorization_code") => self.code_grant(&asked),
            Some("refresh_token") => self.refresh_grant(&asked),
            Some("client_credentials") => self.client_credentials_grant(&asked),
            Some("password") => self.password_grant(&asked),
            Some(DEVICE_CODE) if self.settings.modern() => self.device_grant(&asked),
            Some(JWT_BEARER) if self.settings.modern() => self.jwt_bearer_grant(&asked),
            Some(TOKEN_EXCHANGE) if self.settings.modern() => self.exchange_grant(&asked),
            Some(_) => Err(("unsupported_grant_type", "This grant_type is not supported")),
            None => Err(("invalid_request", "grant_type is missing")),
        };
        let aimed = granted.and_then(|granted| {
            let parameters = &asked.parameters;
            let resources = self.narrowed_resources(&granted.grant.resources, parameters)?;
            let details = details::narrowed(&granted.grant.details, parameters, &asked.client.application)?;
            Ok(Granted { grant: Grant { resources, details, ..granted.grant }, ..granted })
        });
        match aimed {
            Ok(granted) => self.token_response(granted, &asked),
            Err(reason) => refusal(reason),
        }
    }

    fn token_response(&mut self, Granted { grant, refresh }: Granted, asked: &ClientRequest) -> Response {
        let lifetime = self.settings.access_token_lifetime;
        let mut members = Map::new();
        let grant = Grant { binding: asked.binding.clone(), ..grant };
        if self.settings.modern() {
            members.insert("token_type".to_owned(), Value::from(grant.token_type()));
            // A scope has one token at least (RFC 6749 §3.3): rights may be granted in detail alone.
            if !grant.scope.is_empty() {
                members.insert("scope".to_owned(), Value::from(grant.scope.to_string()));
            }
            if !grant.details.is_empty() {
                members.insert("authorization_details".to_owned(), Value::from(grant.details.clone()));
            }
        }
        if asked.parameters.get("grant_type") == Some(TOKEN_EXCHANGE) {
            members.insert("issued_token_type".to_owned(), Value::from(ACCESS_TOKEN));
        }
        let access_token = self.ledger.issue_access(&mut self.random, grant.clone(), asked.now, lifetime);
        let nonce = grant.telling.as_ref().and_then(|telling| telling.nonce.as_deref());
        let nonce = nonce.filter(|_| asked.parameters.get("grant_type") == Some("authorization_code"));
        let beside = Beside { access_token: Some(&access_token), ..Beside::default() };
        let id_token = self.id_token(&asked.client.application, &grant, &beside, nonce, asked.now);
        let envelope = asked.client.application.envelope(asked.client.application.encrypted.id_tokens);
        let envelope = envelope.filter(|_| id_token.is_some());
        if let Some(id_token) = id_token {
            members.insert("id_token".to_owned(), Value::from(id_token));
        }
        members.insert("access_token".to_owned(), Value::from(access_token));
        members.insert("expires_in".to_owned(), Value::from(lifetime.as_secs()));
        if let Some(refresh) = refresh {
            // A client that authenticates may change its key; one that cannot has nothing else (RFC 9449 §5).
            let binding = asked.binding.clone().filter(|_| !asked.client.proven);
            let refresh_token = self.ledger.issue_refresh(&mut self.random, Grant { binding, ..refresh });
            members.insert("refresh_token".to_owned(), Value::from(refresh_token));
        }
        let mut response = answer::json(StatusCode::OK, &Value::Object(members));
        enclose(&mut response, envelope);
        response
    }
}

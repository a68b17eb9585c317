//! The token endpoint: what is traded for an access token.

use http::StatusCode;
use serde_json::{Map, Value};
use valetkey_core::{Request, Response, UnixTime};

use crate::assertion::JWT_BEARER;
use crate::client_auth::Authenticated;
use crate::client_request::ClientRequest;
use crate::details;
use crate::device::DEVICE_CODE;
use crate::exchange_grant::{ACCESS_TOKEN, TOKEN_EXCHANGE};
use crate::ledger::{Binding, Grant};
use crate::{Dialect, FlowKind, Rights, Sandbox, Subject, answer};

/// An OAuth error code and its description.
pub(crate) type Refusal = (&'static str, &'static str);

/// What is granted: what the access token is good for, and what a refresh token, if there shall be one.
pub(crate) struct Granted {
    pub(crate) grant: Grant,
    pub(crate) refresh: Option<Grant>,
}

impl Sandbox {
    pub(crate) fn token_endpoint(&mut self, request: &Request, now: UnixTime) -> Response {
        let mut asked = match self.client_request(request, now) {
            Ok(asked) => asked,
            Err(response) => return *response,
        };
        asked.binding = match self.binding(request, now) {
            Ok(proven) => proven.or_else(|| self.certificate_binding(&asked, request)),
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
        let access_token = self.ledger.issue_access(&mut self.random, grant, asked.now, lifetime);
        members.insert("access_token".to_owned(), Value::from(access_token));
        members.insert("expires_in".to_owned(), Value::from(lifetime.as_secs()));
        if let Some(refresh) = refresh {
            // A client that authenticates may change its key; one that cannot has nothing else (RFC 9449 §5).
            let binding = asked.binding.clone().filter(|_| !asked.client.proven);
            let refresh_token = self.ledger.issue_refresh(&mut self.random, Grant { binding, ..refresh });
            members.insert("refresh_token".to_owned(), Value::from(refresh_token));
        }
        answer::json(StatusCode::OK, &Value::Object(members))
    }

    fn client_credentials_grant(&mut self, asked: &ClientRequest) -> Result<Granted, Refusal> {
        let ClientRequest { client, parameters, .. } = asked;
        if !client.proven {
            return Err(("unauthorized_client", "Only a client with a secret may do this"));
        }
        allowed(client, FlowKind::ClientCredentials)?;
        let application = &client.application;
        let scope = narrowed(&application.authorized, parameters.get("scope"))?;
        let subject = Subject::Application(application.client_id.clone());
        Ok(Granted { grant: self.new_grant(client, subject, scope), refresh: None })
    }

    /// The Resource Owner Password flow: whoever has the password has all that the user may do.
    fn password_grant(&mut self, asked: &ClientRequest) -> Result<Granted, Refusal> {
        let ClientRequest { client, parameters, .. } = asked;
        allowed(client, FlowKind::Password)?;
        let username = parameters.get("username").ok_or(("invalid_request", "username is missing"))?;
        let password = parameters.get("password").ok_or(("invalid_request", "password is missing"))?;
        let standard = self.settings.dialect == Dialect::Standard;
        let scope = match parameters.get("scope") {
            None if !standard => return Err(("invalid_scope", "scope is missing")),
            scope => Rights::parse(scope.unwrap_or("**")).ok_or(("invalid_scope", "scope is malformed"))?,
        };
        let offline = match parameters.get("access_type") {
            None => standard,
            Some("online") => false,
            Some("offline") => true,
            Some(_) => return Err(("invalid_request", "access_type has an unknown value")),
        };
        let username = self
            .logged_in(username, password)
            .ok_or(("invalid_grant", "The username or the password is wrong"))?;
        let rights = self.user(&username).map_or_else(Rights::none, |user| user.rights.clone());
        let scope = scope.intersect(&rights);
        if scope.is_empty() {
            return Err(("invalid_scope", "The user has none of the requested rights"));
        }
        let grant = self.new_grant(client, Subject::User(username), scope);
        let refresh = offline.then(|| grant.clone());
        Ok(Granted { grant, refresh })
    }

    pub(crate) fn new_grant(&mut self, client: &Authenticated, subject: Subject, scope: Rights) -> Grant {
        let client_id = Some(client.application.client_id.clone());
        let grant = Grant::new(client_id, subject, scope, self.random.draw("family"));
        Grant { authenticated: client.proven, ..grant }
    }
}

pub(crate) fn allowed(client: &Authenticated, flow: FlowKind) -> Result<(), Refusal> {
    let allowed = client.application.allows(flow);
    allowed.then_some(()).ok_or(("unauthorized_client", "This flow is switched off for the application"))
}

/// What is asked for out of what there is; no `scope`, or `**`, asks for all of it.
pub(crate) fn narrowed(whole: &Rights, scope: Option<&str>) -> Result<Rights, Refusal> {
    match scope
        .map(|scope| Rights::parse(scope).ok_or(("invalid_scope", "scope is malformed")))
        .transpose()?
    {
        None | Some(Rights::All) if whole.is_empty() => {
            Err(("invalid_scope", "There are no rights to grant"))
        }
        None | Some(Rights::All) => Ok(whole.clone()),
        Some(rights) if whole.cover_all(&rights) => Ok(rights),
        Some(_) => Err(("invalid_scope", "scope is wider than what was granted")),
    }
}

pub(crate) fn refusal((error, description): Refusal) -> Response {
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    answer::error(status, error, description)
}

//! The token endpoint: what is traded for an access token.

use http::StatusCode;
use serde_json::{Map, Value};
use valetkey_core::{Request, Response, UnixTime};

use crate::authorization_request::is_verifier;
use crate::client_auth::{Authenticated, same};
use crate::client_request::ClientRequest;
use crate::device::DEVICE_CODE;
use crate::keys::sha256;
use crate::ledger::{Challenge, Grant};
use crate::parameters::Parameters;
use crate::{Dialect, FlowKind, Rights, Rotation, Sandbox, Subject, answer};

/// An OAuth error code and its description.
pub(crate) type Refusal = (&'static str, &'static str);

/// What a grant is worth: a token for it, and perhaps a refresh token.
pub(crate) struct Granted {
    pub(crate) grant: Grant,
    pub(crate) refresh_token: Option<String>,
}

impl Sandbox {
    pub(crate) fn token_endpoint(&mut self, request: &Request, now: UnixTime) -> Response {
        let ClientRequest { client, parameters } = match self.client_request(request, now) {
            Ok(request) => request,
            Err(response) => return *response,
        };
        let granted = match parameters.get("grant_type") {
            Some("authorization_code") => self.code_grant(&client, &parameters, now),
            Some("refresh_token") => self.refresh_grant(&client, &parameters, now),
            Some("client_credentials") => self.client_credentials_grant(&client, &parameters),
            Some("password") => self.password_grant(&client, &parameters),
            Some(DEVICE_CODE) if self.settings.modern() => self.device_grant(&client, &parameters, now),
            Some(_) => Err(("unsupported_grant_type", "This grant_type is not supported")),
            None => Err(("invalid_request", "grant_type is missing")),
        };
        match granted {
            Ok(granted) => self.token_response(granted, now),
            Err(reason) => refusal(reason),
        }
    }

    fn token_response(&mut self, Granted { grant, refresh_token }: Granted, now: UnixTime) -> Response {
        let lifetime = self.settings.access_token_lifetime;
        let mut members = Map::new();
        if self.settings.dialect == Dialect::Standard {
            members.insert("token_type".to_owned(), Value::from("Bearer"));
            members.insert("scope".to_owned(), Value::from(grant.scope.to_string()));
        }
        let access_token = self.ledger.issue_access(&mut self.random, grant, now, lifetime);
        members.insert("access_token".to_owned(), Value::from(access_token));
        members.insert("expires_in".to_owned(), Value::from(lifetime.as_secs()));
        if let Some(refresh_token) = refresh_token {
            members.insert("refresh_token".to_owned(), Value::from(refresh_token));
        }
        answer::json(StatusCode::OK, &Value::Object(members))
    }

    fn code_grant(
        &mut self,
        client: &Authenticated,
        parameters: &Parameters,
        now: UnixTime,
    ) -> Result<Granted, Refusal> {
        allowed(client, FlowKind::AuthorizationCode)?;
        let presented = parameters.get("code").ok_or(("invalid_request", "code is missing"))?;
        let redirect_uri =
            parameters.get("redirect_uri").ok_or(("invalid_request", "redirect_uri is missing"))?;
        let code = self
            .ledger
            .codes
            .get_mut(presented)
            .filter(|code| code.client_id == client.application.client_id)
            .ok_or(("invalid_grant", "The code is unknown"))?;
        // A code is spent by its own client's first attempt, whatever comes of it.
        if std::mem::replace(&mut code.used, true) {
            let family = code.grant.family.clone();
            self.ledger.revoke(&family);
            return Err(("invalid_grant", "The code was already used"));
        }
        if now >= code.expires || code.grant.revoked {
            return Err(("invalid_grant", "The code has expired"));
        }
        if code.redirect_uri != redirect_uri {
            return Err(("invalid_grant", "The code was issued for another redirect_uri"));
        }
        verify(code.challenge.as_ref(), parameters.get("code_verifier"))?;
        if !client.proven && code.challenge.is_none() {
            return Err(("invalid_grant", "A client without a secret must use PKCE"));
        }
        code.grant.authenticated = client.proven;
        let (grant, offline) = (code.grant.clone(), code.offline);
        let refresh_token = offline.then(|| self.ledger.issue_refresh(&mut self.random, grant.clone()));
        Ok(Granted { grant, refresh_token })
    }

    fn refresh_grant(
        &mut self,
        client: &Authenticated,
        parameters: &Parameters,
        now: UnixTime,
    ) -> Result<Granted, Refusal> {
        let presented =
            parameters.get("refresh_token").ok_or(("invalid_request", "refresh_token is missing"))?;
        let rotation = self.settings.rotation;
        let token = self
            .ledger
            .refresh_tokens
            .get_mut(presented)
            .filter(|token| token.grant.client_id.as_deref() == Some(client.application.client_id.as_str()))
            .ok_or(("invalid_grant", "The refresh token is unknown"))?;
        if token.grant.authenticated && !client.proven {
            return Err(("invalid_client", "The client authenticated when the grant was made"));
        }
        if token.grant.revoked {
            return Err(("invalid_grant", "The refresh token is revoked"));
        }
        match (token.replaced, rotation) {
            (None, _) => {}
            (Some(replaced), Rotation::DetectReuse { grace }) if now.since(replaced) < grace => {}
            (Some(_), Rotation::DetectReuse { .. }) => {
                let family = token.grant.family.clone();
                self.ledger.revoke(&family);
                return Err(("invalid_grant", "The refresh token was already used"));
            }
            (Some(_), Rotation::On | Rotation::Off) => {
                return Err(("invalid_grant", "The refresh token was already used"));
            }
        }
        let scope = narrowed(&token.grant.scope, parameters.get("scope"))?;
        // The new refresh token keeps the whole grant; only the access token is narrowed (RFC 6749 §6).
        let whole = token.grant.clone();
        let grant = Grant { scope, ..whole.clone() };
        let rotates = rotation != Rotation::Off;
        if rotates {
            token.replaced.get_or_insert(now);
        }
        let refresh_token = rotates.then(|| self.ledger.issue_refresh(&mut self.random, whole));
        Ok(Granted { grant, refresh_token })
    }

    fn client_credentials_grant(
        &mut self,
        client: &Authenticated,
        parameters: &Parameters,
    ) -> Result<Granted, Refusal> {
        if !client.proven {
            return Err(("unauthorized_client", "Only a client with a secret may do this"));
        }
        allowed(client, FlowKind::ClientCredentials)?;
        let application = &client.application;
        let scope = narrowed(&application.authorized, parameters.get("scope"))?;
        let subject = Subject::Application(application.client_id.clone());
        Ok(Granted { grant: self.new_grant(client, subject, scope), refresh_token: None })
    }

    /// The Resource Owner Password flow: whoever has the password has all that the user may do.
    fn password_grant(
        &mut self,
        client: &Authenticated,
        parameters: &Parameters,
    ) -> Result<Granted, Refusal> {
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
        let refresh_token = offline.then(|| self.ledger.issue_refresh(&mut self.random, grant.clone()));
        Ok(Granted { grant, refresh_token })
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
fn narrowed(whole: &Rights, scope: Option<&str>) -> Result<Rights, Refusal> {
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

/// Compares the verifier with the challenge of the authorization request (RFC 7636 §4.6). A verifier without a
/// challenge is refused as well: it may be a code that was injected (RFC 9700 §2.1.1).
fn verify(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), Refusal> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(("invalid_grant", "code_verifier without code_challenge")),
        (Some(_), None) => Err(("invalid_grant", "code_verifier is missing")),
        (Some(challenge), Some(verifier)) => {
            let matches = is_verifier(verifier)
                && match challenge {
                    Challenge::Plain(challenge) => same(challenge, verifier),
                    Challenge::Sha256(challenge) => same(challenge, &sha256(verifier)),
                };
            matches.then_some(()).ok_or(("invalid_grant", "code_verifier does not match"))
        }
    }
}

pub(crate) fn refusal((error, description): Refusal) -> Response {
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    answer::error(status, error, description)
}

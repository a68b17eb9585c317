//! The authorization endpoint: what is asked of the person, and what the application is told of the answer.

use http::{Method, StatusCode};
use valetkey_core::{Request, Response, UnixTime};

use super::pages;
use crate::grant::id_token::Beside;
use crate::ground::answer;
use crate::ground::parameters::Parameters;
use crate::world::asked::{AuthorizationRequest, ResponseType};
use crate::world::details;
use crate::world::ledger::{Code, Grant};
use crate::world::login::Login;
use crate::world::telling;
use crate::world::waiting::Ticket;
use crate::{Dialect, Rights, Sandbox, Subject, User};

/// How long a form may be left open, in seconds.
const FORM_LIFETIME: u64 = 600;

impl Sandbox {
    pub(crate) fn authorization_endpoint(&mut self, request: &Request, now: UnixTime) -> Response {
        match *request.method() {
            Method::GET => self.ask(request.uri().query().unwrap_or_default(), now),
            Method::POST => self.decide(request, now),
            _ => answer::page(
                StatusCode::METHOD_NOT_ALLOWED,
                pages::refusal("Only GET and POST are answered here."),
            ),
        }
    }

    /// Shows the form, or goes straight on for somebody who is signed in.
    fn ask(&mut self, query: &str, now: UnixTime) -> Response {
        let request = match self.authorization_request(query, now) {
            Ok(request) => request,
            Err(refused) => return self.refused(refused, now),
        };
        if request.logs_out {
            self.signed_in = None;
        }
        let before = Login::long_ago();
        if let Some(username) = self.signed_in.clone().filter(|_| request.login.is_met_by(&before, now)) {
            return self.grant(&request, &username, before, StatusCode::FOUND, now);
        }
        if request.login.is_silent() {
            let reason = ("login_required", "The user must log in");
            return self.redirected_error(&request.redirect, StatusCode::FOUND, reason, now);
        }
        if request.silent {
            let reason = ("access_denied", "Nobody is logged in");
            return self.redirected_error(&request.redirect, StatusCode::FOUND, reason, now);
        }
        let ticket = self.random.draw("ticket");
        let page = self.form(&ticket, &request, None);
        self.tickets.insert(ticket, Ticket { request, shown: now });
        page
    }

    /// Takes the form back.
    fn decide(&mut self, request: &Request, now: UnixTime) -> Response {
        let refused = |reason| answer::page(StatusCode::BAD_REQUEST, pages::refusal(reason));
        let (form, verdict) = Parameters::read(request.body());
        if let Err(reason) = verdict {
            return refused(reason);
        }
        let Some(ticket) = form.get("ticket") else { return refused("The form is incomplete.") };
        let Some(Ticket { request: asked, shown }) = self.tickets.get(ticket).cloned() else {
            return refused("This form was already answered, or never shown.");
        };
        if now.since(shown).as_secs() >= FORM_LIFETIME {
            self.tickets.remove(ticket);
            return refused("This form was left open for too long.");
        }
        match form.get("decision") {
            Some("deny") => {
                self.tickets.remove(ticket);
                let reason = ("access_denied", "The user refused access");
                self.redirected_error(&asked.redirect, StatusCode::SEE_OTHER, reason, now)
            }
            Some("allow") => {
                let (username, password) = (form.get("username"), form.get("password"));
                let Some(username) =
                    self.logged_in(username.unwrap_or_default(), password.unwrap_or_default())
                else {
                    return self.form(ticket, &asked, Some("The username or the password is wrong."));
                };
                self.tickets.remove(ticket);
                let login = asked.login.by_form(now);
                self.grant(&asked, &username, login, StatusCode::SEE_OTHER, now)
            }
            _ => refused("The form is incomplete."),
        }
    }

    fn form(&self, ticket: &str, request: &AuthorizationRequest, message: Option<&str>) -> Response {
        let action = self.settings.dialect.authorization_path();
        let detailed = details::all_rights(&request.details);
        let asked_for = Rights::of(request.scope.iter().chain(detailed.iter()));
        let name = self.application(&request.client_id).map_or("", |application| application.name.as_str());
        let page = pages::consent(action, ticket, name, &asked_for, self.filled_in(), message);
        answer::page(StatusCode::OK, page)
    }

    /// Whose name and password a form comes filled in with.
    pub(crate) fn filled_in(&self) -> Option<&User> {
        self.settings.filled_in.as_deref().and_then(|username| self.user(username))
    }

    /// Gives the application what the user granted: a code, or by the implicit flow a token.
    fn grant(
        &mut self,
        request: &AuthorizationRequest,
        username: &str,
        login: Login,
        status: StatusCode,
        now: UnixTime,
    ) -> Response {
        let rights = self.user(username).map(|user| &user.rights);
        let scope = match rights {
            Some(rights) if self.settings.modern() => telling::granted(&request.scope, rights),
            Some(rights) => request.scope.intersect(rights),
            None => Rights::none(),
        };
        let details = rights.map(|rights| details::grantable(&request.details, rights)).unwrap_or_default();
        if scope.is_empty() && details.is_empty() {
            let reason = ("access_denied", "The user has none of the requested rights");
            return self.redirected_error(&request.redirect, status, reason, now);
        }
        if request.telling.as_ref().is_some_and(|telling| !telling.admits(&self.user_id(username))) {
            let reason = ("login_required", "Another person was asked for");
            return self.redirected_error(&request.redirect, status, reason, now);
        }
        let client_id = Some(request.client_id.clone());
        let subject = Subject::User(username.to_owned());
        let grant = Grant {
            resources: request.resources.clone(),
            details,
            login: Some(login),
            telling: request.telling.clone(),
            ..Grant::new(client_id, subject, scope, self.random.draw("family"))
        };
        match request.response_type {
            ResponseType::Code | ResponseType::CodeIdToken => {
                let code = self.random.draw("code");
                let id_token = self.id_token_beside(request, Some(&code), &grant, now);
                let record = Code {
                    grant,
                    client_id: request.client_id.clone(),
                    redirect_uri: request.redirect.uri.clone(),
                    challenge: request.challenge.clone(),
                    key: request.key.clone(),
                    offline: request.offline.unwrap_or(self.settings.dialect == Dialect::Standard),
                    expires: now.after(self.settings.code_lifetime),
                    used: false,
                };
                self.ledger.codes.insert(code.clone(), record);
                let id_token = id_token.as_deref().map(|token| ("id_token", token));
                let parameters: Vec<_> = [("code", code.as_str())].into_iter().chain(id_token).collect();
                self.redirected(&request.redirect, status, &parameters, now)
            }
            ResponseType::IdToken => {
                let id_token = self.id_token_beside(request, None, &grant, now).unwrap_or_default();
                self.redirected(&request.redirect, status, &[("id_token", &id_token)], now)
            }
            ResponseType::Token => {
                let scope = grant.scope.to_string();
                let lifetime = self.settings.access_token_lifetime;
                let token = self.ledger.issue_access(&mut self.random, grant, now, lifetime);
                let parameters = [
                    ("access_token", token.as_str()),
                    ("token_type", "Bearer"),
                    ("expires_in", &lifetime.as_secs().to_string()),
                    ("scope", &scope),
                ];
                self.redirected(&request.redirect, status, &parameters, now)
            }
        }
    }

    /// The ID token that goes to the application through the browser, if that is asked for.
    fn id_token_beside(
        &mut self,
        request: &AuthorizationRequest,
        code: Option<&str>,
        grant: &Grant,
        now: UnixTime,
    ) -> Option<String> {
        let application =
            self.application(&request.client_id).filter(|_| request.response_type.has_id_token())?;
        let application = application.clone();
        let nonce = request.telling.as_ref().and_then(|telling| telling.nonce.as_deref());
        let beside = Beside { code, state: request.redirect.state.as_deref(), access_token: None };
        let token = self.id_token(&application, grant, &beside, nonce, now)?;
        // Inside of a signed response it is encrypted before that is signed.
        let envelope = application.envelope(application.encrypted.id_tokens);
        let sealed =
            envelope.filter(|_| request.redirect.signed).and_then(|it| it.seal(&self.random, &token));
        Some(sealed.unwrap_or(token))
    }
}

//! The authorization endpoint of a [`Provider`]: the person is asked, and the browser is sent back.

use http::StatusCode;
use valetkey_core::{Request, Response};

use super::kind::{Denial, Offline, Pkce};
use super::provider::{Code, LoginAsked, Provider};
use crate::endpoint::pages;
use crate::ground::answer;
use crate::ground::parameters::Parameters;

impl Provider {
    pub(crate) fn authorization(&mut self, request: &Request) -> Response {
        let (asked, verdict) = Parameters::read(request.uri().query().unwrap_or_default().as_bytes());
        let redirect_uri = asked.get("redirect_uri").map(str::to_owned);
        match self.faults(&asked).or(verdict.err().map(str::to_owned)) {
            Some(why) => self.refuse(StatusCode::BAD_REQUEST, "invalid_request", &why),
            None => redirect_uri.and_then(|to| self.ask(&asked, to)).unwrap_or_else(|| {
                self.refuse(StatusCode::BAD_REQUEST, "invalid_request", "no redirect_uri")
            }),
        }
    }

    /// What is wrong with a request.
    fn faults(&self, asked: &Parameters) -> Option<String> {
        let persona = &self.persona;
        let wanted = [("response_type", "code"), (persona.id_in, self.client_id())];
        let mut wanted = wanted.iter().chain(persona.wants);
        if let Some((name, _)) = wanted.find(|(name, value)| asked.get(name) != Some(value)) {
            return Some(format!("the parameter {name} is missing or another"));
        }
        let separator = if persona.has_commas { ',' } else { ' ' };
        let scope = asked.get("scope").unwrap_or_default();
        let known = persona.scope.split(' ').filter(|known| !known.is_empty());
        let known = known.chain(persona.form_post_for.iter().copied());
        let mut tokens = scope.split(separator).filter(|token| !token.is_empty());
        if let Some(token) = tokens.find(|token| !known.clone().any(|known| known == *token)) {
            return Some(format!("the scope has {token:?}, which is not known"));
        }
        let is_by_form = self.is_by_form(asked);
        if is_by_form && asked.get("response_mode") != Some("form_post") {
            return Some("response_mode must be form_post for this scope".to_owned());
        }
        let is_challenged = asked.get("code_challenge_method") == Some("S256");
        (matches!(persona.pkce, Pkce::Required | Pkce::Hex(_)) && !is_challenged)
            .then(|| "code_challenge is missing".to_owned())
    }

    /// Whether the answer comes by a form.
    fn is_by_form(&self, asked: &Parameters) -> bool {
        let mut scopes = asked.get("scope").unwrap_or_default().split([' ', ',']);
        scopes.any(|scope| self.persona.form_post_for.contains(&scope))
    }

    /// Asks the person; `None` if the browser cannot be sent back.
    fn ask(&mut self, asked: &Parameters, redirect_uri: String) -> Option<Response> {
        let is_by_form = self.is_by_form(asked);
        let mut query = form_urlencoded::Serializer::new(String::new());
        if std::mem::take(&mut self.denies) {
            let Denial::Said(parameters) = self.persona.denial else { return None };
            query.extend_pairs(form_urlencoded::parse(parameters.as_bytes()));
        } else {
            let code = self.random.draw("code");
            query.append_pair(self.persona.code_in, &code);
            let challenge = asked
                .get("code_challenge")
                .filter(|_| matches!(self.persona.pkce, Pkce::Required | Pkce::Verified | Pkce::Hex(_)));
            let is_offline = match self.persona.offline {
                Offline::Always => true,
                Offline::Never(..) => false,
                Offline::Scope(scope) => {
                    let scopes = asked.get("scope").unwrap_or_default();
                    scopes.split([' ', ',']).any(|one| one == scope)
                }
                Offline::Parameter(name, value) => asked.get(name) == Some(value),
            };
            let challenge = challenge.map(str::to_owned);
            let redirect_uri = redirect_uri.clone();
            let scopes = asked.get("scope").unwrap_or_default();
            let is_login =
                self.persona.identity.is_some() && scopes.split([' ', ',']).any(|one| one == "openid");
            let login = is_login.then(|| LoginAsked { nonce: asked.get("nonce").map(str::to_owned) });
            self.codes.insert(code, Code { redirect_uri, challenge, is_offline, login, is_used: false });
            let user =
                self.persona.identity.and_then(|told| told.user).filter(|_| !self.is_known && is_by_form);
            if let Some(user) = user {
                query.append_pair("user", user);
                self.is_known = true;
            }
        }
        if let Some(state) = asked.get("state") {
            query.append_pair("state", state);
        }
        if let Some(iss) = self.persona.iss {
            query.append_pair("iss", iss);
        }
        let query = query.finish();
        if is_by_form {
            let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
            return Some(answer::page(StatusCode::OK, pages::form_post(&redirect_uri, &parameters)));
        }
        let separator = if redirect_uri.contains('?') { '&' } else { '?' };
        answer::redirect(StatusCode::FOUND, &format!("{redirect_uri}{separator}{query}"))
    }
}

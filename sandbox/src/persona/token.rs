//! The token endpoint of a [`Provider`].

use http::StatusCode;
use serde_json::Value;
use valetkey_core::{Request, Response};

use super::devices::Secret;
use super::kind::{Pkce, Renewed, Said};
use super::provider::{LoginAsked, Provider, form, said};
use crate::grant::names::DEVICE_CODE;
use crate::ground::keys::{sha256, sha256_in_hex};
use crate::ground::parameters::Parameters;

impl Provider {
    pub(crate) fn token(&mut self, request: &Request) -> Response {
        self.token_requests += 1;
        let polls = form(request).is_some_and(|form| form.get("grant_type") == Some(DEVICE_CODE));
        match self.persona.devices().filter(|_| polls) {
            Some(devices) => {
                let wants_secret = devices.secret != Secret::Never;
                self.for_client(request, self.persona.client, wants_secret, |it, form| {
                    it.polled(form, devices)
                })
            }
            None => self.for_client(request, self.persona.client, true, Self::granted),
        }
    }

    fn granted(&mut self, form: &Parameters) -> Response {
        let wanted = self.persona.token_wants.iter();
        if let Some((name, _)) = wanted.copied().find(|(name, value)| form.get(name) != Some(value)) {
            let why = format!("the parameter {name} is missing or another");
            return self.refuse(StatusCode::BAD_REQUEST, "invalid_request", &why);
        }
        match form.get("grant_type") {
            Some("authorization_code") => self.code(form),
            Some("refresh_token") => self.renewal(form),
            _ => self.refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", "the grant is not known"),
        }
    }

    fn code(&mut self, form: &Parameters) -> Response {
        if let (Pkce::Refused(refusal), Some(_)) = (self.persona.pkce, form.get("code_verifier")) {
            self.note("a code verifier came");
            return said(refusal);
        }
        let sent = form.get("code").unwrap_or_default();
        let Some(code) = self.codes.get_mut(sent) else { return said(self.persona.used) };
        let is_same = form.get("redirect_uri") == Some(&code.redirect_uri);
        let verifier = form.get("code_verifier").map(match self.persona.pkce {
            Pkce::Hex(_) => sha256_in_hex,
            _ => sha256,
        });
        let is_verified = code.challenge.is_none() || code.challenge == verifier;
        let (is_used, is_offline, login) = (code.is_used, code.is_offline, code.login.clone());
        code.is_used = true;
        if is_used {
            self.note("the code was used");
            return said(self.persona.used);
        }
        if let (Pkce::Hex(refusal), false) = (self.persona.pkce, is_verified) {
            self.note("the code challenge is not the verifier's in hexadecimal");
            return said(refusal);
        }
        if !is_same || !is_verified {
            return self.refuse(StatusCode::BAD_REQUEST, "invalid_grant", "the code is another request's");
        }
        self.granted_to_person(is_offline, login)
    }

    /// The answer once a person said yes, with a refresh token if one is due.
    pub(crate) fn granted_to_person(&mut self, is_offline: bool, login: Option<LoginAsked>) -> Response {
        let refresh = is_offline.then(|| self.random.draw("refresh"));
        if let Some(refresh) = &refresh {
            self.refresh.insert(refresh.clone(), login.is_some());
        }
        self.issue(self.persona.tokens, refresh.as_deref(), login)
    }

    fn renewal(&mut self, form: &Parameters) -> Response {
        let sent = form.get("refresh_token").unwrap_or_default().to_owned();
        let Some(is_login) = self.refresh.get(&sent).copied() else {
            return said(self.persona.dead);
        };
        let next = match self.persona.rotation {
            Renewed::Rotated => {
                self.refresh.remove(&sent);
                let next = self.random.draw("refresh");
                self.refresh.insert(next.clone(), is_login);
                Some(next)
            }
            Renewed::Same => Some(sent),
            Renewed::Kept => None,
        };
        let login = is_login.then(LoginAsked::default);
        self.issue(self.persona.renewed.unwrap_or(self.persona.tokens), next.as_deref(), login)
    }

    /// The documented answer with new tokens; the refresh token is left out where none is issued, and the ID token that answers a
    /// login is put in.
    fn issue(
        &mut self,
        Said(status, kind, body): Said,
        refresh: Option<&str>,
        login: Option<LoginAsked>,
    ) -> Response {
        let access = self.random.draw("access");
        let mut text = body.replace("$ACCESS", &access);
        match refresh {
            Some(refresh) => text = text.replace("$REFRESH", refresh),
            None => {
                if let Ok(mut members) = serde_json::from_str::<Value>(&text) {
                    without_refresh(&mut members);
                    text = members.to_string();
                }
            }
        }
        // A server may write something before the token, which belongs to it.
        let issued = tokens(&text, &access);
        let id_token = login.as_ref().and_then(|login| self.id_token(&issued, login.nonce.as_deref()));
        if let (Some(id_token), Ok(Value::Object(mut members))) = (id_token, serde_json::from_str(&text)) {
            members.insert("id_token".to_owned(), id_token.into());
            text = Value::Object(members).to_string();
        }
        self.access.insert(issued, login.is_some());
        let mut response = said(Said(status, kind, ""));
        *response.body_mut() = text.into_bytes();
        response
    }
}

/// Takes out what a documentation shows and this person did not allow.
fn without_refresh(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !name.starts_with("refresh_"));
            members.values_mut().for_each(without_refresh);
        }
        Value::Array(items) => items.iter_mut().for_each(without_refresh),
        _ => {}
    }
}

/// The whole token that this is the new part of: up to the quotes or the ampersands around it.
fn tokens(text: &str, part: &str) -> String {
    let ends = ['"', '&', '='];
    text.split(ends).find(|piece| piece.contains(part)).unwrap_or(part).to_owned()
}

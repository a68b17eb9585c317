//! A form as it was posted: [`Form`], and the setup that is filled in with it.

use std::time::Duration;

use valetkey_core::dialect::hub::Hub;
use valetkey_core::dialect::space::Space;
use valetkey_core::{Error, Subject};
use valetkey_sandbox::{Dialect, Rotation};

use crate::play::{ApiCall, Attack, Method, Organisation, Setup};

/// Names and values, decoded.
#[derive(Clone, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The value, trimmed; empty if it is absent.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    fn text(&self, name: &str) -> String {
        self.get(name).to_owned()
    }

    pub(super) fn method(&self) -> Option<Method> {
        Method::of_name(self.get("method"))
    }

    pub(super) fn attack(&self) -> Option<Attack> {
        Attack::of_name(self.get("attack"))
    }

    /// How the sandbox is to behave; as usual where nothing is said.
    pub(super) fn organisation(&self) -> Organisation {
        let usual = Organisation::default();
        if !self.has("organisation") {
            return usual;
        }
        Organisation {
            dialect: match self.get("dialect") {
                "standard" => Dialect::Standard,
                "hub" => Dialect::Hub,
                _ => Dialect::Space,
            },
            rotation: match self.get("rotation") {
                "off" => Rotation::Off,
                "on" => Rotation::On,
                _ => Rotation::DetectReuse { grace: Duration::ZERO },
            },
            iss: self.has("iss"),
            lifetime: self.get("lifetime").parse().unwrap_or(usual.lifetime).clamp(1, 86_400),
        }
    }

    /// What the form changes of a setup for the sandbox.
    pub(super) fn adjust(&self, setup: &mut Setup) {
        for (name, field) in [
            ("scope", &mut setup.scope),
            ("username", &mut setup.username),
            ("password", &mut setup.password),
            ("call_url", &mut setup.call.url),
            ("call_method", &mut setup.call.method),
            ("call_body", &mut setup.call.body),
        ] {
            if self.0.iter().any(|(known, _)| known == name) {
                *field = self.text(name);
            }
        }
        if self.has("organisation") {
            setup.offline = self.has("offline");
        }
        if setup.method == Method::AuthorizationCode && self.get("client") == "native" {
            "native".clone_into(&mut setup.client_id);
            setup.client_secret.clear();
        }
    }

    /// A setup for a server elsewhere. The person named it, so it is asked only what the person steps.
    pub(super) fn elsewhere(&self, method: Method, redirect_uri: &str) -> Result<Setup, Error> {
        let url = self.get("server").trim_end_matches('/').to_owned();
        let family = self.get("family");
        let local = url.starts_with("http:");
        let (oauth, api) = match family {
            "space" if local => ("/oauth", Space::on_loopback(&url)?.api("team-directory/profiles/me")),
            "space" => ("/oauth", Space::new(&url)?.api("team-directory/profiles/me")),
            "hub" if local => ("/api/rest/oauth2", Hub::on_loopback(&url)?.api("users/me")),
            "hub" => ("/api/rest/oauth2", Hub::new(&url)?.api("users/me")),
            _ => ("", String::new()),
        };
        let endpoint = |name: &str, usual: String| if self.has(name) { self.text(name) } else { usual };
        let known = !oauth.is_empty();
        let at = |path: &str| if known { format!("{url}{oauth}{path}") } else { String::new() };
        let typed = self.text("call_url");
        Ok(Setup {
            method,
            authorization_endpoint: endpoint("authorization_endpoint", at("/auth")),
            token_endpoint: endpoint("token_endpoint", at("/token")),
            issuer: self.text("issuer"),
            advertises_iss: self.has("issuer") && self.has("advertises_iss"),
            no_token_type: known,
            client_id: self.text("client_id"),
            client_secret: self.text("client_secret"),
            redirect_uri: redirect_uri.to_owned(),
            scope: self.text("scope"),
            offline: self.has("offline"),
            username: self.text("username"),
            password: self.text("password"),
            token: self.text("token"),
            subject: if self.get("subject") == "application" { Subject::Application } else { Subject::User },
            call: ApiCall {
                method: endpoint("call_method", "GET".to_owned()),
                url: if typed.is_empty() { api } else { typed },
                body: self.text("call_body"),
            },
        })
    }
}

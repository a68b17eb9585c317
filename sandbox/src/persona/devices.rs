//! The device grant at a [`Provider`] (RFC 8628): a device asks, the person decides elsewhere, and the device asks what came of it.

use http::StatusCode;
use valetkey_core::server::Endpoint;
use valetkey_core::{Request, Response};

use super::kind::{JSON, Offline, Persona, Said};
use super::provider::{LoginAsked, Provider, Waiting, said};
use crate::ground::parameters::Parameters;

/// How a device is let in, by the documentation.
pub(crate) struct Devices {
    /// The persona's name.
    pub(crate) name: &'static str,
    /// Where a device asks, if the profile does not say so.
    pub(crate) endpoint: Option<&'static str>,
    pub(crate) secret: Secret,
    /// The parameter that the scope is in.
    pub(crate) scope_in: &'static str,
    /// The answer to a device that asks. `$DEVICE` and `$USER` stand for what is new each time.
    pub(crate) begun: Said,
    pub(crate) pending: Said,
    /// To a device that the person refused, and to a code that is no good.
    pub(crate) denied: Said,
    pub(crate) spent: Said,
    /// A page about it.
    pub(crate) source: &'static str,
}

/// When a client shows its secret. One that it shows unasked must be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secret {
    Never,
    /// When it asks what came of it.
    WhenPolling,
    Always,
}

/// What the RFC says, where a documentation says nothing.
pub(crate) const STANDARD: Devices = Devices {
    name: "",
    endpoint: None,
    secret: Secret::Never,
    scope_in: "scope",
    begun: Said(200, JSON, ""),
    pending: Said(400, JSON, r#"{"error":"authorization_pending"}"#),
    denied: Said(400, JSON, r#"{"error":"access_denied"}"#),
    spent: Said(400, JSON, r#"{"error":"invalid_grant"}"#),
    source: "",
};

impl Persona {
    /// The page that its device login is from; `None` where its servers are not known to have one by RFC 8628.
    #[must_use]
    pub fn device_login(&self) -> Option<&'static str> {
        self.devices().map(|devices| devices.source)
    }
}

impl Provider {
    /// The person enters this user code and allows the device. Returns whether there was one that waited.
    pub fn approve_device(&mut self, user_code: &str) -> bool {
        self.decide(user_code, true)
    }

    /// The person enters this user code and refuses. Returns whether there was a device that waited.
    pub fn deny_device(&mut self, user_code: &str) -> bool {
        self.decide(user_code, false)
    }

    fn decide(&mut self, user_code: &str, decision: bool) -> bool {
        let waits = |device: &Waiting| device.user_code == user_code && device.decision.is_none();
        self.devices.find_mut(waits).map(|device| device.decision = Some(decision)).is_some()
    }

    /// A device asks to be let in.
    pub(crate) fn device_authorization(&mut self, request: &Request, devices: &Devices) -> Response {
        let wants_secret = devices.secret == Secret::Always;
        self.for_client(request, self.persona.client, wants_secret, |it, form| it.begun(form, devices))
    }

    fn begun(&mut self, form: &Parameters, devices: &Devices) -> Response {
        let scope = form.get(devices.scope_in).unwrap_or_default();
        let known = self.persona.scope;
        let is_unknown = |token: &&str| !token.is_empty() && !known.split(' ').any(|known| known == *token);
        if let Some(token) = scope.split(' ').find(is_unknown) {
            let why = format!("the scope has {token:?}, which is not known");
            return self.refuse(StatusCode::BAD_REQUEST, "invalid_scope", &why);
        }
        let is_offline = match self.persona.offline {
            // What a browser's request asks for by a parameter, a device has anyway.
            Offline::Always | Offline::Parameter(..) => true,
            Offline::Never(..) => false,
            Offline::Scope(wanted) => scope.split(' ').any(|token| token == wanted),
        };
        let device_code = self.random.draw("device");
        let letters = self
            .random
            .draw("user")
            .chars()
            .rev()
            .filter(char::is_ascii_alphanumeric)
            .take(8)
            .collect::<String>();
        let user_code = letters.to_ascii_uppercase();
        let Said(status, kind, body) = devices.begun;
        let body = body.replace("$DEVICE", &device_code).replace("$USER", &user_code);
        let is_login = self.persona.identity.is_some() && scope.split(' ').any(|token| token == "openid");
        self.devices.insert(device_code, Waiting { user_code, is_offline, is_login, decision: None });
        let mut response = said(Said(status, kind, ""));
        *response.body_mut() = body.into_bytes();
        response
    }

    /// A device asks what came of it.
    pub(crate) fn polled(&mut self, form: &Parameters, devices: &Devices) -> Response {
        let sent = form.get("device_code").unwrap_or_default().to_owned();
        let device = self.devices.get(&sent);
        let device = device.map(|device| (device.decision, device.is_offline, device.is_login));
        let Some((Some(decision), is_offline, is_login)) = device else {
            return said(if device.is_some() { devices.pending } else { devices.spent });
        };
        self.devices.remove(&sent);
        match decision {
            true => self.granted_to_person(is_offline, is_login.then(LoginAsked::default)),
            false => said(devices.denied),
        }
    }

    /// Where a device asks.
    pub(crate) fn device_endpoint(persona: &Persona) -> Option<(Endpoint, String)> {
        let url = persona.devices()?.endpoint?;
        Some((Endpoint::DeviceAuthorization, url.to_owned()))
    }
}

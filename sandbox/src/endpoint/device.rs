//! The device grant (RFC 8628): a device asks, a person approves elsewhere, the device finds out by asking again.
//!
//! ```text
//! the device                                            the server
//!   POST /oauth/device_authorization scope=…          →
//!                                                     ←  device_code, user_code, verification_uri, interval
//!   POST /oauth/token device_code=…                   →
//!                                                     ←  authorization_pending, or slow_down: five seconds more
//! the person's browser
//!   GET /oauth/device?user_code=…                     →
//!                                                     ←  the form: who asks, and for what
//!   POST /oauth/device, username, password, decision  →
//! the device
//!   POST /oauth/token device_code=…                   →
//!                                                     ←  tokens, once
//! ```
//!
//! In a test the person may be a method call: [`Sandbox::approve_device`].

use http::{Method, StatusCode};
use serde_json::json;
use valetkey_core::{Request, Response, UnixTime};

use super::{authorization_request, pages};
use crate::grant::allowed;
use crate::ground::answer;
use crate::ground::parameters::Parameters;
use crate::ground::refusal::refusal;
use crate::proof::client_request::ClientRequest;
use crate::world::waiting::{Decision, Device};
use crate::{FlowKind, Sandbox};

/// Letters that cannot be taken for others and make no words (RFC 8628 §6.1).
const LETTERS: [char; 20] =
    ['B', 'C', 'D', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Z'];

/// Where the person enters the user code.
const PAGE: &str = "/oauth/device";

impl Sandbox {
    /// Has a person enter a user code and approve the device. Returns whether there was such a user and a device that
    /// waited; whether it still does in time, it finds out by asking.
    pub fn approve_device(&mut self, user_code: &str, username: &str) -> bool {
        self.user(username).is_some()
            && self.decide_device(user_code, Decision::Approved { username: username.to_owned() })
    }

    /// Has a person enter a user code and refuse. Returns whether there was a device that waited.
    pub fn deny_device(&mut self, user_code: &str) -> bool {
        self.decide_device(user_code, Decision::Denied)
    }

    fn decide_device(&mut self, user_code: &str, decision: Decision) -> bool {
        let waits = |device: &Device| device.user_code == user_code && device.decision == Decision::Pending;
        self.devices.find_mut(waits).map(|device| device.decision = decision).is_some()
    }

    pub(crate) fn device_authorization_endpoint(&mut self, request: &Request, now: UnixTime) -> Response {
        let ClientRequest { client, parameters, .. } = match self.client_request(request, now) {
            Ok(request) => request,
            Err(response) => return *response,
        };
        let scope = allowed(&client, FlowKind::Device).and_then(|()| {
            authorization_request::scope(parameters.get("scope"), &client.application, self.settings.dialect)
        });
        let scope = match scope {
            Ok(scope) => scope,
            Err(reason) => return refusal(reason),
        };
        let device_code = self.random.draw("device");
        let user_code = user_code(self.random.bytes(&format!("user code {device_code}")));
        let interval = self.settings.device_interval.as_secs();
        let lifetime = self.settings.device_code_lifetime;
        let base = self.settings.origin().unwrap_or("https://sandbox.example");
        let document = json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": format!("{base}{PAGE}"),
            "verification_uri_complete": format!("{base}{PAGE}?user_code={user_code}"),
            "expires_in": lifetime.as_secs(),
            "interval": interval,
        });
        let device = Device {
            client_id: client.application.client_id,
            user_code,
            scope,
            decision: Decision::Pending,
            expires: now.after(lifetime),
            interval,
            asked: None,
        };
        self.devices.insert(device_code, device);
        answer::json(StatusCode::OK, &document)
    }

    /// The person's page (RFC 8628 §3.3): a code is asked for, then who asks for what is shown, and the person decides.
    pub(crate) fn device_page(&mut self, request: &Request, now: UnixTime) -> Response {
        let refused = |status, reason| answer::page(status, pages::refusal(reason));
        match *request.method() {
            Method::GET => {
                let query = request.uri().query().unwrap_or_default();
                match Parameters::read(query.as_bytes()).0.get("user_code") {
                    Some(entered) => self.device_form(entered, None, now),
                    None => answer::page(StatusCode::OK, pages::user_code(PAGE, "", None)),
                }
            }
            Method::POST => match Parameters::read(request.body()) {
                (form, Ok(())) => self.decided_on_page(&form, now),
                (_, Err(reason)) => refused(StatusCode::BAD_REQUEST, reason),
            },
            _ => refused(StatusCode::METHOD_NOT_ALLOWED, "Only GET and POST are answered here."),
        }
    }

    /// Asks the person about the device that shows this code, or for another code.
    fn device_form(&self, entered: &str, message: Option<&str>, now: UnixTime) -> Response {
        let Some(device) = self.waiting_device(entered, now) else {
            let unknown =
                "No device waits with this code. Look at the device again: its code may have expired.";
            return answer::page(StatusCode::OK, pages::user_code(PAGE, entered, Some(unknown)));
        };
        let application = self.application(&device.client_id);
        let name = application.map_or(device.client_id.as_str(), |application| application.name.as_str());
        let filled_in = self.filled_in();
        let page = pages::device(PAGE, &device.user_code, name, &device.scope, filled_in, message);
        answer::page(StatusCode::OK, page)
    }

    fn decided_on_page(&mut self, form: &Parameters, now: UnixTime) -> Response {
        let entered = form.get("user_code").unwrap_or_default();
        let Some(user_code) = self.waiting_device(entered, now).map(|device| device.user_code.clone()) else {
            return self.device_form(entered, None, now);
        };
        let [username, password] = ["username", "password"].map(|name| form.get(name).unwrap_or_default());
        let done = |outcome| answer::page(StatusCode::OK, pages::device_decided(outcome));
        match form.get("decision") {
            Some("deny") => {
                self.deny_device(&user_code);
                done("The device is told no.")
            }
            Some("allow") => match self.logged_in(username, password) {
                Some(username) => {
                    self.approve_device(&user_code, &username);
                    done("The device is allowed in.")
                }
                None => self.device_form(&user_code, Some("The username or the password is wrong."), now),
            },
            _ => answer::page(StatusCode::BAD_REQUEST, pages::refusal("The form is incomplete.")),
        }
    }

    /// The device that shows this code and waits; capitals, dashes and spaces are as the person likes (RFC 8628 §6.1).
    fn waiting_device(&self, entered: &str, now: UnixTime) -> Option<&Device> {
        let plain = |code: &str| -> String {
            code.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|letter| letter.to_ascii_uppercase())
                .collect()
        };
        let entered = plain(entered);
        let waits = |device: &Device| device.decision == Decision::Pending && now < device.expires;
        self.devices.find(|device| waits(device) && plain(&device.user_code) == entered)
    }
}

/// Eight letters with a dash between.
fn user_code(random: [u8; 32]) -> String {
    let letters = random.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 20)));
    let letters: String = letters.take(8).collect();
    let (one, two) = letters.split_at_checked(4).unwrap_or_default();
    format!("{one}-{two}")
}

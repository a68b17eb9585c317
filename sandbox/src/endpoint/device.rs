//! The device grant (RFC 8628): a device asks, a person approves elsewhere, the device finds out by asking again.
//!
//! ```text
//! the device                                            the server
//!   POST /oauth/device_authorization scope=…          →
//!                                                     ←  device_code, user_code, verification_uri, interval
//!   POST /oauth/token device_code=…                   →
//!                                                     ←  authorization_pending, or slow_down: five seconds more
//!                            a person: Sandbox::approve_device(user_code, …)
//!   POST /oauth/token device_code=…                   →
//!                                                     ←  tokens, once
//! ```
//!
//! There is no page at `verification_uri`: the person is a method call.

use http::StatusCode;
use serde_json::json;
use valetkey_core::{Request, Response, UnixTime};

use super::authorization_request;
use crate::grant::allowed;
use crate::ground::answer;
use crate::ground::refusal::refusal;
use crate::proof::client_request::ClientRequest;
use crate::world::waiting::{Decision, Device};
use crate::{FlowKind, Sandbox};

/// Letters that cannot be taken for others and make no words (RFC 8628 §6.1).
const LETTERS: [char; 20] =
    ['B', 'C', 'D', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Z'];

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
            "verification_uri": format!("{base}/oauth/device"),
            "verification_uri_complete": format!("{base}/oauth/device?user_code={user_code}"),
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
}

/// Eight letters with a dash between.
fn user_code(random: [u8; 32]) -> String {
    let letters = random.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 20)));
    let letters: String = letters.take(8).collect();
    let (one, two) = letters.split_at_checked(4).unwrap_or_default();
    format!("{one}-{two}")
}

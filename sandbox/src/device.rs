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

use crate::authorization_request;
use crate::client_request::ClientRequest;
use crate::token::{Granted, Refusal, allowed, refusal};
use crate::{FlowKind, Rights, Sandbox, Subject, answer};

pub(crate) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What `slow_down` adds to the interval, in seconds (RFC 8628 §3.5).
const SLOWER: u64 = 5;

/// Letters that cannot be taken for others and make no words (RFC 8628 §6.1).
const LETTERS: [char; 20] =
    ['B', 'C', 'D', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Z'];

/// A device that waits.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    client_id: String,
    user_code: String,
    scope: Rights,
    decision: Decision,
    expires: UnixTime,
    /// In seconds.
    interval: u64,
    asked: Option<UnixTime>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Decision {
    Pending,
    Approved { username: String },
    Denied,
}

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

    pub(crate) fn device_grant(&mut self, asked: &ClientRequest) -> Result<Granted, Refusal> {
        let ClientRequest { client, parameters, now, .. } = asked;
        allowed(client, FlowKind::Device)?;
        let code = parameters.get("device_code").ok_or(("invalid_request", "device_code is missing"))?;
        let device = self
            .devices
            .get_mut(code)
            .filter(|device| device.client_id == client.application.client_id)
            .ok_or(("invalid_grant", "The device code is unknown"))?;
        if *now >= device.expires {
            return Err(("expired_token", "The device code has expired"));
        }
        let early = device.asked.is_some_and(|asked| now.since(asked).as_secs() < device.interval);
        device.asked = Some(*now);
        if early {
            device.interval = device.interval.saturating_add(SLOWER);
            return Err(("slow_down", "The device asks too often"));
        }
        let username = match &device.decision {
            Decision::Pending => return Err(("authorization_pending", "Nobody has decided yet")),
            Decision::Denied => return Err(("access_denied", "The user refused access")),
            Decision::Approved { username } => username.clone(),
        };
        let requested = device.scope.clone();
        self.devices.remove(code);
        let rights = self.user(&username).map_or_else(Rights::none, |user| user.rights.clone());
        let scope = requested.intersect(&rights);
        if scope.is_empty() {
            return Err(("access_denied", "The user has none of the requested rights"));
        }
        let grant = self.new_grant(client, Subject::User(username), scope);
        Ok(Granted { refresh: Some(grant.clone()), grant })
    }
}

/// Eight letters with a dash between.
fn user_code(random: [u8; 32]) -> String {
    let letters = random.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 20)));
    let letters: String = letters.take(8).collect();
    let (one, two) = letters.split_at_checked(4).unwrap_or_default();
    format!("{one}-{two}")
}

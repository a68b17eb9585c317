//! `grant_type=…device_code` (RFC 8628 §3.4): a device asks whether it was approved.

use super::{Granted, allowed};
use crate::ground::refusal::Refusal;
use crate::proof::client_request::ClientRequest;
use crate::world::ledger::Grant;
use crate::world::telling::{self, Telling};
use crate::world::waiting::Decision;
use crate::{FlowKind, Rights, Sandbox, Subject};

/// What `slow_down` adds to the interval, in seconds (RFC 8628 §3.5).
const SLOWER: u64 = 5;

impl Sandbox {
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
        let scope = telling::granted(&requested, &rights);
        if scope.is_empty() {
            return Err(("access_denied", "The user has none of the requested rights"));
        }
        let telling = telling::asks_who(&scope).then(Telling::default);
        let grant = Grant { telling, ..self.new_grant(client, Subject::User(username), scope) };
        Ok(Granted { refresh: Some(grant.clone()), grant })
    }
}

//! `grant_type=refresh_token` (RFC 6749 §6): rotation, and what becomes of a refresh token that comes back.

use super::{Granted, narrowed};
use crate::ground::refusal::Refusal;
use crate::proof::client_request::ClientRequest;
use crate::world::details;
use crate::world::ledger::Grant;
use crate::{Rotation, Sandbox};

impl Sandbox {
    pub(crate) fn refresh_grant(&mut self, asked: &ClientRequest) -> Result<Granted, Refusal> {
        let ClientRequest { client, parameters, now, .. } = asked;
        let presented =
            parameters.get("refresh_token").ok_or(("invalid_request", "refresh_token is missing"))?;
        let rotation = self.settings.rotation;
        // Whether what is asked for was granted must be known before the token counts as used.
        let aimed = self.ledger.refresh_tokens.get(presented).map_or(Ok(()), |token| {
            self.narrowed_resources(&token.grant.resources, parameters)?;
            details::narrowed(&token.grant.details, parameters, &client.application).map(drop)
        });
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
        if token.grant.binding.is_some() && token.grant.binding != asked.binding {
            return Err(("invalid_grant", "The refresh token is bound to another key"));
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
        aimed?;
        let scope = match parameters.get("scope") {
            // What was granted in detail alone has no scope to narrow.
            None if !token.grant.details.is_empty() => token.grant.scope.clone(),
            scope => narrowed(&token.grant.scope, scope)?,
        };
        // The new refresh token keeps the whole grant; only the access token is narrowed (RFC 6749 §6).
        let whole = token.grant.clone();
        let grant = Grant { scope, ..whole.clone() };
        let rotates = rotation != Rotation::Off;
        if rotates {
            token.replaced.get_or_insert(*now);
        }
        Ok(Granted { grant, refresh: rotates.then_some(whole) })
    }
}

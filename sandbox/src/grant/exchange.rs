//! Token exchange (RFC 8693): a token for a token, of the same subject and with no more rights.
//!
//! ```text
//! a client with a secret                                              the server
//!   POST /oauth/token grant_type=…token-exchange, subject_token=…   →
//!                                                                   ←  access_token, issued_token_type
//! ```

use super::names::ACCESS_TOKEN;
use super::{Granted, allowed, narrowed};
use crate::ground::refusal::Refusal;
use crate::proof::client_request::ClientRequest;
use crate::world::ledger::Grant;
use crate::{FlowKind, Sandbox};

impl Sandbox {
    pub(crate) fn exchange_grant(&mut self, asked: &ClientRequest) -> Result<Granted, Refusal> {
        let ClientRequest { client, parameters, .. } = asked;
        allowed(client, FlowKind::TokenExchange)?;
        if !client.proven {
            return Err(("unauthorized_client", "Only a client that authenticates may do this"));
        }
        if parameters.get("requested_token_type").is_some_and(|wanted| wanted != ACCESS_TOKEN) {
            return Err(("invalid_request", "Only access tokens are issued"));
        }
        let subject =
            self.exchanged(asked, "subject_token")?.ok_or(("invalid_request", "subject_token is missing"))?;
        let actor = self.exchanged(asked, "actor_token")?;
        let scope = narrowed(&subject.scope, parameters.get("scope"))?;
        let client_id = Some(client.application.client_id.clone());
        let actor = actor.map(|grant| grant.subject.name().to_owned()).or_else(|| subject.actor.clone());
        // Of the subject's family: who revokes the one revokes the other.
        let grant = Grant { client_id, scope, actor, binding: None, ..subject };
        Ok(Granted { grant, refresh: None })
    }

    /// The grant behind a token that is traded, if it is there.
    fn exchanged(&self, asked: &ClientRequest, name: &str) -> Result<Option<Grant>, Refusal> {
        let Some(token) = asked.parameters.get(name) else { return Ok(None) };
        if asked.parameters.get(&format!("{name}_type")) != Some(ACCESS_TOKEN) {
            return Err(("invalid_request", "Only access tokens are taken, and their type must be named"));
        }
        let good = self
            .ledger
            .access(token)
            .filter(|token| !token.grant.revoked && token.expires.is_none_or(|expires| asked.now < expires));
        good.map(|token| Some(token.grant.clone())).ok_or(("invalid_request", "A token is not valid"))
    }
}

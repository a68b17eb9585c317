//! `grant_type=client_credentials` (RFC 6749 §4.4): an application on its own behalf.

use super::{Granted, allowed, narrowed};
use crate::ground::refusal::Refusal;
use crate::proof::client_request::ClientRequest;
use crate::{FlowKind, Sandbox, Subject};

impl Sandbox {
    pub(crate) fn client_credentials_grant(&mut self, asked: &ClientRequest) -> Result<Granted, Refusal> {
        let ClientRequest { client, parameters, .. } = asked;
        if !client.proven {
            return Err(("unauthorized_client", "Only a client with a secret may do this"));
        }
        allowed(client, FlowKind::ClientCredentials)?;
        let application = &client.application;
        let scope = narrowed(&application.authorized, parameters.get("scope"))?;
        let subject = Subject::Application(application.client_id.clone());
        Ok(Granted { grant: self.new_grant(client, subject, scope), refresh: None })
    }
}

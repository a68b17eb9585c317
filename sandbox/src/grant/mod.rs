//! What is traded for an access token, a file for each grant type.

mod assertion;
mod client_credentials;
pub(crate) mod code;
mod device;
mod exchange;
pub(crate) mod id_token;
pub(crate) mod names;
mod password;
mod refresh;
pub(crate) mod resource;

use crate::ground::refusal::Refusal;
use crate::proof::client_auth::Authenticated;
use crate::world::ledger::Grant;
use crate::{FlowKind, Rights, Sandbox, Subject};

/// What is granted: what the access token is good for, and what a refresh token, if there shall be one.
pub(crate) struct Granted {
    pub(crate) grant: Grant,
    pub(crate) refresh: Option<Grant>,
}

impl Sandbox {
    /// A grant to a client, of a family of its own.
    pub(crate) fn new_grant(&mut self, client: &Authenticated, subject: Subject, scope: Rights) -> Grant {
        let client_id = Some(client.application.client_id.clone());
        let grant = Grant::new(client_id, subject, scope, self.random.draw("family"));
        Grant { authenticated: client.proven, ..grant }
    }
}

/// Refuses a flow that is switched off for the application.
pub(crate) fn allowed(client: &Authenticated, flow: FlowKind) -> Result<(), Refusal> {
    let allowed = client.application.allows(flow);
    allowed.then_some(()).ok_or(("unauthorized_client", "This flow is switched off for the application"))
}

/// What is asked for out of what there is; no `scope`, or `**`, asks for all of it.
pub(crate) fn narrowed(whole: &Rights, scope: Option<&str>) -> Result<Rights, Refusal> {
    match scope
        .map(|scope| Rights::parse(scope).ok_or(("invalid_scope", "scope is malformed")))
        .transpose()?
    {
        None | Some(Rights::All) if whole.is_empty() => {
            Err(("invalid_scope", "There are no rights to grant"))
        }
        None | Some(Rights::All) => Ok(whole.clone()),
        Some(rights) if whole.cover_all(&rights) => Ok(rights),
        Some(_) => Err(("invalid_scope", "scope is wider than what was granted")),
    }
}

//! Keycloak, whose issuers have a path, and whose metadata list no `none`.

use std::sync::OnceLock;

use valetkey_core::AuthorizationRequest;

use crate::adapter::Adapter;
use crate::rig::Rig;
use crate::visit::{Visit, discovered, scope};

mod bound;
mod clients;
mod discovery;
mod fapi;
mod front_channel;
mod grants;
mod logins;
mod logouts;
mod tokens;

/// One server for all: it takes as long to start as all rows take.
fn rig() -> &'static Rig {
    static RUNNING: OnceLock<Rig> = OnceLock::new();
    Rig::once(&RUNNING, "keycloak", "default")
}

fn visit<A: Adapter>(adapter: &A) -> Visit<'_, A> {
    Visit::of(adapter, rig(), discovered(adapter, rig()))
}

fn openid(request: AuthorizationRequest) -> AuthorizationRequest {
    request.scope(scope("openid")).unwrap()
}

//! oidc-provider, certified by the OpenID Foundation.

use std::sync::OnceLock;

use valetkey_core::server::Endpoint;

use crate::adapter::Adapter;
use crate::rig::Rig;
use crate::visit::{CALLBACK, Visit, discovered, dpop_key, identity, of_somebody_else, scope, text};

mod asked;
mod bound;
mod clients;
mod code;
mod fapi;
mod front_channel;
mod grants;
mod id_tokens;
mod logins;
mod logouts;
mod tokens;
mod user_info;

/// The server that gives what is asked for.
fn rig() -> &'static Rig {
    static RUNNING: OnceLock<Rig> = OnceLock::new();
    Rig::once(&RUNNING, "oidc-provider", "default")
}

impl<'a, A: Adapter> Visit<'a, A> {
    fn new(adapter: &'a A) -> Self {
        Self::of_oidc_provider(adapter, rig())
    }

    /// The server that wants its own nonce in every proof.
    fn wanting_nonces(adapter: &'a A) -> Self {
        static RUNNING: OnceLock<Rig> = OnceLock::new();
        Self::of_oidc_provider(adapter, Rig::once(&RUNNING, "oidc-provider", "nonce"))
    }

    fn of_oidc_provider(adapter: &'a A, rig: &'static Rig) -> Self {
        let metadata = discovered(adapter, rig);
        // Its aliases for clients with a certificate are on a port of their own, and what has none is at home (DI-7).
        let foreign = metadata.foreign_endpoints();
        assert!(foreign.contains(&Endpoint::Token));
        assert!(!foreign.contains(&Endpoint::Authorization) && !foreign.contains(&Endpoint::Jwks));
        Self::of(adapter, rig, metadata)
    }
}

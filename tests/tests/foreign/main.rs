//! valetkey and authorization servers that others wrote: tests/interop/servers/run.
//!
//! Each test is a row of a printed matrix, run through each adapter, and ends with a call of an API that says what it
//! learned of the token. The servers are real processes on free ports of loopback: each is started once, by the first
//! test that asks for it, and ends with the tests.

mod adapter;
mod application;
mod browser;
#[path = "../../interop/browser/chromium.rs"]
#[allow(
    dead_code,
    clippy::disallowed_methods,
    reason = "of the world; and the playground's rows need more of it"
)]
mod chromium;
mod rig;
mod visit;

mod keycloak;
mod mock_server;
mod node_oauth;
mod oidc_provider;

use valetkey_core::Error;

/// The status and the code of a server's refusal; nothing where it had none.
fn refusal(error: &Error) -> (u16, &str) {
    let refused = error.refused().unwrap_or_else(|| panic!("it is no refusal: {error}"));
    let status = refused.status().map_or(0, |status| status.as_u16());
    (status, refused.code().map_or("", |code| code.as_str()))
}

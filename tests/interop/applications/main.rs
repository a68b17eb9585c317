//! Web applications of `valetkey-axum` in a real Chromium over TLS, with a certificate that is made in the test. Run by
//! `tests/interop/applications/run`, which installs what is missing.
//!
//! The application runs as two processes would: two routers with nothing in common but the store and the settings, on ports of
//! their own. The server is the sandbox, and beside it what a server does when a login ends, which the sandbox has not.

#[path = "../browser/axe.rs"]
#[expect(clippy::disallowed_methods, reason = "the script says by the environment where axe-core is")]
mod axe;
#[path = "../browser/chromium.rs"]
#[allow(
    dead_code,
    clippy::disallowed_methods,
    reason = "of the world; and the playground's rows need more of it"
)]
mod chromium;

mod attacks;
mod authority;
mod log_in;
mod log_out;
mod pages;
mod provider;
#[path = "../../tests/web/switched_store.rs"]
#[expect(dead_code, reason = "the tests of the routes need more of it")]
mod switched_store;
mod world;

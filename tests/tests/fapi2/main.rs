//! The OpenID Foundation's client test plans `fapi2-security-profile-final-client-test-plan` and
//! `fapi2-message-signing-final-client-test-plan`, told again in this process: the sandbox stands for the suite's server,
//! misbehaves as its modules do, and what the client sends is held to what the suite holds it to.
//!
//! Each module and its test are in the table of `tests/FAPI2.md`. Nothing of this is a certification.

mod client_credentials;
mod happy_path;
mod refresh;
mod refused;
mod sent;
mod signed_responses;
mod suite;
mod table;
mod tolerated;

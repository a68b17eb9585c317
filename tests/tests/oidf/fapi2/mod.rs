//! The plans `fapi2-security-profile-final-client-test-plan` and `fapi2-message-signing-final-client-test-plan`, in each variant
//! that they have: what the client sends, in any of them, is held to what the suite holds it to.

mod client_credentials;
mod happy_path;
mod id_token;
mod refresh;
mod refused;
pub(crate) mod sent;
mod signed_responses;
pub(crate) mod suite;
pub(crate) mod table;
mod tolerated;

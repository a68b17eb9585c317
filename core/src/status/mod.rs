//! What a token is worth, and its end: introspection and revocation.

pub(crate) mod active_token;
pub(crate) mod expectations;
pub(crate) mod inactive;
pub(crate) mod introspected;
pub(crate) mod introspection;
pub(crate) mod revocation;
pub(crate) mod signed_introspection;

pub use crate::status::active_token::ActiveToken;
pub use crate::status::expectations::Expectations;
pub use crate::status::inactive::Inactive;
pub use crate::status::introspected::Introspected;
pub use crate::status::introspection::Introspection;
pub use crate::status::revocation::Revocation;

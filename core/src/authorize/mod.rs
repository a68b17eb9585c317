//! Everything with a user's browser in it: authorization requests and their responses.

pub(crate) mod expected;
pub(crate) mod front_channel;
pub(crate) mod implicit;
pub(crate) mod iss;
pub(crate) mod kept;
pub(crate) mod opened;
pub(crate) mod openid;
pub(crate) mod parties;
pub(crate) mod pending;
pub(crate) mod pushed;
pub mod receiver;
pub(crate) mod request;
pub(crate) mod request_object;
pub(crate) mod response;
pub(crate) mod response_parameters;
mod signed_request;
pub(crate) mod signed_response;
pub(crate) mod start;
pub(crate) mod supported;
mod user;
pub(crate) mod with_id_token;

#[expect(deprecated, reason = "the deprecated flow is exported under its own name")]
pub use crate::authorize::implicit::{ImplicitRequest, PendingImplicit, StoredImplicit};
pub use crate::authorize::openid::{Display, Prompt};
pub use crate::authorize::pending::StoredAuthorization;
pub use crate::authorize::pushed::PushedAuthorizationRequest;
pub use crate::authorize::signed_response::SignedResponse;
pub use crate::authorize::start::AuthorizationStart;
pub use crate::ground::response_mode::ResponseMode;
pub use crate::ground::response_type::ResponseType;

//! What a resource server says.

pub(crate) mod protected_resource;
pub(crate) mod resource_metadata;
pub(crate) mod step_up;

pub use crate::api::protected_resource::ProtectedResourceDiscovery;
pub use crate::api::resource_metadata::ProtectedResource;
pub use crate::api::step_up::{StepUp, StepUps};

//! OAuth's values that are checked when they are made.

pub(crate) mod access;
pub(crate) mod authorization_details;
pub(crate) mod certificate;
pub(crate) mod code_verifier;
pub(crate) mod confirmation;
pub(crate) mod names;
pub(crate) mod parameter;
pub(crate) mod resource;
pub(crate) mod scope;
pub(crate) mod secret;
pub(crate) mod texts;
pub(crate) mod token_text;

pub use crate::terms::access::Access;
pub use crate::terms::authorization_details::AuthorizationDetails;
pub use crate::terms::certificate::CertificateThumbprint;
pub use crate::terms::code_verifier::CodeVerifier;
pub use crate::terms::confirmation::Confirmation;
pub use crate::terms::secret::{IdToken, Password};

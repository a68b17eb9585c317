//! What is said when something is wrong, and the words that need no parsing.

pub(crate) mod admission;
pub(crate) mod authentication_method;
pub(crate) mod callback_error;
pub(crate) mod challenge;
pub(crate) mod echo;
pub(crate) mod endpoint;
pub(crate) mod entropy;
pub(crate) mod error;
pub(crate) mod error_code;
pub(crate) mod flow;
pub(crate) mod limits;
pub(crate) mod named;
pub(crate) mod quirk;
pub(crate) mod refused;
pub(crate) mod required;
pub(crate) mod response_mode;
pub(crate) mod response_type;
pub(crate) mod rule;
pub(crate) mod short;
pub(crate) mod sorted;
pub(crate) mod store_error;
pub(crate) mod subject;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod token_type;
mod told_by_openid;
pub(crate) mod wiped;

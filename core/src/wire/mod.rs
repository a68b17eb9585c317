//! Bytes to values and back, bounded.

pub(crate) mod answer;
pub(crate) mod authority;
pub(crate) mod challenge;
pub(crate) mod digest;
pub(crate) mod document;
pub(crate) mod encoding;
pub(crate) mod form;
pub(crate) mod freshness;
pub(crate) mod json;
pub(crate) mod location;
pub(crate) mod places;
pub(crate) mod pointer;
pub(crate) mod public_host;
pub(crate) mod received_form;
pub(crate) mod redirect_uri;
pub(crate) mod refusal;
pub(crate) mod round;
pub(crate) mod uri;
pub(crate) mod version;

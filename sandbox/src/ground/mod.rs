//! The ground: texts, answers, keys and chance, as every room uses them.

pub(crate) mod answer;
pub(crate) mod bounded;
pub(crate) mod endpoint;
pub(crate) mod jwe;
pub(crate) mod jws;
pub(crate) mod keys;
pub(crate) mod parameters;
pub(crate) mod random;
pub(crate) mod refusal;
mod rsa_keys;

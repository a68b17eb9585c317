//! Being wrong on purpose: what can be wrong with an answer, and how an answer is made so.

pub(crate) mod catalogue;
pub(crate) mod change;
pub(crate) mod failure;
pub(crate) mod hostile;
mod location;
pub(crate) mod misbehaviour;

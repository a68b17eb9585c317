//! The longer of the wrong answers: what takes more than a word to spoil, a file for each kind of answer.

pub(crate) mod body;
pub(crate) mod challenge;
pub(crate) mod document;
pub(crate) mod id_token;
pub(crate) mod keys;
pub(crate) mod redirect;
pub(crate) mod signed;
pub(crate) mod sources;

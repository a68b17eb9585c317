//! The HTML. Whatever comes from a server or a form is escaped by `maud`.

pub(super) mod attacks;
pub(super) mod callback;
pub(super) mod compare;
mod fields;
pub(super) mod home;
mod layout;
mod mask;
pub(super) mod new;
pub(super) mod outside;
mod request;
pub(super) mod run;
mod step;
mod tokens;
pub(super) mod trouble;

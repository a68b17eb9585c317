//! The sandbox through its public API, in virtual time: what it grants, what it refuses, and how it errs on purpose.

mod assertion;
mod authorization;
mod certificate;
mod client;
mod client_authentication;
mod code;
mod device;
mod dpop;
mod exchange;
mod front;
mod grants;
mod introspection;
mod key;
mod login;
mod metadata;
mod misbehaviour;
mod person;
mod profile;
mod properties;
mod pushed;
mod refresh;
mod resource;
mod rights;
mod signed;
mod support;
mod wrong;

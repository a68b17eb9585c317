//! Servers that people meet, as data: [`Profile`]. The table is in files by family, a line for each server.

mod code;
mod commerce;
mod community;
mod described;
mod identity;
mod kind;
mod logins;
mod media;
mod office;
mod pkce;
mod social;
mod table;
mod wellness;
mod work;

pub use crate::server::profile::kind::Profile;
pub use crate::server::profile::pkce::Pkce;

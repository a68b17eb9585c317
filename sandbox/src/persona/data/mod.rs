//! The table, a file for each family of servers.

mod code;
mod commerce;
mod identity;
mod media;
mod social;
mod wellness;
mod work;

use super::Persona;

pub(crate) const FAMILIES: [&[Persona]; 7] =
    [code::ALL, commerce::ALL, identity::ALL, media::ALL, social::ALL, wellness::ALL, work::ALL];

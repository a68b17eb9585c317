//! The table, a file for each family of servers.

mod code;
mod commerce;
mod community;
mod identity;
mod media;
mod office;
mod social;
mod wellness;
mod work;

use super::Persona;

pub(crate) const FAMILIES: [&[Persona]; 9] = [
    code::ALL,
    commerce::ALL,
    community::ALL,
    identity::ALL,
    media::ALL,
    office::ALL,
    social::ALL,
    wellness::ALL,
    work::ALL,
];

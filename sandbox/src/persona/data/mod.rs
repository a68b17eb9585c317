//! The table, a file for each family of servers.

mod code;
mod commerce;
mod community;
mod devices;
mod directories;
mod identity;
mod media;
mod office;
mod social;
mod wellness;
mod work;

use crate::persona::kind::Persona;

const FAMILIES: [&[Persona]; 10] = [
    code::ALL,
    commerce::ALL,
    community::ALL,
    directories::ALL,
    identity::ALL,
    media::ALL,
    office::ALL,
    social::ALL,
    wellness::ALL,
    work::ALL,
];

impl Persona {
    /// Every persona.
    #[must_use]
    pub fn all() -> Vec<Self> {
        FAMILIES.concat()
    }

    /// The persona of this profile: `github`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|persona| persona.name == name)
    }
}

//! Rules and quirks by their names, as configuration files and logs have them.

use std::str::FromStr;

use crate::ground::error::{Error, misuse};
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;

/// By its name: `loopback-http`.
///
/// # Errors
///
/// [`Error::Misuse`] for a name that no quirk has.
impl FromStr for Quirk {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let named = Self::ALL.iter().copied().find(|quirk| quirk.name() == name);
        named.ok_or_else(|| misuse("the name is not that of a quirk: `Quirk::ALL` has them all"))
    }
}

/// By its id: `AR-3`.
///
/// # Errors
///
/// [`Error::Misuse`] for an id that no rule has.
impl FromStr for Rule {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        let of_id = Self::ALL.iter().copied().find(|rule| rule.id() == id);
        of_id.ok_or_else(|| misuse("the id is not that of a rule: `Rule::ALL` has them all"))
    }
}

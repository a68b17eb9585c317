//! The table of all profiles, and how one is found in it.

use std::str::FromStr;

use crate::ground::error::{Error, misuse};
use crate::server::profile::kind::{BLANK, Profile};
use crate::server::profile::{code, commerce, community, identity, media, office, social, wellness, work};

const FAMILIES: [&[Profile]; 9] = [
    code::PROFILES,
    commerce::PROFILES,
    community::PROFILES,
    identity::PROFILES,
    media::PROFILES,
    office::PROFILES,
    social::PROFILES,
    wellness::PROFILES,
    work::PROFILES,
];

/// The families in one row.
#[expect(clippy::indexing_slicing, reason = "it runs at compile time, where a wrong index does not compile")]
const fn joined<const N: usize>(families: [&[Profile]; 9]) -> [Profile; N] {
    let mut all = [BLANK; N];
    let (mut family, mut place) = (0, 0);
    while family < families.len() {
        let mut one = 0;
        while one < families[family].len() {
            all[place] = families[family][one];
            (one, place) = (one + 1, place + 1);
        }
        family += 1;
    }
    all
}

#[expect(clippy::indexing_slicing, reason = "the loop's bound is the length")]
const COUNT: usize = {
    let (mut family, mut count) = (0, 0);
    while family < FAMILIES.len() {
        count += FAMILIES[family].len();
        family += 1;
    }
    count
};

/// By its name: `github`.
///
/// # Errors
///
/// [`Error::Misuse`] for a name that no profile has.
impl FromStr for Profile {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::named(name)
            .copied()
            .ok_or_else(|| misuse("the name is not that of a profile: `Profile::ALL` has them all"))
    }
}

impl Profile {
    /// Every profile.
    pub const ALL: &[Self] = &joined::<COUNT>(FAMILIES);

    /// The profile of this name: `github`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|profile| profile.name == name)
    }
}

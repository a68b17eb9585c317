//! Being wrong on purpose: which [`Misbehaviour`]s are on, and when one is due.

use std::fmt;
use std::str::FromStr;

use valetkey_core::{Request, Response};

use super::catalogue::{Age, Misbehaviour};
use crate::Endpoint;
use crate::ground::keys::SigningKeys;

/// The misbehaviours that are on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Misbehaviours {
    pub(crate) always: Vec<Misbehaviour>,
    pub(crate) once: Vec<Misbehaviour>,
}

impl Misbehaviours {
    /// Spoils an answer in every way that is on, and in at most one that is due once.
    pub(crate) fn spoil<'k>(
        &mut self,
        endpoint: Endpoint,
        request: &Request,
        response: &mut Response,
        keys: &dyn Fn() -> &'k SigningKeys,
    ) {
        let mut apply = |misbehaviour: &Misbehaviour| {
            let row = misbehaviour.row();
            row.endpoint == endpoint && row.change.apply(request, response, keys)
        };
        for misbehaviour in &self.always {
            apply(misbehaviour);
        }
        if let Some(index) = self.once.iter().position(apply) {
            self.once.remove(index);
        }
    }
}

impl Misbehaviour {
    /// The stable name, in kebab case.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// One sentence about what is wrong with the answer.
    #[must_use]
    pub fn description(self) -> &'static str {
        self.row().description
    }

    /// Whether it spoils what RFC 6749 and RFC 6750 describe already, and so what every method of Space's page meets;
    /// the others are about what came after.
    #[must_use]
    pub const fn is_classic(self) -> bool {
        matches!(self.age(), Age::Classic)
    }

    /// Whose answers it spoils.
    #[must_use]
    pub fn endpoint(self) -> Endpoint {
        self.row().endpoint
    }
}

/// The name.
impl fmt::Display for Misbehaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No misbehaviour has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownMisbehaviour;

impl fmt::Display for UnknownMisbehaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no misbehaviour has this name")
    }
}

impl std::error::Error for UnknownMisbehaviour {}

/// By name.
impl FromStr for Misbehaviour {
    type Err = UnknownMisbehaviour;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|known| known.name() == name).ok_or(UnknownMisbehaviour)
    }
}

//! Being wrong on purpose: which [`Misbehaviour`]s are on, and when one is due.

use std::fmt;
use std::str::FromStr;

use valetkey_core::{Request, Response};

pub use crate::catalogue::Misbehaviour;
use crate::keys::SigningKey;
use crate::{Endpoint, Sandbox};

/// Misbehaviours that wait for their answer, at most.
const MAX_WAITING: usize = 1_000;

impl Sandbox {
    /// Misbehaves from now on, in every answer that this misbehaviour fits. Several may be on at once; they apply
    /// in the order in which they were switched on.
    pub fn misbehave(&mut self, misbehaviour: Misbehaviour) {
        if !self.misbehaviours.always.contains(&misbehaviour) {
            self.misbehaviours.always.push(misbehaviour);
        }
    }

    /// Misbehaves in the next answer that this misbehaviour fits, and behaves again after it.
    pub fn misbehave_once(&mut self, misbehaviour: Misbehaviour) {
        if self.misbehaviours.once.len() < MAX_WAITING {
            self.misbehaviours.once.push(misbehaviour);
        }
    }

    /// Behaves again: switches off every misbehaviour, and forgets the failures that wait for a request.
    pub fn behave(&mut self) {
        self.misbehaviours = Misbehaviours::default();
        self.failures.clear();
    }

    /// The misbehaviours that are on, those that are due once after the others.
    pub fn misbehaviours(&self) -> impl Iterator<Item = Misbehaviour> {
        self.misbehaviours.always.iter().chain(&self.misbehaviours.once).copied()
    }
}

/// The misbehaviours that are on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Misbehaviours {
    always: Vec<Misbehaviour>,
    once: Vec<Misbehaviour>,
}

impl Misbehaviours {
    /// Spoils an answer in every way that is on, and in at most one that is due once.
    pub(crate) fn spoil<'k>(
        &mut self,
        endpoint: Endpoint,
        request: &Request,
        response: &mut Response,
        key: &dyn Fn() -> &'k SigningKey,
    ) {
        let mut apply = |misbehaviour: &Misbehaviour| {
            let row = misbehaviour.row();
            row.endpoint == endpoint && row.change.apply(request, response, key)
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
        // The catalogue has today's rows after these.
        self as usize <= Self::ApiHugeBody as usize
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

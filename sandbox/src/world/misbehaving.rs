//! Being wrong when told so: what the sandbox shall spoil or refuse, and when it is due.

use valetkey_core::{Request, Response};

use super::sandbox::Sandbox;
use crate::wrong::failure::Failure;
use crate::wrong::misbehaviour::Misbehaviours;
use crate::{Endpoint, Misbehaviour};

/// Misbehaviours that wait for their answer, at most.
const MAX_WAITING: usize = 1_000;

/// Failures that wait for their request, at most.
const MAX_FAILURES: usize = 1_000;

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

    /// Fails the next request to an endpoint. Said twice, it fails the next two.
    pub fn fail_next(&mut self, endpoint: Endpoint, failure: Failure) {
        if self.failures.len() < MAX_FAILURES {
            self.failures.push((endpoint, failure));
        }
    }

    pub(crate) fn due_failure(&mut self, endpoint: Endpoint) -> Option<Failure> {
        let index = self.failures.iter().position(|(at, _)| *at == endpoint)?;
        Some(self.failures.remove(index).1)
    }

    /// Spoils an answer in every way that is due.
    pub(crate) fn spoil(&mut self, endpoint: Endpoint, request: &Request, response: &mut Response) {
        let keys = || self.keys.all(&self.random);
        self.misbehaviours.spoil(endpoint, request, response, &keys);
    }
}

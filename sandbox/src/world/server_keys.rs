//! The keys that the server signs with: made from its seed, one set after another.

use std::sync::OnceLock;

use serde_json::Value;

use crate::SigningAlgorithm;
use crate::ground::jwe::ServerKey;
use crate::ground::keys::{SigningKey, SigningKeys};
use crate::ground::random::Random;

/// The server's keys.
#[derive(Default)]
pub(crate) struct ServerKeys {
    /// Made when they are first needed: that takes longer than most tests.
    made: OnceLock<SigningKeys>,
    /// How many sets there were before.
    before: u64,
}

impl ServerKeys {
    /// Other keys from now on.
    pub(crate) fn rotate(&mut self) {
        self.before = self.before.wrapping_add(1);
        self.made = OnceLock::new();
    }

    /// Other keys from now on, under the names that the present ones have.
    pub(crate) fn replace(&mut self, random: &Random) {
        let before = self.all(random).clone();
        self.rotate();
        self.made = OnceLock::from(SigningKeys::from_random(random, self.before).named_as(&before));
    }

    /// The key of an algorithm.
    pub(crate) fn current(&self, random: &Random, algorithm: SigningAlgorithm) -> &SigningKey {
        self.all(random).by(algorithm)
    }

    /// The key set of `jwks_uri`.
    pub(crate) fn jwks(&self, random: &Random) -> Value {
        let mut jwks = self.all(random).jwks();
        if let Some(keys) = jwks.get_mut("keys").and_then(Value::as_array_mut) {
            keys.extend(ServerKey::of(random).jwk());
        }
        jwks
    }

    /// All of them.
    pub(crate) fn all(&self, random: &Random) -> &SigningKeys {
        self.made.get_or_init(|| SigningKeys::from_random(random, self.before))
    }
}

//! A published set of keys: [`JwkSet`] (RFC 7517 §5).

use std::fmt;

use serde::{Serialize, Serializer};

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::jose::jwk::{Jwk, Unfit};
use crate::wire::json::{Object, Value};

/// The most keys that one set may have.
pub const MAX_KEYS: usize = 100;

/// The public keys that an issuer publishes.
///
/// Serializes as a JWK set, for publishing a client's own keys.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    ignored: usize,
}

impl JwkSet {
    /// A set of these keys.
    #[must_use]
    pub fn of(keys: impl IntoIterator<Item = Jwk>) -> Self {
        Self { keys: keys.into_iter().collect(), ignored: 0 }
    }

    /// Reads a set. Keys of a type, curve or algorithm that is unknown here are ignored, and so are malformed ones: a
    /// set is not useless for one bad member (RFC 7517 §5).
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([JK-1](crate::Rule::Jk1)) if it is not one strict JSON object of at most
    /// [`MAX_BODY`](crate::host::MAX_BODY) bytes with an array of at most [`MAX_KEYS`] keys; and if any of them is a private
    /// or symmetric key: who publishes one has lost it, and everything it signs. `"kty":"oct"` is such a key without its `k`
    /// too: a set of public keys has no place for it, and one that lists it is made by a program that publishes what it
    /// should keep.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let mut object = Object::read(json)
            .map_err(|_| malformed(Rule::Jk1, "the JWK set is not one strict JSON object"))?;
        let Some(Value::Array(members)) = object.take("keys") else {
            return Err(malformed(Rule::Jk1, "the JWK set does not have an array `keys`"));
        };
        if members.len() > MAX_KEYS {
            return Err(malformed(Rule::Jk1, format!("the JWK set has more than {MAX_KEYS} keys")));
        }
        let mut set = Self::default();
        for member in members {
            let Value::Object(member) = member else {
                set.ignored += 1;
                continue;
            };
            match Jwk::from_object(member) {
                Ok(key) => set.keys.push(key),
                Err(Unfit::Private) => return Err(Unfit::Private.into()),
                Err(Unfit::Unknown | Unfit::Broken(..)) => set.ignored += 1,
            }
        }
        Ok(set)
    }

    /// The keys that are known here, in their order.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// How many members were ignored.
    #[must_use]
    pub const fn ignored(&self) -> usize {
        self.ignored
    }
}

/// Shows how many keys there are, and the first of them.
impl fmt::Debug for JwkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwkSet")
            .field("keys", &self.keys.len())
            .field("first", &self.keys.first())
            .field("ignored", &self.ignored)
            .finish()
    }
}

impl Serialize for JwkSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Set<'a> {
            keys: &'a [Jwk],
        }
        Set { keys: &self.keys }.serialize(serializer)
    }
}

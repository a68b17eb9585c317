//! What a token is bound to: [`Confirmation`] (RFC 7800, RFC 8705 §3.1, RFC 9449 §6).

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::ground::error::Error;
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::wire::answer::Reader;
use crate::wire::json::Object;

/// What the sender of a bound token must prove to have (`cnf`, RFC 7800): the API that accepts the token compares it. It is
/// told by an introspection, and read from the claims of a token that is a JWT.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Members")]
pub struct Confirmation {
    jkt: Option<String>,
    x5t_s256: Option<String>,
    is_unknown: bool,
}

impl Confirmation {
    /// The thumbprint of the DPoP key (`jkt`, RFC 9449 §6.2).
    #[must_use]
    pub fn jkt(&self) -> Option<&str> {
        self.jkt.as_deref()
    }

    /// The thumbprint of the client's certificate (`x5t#S256`, RFC 8705 §3.2).
    #[must_use]
    pub fn x5t_s256(&self) -> Option<&str> {
        self.x5t_s256.as_deref()
    }

    /// Whether the token is bound to something else, or something more, than these two.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    /// Whether a token is bound to exactly these, and to nothing else that would have to be proven too.
    pub(crate) fn is_exactly(&self, jkt: Option<&str>, x5t_s256: Option<&str>) -> bool {
        self.jkt.as_deref() == jkt && self.x5t_s256.as_deref() == x5t_s256 && !self.is_unknown
    }
}

impl Confirmation {
    pub(crate) fn read(reader: &mut Reader, mut object: Object<'_>) -> Result<Self, Error> {
        let jkt = reader.text(object.take("jkt"), Rule::In1, "jkt")?;
        let x5t_s256 = reader.text(object.take("x5t#S256"), Rule::In1, "x5t#S256")?;
        // A `cnf` without any member binds to nothing that could be checked.
        let is_unknown = !object.is_empty() || (jkt.is_none() && x5t_s256.is_none());
        Ok(Self { jkt, x5t_s256, is_unknown })
    }
}

impl From<Members> for Confirmation {
    fn from(members: Members) -> Self {
        let Members { jkt, x5t_s256, others } = members;
        let is_unknown = !others.is_empty() || (jkt.is_none() && x5t_s256.is_none());
        Self { jkt, x5t_s256, is_unknown }
    }
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation")
            .field("jkt", &short::option(self.jkt.as_deref()))
            .field("x5t_s256", &short::option(self.x5t_s256.as_deref()))
            .field("is_unknown", &self.is_unknown)
            .finish()
    }
}

/// The members of a `cnf`, wherever it is.
#[derive(Deserialize)]
struct Members {
    jkt: Option<String>,
    #[serde(rename = "x5t#S256")]
    x5t_s256: Option<String>,
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
}

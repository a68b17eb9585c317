//! How a record is found by another thing than its key: [`Index`].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::store::key::is_digest;
use crate::wire::digest::digest;

/// What a record is found by, when its key is not known: by whose it is at the authorization server, or by the login
/// that it came from. A log-out that the server announces names no more than these (OpenID Connect Back-Channel Logout
/// 1.0 §2.4: `sub`, `sid`).
///
/// It is a digest, as a [`StoreKey`](crate::store::key::StoreKey) is, so that a store's operator reads no name in it. Who knows a
/// name can compute its digest: it hides names from those who look, and proves nothing.
///
/// ```
/// use valetkey_core::store::Index;
///
/// let alice = Index::of_user("https://as.example", "248289761001");
/// assert_ne!(alice, Index::of_user("https://other.example", "248289761001"));
/// assert_ne!(alice, Index::of_login("https://as.example", "248289761001"));
/// assert_eq!(alice.as_str().len(), 43);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Index(String);

impl Index {
    /// By the user as the authorization server knows them: its issuer and their `sub`.
    #[must_use]
    pub fn of_user(issuer: &str, subject: &str) -> Self {
        Self(digest("index of a user", [Some(issuer), Some(subject)]))
    }

    /// By the login at the authorization server: its issuer and the login's `sid`.
    #[must_use]
    pub fn of_login(issuer: &str, session_id: &str) -> Self {
        Self(digest("index of a login", [Some(issuer), Some(session_id)]))
    }

    /// By a name of the program's own, such as a user who has several sessions.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        Self(digest("index of a name", [Some(name)]))
    }

    /// The digest: 43 characters of letters, digits, `-` and `_`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Index({})", self.0)
    }
}

impl Serialize for Index {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Index {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if is_digest(&text) {
            Ok(Self(text))
        } else {
            Err(serde::de::Error::custom("the stored index is not a digest"))
        }
    }
}

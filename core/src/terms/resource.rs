//! Which API a token is for: [`Resource`] (RFC 8707).
//!
//! ```text
//!  program             browser              authorization server
//!     ├── authorize?…resource=R1&resource=R2 ──────▶│   all that the person is asked for
//!     ├── token: code, resource=R1&resource=R2 ────▶│   a token for these; later ones may be for fewer
//! ```
//!
//! No round of its own: the parameter `resource` of authorization and token requests.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::wire::uri;

/// An API by its resource identifier: an absolute URI without a fragment, sent and compared as it was given
/// ([AQ-9](crate::Rule::Aq9)).
///
/// ```
/// use valetkey_core::Resource;
///
/// let resource = Resource::new("https://api.example.com")?;
/// assert_eq!(resource.as_str(), "https://api.example.com"); // and no slash at its end
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource(String);

impl Resource {
    /// Takes a resource identifier as the API's documentation has it.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-9](crate::Rule::Aq9)) if it is relative, has a fragment, is not made of the characters of a
    /// URI, or is an http or https URL without a host, or with a host or port that the URL standard does not take.
    pub fn new(uri: impl Into<String>) -> Result<Self, Error> {
        let uri = uri.into();
        let scheme = uri.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
        let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
        if !uri::is_absolute(&uri) || uri.contains('#') || (is_web && !uri::is_web_page(&uri)) {
            return Err(misuse_of(Rule::Aq9, "the resource is not an absolute URI without a fragment"));
        }
        Ok(Self(uri))
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Resource {
    type Err = Error;

    fn from_str(uri: &str) -> Result<Self, Error> {
        Self::new(uri)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Resource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

//! What is asked for in detail: [`AuthorizationDetails`] (RFC 9396).
//!
//! ```text
//!  program             browser              authorization server
//!     ├── authorize?…authorization_details=[…] ────▶│   what the person is asked for, object by object
//!     ├── token: code ─────────────────────────────▶│
//!     │◀─ 200 …, authorization_details: […] ────────┤   what was granted: read it, it may differ
//! ```
//!
//! No round of its own: the parameter `authorization_details` of authorization and token requests, and the member of that
//! name in their answer.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::wire::json::Value;

/// The largest text of authorization details, in bytes, and the most objects in it.
const MAX_BYTES: usize = 64 * 1024;
const MAX_DETAILS: usize = 256;

/// An array of JSON objects, each with a `type`: what a token is to allow, or allows, in the terms of an API.
///
/// ```
/// use serde::Serialize;
/// use valetkey_core::terms::AuthorizationDetails;
///
/// #[derive(Serialize)]
/// struct Payment<'a> {
///     r#type: &'a str,
///     instructed_amount: (&'a str, &'a str),
/// }
///
/// let payment = Payment { r#type: "payment_initiation", instructed_amount: ("EUR", "123.50") };
/// let details = AuthorizationDetails::new([payment])?;
/// assert_eq!(details.types().collect::<Vec<_>>(), ["payment_initiation"]);
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationDetails {
    json: String,
    types: Vec<String>,
}

impl AuthorizationDetails {
    /// Takes the details as anything that serializes to a JSON array of objects.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-10](crate::Rule::Aq10)) if it is not an array, an element is not an object or has no string
    /// `type`, a member comes twice, or it is larger than 64 KiB or 256 objects.
    pub fn new(details: impl Serialize) -> Result<Self, Error> {
        // The library's message may quote a value.
        let json = serde_json::to_string(&details).map_err(|_| not_details())?;
        Self::parse(&json)
    }

    /// Takes the details as JSON text.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn parse(json: &str) -> Result<Self, Error> {
        if json.len() > MAX_BYTES {
            return Err(not_details());
        }
        let details: Value<'_> = serde_json::from_str(json).map_err(|_| not_details())?;
        let types = types_of(details).ok_or_else(not_details)?;
        Ok(Self { json: json.to_owned(), types })
    }

    /// The JSON text, as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.json
    }

    /// The type of each object, in their order.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.types.iter().map(String::as_str)
    }
}

/// The type of each object in an array; `None` if it is not an array, is empty or too long, or one of them has no type.
pub(crate) fn types_of(details: Value<'_>) -> Option<Vec<String>> {
    let Value::Array(objects) = details else { return None };
    if objects.is_empty() || objects.len() > MAX_DETAILS {
        return None;
    }
    objects
        .into_iter()
        .map(|object| {
            let Value::Object(mut object) = object else { return None };
            match object.take("type") {
                Some(Value::Text(name)) if !name.is_empty() => Some(name.into_owned()),
                _ => None,
            }
        })
        .collect()
}

fn not_details() -> Error {
    misuse_of(
        Rule::Aq10,
        "the authorization details are not a JSON array of objects, each with a string type, of 64 KiB at \
         most",
    )
}

/// Shows the types. What is asked for may be long, and the person's own business: an account, an amount.
impl fmt::Debug for AuthorizationDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationDetails")
            .field("types", &short::list(&self.types))
            .finish_non_exhaustive()
    }
}

impl fmt::Display for AuthorizationDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.json)
    }
}

/// As the string of its JSON text.
impl Serialize for AuthorizationDetails {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AuthorizationDetails {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

//! Metadata that somebody has signed (RFC 8414 §2.1, RFC 9728 §2.2): [`MetadataSigner`].
//!
//! ```text
//!  {"issuer": …, "token_endpoint": … ,          anybody's word who can answer for that host
//!   "signed_metadata": "eyJ…"}                  the signer's word: {"iss": signer, "token_endpoint": …}
//!                  └─▶ verified, and its values stand in the place of the plain ones
//! ```
//!
//! A program that knows no signer ignores the member. One that knows its signer requires it: an attacker who could take it
//! out could change the rest ([DI-9](crate::Rule::Di9)).

use serde_json::{Map, Value};

use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::claims::ClaimsCheck;
use crate::jose::jws::Jws;
use crate::jose::jwt_type::JwtType;
use crate::jose::verification_keys::VerificationKeys;
use crate::wire::json;

/// Neither RFC names a type for it. So a JWT that its signer signed for another use states nothing
/// ([ID-24](crate::Rule::Id24)).
const TYPE: JwtType<'_> = JwtType::Generic;

/// What a JWT says of itself, and not of a server or a resource.
const ABOUT_ITSELF: [&str; 8] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "signed_metadata"];

/// Who signs metadata that this program believes: its name and its keys, known beforehand. A document's own `jwks_uri` is
/// no place for them, because an attacker who could change the document could change that.
#[derive(Clone, Debug)]
pub struct MetadataSigner {
    issuer: String,
    keys: VerificationKeys,
}

impl MetadataSigner {
    /// The signer of this name, which is compared with the statement's `iss` as a string: a federation, an operator, or
    /// the server itself.
    #[must_use]
    pub fn new(issuer: impl Into<String>, keys: VerificationKeys) -> Self {
        Self { issuer: issuer.into(), keys }
    }

    /// The document with the signed values in the place of the plain ones. An answer that is not a document is left
    /// as it is.
    ///
    /// The statement says whom it is about, in the member `about`, which is then compared as the document's own: whatever
    /// else the signer has signed stands for no document.
    pub(crate) fn admit(
        &self,
        mut response: Response,
        about: &str,
        now: UnixTime,
    ) -> Result<Response, Error> {
        if !response.status().is_success() {
            return Ok(response);
        }
        let mut document: Map<String, Value> = json::read(response.body())?;
        let Some(Value::String(statement)) = document.get("signed_metadata") else {
            return Err(malformed(Rule::Di9, "signed_metadata is missing, or is not a string"));
        };
        let signed = self.verified(statement, now).map_err(|error| match error.rule() {
            Some(Rule::Id24) => error,
            _ => malformed(
                Rule::Di9,
                "signed_metadata is not good at this time: it has expired, or is not valid yet",
            ),
        })?;
        if !signed.contains_key(about) {
            return Err(malformed(
                Rule::Di9,
                format!("signed_metadata does not say whose it is, without {about}"),
            ));
        }
        let about_server = signed.into_iter().filter(|(name, _)| !ABOUT_ITSELF.contains(&name.as_str()));
        document.extend(about_server);
        *response.body_mut() = Value::Object(document).to_string().into_bytes();
        Ok(response)
    }

    fn verified(&self, statement: &str, now: UnixTime) -> Result<Map<String, Value>, Error> {
        let verified = Jws::parse(statement)?.verify(&self.keys, TYPE)?;
        let members = json::read(verified.payload())?;
        ClaimsCheck::at(now).issuer(&self.issuer).check(&verified.claims()?)?;
        Ok(members)
    }
}

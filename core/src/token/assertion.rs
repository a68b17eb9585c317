//! What another authority attests, as a grant: [`JwtAssertion`] and [`SamlAssertion`] (RFC 7521, RFC 7523 §2.1,
//! RFC 7522 §2.1), conversions into a [`Grant`].
//!
//! ```text
//!  program                                      authorization server
//!     │ Grant::from(&JwtAssertion::new(jwt)?)           │
//!     ├── POST token endpoint: assertion, client ──────▶│  trusts who signed the assertion
//!     │◀─ 200 access_token … ───────────────────────────┤  TokenResponse
//! ```
//!
//! One round, carried out by a [`TokenRequest`](crate::TokenRequest) like any other grant's. An assertion expires soon and
//! is often good once, so a session renews by a source of them, or by a key that signs a new one each time:
//! [`Grant::assertions_from`], [`JwtAssertions`](crate::token::JwtAssertions).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ground::error::{Error, misuse};
use crate::ground::subject::Subject;
use crate::ground::wiped::Wiped;
use crate::jose::compact::{self, MAX_ASSERTION};
use crate::token::grant::Grant;

pub(super) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SAML2_BEARER: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";

/// A JWT that another authority signed, or this program with a key that the server knows (RFC 7523 §2.1).
///
/// ```
/// use valetkey_core::Grant;
/// use valetkey_core::token::JwtAssertion;
///
/// let assertion = JwtAssertion::new("eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2In0.eyJpc3MiOiJhIn0.J9l-ZhwP")?;
/// let grant = Grant::from(&assertion).scope("calendar")?;
/// assert_eq!(grant.grant_type(), "urn:ietf:params:oauth:grant-type:jwt-bearer");
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct JwtAssertion(Wiped);

impl JwtAssertion {
    /// Takes a signed or encrypted JWT in its compact form. What it says is between its issuer and the server.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it is not three or five parts of base64url, or is larger than 256 KiB.
    pub fn new(jwt: impl Into<String>) -> Result<Self, Error> {
        let jwt = Wiped::new(jwt.into());
        if !compact::is_jwt(&jwt) {
            return Err(misuse(
                "the JWT assertion is not three or five parts of base64url with dots between them, 256 KiB \
                 at most",
            ));
        }
        Ok(Self(jwt))
    }
}

/// On a user's behalf, unless [`Grant::on_behalf_of`] says otherwise: a service account's assertion stands for itself.
impl From<&JwtAssertion> for Grant {
    fn from(assertion: &JwtAssertion) -> Self {
        Self::new(JWT_BEARER, Subject::User, &[("assertion", &assertion.0)])
    }
}

impl fmt::Debug for JwtAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtAssertion(<secret>)")
    }
}

/// A SAML 2.0 assertion that another authority signed (RFC 7522 §2.1).
#[derive(Clone)]
pub struct SamlAssertion(Wiped);

impl SamlAssertion {
    /// Takes the assertion as XML, just as it was signed; it is sent base64url-encoded.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it does not begin as an XML document does, or is larger than 256 KiB.
    pub fn new(xml: &str) -> Result<Self, Error> {
        if xml.len() > MAX_ASSERTION || !xml.trim_start().starts_with('<') {
            return Err(misuse("the SAML assertion is not an XML document of 256 KiB at most"));
        }
        Ok(Self(Wiped::new(URL_SAFE_NO_PAD.encode(xml))))
    }
}

/// On a user's behalf, unless [`Grant::on_behalf_of`] says otherwise.
impl From<&SamlAssertion> for Grant {
    fn from(assertion: &SamlAssertion) -> Self {
        Self::new(SAML2_BEARER, Subject::User, &[("assertion", &assertion.0)])
    }
}

impl fmt::Debug for SamlAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SamlAssertion(<secret>)")
    }
}

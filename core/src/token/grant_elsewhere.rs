//! The grant of a code that no [`PendingAuthorization`](crate::PendingAuthorization) has checked.

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::subject::Subject;
use crate::terms::secret::AuthorizationCode;
use crate::token::grant::{AUTHORIZATION_CODE, Grant};

impl Grant {
    /// An authorization code that came from elsewhere, **of whose response nothing was checked**: no `state`, no `iss`, no
    /// PKCE verifier. An attacker who hands a code of their own to this program logs it in as themselves (RFC 6749 §10.12), and one
    /// who has taken a code from a person may spend it here (RFC 9700 §4.5).
    ///
    /// It is right where somebody else began the authorization and has made those checks: a server's own SDK in a popup
    /// (`postmessage`) or in a mobile application, which gives the code to its server over a channel that the server
    /// authenticates. Wherever this program can begin the authorization itself,
    /// [`AuthorizationRequest`](crate::AuthorizationRequest) is right.
    ///
    /// `redirect_uri` is what the code was asked for with, to the letter; `None` if it was asked for without one
    /// (RFC 6749 §4.1.3). Like every code it is sent once ([TR-18](crate::Rule::Tr18)).
    ///
    /// ```
    /// use valetkey_core::Grant;
    ///
    /// let grant = Grant::code_of_unverified_response("4/0AfJohXk", Some("postmessage"))?;
    /// assert_eq!(grant.grant_type(), "authorization_code");
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AR-8](crate::Rule::Ar8)) if the code is empty or holds anything but printable ASCII.
    pub fn code_of_unverified_response(code: &str, redirect_uri: Option<&str>) -> Result<Self, Error> {
        let code = AuthorizationCode::admit(code).map_err(|_| {
            misuse_of(Rule::Ar8, "the authorization code is empty or not printable ASCII: give it as it came")
        })?;
        let parameters = [("code", Some(code.expose())), ("redirect_uri", redirect_uri)];
        let parameters: Vec<_> =
            parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        Ok(Self::new(AUTHORIZATION_CODE, Subject::User, &parameters))
    }
}

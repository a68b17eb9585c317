//! Parameters that a server knows under names of its own: data about it, for servers that have renamed what RFC 6749 names.

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::server::AuthorizationServer;
use crate::terms::parameter::OF_AUTHORIZATION_REQUESTS;

/// What has a meaning of its own in another request or in a response.
const OF_OTHERS: [&str; 9] = [
    "response",
    "client_assertion",
    "client_assertion_type",
    "refresh_token",
    "access_token",
    "id_token",
    "token_type",
    "error",
    "iss",
];

impl AuthorizationServer {
    /// Sends the client identifier under this name, in the place of `client_id`, wherever it is a parameter: in the browser's URL,
    /// and in every form that a client posts (RFC 6749 §2.2, §4.1.1, §4.1.3).
    ///
    /// ```
    /// use valetkey_core::{AuthorizationServer, Client, Flow, Grant, Step, TokenRequest, UnixTime};
    ///
    /// let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?.client_id_as("client_key")?;
    /// let mut flow = TokenRequest::new(&Client::new(server, "aw7d"), Grant::client_credentials())?;
    /// let Step::Send(request) = flow.step(None, UnixTime::from_secs(1_700_000_000))? else { unreachable!() };
    /// assert_eq!(request.body(), b"grant_type=client_credentials&client_key=aw7d");
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-6](crate::Rule::Aq6)) for a name that is empty, has other characters than letters, digits, `-`, `.`
    /// and `_`, or means something else.
    pub fn client_id_as(mut self, name: &str) -> Result<Self, Error> {
        self.client_id_name = Some(require_name(name, "client_id")?);
        Ok(self)
    }

    /// Reads the code of an authorization response under this name, in the place of `code` (RFC 6749 §4.1.2): the parameter of a
    /// plain one, the claim of a signed one. One that comes under the usual name then is refused ([AR-7](crate::Rule::Ar7)): a
    /// response has one code. At the token endpoint it is `code` still.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-6](crate::Rule::Aq6)), as for [`client_id_as`](Self::client_id_as).
    pub fn code_as(mut self, name: &str) -> Result<Self, Error> {
        self.code_name = Some(require_name(name, "code")?);
        Ok(self)
    }

    pub(crate) fn client_id_name(&self) -> &str {
        self.client_id_name.as_deref().unwrap_or("client_id")
    }

    pub(crate) fn code_name(&self) -> &str {
        self.code_name.as_deref().unwrap_or("code")
    }
}

/// A name for what is called `usual` elsewhere.
fn require_name(name: &str, usual: &str) -> Result<String, Error> {
    let is_plain =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    if !is_plain {
        let what = "the name of the parameter has other characters than letters, digits, `-`, `.` and `_`: write it as the \
                    server's documentation does";
        return Err(misuse_of(Rule::Aq6, what));
    }
    let is_taken = OF_AUTHORIZATION_REQUESTS.contains(&name) || OF_OTHERS.contains(&name);
    if is_taken && name != usual {
        let what = format!(
            "the name {name:?} of the parameter means something else in OAuth: write the server's own"
        );
        return Err(misuse_of(Rule::Aq6, what));
    }
    Ok(name.to_owned())
}

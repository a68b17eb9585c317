//! Grants that no RFC has, or none that this library does: [`Grant::extension`], [`Grant::unregistered`].

use serde::Serialize;

use crate::ground::error::{Error, misuse};
use crate::ground::subject::Subject;
use crate::ground::text;
use crate::ground::wiped::Wiped;
use crate::token::grant::Grant;

impl Grant {
    /// An extension grant (RFC 6749 §4.5): its URI, on whose behalf its token acts, and its parameters, which are
    /// anything that `serde_urlencoded` can write: a struct of strings and numbers, a map, a list of pairs.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the type is not an absolute URI (a server's own name is for
    /// [`unregistered`](Self::unregistered)), if the parameters cannot be form-encoded, or
    /// ([AQ-6](crate::Rule::Aq6)) if one of them comes twice or is the library's own.
    pub fn extension(uri: &str, subject: Subject, parameters: impl Serialize) -> Result<Self, Error> {
        let absolute =
            uri.split_once(':').is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
        if !absolute || !crate::wire::uri::is_plain(uri) {
            return Err(misuse(
                "the type of the extension grant is not an absolute URI: for a name of the server's own use \
                 `Grant::unregistered`",
            ));
        }
        Self::of_type(uri, subject, parameters)
    }

    /// A grant whose type is a name of the server's own and no URI, which RFC 6749 §4.5 asks for: `account_credentials`,
    /// `fb_exchange_token` or `delegation`, for example. All else is as for [`extension`](Self::extension).
    ///
    /// ```
    /// use valetkey_core::{Grant, Subject};
    ///
    /// let grant = Grant::unregistered("account_credentials", Subject::Application, [("account_id", "7")])?;
    /// assert_eq!(grant.grant_type(), "account_credentials");
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the type is a grant of the RFCs, which has its own constructor and checks, a URI, empty or not printable
    /// ASCII without spaces; and what `extension` refuses of its parameters.
    pub fn unregistered(name: &str, subject: Subject, parameters: impl Serialize) -> Result<Self, Error> {
        if ["authorization_code", "client_credentials", "implicit", "password", "refresh_token"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
        {
            return Err(misuse(format!(
                "the grant type {name:?} has a constructor of its own, with its checks: use that"
            )));
        }
        if name.contains(':') || !text::is_nqchar(name) {
            return Err(misuse(
                "the type of the grant is a URI, empty or not printable ASCII: a URI is for `Grant::extension`",
            ));
        }
        Self::of_type(name, subject, parameters)
    }

    fn of_type(kind: &str, subject: Subject, parameters: impl Serialize) -> Result<Self, Error> {
        let parameters = serde_urlencoded::to_string(parameters)
            .map(Wiped::new)
            // The library's message may quote a value.
            .map_err(|_| misuse("the parameters of the extension grant cannot be form-encoded"))?;
        let mut grant = Self::new(kind, subject, &[]);
        for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
            grant = grant.parameter(&name, &value)?;
        }
        Ok(grant)
    }
}

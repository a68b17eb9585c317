//! What a described server must have admitted before it is used ([DI-5](crate::Rule::Di5)).

use http::Uri;

use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::server::AuthorizationServer;

impl AuthorizationServer {
    /// Refuses a server that has a URL under plain http, unless that is admitted ([DI-5](crate::Rule::Di5)): whatever uses
    /// the server asks this.
    pub(crate) fn require_admitted(&self) -> Result<(), Error> {
        let refused = |what| Err(misuse_of(Rule::Di5, what).unless_admitted(Quirk::LoopbackHttp));
        self.not_admitted().map_or(Ok(()), refused)
    }

    /// What is not admitted, in words.
    pub(crate) fn not_admitted(&self) -> Option<String> {
        let plain = self.plain_http().filter(|_| !self.quirks.contains(Quirk::LoopbackHttp))?;
        Some(format!("{plain} is http on loopback, which is for tests"))
    }

    /// One of its URLs that is plain http, by its name in the metadata.
    fn plain_http(&self) -> Option<&'static str> {
        let is_plain = |uri: &Uri| uri.scheme_str() == Some("http");
        let plain_text = |text: &Option<String>| text.as_ref().is_some_and(|url| url.starts_with("http:"));
        let mut others = self.endpoints.iter().chain(self.mtls_aliases.iter());
        let (authorization, token) = (Endpoint::Authorization.name(), Endpoint::Token.name());
        let first = [
            ("issuer", plain_text(&self.issuer)),
            (authorization, plain_text(&self.authorization_endpoint)),
            (token, self.token_endpoint.as_ref().is_some_and(is_plain)),
        ];
        let first = first.into_iter().find(|(_, is_plain)| *is_plain).map(|(name, _)| name);
        first.or_else(|| others.find(|(_, uri)| is_plain(uri)).map(|(endpoint, _)| endpoint.name()))
    }
}

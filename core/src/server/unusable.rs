//! What is wrong with an endpoint's address in a server's metadata ([DI-5](crate::Rule::Di5)).

use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;

/// What is wrong with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It is not an https URL without a fragment, or not a string at all.
    NoUrl,
    /// It is http on loopback, which was not admitted when the document was read.
    OnLoopback,
}

impl Unusable {
    /// What is refused when the endpoint is used.
    pub(crate) fn told(self, endpoint: Endpoint) -> Error {
        let name = endpoint.name();
        let what = match self {
            Self::NoUrl => format!(
                "{name} of the server's metadata is not an https URL without a fragment: name the right one by \
                 `AuthorizationServer::endpoint`"
            ),
            Self::OnLoopback => format!(
                "{name} of the server's metadata is http on loopback: for a test, admit `Quirk::LoopbackHttp` \
                 (`loopback-http`) at the discovery"
            ),
        };
        malformed(Rule::Di5, what)
    }
}

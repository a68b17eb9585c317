//! What is wrong with an endpoint's address in a server's metadata ([DI-5](crate::Rule::Di5)).

use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed};
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;

/// What is wrong with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It is not an https URL without a fragment, or not a string at all.
    NoUrl,
    /// It is http on loopback, which was not admitted when the document was read.
    OnLoopback,
    /// It is `null`, which was not admitted either.
    Null,
}

impl Unusable {
    /// What is refused when the endpoint is used.
    pub(crate) fn told(self, endpoint: Endpoint) -> Error {
        let name = endpoint.name();
        let fault = |what| malformed(Rule::Di5, format!("{name} of the server's metadata is {what}"));
        match self {
            Self::NoUrl => fault(
                "not an https URL without a fragment: name the right one by `AuthorizationServer::endpoint`",
            ),
            Self::OnLoopback => {
                fault("http on loopback, which is for tests: the discovery decides whether it is taken")
                    .unless_admitted(Quirk::LoopbackHttp)
            }
            Self::Null => fault("null: the discovery decides whether it is taken for absent")
                .unless_admitted(Quirk::NullMember),
        }
    }
}

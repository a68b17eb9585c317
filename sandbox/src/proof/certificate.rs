//! Client certificates (RFC 8705): who a client is, and tokens that are bound to one.
//!
//! The sandbox speaks no TLS. A proxy with TLS before it says in a header which certificate the client showed, and lets
//! no client say so itself; [`Front`](crate::Front), which has no TLS, takes the header out of every request.

use valetkey_core::Request;

use crate::world::ledger::{Binding, Grant};
use crate::{Application, Sandbox};

/// The header with the thumbprint of the client's certificate: `x5t#S256` of RFC 8705 §3.1, the SHA-256 hash of its DER
/// in base64url.
pub const CERTIFICATE_THUMBPRINT: &str = "x-sandbox-certificate-thumbprint";

/// The certificate that the client showed.
pub(crate) fn thumbprint(request: &Request) -> Option<&str> {
    let mut values = request.headers().get_all(CERTIFICATE_THUMBPRINT).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    value.to_str().ok().filter(|value| !value.is_empty())
}

impl Sandbox {
    /// What the tokens of a client that shows a certificate are bound to.
    pub(crate) fn certificate_binding(
        &self,
        application: &Application,
        request: &Request,
    ) -> Option<Binding> {
        let bound = self.settings.modern() && application.certificate_bound;
        thumbprint(request).filter(|_| bound).map(|thumbprint| Binding::Certificate(thumbprint.to_owned()))
    }
}

/// Whether a request shows the certificate that a token is bound to, if it is bound to one.
pub(crate) fn is_shown(grant: &Grant, request: &Request) -> bool {
    match &grant.binding {
        Some(Binding::Certificate(bound)) => thumbprint(request) == Some(bound.as_str()),
        Some(Binding::Key(_)) | None => true,
    }
}

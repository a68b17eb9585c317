//! What rustls says of a connection, in core's words: [`tls`].

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError::{
    BadSignature, Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
    NotValidYetContext, Revoked, UnknownIssuer,
};

use crate::host::transport::{BadCertificate, TransportError, TransportErrorKind};

/// The longest text of an error that is kept: it lists the names that a certificate is for, which a stranger chose.
const MAX_TEXT: usize = 300;

/// What TLS says, if this error is rustls's, by itself or within an [`io::Error`]: [`TransportErrorKind::Certificate`] where the server's
/// certificate was not accepted, [`TransportErrorKind::Setup`] where TLS does not work on this system, else [`TransportErrorKind::Connection`].
#[must_use]
pub fn tls(error: &(dyn StdError + 'static)) -> Option<TransportError> {
    let said = within(error)?;
    let (kind, text) = match said {
        rustls::Error::InvalidCertificate(why) => {
            let bad = match why {
                // Signed in the name of an authority that is trusted, by another key: it is another authority of that name.
                UnknownIssuer | BadSignature => BadCertificate::UnknownIssuer,
                Expired | ExpiredContext { .. } => BadCertificate::Expired,
                NotValidYet | NotValidYetContext { .. } => BadCertificate::NotYetValid,
                NotValidForName | NotValidForNameContext { .. } => BadCertificate::WrongName,
                Revoked => BadCertificate::Revoked,
                _ => BadCertificate::Invalid,
            };
            (TransportErrorKind::Certificate(bad), why.to_string())
        }
        rustls::Error::General(why) => (TransportErrorKind::Setup, why.clone()),
        other => (TransportErrorKind::Connection, other.to_string()),
    };
    let text: String = text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect();
    Some(TransportError::caused(kind, io::Error::new(io::ErrorKind::InvalidData, text)))
}

/// TLS's own error, which an error of the system may be a wrapping of.
fn within<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => within(wrapped),
        None => error.downcast_ref(),
    }
}

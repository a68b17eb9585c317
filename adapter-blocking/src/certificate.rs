//! What TLS said of a server's certificate, in core's words.

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError::{
    Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext, Revoked,
    UnknownIssuer,
};
use valetkey_core::BadCertificate;

/// What is wrong with the certificate, if that is what this error is about.
pub(crate) fn bad_certificate(error: &(dyn StdError + 'static)) -> Option<BadCertificate> {
    let rustls::Error::InvalidCertificate(error) = of_tls(error)? else { return None };
    Some(match error {
        UnknownIssuer => BadCertificate::UnknownIssuer,
        Expired | ExpiredContext { .. } => BadCertificate::Expired,
        NotValidYet | NotValidYetContext { .. } => BadCertificate::NotYetValid,
        NotValidForName | NotValidForNameContext { .. } => BadCertificate::WrongName,
        Revoked => BadCertificate::Revoked,
        _ => BadCertificate::Invalid,
    })
}

/// TLS's own error, which an error of the system may be a wrapping of.
pub(crate) fn of_tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => of_tls(wrapped),
        None => error.downcast_ref(),
    }
}

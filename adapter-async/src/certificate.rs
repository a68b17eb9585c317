//! What TLS said of a server's certificate, in core's words.

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError::{
    BadSignature, Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
    NotValidYetContext, Revoked, UnknownIssuer,
};
use valetkey_core::host::{BadCertificate, Http, HttpKind};

/// The longest text of an error that is kept: it lists the names that a certificate is for, which a stranger chose.
const MAX_TEXT: usize = 300;

/// What is wrong with the certificate, if that is what this error is about.
pub(crate) fn bad_certificate(error: &(dyn StdError + 'static)) -> Option<Http> {
    let rustls::Error::InvalidCertificate(why) = of_tls(error)? else { return None };
    let bad = match why {
        // Signed in the name of an authority that is trusted, by another key: it is another authority of that name.
        UnknownIssuer | BadSignature => BadCertificate::UnknownIssuer,
        Expired | ExpiredContext { .. } => BadCertificate::Expired,
        NotValidYet | NotValidYetContext { .. } => BadCertificate::NotYetValid,
        NotValidForName | NotValidForNameContext { .. } => BadCertificate::WrongName,
        Revoked => BadCertificate::Revoked,
        _ => BadCertificate::Invalid,
    };
    let text: String = why.to_string().chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect();
    Some(Http::caused(HttpKind::Certificate(bad), io::Error::new(io::ErrorKind::InvalidData, text)))
}

/// TLS's own error, which an error of the system may be a wrapping of.
pub(crate) fn of_tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => of_tls(wrapped),
        None => error.downcast_ref(),
    }
}

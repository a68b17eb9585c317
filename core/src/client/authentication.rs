//! How a client proves its identity to the authorization server (RFC 6749 §2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::byte_serialize;
use http::HeaderValue;

use crate::client::assertion::ClientAssertion;
use crate::client::late::Late;
use crate::ground::authentication_method::AuthenticationMethod;
use crate::ground::error::{Error, misuse};
use crate::ground::wiped::Wiped;
use crate::terms::secret::{ClientSecret, sensitive_header};

/// The proof, prepared once: it is the same in every request, or is what writes a new one for each.
#[derive(Clone, Debug)]
pub(crate) enum Authentication {
    None,
    Basic {
        header: HeaderValue,
        secret: ClientSecret,
    },
    Post {
        secret: ClientSecret,
    },
    Assertion(ClientAssertion),
    /// A secret that is made for each request.
    PostLate(Late),
    /// Assertions that another authority writes.
    AssertionsFrom(Late),
    /// The HTTP client's certificate, by one of the two methods of RFC 8705 §2.
    Certificate(AuthenticationMethod),
}

impl Authentication {
    /// Prepares the `Authorization` header. `raw` leaves out the form-encoding ([CA-2](crate::Rule::Ca2)), under its quirk.
    pub(crate) fn basic(id: &str, secret: ClientSecret, raw: bool) -> Result<Self, Error> {
        let encode = |part: &str| Wiped::new(if raw { part.to_owned() } else { form_encoded(part) });
        if raw && id.contains(':') {
            return Err(misuse("raw Basic credentials cannot carry a client_id with a colon in it"));
        }
        let pair = Wiped::new([&**encode(id), ":", &**encode(secret.expose())].concat());
        let value = Wiped::new(STANDARD.encode(pair.as_bytes()));
        let header = sensitive_header(&["Basic ", &value]).ok_or_else(|| {
            misuse("the client's Basic credentials have characters that a header cannot carry")
        })?;
        Ok(Self::Basic { header, secret })
    }

    pub(crate) fn method(&self) -> AuthenticationMethod {
        match self {
            Self::None => AuthenticationMethod::None,
            Self::Basic { .. } => AuthenticationMethod::SecretBasic,
            Self::Post { .. } | Self::PostLate(_) => AuthenticationMethod::SecretPost,
            Self::Assertion(assertions) if assertions.algorithm().is_symmetric() => {
                AuthenticationMethod::SecretJwt
            }
            Self::Assertion(_) | Self::AssertionsFrom(_) => AuthenticationMethod::PrivateKeyJwt,
            Self::Certificate(method) => *method,
        }
    }

    /// The secret, for keeping it out of what a server echoes. One that signs is not sent.
    pub(crate) fn secret(&self) -> Option<&str> {
        match self {
            Self::None
            | Self::PostLate(_)
            | Self::Assertion(_)
            | Self::AssertionsFrom(_)
            | Self::Certificate(_) => None,
            // An empty secret is in every text.
            Self::Basic { secret, .. } | Self::Post { secret } => {
                Some(secret.expose()).filter(|secret| !secret.is_empty())
            }
        }
    }

    /// The Basic credentials as they are sent, which are the secret in another spelling.
    pub(crate) fn basic_text(&self) -> Option<&str> {
        match self {
            Self::Basic { header, .. } => header.to_str().ok()?.strip_prefix("Basic "),
            Self::None
            | Self::Post { .. }
            | Self::PostLate(_)
            | Self::Assertion(_)
            | Self::AssertionsFrom(_)
            | Self::Certificate(_) => None,
        }
    }
}

/// Form-encoded (RFC 6749 Appendix B), with `%20` for a space: a decoder of forms reads it as it does `+`, and servers that
/// undo no more than percent-encoding read it too.
fn form_encoded(part: &str) -> String {
    byte_serialize(part.as_bytes()).map(|piece| if piece == "+" { "%20" } else { piece }).collect()
}

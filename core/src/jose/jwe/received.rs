//! A signed JWT that came, out of its encryption if it had one: [`ReceivedJwt`].

use zeroize::Zeroizing;

use crate::ground::error::Error;
use crate::ground::rule::{Checks, Rule};
use crate::jose::jwe::decryption::{Decryption, Opened};
use crate::jose::jwe::replicated;
use crate::jose::jws::Jws;
use crate::jose::jwt_type::JwtType;

/// What an encrypted message has been held to when it is open.
const DECRYPTED: [Rule; 8] =
    [Rule::Id44, Rule::Id45, Rule::Id46, Rule::Id47, Rule::Id48, Rule::Id49, Rule::Id50, Rule::Id51];

/// A signed JWT as a flow keeps it until it has the key that verifies it. Its signature proves who wrote it, and nothing
/// that was decrypted does.
pub(crate) struct ReceivedJwt {
    text: Zeroizing<String>,
    /// The header of the JWE that it came in.
    outer: Option<Vec<u8>>,
}

impl ReceivedJwt {
    /// Opens a message as was agreed, as [`Decryption::open`] does. Whether what was not encrypted is a JWS, [`jws`](Self::jws)
    /// says.
    pub(crate) fn open(agreed: Option<&Decryption>, text: &str) -> Result<Self, Error> {
        match Decryption::open(agreed, text)? {
            Opened::Plain(text) => Ok(Self::plain(Zeroizing::new(text.to_owned()))),
            Opened::Decrypted(decrypted) => {
                let (text, header) = decrypted.into_signed()?;
                Ok(Self { text, outer: Some(header) })
            }
        }
    }

    /// One that nobody was to encrypt, from somebody else than a client's server.
    pub(crate) const fn plain(text: Zeroizing<String>) -> Self {
        Self { text, outer: None }
    }

    /// The JWT, taken apart.
    pub(crate) fn jws(&self) -> Result<Jws<'_>, Error> {
        let jws = Jws::parse(&self.text)?;
        Ok(match &self.outer {
            Some(header) => jws.inside(header),
            None => jws,
        })
    }

    /// The signed JWT itself.
    pub(crate) fn signed(&self) -> &str {
        &self.text
    }

    pub(crate) const fn was_encrypted(&self) -> bool {
        self.outer.is_some()
    }

    /// The payload, though nobody verified it, where something else vouches for it; `None` for a JWT of another type.
    pub(crate) fn unverified_payload(&self, expected: JwtType<'_>) -> Result<Option<Vec<u8>>, Error> {
        let jws = self.jws()?;
        let Some(payload) = jws.unverified_payload(expected) else { return Ok(None) };
        if let Some(header) = &self.outer {
            replicated::check(header, payload)?;
        }
        Ok(Some(payload.to_vec()))
    }

    /// Notes what it has been held to, beside what its signature is held to.
    pub(crate) fn pass(&self, checks: &mut Checks) {
        checks.pass(Rule::Id43);
        if self.was_encrypted() {
            DECRYPTED.iter().for_each(|rule| checks.pass(*rule));
            checks.pass(Rule::Id52);
        }
    }
}

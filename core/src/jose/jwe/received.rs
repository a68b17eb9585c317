//! A signed JWT that came, out of its encryption if it had one: [`ReceivedJwt`].

use std::mem;

use crate::ground::error::Error;
use crate::ground::rule::{Checks, Rule};
use crate::ground::wiped::Wiped;
use crate::jose::jwe::decryption::Decryption;
use crate::jose::jwe::replicated;
use crate::jose::jws::Verified;
use crate::jose::jwt_type::JwtType;
use crate::jose::parts::Parts;
use crate::jose::verification_keys::VerificationKeys;

/// What an encrypted message has been held to when it is open.
const DECRYPTED: [Rule; 8] =
    [Rule::Id44, Rule::Id45, Rule::Id46, Rule::Id47, Rule::Id48, Rule::Id49, Rule::Id50, Rule::Id51];

/// A signed JWT as a flow keeps it until it has the key that verifies it: taken apart once. Its signature proves who wrote it,
/// and nothing that was decrypted does.
pub(crate) struct ReceivedJwt {
    text: Wiped,
    parts: Parts,
    /// The header of the JWE that it came in.
    outer: Option<Vec<u8>>,
}

impl ReceivedJwt {
    /// Decrypts a message as was agreed, and takes apart what is signed, as [`Jws::parse`](crate::jose::jws::Jws::parse) does.
    pub(crate) fn decrypt(agreed: &Decryption, text: &str) -> Result<Self, Error> {
        let decrypted = agreed.decrypt(text)?;
        Ok(Self { outer: Some(decrypted.header().to_vec()), ..Self::plain(decrypted.signed()?)? })
    }

    /// One that nobody was to encrypt.
    pub(crate) fn plain(text: &str) -> Result<Self, Error> {
        Ok(Self { parts: Parts::parse(text)?, text: text.to_owned().into(), outer: None })
    }

    /// Verifies it, as [`Jws::verify`](crate::jose::jws::Jws::verify) does. What was verified is taken out of it.
    pub(crate) fn verify(
        &mut self,
        keys: &VerificationKeys,
        expected: JwtType<'_>,
    ) -> Result<Verified, Error> {
        let (algorithm, key_issuer) = self.parts.verify(&self.text, self.outer.as_deref(), keys, expected)?;
        Ok(Verified { algorithm, key_issuer, parts: mem::take(&mut self.parts) })
    }

    /// What is in it, before anybody verified it.
    pub(crate) const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The signed JWT itself.
    pub(crate) fn signed(&self) -> &str {
        &self.text
    }

    pub(crate) const fn was_encrypted(&self) -> bool {
        self.outer.is_some()
    }

    /// The payload, though nobody verified it, where something else vouches for it; `None` for a JWT of another type.
    pub(crate) fn unverified_payload(&self, expected: JwtType<'_>) -> Result<Option<&[u8]>, Error> {
        let Some(payload) = self.parts.unverified_payload(expected) else { return Ok(None) };
        if let Some(header) = &self.outer {
            replicated::check(header, payload)?;
        }
        Ok(Some(payload))
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

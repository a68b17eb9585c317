//! What a client says of its registration where it comes to ID tokens (OpenID Connect Registration §2).

use crate::client::Client;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::jose::algorithm::Algorithm;
use crate::jose::verification_keys::VerificationKeys;

impl Client {
    /// The algorithm by which this client is registered to have its ID tokens signed (`id_token_signed_response_alg`): one by any
    /// other is then refused ([ID-28](crate::Rule::Id28)). Without this, any that the server lists is taken.
    ///
    /// An HMAC is made with the client secret. It is taken where this names it, and nowhere else ([ID-30](crate::Rule::Id30)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`]: [ID-30](crate::Rule::Id30) for an HMAC if the client has no secret, [CA-5](crate::Rule::Ca5) if the
    /// secret is too short for it; [ID-4](crate::Rule::Id4) if the server lists its algorithms
    /// (`id_token_signing_alg_values_supported`) without this one.
    pub fn id_token_algorithm(self, algorithm: Algorithm) -> Result<Self, Error> {
        match self.secret_text() {
            _ if !algorithm.is_symmetric() => {}
            Some(secret) => drop(VerificationKeys::secret(algorithm, secret.as_bytes())?),
            None => {
                let what = "an ID token is signed by HMAC with the client secret, and this client has none: name the \
                            secret first";
                return Err(misuse_of(Rule::Id30, what));
            }
        }
        let list = "id_token_signing_alg_values_supported";
        if !self.server().admits(list, algorithm.name()) {
            let what = format!(
                "the server does not list {algorithm} for ID tokens ({list}): name one that it lists"
            );
            return Err(misuse_of(Rule::Id4, what));
        }
        Ok(self.change(|registration| registration.id_tokens.algorithm = Some(algorithm)))
    }

    /// Another party that may be named in the `aud` of this client's ID tokens. Without this, an ID token that names any other is
    /// refused ([ID-10](crate::Rule::Id10)): that party could show it as if the person had logged in there. May be called for
    /// several.
    #[must_use]
    pub fn trusted_audience(self, audience: impl Into<String>) -> Self {
        self.change(|registration| registration.id_tokens.audiences.push(audience.into()))
    }

    pub(crate) fn registered_id_token_algorithm(&self) -> Option<Algorithm> {
        self.0.id_tokens.algorithm
    }

    pub(crate) fn trusts(&self, audience: &str) -> bool {
        self.0.id_tokens.audiences.iter().any(|trusted| trusted == audience)
    }
}

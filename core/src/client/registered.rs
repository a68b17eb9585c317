//! What a client says of its registration where it comes to ID tokens and UserInfo (OpenID Connect Registration §2).

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
        self.require_keyed(Rule::Id30, algorithm)?;
        self.require_listed("id_token_signing_alg_values_supported", "ID tokens", algorithm)?;
        Ok(self.change(|registration| registration.id_tokens.algorithm = Some(algorithm)))
    }

    /// The algorithm by which this client is registered to have UserInfo signed (`userinfo_signed_response_alg`): an answer that
    /// is not signed, or by any other, is then refused ([UI-3](crate::Rule::Ui3), [UI-4](crate::Rule::Ui4)). Without this, a
    /// signed answer is refused, and the connection to the server vouches for plain JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`]: [UI-4](crate::Rule::Ui4) for an HMAC if the client has no secret, [CA-5](crate::Rule::Ca5) if the
    /// secret is too short for it; [ID-4](crate::Rule::Id4) if the server lists its algorithms
    /// (`userinfo_signing_alg_values_supported`) without this one.
    pub fn user_info_algorithm(self, algorithm: Algorithm) -> Result<Self, Error> {
        self.require_keyed(Rule::Ui4, algorithm)?;
        self.require_listed("userinfo_signing_alg_values_supported", "UserInfo", algorithm)?;
        Ok(self.change(|registration| registration.id_tokens.user_info = Some(algorithm)))
    }

    /// Whether the client has the secret that an HMAC is made with.
    fn require_keyed(&self, rule: Rule, algorithm: Algorithm) -> Result<(), Error> {
        match self.secret_text() {
            _ if !algorithm.is_symmetric() => Ok(()),
            Some(secret) => VerificationKeys::secret(algorithm, secret.as_bytes()).map(drop),
            None => {
                let what = "an answer to this client is signed by HMAC with the client secret, and this client has none: \
                            name the secret first";
                Err(misuse_of(rule, what))
            }
        }
    }

    /// Whether the server lists the algorithm, where it lists any.
    fn require_listed(&self, list: &str, signed: &str, algorithm: Algorithm) -> Result<(), Error> {
        if self.server().admits(list, algorithm.name()) {
            return Ok(());
        }
        let known =
            Algorithm::ALL.iter().map(|one| one.name()).filter(|name| self.server().admits(list, name));
        let known: Vec<&str> = known.collect();
        let what = format!(
            "the server does not list {algorithm} for {signed} ({list}): name one that it lists ({})",
            if known.is_empty() { "none of them is known here".to_owned() } else { known.join(", ") },
        );
        Err(misuse_of(Rule::Id4, what))
    }

    /// Another party that may be named in the `aud` of this client's ID tokens. Without this, an ID token that names any other is
    /// refused ([ID-10](crate::Rule::Id10)): that party could show it as if the person had logged in there. May be called for
    /// several.
    #[must_use]
    pub fn trusted_audience(self, audience: impl Into<String>) -> Self {
        self.change(|registration| registration.id_tokens.audiences.push(audience.into()))
    }

    pub(crate) fn registered_id_token_algorithm(&self) -> Option<Algorithm> {
        let usual = || self.server().secret_algorithm().filter(|_| self.secret_text().is_some());
        self.0.id_tokens.algorithm.or_else(usual)
    }

    pub(crate) fn registered_user_info_algorithm(&self) -> Option<Algorithm> {
        self.0.id_tokens.user_info
    }

    pub(crate) fn trusts(&self, audience: &str) -> bool {
        self.0.id_tokens.audiences.iter().any(|trusted| trusted == audience)
    }
}

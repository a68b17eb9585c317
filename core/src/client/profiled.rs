//! A client that is held to a security profile: where that is said, and where it is held to it.
//!
//! ```text
//!  Client::security_profile   turns on what can be turned on: PAR, iss, JARM, JAR, s_hash, signed introspections
//!  every request              is held to the table ─▶ refused by the clause, with what to write
//!  every answer               iss, the algorithms of JWTs, the type of a token
//! ```
//!
//! It is held to the profile when it is used and not when it is built: so the order of the builders says nothing, and what is set
//! later leaves nothing half on.

use std::sync::Arc;

use crate::client::Client;
use crate::client::held::{Front, Held};
use crate::client::security_profile::SecurityProfile;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::token_type::TokenType;
use crate::jose::jwe::received::ReceivedJwt;
use crate::jose::signer::Signer;

impl Client {
    /// Holds the client to a profile of FAPI, as a whole. What can be turned on is; whatever else the profile wants is looked at
    /// in every request that the client makes, which is refused by the clause that it breaks ([FA-3](crate::Rule::Fa3)). So it may
    /// be said before or after anything else of the client. In the place of an earlier profile.
    ///
    /// | | [`Fapi2`](SecurityProfile::Fapi2) | [`Fapi2MessageSigning`](SecurityProfile::Fapi2MessageSigning) | [`Fapi1Advanced`](SecurityProfile::Fapi1Advanced) |
    /// |---|---|---|---|
    /// | turned on | [pushed](crate::AuthorizationRequest::pushed) requests, `iss` in each response | these, signed requests, signed responses and introspections | signed requests, signed responses to a request for a code, `s_hash` beside `code id_token` |
    /// | the client authenticates | by [a key](Self::assertion) or [its](Self::tls_client_auth) [certificate](Self::self_signed_tls_client_auth) | likewise | likewise |
    /// | tokens are bound to | [a key](Self::dpop) or [a certificate](Self::with_certificate) | likewise | a certificate |
    /// | JWTs are signed by | PS256, ES256, Ed25519 | likewise | PS256, ES256 |
    /// | the server is | [discovered](crate::Discovery), and under https | likewise | likewise |
    ///
    /// Requests are signed by the key of the client's assertions; a client that authenticates by its certificate gives one to each
    /// [request](crate::AuthorizationRequest::signed). TLS is the HTTP client's: those of the adapters speak no version before 1.2.
    ///
    /// A redirect URI of FAPI 2.0 may be one on loopback, of a program on the user's own computer (Security Profile §5.3.2.2 (8));
    /// of FAPI 1.0 it is https.
    ///
    /// A relaxation that would switch a part of the profile off is refused too, whether the server admits it before or after.
    ///
    /// ```
    /// # #[cfg(feature = "rust-crypto")] {
    /// # use std::sync::Arc;
    /// # use valetkey_core::jose::KeyPair;
    /// use valetkey_core::client::SecurityProfile;
    /// use valetkey_core::{AuthorizationServer, Client, Dpop, Entropy, Error};
    ///
    /// /// The server is one that was discovered.
    /// fn client(server: AuthorizationServer, key: KeyPair, proof: KeyPair) -> Result<Client, Error> {
    /// #   let entropy = || Entropy::from_seed([7; 32]);
    ///     Client::new(server, "s6BhdRkqt3")
    ///         .security_profile(SecurityProfile::Fapi2)
    ///         .assertion(Arc::new(key), entropy())?
    ///         .dpop(Dpop::of(Arc::new(proof), entropy())?)
    /// }
    /// # let _ = client;
    /// # }
    /// ```
    #[must_use]
    pub fn security_profile(self, profile: SecurityProfile) -> Self {
        self.change(|registration| registration.profile = Some(profile))
    }

    /// The profile that it is held to.
    pub(crate) fn held_to(&self) -> Option<SecurityProfile> {
        self.0.profile
    }

    /// What signs its authorization requests without being asked to.
    pub(crate) fn request_signer(&self) -> Option<Arc<dyn Signer>> {
        self.held_to().filter(|profile| profile.signs_messages())?;
        let signer = self.assertions()?.signer();
        (!signer.algorithm().is_symmetric()).then(|| Arc::clone(signer))
    }

    /// Whether this client may make such a request there.
    pub(crate) fn require_profile(&self, endpoint: Option<Endpoint>) -> Result<(), Error> {
        self.hold(endpoint, None, None)
    }

    /// Whether it may trade such a grant.
    pub(crate) fn require_profile_for_grant(&self, grant: &str) -> Result<(), Error> {
        self.hold(Some(Endpoint::Token), Some(grant), None)
    }

    /// Whether it may make this authorization request.
    pub(crate) fn require_profile_of(&self, front: &Front<'_>) -> Result<(), Error> {
        self.hold(Some(Endpoint::Authorization), None, Some(front))
    }

    fn hold(
        &self,
        endpoint: Option<Endpoint>,
        grant: Option<&str>,
        front: Option<&Front<'_>>,
    ) -> Result<(), Error> {
        let Some(profile) = self.held_to() else { return Ok(()) };
        let held = Held { client: self, profile, endpoint, grant, front };
        match profile.requirements().find(|(_, (_, (is_kept, _)))| !is_kept(&held)) {
            None => Ok(()),
            Some((rule, (clause, (_, what)))) => Err(misuse_of(rule, format!("{clause}: {what}"))),
        }
    }

    /// Whether an authorization that was begun under this profile, or under none, is finished under the same: what it asked for
    /// cannot be asked for again.
    pub(crate) fn require_asked_in(&self, begun: Option<SecurityProfile>) -> Result<(), Error> {
        let Some(profile) = self.held_to().or(begun).filter(|_| self.held_to() != begun) else {
            return Ok(());
        };
        let name = |profile: Option<SecurityProfile>| profile.map_or("no profile", SecurityProfile::name);
        let what = format!(
            "this authorization was begun by a client of {}, and this client is one of {}: begin it by the client that \
             finishes it, with the same `Client::security_profile`",
            name(begun),
            name(self.held_to())
        );
        Err(misuse_of(profile.rule(), what))
    }

    /// Whether it may use an access token of this type: only this client can use what a key or a certificate binds.
    pub(crate) fn require_bound(&self, token_type: TokenType) -> Result<(), Error> {
        let Some(profile) = self.held_to() else { return Ok(()) };
        self.require_profile(None)?;
        if token_type.is_bearer() && !self.has_certificate() {
            let clause = match profile.is_fapi_2() {
                true => "FAPI 2.0 Security Profile §5.3.3.1 (1)",
                false => "FAPI 1.0 Advanced §5.2.3 (1)",
            };
            let what = format!(
                "{clause}: the access token is a bearer token that nothing binds: log in for a bound one"
            );
            return Err(misuse_of(if profile.is_fapi_2() { Rule::Fa1 } else { Rule::Fa4 }, what));
        }
        Ok(())
    }

    /// Whether a JWT from the server is signed by an algorithm of the profile.
    pub(super) fn require_profile_of_jwt(&self, jwt: &ReceivedJwt) -> Result<(), Error> {
        let Some(profile) = self.held_to() else { return Ok(()) };
        let signed_by = jwt.parts().algorithm();
        if profile.algorithms().iter().any(|algorithm| algorithm.name() == signed_by) {
            return Ok(());
        }
        Err(match profile.is_fapi_2() {
            true => malformed(
                Rule::Fa1,
                "FAPI 2.0 Security Profile §5.4.1 (1): a JWT of the server is signed by another algorithm than PS256, ES256 and \
                 Ed25519",
            ),
            false => malformed(
                Rule::Fa4,
                "FAPI 1.0 Advanced §8.6 (1): a JWT of the server is signed by another algorithm than PS256 and ES256",
            ),
        })
    }
}

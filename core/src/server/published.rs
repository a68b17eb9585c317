//! The keys that a described server publishes: where its metadata, its quirks and its keys meet.

use std::sync::Arc;

use crate::ground::endpoint::Endpoint;
use crate::ground::error::Error;
use crate::jose::algorithm::Algorithm;
use crate::jose::built_in::built_in;
use crate::jose::crypto::CryptoProvider;
use crate::server::AuthorizationServer;
use crate::server::jwks_cache::JwksCache;
use crate::server::keys::ServerKeys;

impl ServerKeys {
    /// Those at the server's `jwks_uri`, for the algorithms that were agreed on with it.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no `jwks_uri`, ([DI-5](crate::Rule::Di5)) if it has a URL under plain http that
    /// is not admitted, and ([ID-4](crate::Rule::Id4)) for an algorithm of HMAC or one that the provider lacks.
    pub fn published(
        server: &AuthorizationServer,
        provider: Arc<dyn CryptoProvider>,
        algorithms: &[Algorithm],
    ) -> Result<Self, Error> {
        let place = server.require(Endpoint::Jwks)?.to_string();
        let cache = JwksCache::verifying(provider, algorithms, &place)?;
        Ok(Self::from(cache.admit_all(server.quirks())))
    }
}

/// The lists of the algorithms by which a server signs what comes from it.
const SIGNED_BY: [&str; 4] = [
    "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported",
    "authorization_signing_alg_values_supported",
    "introspection_signing_alg_values_supported",
];

/// What the metadata of an OpenID provider list, beside what those of any authorization server do (OpenID Connect Discovery §3).
const FOR_LOGIN: [&str; 2] = ["subject_types_supported", "id_token_signing_alg_values_supported"];

impl AuthorizationServer {
    /// Whether it is known by its metadata: it would list its response types then.
    pub(crate) fn is_published(&self) -> bool {
        self.listed("response_types_supported").is_some()
    }

    /// What a login needs and the metadata of the server do not have, if it has metadata.
    pub(crate) fn missing_for_login(&self) -> Option<&'static str> {
        FOR_LOGIN.into_iter().find(|name| self.is_published() && self.listed(name).is_none())
    }

    /// With the keys that it publishes, if it says where, and there is cryptography that knows an algorithm it lists. For
    /// ID tokens RS256 is what a server signs by that lists nothing ([ID-4](crate::Rule::Id4), OpenID Connect Core §15.1).
    pub(crate) fn with_published_keys(self) -> Self {
        let Some(provider) = built_in() else { return self };
        let known: Vec<Algorithm> =
            provider.algorithms().iter().copied().filter(|algorithm| !algorithm.is_symmetric()).collect();
        let listed = |name: &&str| self.listed(name).unwrap_or_default().iter();
        let mut algorithms: Vec<Algorithm> = SIGNED_BY
            .iter()
            .flat_map(listed)
            .filter_map(|name| Algorithm::from_name(name))
            .filter(|algorithm| known.contains(algorithm))
            .collect();
        if self.listed("id_token_signing_alg_values_supported").is_none() {
            algorithms.push(Algorithm::Rs256);
        }
        match ServerKeys::published(&self, provider, &algorithms) {
            Ok(keys) if self.keys.is_none() && !algorithms.is_empty() => self.keys(keys),
            _ => self,
        }
    }
}

impl<K> JwksCache<K> {
    /// A cache of the server's keys, empty so far. `parse` gets the bytes of a document that is one strict JSON object
    /// with an array `keys` of at most 256 elements, and judges the keys.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the server has no `jwks_uri`, and ([DI-5](crate::Rule::Di5)) if it has a URL under plain http
    /// that is not admitted.
    pub fn new(
        server: &AuthorizationServer,
        parse: impl Fn(&[u8]) -> Result<K, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let cache = Self::at(&server.require(Endpoint::Jwks)?.to_string(), parse)?;
        Ok(cache.admit_all(server.quirks()))
    }
}

//! The keys that a described server publishes: where its metadata, its quirks and its keys meet.

use std::sync::Arc;

use crate::ground::endpoint::Endpoint;
use crate::ground::error::Error;
use crate::jose::algorithm::Algorithm;
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

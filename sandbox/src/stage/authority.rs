//! Certificates for every name, of an authority that nobody else knows: [`Authority`].

use std::fmt;
use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{RootCertStore, ServerConfig};

/// An authority made for this process.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new() -> io::Result<Arc<Self>> {
        let mut params = CertificateParams::new([]).map_err(io::Error::other)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        Ok(Arc::new(Self(CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)?)))
    }

    /// Its certificate, in PEM.
    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this name, and its key.
    pub(super) fn issue(&self, name: &str, key: &KeyPair) -> io::Result<rcgen::Certificate> {
        let params = CertificateParams::new([name.to_owned()]).map_err(io::Error::other)?;
        params.signed_by(key, &self.0).map_err(io::Error::other)
    }

    /// TLS for whatever host is asked for; a client may show a certificate of this authority.
    pub(super) fn tls(self: &Arc<Self>) -> io::Result<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).map_err(io::Error::other)?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let verifier = verifier.allow_unauthenticated().build().map_err(io::Error::other)?;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing = provider.key_provider.load_private_key(der).map_err(io::Error::other)?;
        let names = AnyName { authority: Arc::clone(self), key, signing };
        let builder = ServerConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions().map_err(io::Error::other)?;
        Ok(builder.with_client_cert_verifier(verifier).with_cert_resolver(Arc::new(names)))
    }
}

/// A certificate for whatever name a client asks for.
struct AnyName {
    authority: Arc<Authority>,
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
}

impl ResolvesServerCert for AnyName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let certificate = self.authority.issue(hello.server_name()?, &self.key).ok()?;
        Some(Arc::new(CertifiedKey::new(vec![certificate.der().clone()], Arc::clone(&self.signing))))
    }
}

impl fmt::Debug for AnyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyName").finish_non_exhaustive()
    }
}

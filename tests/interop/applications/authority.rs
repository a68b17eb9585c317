//! An authority that lives as long as a test, and TLS by it: [`Authority`], [`Https`].

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData as _};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest as _, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a client may take to greet.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who signed the certificate of all hosts of a test.
pub(crate) struct Authority {
    pem: String,
    public_key: Vec<u8>,
    acceptor: TlsAcceptor,
}

impl Authority {
    /// A new authority, whose one certificate has these names.
    pub(crate) fn of(names: &[&str]) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &root).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let tls = tls.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], der).unwrap();
        Self {
            pem: root.pem(),
            public_key: key.subject_public_key_info(),
            acceptor: TlsAcceptor::from(Arc::new(tls)),
        }
    }

    /// Its certificate, in PEM.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// What has Chromium take the hosts' certificate, by the digest of its key. Of all others it wants what it always wants.
    pub(crate) fn option(&self) -> String {
        let digest = STANDARD.encode(Sha256::digest(&self.public_key));
        format!("--ignore-certificate-errors-spki-list={digest}")
    }

    /// Serves an application by TLS, until the test's runtime ends.
    pub(crate) fn serve(&self, listener: TcpListener, application: Router) {
        let (ready, open) = mpsc::channel(1);
        let acceptor = self.acceptor.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, ready) = (acceptor.clone(), ready.clone());
                // A browser opens connections ahead, and says nothing on some of them for a while.
                tokio::spawn(async move {
                    if let Ok(Ok(stream)) = timeout(PATIENCE, acceptor.accept(stream)).await {
                        let _ = ready.send(stream).await;
                    }
                });
            }
        });
        tokio::spawn(async move { axum::serve(Https(open), application).await });
    }
}

/// The connections that have been greeted.
struct Https(mpsc::Receiver<TlsStream<TcpStream>>);

impl Listener for Https {
    type Io = TlsStream<TcpStream>;
    type Addr = ();

    async fn accept(&mut self) -> (Self::Io, ()) {
        match self.0.recv().await {
            Some(stream) => (stream, ()),
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

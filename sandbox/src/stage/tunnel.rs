//! An HTTP proxy that leads nowhere else: whichever https server it is asked for, the sandbox answers ([`Tunnel`]).
//!
//! ```text
//! the program                                        here
//!   CONNECT login.example:443                      →
//!                                                  ←  200
//!   TLS, for login.example                         ↔  with a certificate of the stage's own authority
//!   GET /.well-known/oauth-authorization-server    →  Sandbox::answer
//! ```

use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use axum::{Router, extract};
use http::header::HOST;
use http::{HeaderValue, StatusCode, Uri};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use valetkey_core::Response;
use valetkey_core::terms::CertificateThumbprint;

use super::authority::Authority;
use super::part;
use crate::front::background::{Background, loopback};
use crate::front::server::{lock, system_time, whole};
use crate::ground::answer;
use crate::{CERTIFICATE_THUMBPRINT, Provider, Sandbox};

/// The longest request for a tunnel, in bytes, and how long a client may take until it speaks HTTP.
const MAX_HEAD: usize = 8 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

/// The proxy, until it is dropped.
pub(super) struct Tunnel {
    url: String,
    _server: Background,
}

impl Tunnel {
    pub(super) fn start(
        authority: &Arc<Authority>,
        sandbox: Arc<Mutex<Sandbox>>,
        provider: Arc<Mutex<Option<Provider>>>,
    ) -> io::Result<Self> {
        let (listener, url) = loopback(0)?;
        let acceptor = TlsAcceptor::from(Arc::new(authority.tls()?));
        let router = Router::new().fallback(
            move |ConnectInfo(Shown(certificate)): ConnectInfo<Shown>, request: extract::Request| {
                let (sandbox, provider) = (Arc::clone(&sandbox), Arc::clone(&provider));
                async move { reply(certificate, request, &sandbox, &provider).await.map(Body::from) }
            },
        );
        let server = Background::start(listener, move |listener, stopped| async move {
            let (ready, open) = mpsc::channel(1);
            let service = router.into_make_service_with_connect_info::<Shown>();
            tokio::spawn(async move { axum::serve(Open(open), service).await });
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (acceptor, ready) = (acceptor.clone(), ready.clone());
                    tokio::spawn(async move {
                        // What goes wrong here, the client is told by the end of its connection.
                        if let Ok(Ok(stream)) = timeout(PATIENCE, opened(stream, acceptor)).await {
                            let _ = ready.send(stream).await;
                        }
                    });
                }
            });
            let _ = stopped.await;
        })?;
        Ok(Self { url, _server: server })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

/// Reads the request for a tunnel and grants it. The client says nothing more before that, so what is read is its head.
async fn opened(mut stream: TcpStream, acceptor: TlsAcceptor) -> io::Result<TlsStream<TcpStream>> {
    // No more is read at once than has room.
    let mut head = Vec::with_capacity(MAX_HEAD);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= MAX_HEAD || stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    if !head.starts_with(b"CONNECT ") {
        stream
            .write_all(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .await?;
        return Err(io::ErrorKind::Unsupported.into());
    }
    // Some clients ask for a tunnel for plain http, too.
    let target = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    if target.ends_with(b":80") {
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await?;
        return Err(io::ErrorKind::Unsupported.into());
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    acceptor.accept(stream).await
}

/// The tunnels that are open, for axum to serve.
struct Open(mpsc::Receiver<TlsStream<TcpStream>>);

impl Listener for Open {
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

/// The thumbprint of the certificate that a client showed.
#[derive(Clone)]
struct Shown(Option<HeaderValue>);

impl Connected<IncomingStream<'_, Open>> for Shown {
    fn connect_info(stream: IncomingStream<'_, Open>) -> Self {
        let (_, connection) = stream.io().get_ref();
        let certificate = connection.peer_certificates().and_then(|certificates| certificates.first());
        let thumbprint = certificate.and_then(|certificate| CertificateThumbprint::of_der(certificate).ok());
        Self(thumbprint.and_then(|thumbprint| HeaderValue::try_from(thumbprint.as_str()).ok()))
    }
}

async fn reply(
    certificate: Option<HeaderValue>,
    request: extract::Request,
    sandbox: &Mutex<Sandbox>,
    provider: &Mutex<Option<Provider>>,
) -> Response {
    let mut request = match whole(request).await {
        Ok(request) => request,
        Err(response) => return *response,
    };
    if let Some(certificate) = certificate {
        request.headers_mut().insert(CERTIFICATE_THUMBPRINT, certificate);
    }
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let Ok(url) = format!("https://{}{target}", host.trim_end_matches(":443")).parse::<Uri>() else {
        return answer::error(StatusCode::BAD_REQUEST, "request-error", "The request has no host");
    };
    if let Some(provider) = provider.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        *request.uri_mut() = url;
        return provider.answer(&request, system_time());
    }
    let mut sandbox = lock(sandbox);
    // The authority stays: what one API serves, another does not.
    let authority = url.authority().map_or("", |authority| authority.as_str());
    if let Ok(target) = format!("https://{authority}{}", part::play(&mut sandbox, &url)).parse() {
        *request.uri_mut() = target;
    }
    sandbox.answer(&request, system_time())
}

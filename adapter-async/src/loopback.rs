//! Waiting for a person's browser on a loopback port: [`Loopback`] (RFC 8252 §7.3).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use valetkey_core::receiver::{Heard, MAX_HEAD, Receiver};
use valetkey_core::{AuthorizationResponse, PendingAuthorization};

use crate::{Error, now};

/// How long one connection may take, and how many are heard at a time. A browser opens a few at most.
const CONNECTION: Duration = Duration::from_secs(5);
const MAX_CONNECTIONS: usize = 32;

/// A port on a literal loopback address (LB-1), where the browser brings the authorization response.
///
/// Bound before the authorization begins, because its port is a part of the redirect URI; closed when dropped.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    address: SocketAddr,
    path: String,
}

impl Loopback {
    /// A free port on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// [`Error::Loopback`] if there is none.
    pub async fn bind() -> Result<Self, Error> {
        Self::bind_first(&[0]).await
    }

    /// A free port on \[::1\].
    ///
    /// # Errors
    ///
    /// [`Error::Loopback`] if there is none, or no IPv6.
    pub async fn bind_ipv6() -> Result<Self, Error> {
        Self::at(Ipv6Addr::LOCALHOST.into(), 0).await.map_err(|error| Error::Loopback(error.into()))
    }

    /// The first of these ports that is free on 127.0.0.1, for servers that compare a registered port.
    ///
    /// # Errors
    ///
    /// [`Error::Loopback`] if none is free.
    pub async fn bind_first(ports: &[u16]) -> Result<Self, Error> {
        let mut last = io::Error::new(io::ErrorKind::InvalidInput, "no port was named");
        for &port in ports {
            match Self::at(Ipv4Addr::LOCALHOST.into(), port).await {
                Ok(loopback) => return Ok(loopback),
                Err(error) => last = io::Error::new(error.kind(), format!("port {port}: {error}")),
            }
        }
        Err(Error::Loopback(last.into()))
    }

    async fn at(address: IpAddr, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((address, port)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, path: "/callback".to_owned() })
    }

    /// Waits at this path; `/callback` unless said.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.path = format!("/{}", path.trim_start_matches('/'));
        self
    }

    /// The redirect URI: the literal address, the port, the path.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        format!("http://{}{}", self.address, self.path)
    }

    /// Waits until the browser brings the response of this authorization, and shows it a page. Whatever else comes (an
    /// icon's request, a forged response, a connection that says nothing) is refused, and the waiting goes on (LB-2).
    ///
    /// # Errors
    ///
    /// [`Error::Core`] with [`AuthorizationRequired`](valetkey_core::Error::AuthorizationRequired) if nothing came
    /// within this time, and as for [`Receiver::new`]; [`Error::Loopback`] if the port fails.
    pub async fn receive(
        self,
        pending: &PendingAuthorization,
        within: Duration,
    ) -> Result<AuthorizationResponse, Error> {
        let receiver = Arc::new(Mutex::new(Receiver::new(pending, now().after(within))?));
        let mut connections = JoinSet::new();
        loop {
            let Some(wait) = lock(&receiver).wait(now()) else { break };
            tokio::select! {
                accepted = self.listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                    let (stream, _) = accepted.map_err(|error| Error::Loopback(error.into()))?;
                    let receiver = Arc::clone(&receiver);
                    connections.spawn(async move {
                        // One that breaks or dawdles is its own trouble.
                        let _ = tokio::time::timeout(CONNECTION, serve(stream, &receiver)).await;
                    });
                }
                Some(_) = connections.join_next() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        connections.shutdown().await;
        let receiver = Arc::into_inner(receiver).and_then(|receiver| receiver.into_inner().ok());
        let receiver =
            receiver.ok_or_else(|| Error::Loopback(io::Error::other("a connection was lost").into()))?;
        Ok(receiver.finish()?)
    }
}

async fn serve(mut stream: TcpStream, receiver: &Mutex<Receiver>) -> io::Result<()> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await?;
        bytes.extend_from_slice(part.get(..count).unwrap_or_default());
        let heard = lock(receiver).hear(&bytes, now());
        match heard {
            Heard::Answer(answer) => {
                stream.write_all(&answer).await?;
                return stream.shutdown().await;
            }
            _ if count == 0 || bytes.len() > MAX_HEAD => return Ok(()),
            _ => {}
        }
    }
}

fn lock(receiver: &Mutex<Receiver>) -> std::sync::MutexGuard<'_, Receiver> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner)
}

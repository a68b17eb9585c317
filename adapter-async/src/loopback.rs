//! Waiting for a person's browser on a loopback port: [`Loopback`] (RFC 8252 §7.3).

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use valetkey_core::receiver::{Heard, Receiver};
use valetkey_core::{AuthorizationResponse, PendingAuthorization};

use crate::{Error, now};

/// How many connections are heard at a time; the oldest makes room for one more. A browser opens a few at most.
const MAX_CONNECTIONS: usize = 32;
/// How long to wait after a connection could not be accepted, and for an answer to be taken.
const PAUSE: Duration = Duration::from_millis(250);

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
        Self::bind_ipv6_first(&[0]).await
    }

    /// The first of these ports that is free on 127.0.0.1, for servers that compare a registered port.
    ///
    /// # Errors
    ///
    /// [`Error::Loopback`] if none is free.
    pub async fn bind_first(ports: &[u16]) -> Result<Self, Error> {
        Self::first(Ipv4Addr::LOCALHOST.into(), ports).await
    }

    /// The first of these ports that is free on \[::1\].
    ///
    /// # Errors
    ///
    /// [`Error::Loopback`] if none is free, or there is no IPv6.
    pub async fn bind_ipv6_first(ports: &[u16]) -> Result<Self, Error> {
        Self::first(Ipv6Addr::LOCALHOST.into(), ports).await
    }

    async fn first(address: IpAddr, ports: &[u16]) -> Result<Self, Error> {
        let mut last = io::Error::new(ErrorKind::InvalidInput, "no port was named");
        for &port in ports {
            match Self::at(address, port).await {
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
    /// Dropping the future closes the port and every connection.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] with [`AuthorizationRequired`](valetkey_core::Error::AuthorizationRequired) if nothing came
    /// within this time, and as for [`Receiver::new`].
    pub async fn receive(
        self,
        pending: &PendingAuthorization,
        within: Duration,
    ) -> Result<AuthorizationResponse, Error> {
        let mut receiver = Receiver::new(pending, now().after(within))?;
        let mut door = Door::default();
        while let Some(wait) = receiver.wait(now()) {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => door.hear(Connection { stream, bytes: Vec::new() }),
                    // One connection's failure, or the lack of some resource for a moment: neither ends the waiting.
                    Err(_) => tokio::time::sleep(PAUSE).await,
                },
                Some(heard) = door.reading.join_next() => {
                    let Ok(Some(mut connection)) = heard else { continue };
                    match receiver.hear(&connection.bytes, now()) {
                        Heard::Answer(answer) => connection.answer(&answer).await,
                        _ => door.hear(connection),
                    }
                }
                () = tokio::time::sleep(wait) => {}
            }
        }
        Ok(receiver.finish()?)
    }
}

/// Who is at the port: a task reads from each connection. None of them can hold up another, and all end with this.
#[derive(Default)]
struct Door {
    reading: JoinSet<Option<Connection>>,
    /// The one that has been silent longest first.
    handles: VecDeque<AbortHandle>,
}

impl Door {
    fn hear(&mut self, connection: Connection) {
        self.handles.retain(|handle| !handle.is_finished());
        if self.handles.len() >= MAX_CONNECTIONS
            && let Some(silent) = self.handles.pop_front()
        {
            silent.abort();
        }
        self.handles.push_back(self.reading.spawn(connection.read()));
    }
}

/// A connection that has not said all yet.
struct Connection {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Connection {
    /// Reads a part; nothing if the connection has ended.
    async fn read(mut self) -> Option<Self> {
        let mut part = [0; 4096];
        let count = self.stream.read(&mut part).await.ok().filter(|&count| count > 0)?;
        self.bytes.extend_from_slice(part.get(..count)?);
        Some(self)
    }

    /// The answer fits a socket's buffer; a browser that does not take it goes without.
    async fn answer(&mut self, answer: &[u8]) {
        let _ = tokio::time::timeout(PAUSE, self.stream.write_all(answer)).await;
    }
}

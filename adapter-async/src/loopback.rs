//! Waiting for a person's browser on a loopback port: [`Loopback`] (RFC 8252 §7.3).

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use valetkey_core::authorize::receiver::{Incoming, Next, Receiver};
use valetkey_core::{AuthorizationResponse, PendingAuthorization};

use crate::{Error, now};

/// How long to wait after a connection could not be accepted.
const PAUSE: Duration = Duration::from_millis(250);

/// A port on a literal loopback address ([LB-1](crate::Rule::Lb1)), where the browser brings the authorization response.
///
/// Bound before the authorization begins, because its port is a part of the redirect URI; closed when dropped. Nobody else
/// can listen there meanwhile ([LB-4](crate::Rule::Lb4)).
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
    /// [`Error::Loopback`] if no port can be bound.
    pub async fn bind() -> Result<Self, Error> {
        Self::bind_first(&[0]).await
    }

    /// A free port on \[::1\].
    ///
    /// # Errors
    ///
    /// [`Error::Loopback`] if no port can be bound, or the system has no IPv6.
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
        let mut last = io::Error::new(
            ErrorKind::InvalidInput,
            "the list of ports is empty: name those that are registered at the server",
        );
        for &port in ports {
            match Self::at(address, port).await {
                Ok(loopback) => return Ok(loopback),
                Err(error) => last = io::Error::new(error.kind(), format!("port {port}: {error}")),
            }
        }
        Err(Error::Loopback(last.into()))
    }

    async fn at(address: IpAddr, port: u16) -> io::Result<Self> {
        // On Windows this sets neither SO_REUSEADDR, which lets others take the port, nor SO_EXCLUSIVEADDRUSE: since Windows
        // Server 2003 a port of a literal address is shared only with the consent of both, and exclusive use would keep
        // a registered port from being bound again while a connection of the last time lingers (LB-4).
        let listener = TcpListener::bind((address, port)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, path: "/callback".to_owned() })
    }

    /// Waits at this path; `/callback` by default.
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
    /// icon's request, a forged response, a connection that says nothing) is refused, and the waiting goes on
    /// ([LB-2](crate::Rule::Lb2)).
    ///
    /// Every user and every program of this computer can connect to the port. None of them gets the response, forges one
    /// or, while the browser's request is on its way, pushes it out without knowing its `state`: of more than
    /// [`MAX_CONNECTIONS`](valetkey_core::authorize::receiver::MAX_CONNECTIONS) the one that
    /// [promises least](Receiver::one_too_many) is closed. They can still be a nuisance: who opens connections faster than
    /// a browser writes its first line, or knows the path and sends the beginning of it again and again, may have the
    /// browser turned away, until it is reloaded.
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
        let mut door = Door { listener: self.listener, connections: Vec::new() };
        while let Some(wait) = receiver.wait(now()) {
            tokio::select! {
                arrived = door.wait() => match arrived {
                    Ok(Some(stream)) => door.connections.push(Connection { stream, incoming: Incoming::new() }),
                    Ok(None) => {}
                    // One connection's failure, or the lack of some resource for a moment: neither ends the waiting.
                    Err(_) => tokio::time::sleep(PAUSE).await,
                },
                () = tokio::time::sleep(wait) => {}
            }
            door.hear(&mut receiver);
        }
        Ok(receiver.finish()?)
    }
}

/// The port and who is at it.
struct Door {
    listener: TcpListener,
    /// In the order in which they came.
    connections: Vec<Connection>,
}

impl Door {
    /// Waits until somebody comes, or until somebody who is there says something.
    async fn wait(&self) -> io::Result<Option<TcpStream>> {
        poll_fn(|context| {
            // Everybody is asked, so that everybody wakes this up.
            let speaking = |connection: &&Connection| connection.stream.poll_read_ready(context).is_ready();
            let is_heard = self.connections.iter().filter(speaking).count() > 0;
            match self.listener.poll_accept(context) {
                Poll::Ready(accepted) => Poll::Ready(accepted.map(|(stream, _)| Some(stream))),
                Poll::Pending if is_heard => Poll::Ready(Ok(None)),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// Hears everybody, and closes the connection that is one too many.
    fn hear(&mut self, receiver: &mut Receiver) {
        self.connections.retain_mut(|connection| connection.is_open(receiver));
        let heard = self.connections.iter().map(|connection| connection.incoming.bytes());
        if let Some(index) = receiver.one_too_many(heard) {
            self.connections.remove(index);
        }
    }
}

/// A connection that has not said all yet. None of them can hold up another.
struct Connection {
    stream: TcpStream,
    incoming: Incoming,
}

impl Connection {
    /// Reads what there is, and answers once that is a request; whether the connection is to be kept.
    fn is_open(&mut self, receiver: &mut Receiver) -> bool {
        let mut part = [0; 4096];
        loop {
            let read = self.stream.try_read(&mut part).map(|count| part.get(..count).unwrap_or_default());
            match self.incoming.hear(read, receiver, now()) {
                Next::Read => {}
                Next::Wait => return true,
                Next::Answer(answer) => {
                    let _ = self.stream.try_write(&answer);
                    return false;
                }
                Next::Close => return false,
            }
        }
    }
}

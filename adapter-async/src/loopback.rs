//! Waiting for a person's browser on a loopback port: [`Loopback`] (RFC 8252 §7.3).

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use valetkey_core::authorize::receiver::{Incoming, Next, Receiver, is_without_ipv6};
use valetkey_core::{AuthorizationResponse, PendingAuthorization};

use crate::{Error, now};

/// How long to wait after a connection could not be accepted.
const PAUSE: Duration = Duration::from_millis(250);

/// A port on a literal loopback address ([LB-1](crate::Rule::Lb1)), where the browser brings the authorization response.
///
/// Bound before the authorization begins, because its port is a part of the redirect URI; closed when dropped. Nobody else
/// can listen there meanwhile ([LB-4](crate::Rule::Lb4)).
///
/// A browser that reaches the port by another, through `ssh -L` for example, needs a redirect URI that says so: the request is
/// made for that one, and [`receive`](Self::receive) goes by the request.
#[derive(Debug)]
pub struct Loopback {
    listeners: Vec<TcpListener>,
    /// What the redirect URI has for host and port.
    authority: String,
    path: String,
}

/// Where to listen.
#[derive(Clone, Copy)]
enum Host {
    Ipv4,
    Ipv6,
    /// Both, because a browser takes either.
    Localhost,
}

/// So many ports are tried at both addresses: one that is free at the first may be taken at the second.
const ANY_PORTS: [u16; 8] = [0; 8];

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
        Self::first(Host::Ipv4, ports).await
    }

    /// The first of these ports that is free on \[::1\].
    ///
    /// # Errors
    ///
    /// [`Error::Loopback`] if none is free, or there is no IPv6.
    pub async fn bind_ipv6_first(ports: &[u16]) -> Result<Self, Error> {
        Self::first(Host::Ipv6, ports).await
    }

    /// A free port on 127.0.0.1 and, where the system has it, \[::1\], with `localhost` in the redirect URI: for servers that
    /// register no address, as Microsoft Entra's portal. Any other server is better met with an address: what a name leads
    /// to is the system's configuration (RFC 8252 §8.3).
    ///
    /// # Errors
    ///
    /// [`Error::Loopback`] if no port can be bound.
    pub async fn bind_localhost() -> Result<Self, Error> {
        Self::bind_localhost_first(&ANY_PORTS).await
    }

    /// The first of these ports that is free on all of them, as for [`bind_localhost`](Self::bind_localhost).
    ///
    /// # Errors
    ///
    /// [`Error::Loopback`] if none is free.
    pub async fn bind_localhost_first(ports: &[u16]) -> Result<Self, Error> {
        Self::first(Host::Localhost, ports).await
    }

    async fn first(host: Host, ports: &[u16]) -> Result<Self, Error> {
        let mut last = io::Error::new(
            ErrorKind::InvalidInput,
            "the list of ports is empty: name those that are registered at the server",
        );
        for &port in ports {
            match Self::at(host, port).await {
                Ok(loopback) => return Ok(loopback),
                Err(error) => last = io::Error::new(error.kind(), format!("port {port}: {error}")),
            }
        }
        Err(Error::Loopback(last.into()))
    }

    async fn at(host: Host, port: u16) -> io::Result<Self> {
        let first: IpAddr = match host {
            Host::Ipv4 | Host::Localhost => Ipv4Addr::LOCALHOST.into(),
            Host::Ipv6 => Ipv6Addr::LOCALHOST.into(),
        };
        let listener = listen(first, port).await?;
        let address = listener.local_addr()?;
        let (mut listeners, mut authority) = (vec![listener], address.to_string());
        if let Host::Localhost = host {
            match listen(Ipv6Addr::LOCALHOST.into(), address.port()).await {
                Ok(listener) => listeners.push(listener),
                Err(error) if is_without_ipv6(&error) => {}
                // Somebody else may get what the browser brings there (LB-4).
                Err(error) => return Err(error),
            }
            authority = format!("localhost:{}", address.port());
        }
        Ok(Self { listeners, authority, path: "/callback".to_owned() })
    }

    /// Waits at this path; `/callback` by default.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.path = format!("/{}", path.trim_start_matches('/'));
        self
    }

    /// The redirect URI: the address, or `localhost`, the port, the path.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        format!("http://{}{}", self.authority, self.path)
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
        let mut door = Door { listeners: self.listeners, connections: Vec::new() };
        while let Some(wait) = receiver.wait(now()) {
            tokio::select! {
                arrived = door.wait() => match arrived {
                    Ok(Some(stream)) => {
                        door.connections.push(Connection { stream, incoming: Incoming::new() });
                        // The runtime looks at its sockets, so that nobody who has spoken is taken for silent.
                        tokio::task::yield_now().await;
                    }
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

async fn listen(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    // On Windows this sets neither SO_REUSEADDR, which lets others take the port, nor SO_EXCLUSIVEADDRUSE: since Windows
    // Server 2003 a port of a literal address is shared only with the consent of both, and exclusive use would keep
    // a registered port from being bound again while a connection of the last time lingers (LB-4).
    TcpListener::bind((address, port)).await
}

/// The port and who is at it.
struct Door {
    listeners: Vec<TcpListener>,
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
            for listener in &self.listeners {
                if let Poll::Ready(accepted) = listener.poll_accept(context) {
                    return Poll::Ready(accepted.map(|(stream, _)| Some(stream)));
                }
            }
            if is_heard { Poll::Ready(Ok(None)) } else { Poll::Pending }
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

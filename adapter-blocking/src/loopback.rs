//! Waiting for a person's browser on a loopback port: [`Loopback`] (RFC 8252 §7.3).

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use valetkey_core::receiver::{Heard, MAX_HEAD, Receiver};
use valetkey_core::{AuthorizationResponse, PendingAuthorization, UnixTime};

use crate::{Error, now};

/// How long one connection may take, and how many are heard at a time. A browser opens a few at most.
const CONNECTION: Duration = Duration::from_secs(5);
const MAX_CONNECTIONS: usize = 32;
/// How often the connections are looked after: a person does not notice it, and the machine hardly.
const LOOK: Duration = Duration::from_millis(5);

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
    pub fn bind() -> Result<Self, Error> {
        Self::bind_first(&[0])
    }

    /// A free port on \[::1\].
    ///
    /// # Errors
    ///
    /// [`Error::Loopback`] if there is none, or no IPv6.
    pub fn bind_ipv6() -> Result<Self, Error> {
        Self::at(Ipv6Addr::LOCALHOST.into(), 0).map_err(|error| Error::Loopback(error.into()))
    }

    /// The first of these ports that is free on 127.0.0.1, for servers that compare a registered port.
    ///
    /// # Errors
    ///
    /// [`Error::Loopback`] if none is free.
    pub fn bind_first(ports: &[u16]) -> Result<Self, Error> {
        let mut last = io::Error::new(io::ErrorKind::InvalidInput, "no port was named");
        for &port in ports {
            match Self::at(Ipv4Addr::LOCALHOST.into(), port) {
                Ok(loopback) => return Ok(loopback),
                Err(error) => last = io::Error::new(error.kind(), format!("port {port}: {error}")),
            }
        }
        Err(Error::Loopback(last.into()))
    }

    #[expect(clippy::disallowed_methods, reason = "the adapter is what opens sockets for core")]
    fn at(address: IpAddr, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((address, port))?;
        listener.set_nonblocking(true)?;
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
    pub fn receive(
        self,
        pending: &PendingAuthorization,
        within: Duration,
    ) -> Result<AuthorizationResponse, Error> {
        let mut receiver = Receiver::new(pending, now().after(within))?;
        let mut connections: Vec<Connection> = Vec::new();
        while receiver.wait(now()).is_some() {
            match self.listener.accept() {
                Ok((stream, _)) if connections.len() < MAX_CONNECTIONS => {
                    connections.extend(Connection::new(stream))
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => pause(),
                Err(error) => return Err(Error::Loopback(error.into())),
            }
            connections.retain_mut(|connection| connection.look(&mut receiver));
        }
        Ok(receiver.finish()?)
    }
}

/// A connection that has not said all yet. None of them can hold up another.
struct Connection {
    stream: TcpStream,
    bytes: Vec<u8>,
    deadline: UnixTime,
}

impl Connection {
    fn new(stream: TcpStream) -> Option<Self> {
        stream.set_nonblocking(true).ok()?;
        Some(Self { stream, bytes: Vec::new(), deadline: now().after(CONNECTION) })
    }

    /// Reads what there is; whether the connection is to be kept.
    fn look(&mut self, receiver: &mut Receiver) -> bool {
        let mut part = [0; 4096];
        match self.stream.read(&mut part) {
            Ok(0) => return false,
            Ok(count) => self.bytes.extend_from_slice(part.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return now() < self.deadline,
            Err(_) => return false,
        }
        match receiver.hear(&self.bytes, now()) {
            Heard::Answer(answer) => {
                // The answer fits a socket's buffer; a browser that does not take it goes without.
                let _ = self.stream.write_all(&answer);
                false
            }
            _ => self.bytes.len() <= MAX_HEAD,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the adapter is what waits for core")]
fn pause() {
    thread::sleep(LOOK);
}

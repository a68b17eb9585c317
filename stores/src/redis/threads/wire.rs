//! A connection for threads, on which nothing waits longer than until a deadline: [`Wire`].

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use redis::Value;
use zeroize::Zeroizing;

use super::super::answer::Answer;
use super::super::deadline::{self, Moment};
use super::super::question::{Question, is_of_master};
use super::super::server::{Place, Server};
use super::super::trouble::Trouble;

/// By the system's clock.
pub(super) type Deadline = deadline::Deadline<Instant>;

impl Moment for Instant {
    #[expect(clippy::disallowed_methods, reason = "a store of this kind waits, and must know for how long")]
    fn now() -> Self {
        Self::now()
    }

    fn since(self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }
}

/// A connection, and how much time there is.
pub(super) struct Wire(Box<dyn Stream>);

/// How much is read at once, in bytes.
const CHUNK: usize = 16 * 1024;

impl Wire {
    /// Connects, logs in, and looks whether it is the master, if it must be.
    pub(super) fn open(server: &Server, deadline: Deadline) -> Result<Self, Trouble> {
        let stream: Box<dyn Stream> = match &server.place {
            Place::Tcp(host, port) => Box::new(Timed { socket: tcp(host, *port, deadline)?, deadline }),
            #[cfg(feature = "redis-tls")]
            Place::Tls(host, port, tls) => {
                let session = rustls::ClientConnection::new(tls.config.clone(), tls.name.clone());
                let session = session.map_err(io::Error::other)?;
                let socket = Timed { socket: tcp(host, *port, deadline)?, deadline };
                Box::new(rustls::StreamOwned::new(session, socket))
            }
            #[cfg(unix)]
            Place::Unix(path) => {
                let path = path.clone();
                let socket = in_time(deadline, move || UnixStream::connect(path))?;
                Box::new(Timed { socket, deadline })
            }
        };
        let mut wire = Self(stream);
        for command in server.login() {
            let (answer, same) = wire.ask(&Question::plain(command), deadline)?;
            match answer {
                Value::Okay => wire = same,
                Value::ServerError(error) => return Err(Trouble::refused(&error)),
                _ => return Err(Trouble::Strange),
            }
        }
        if server.must_be_master {
            let (answer, same) = wire.ask(&Question::role(), deadline)?;
            is_of_master(&answer)?;
            wire = same;
        }
        Ok(wire)
    }

    /// Whether nothing came since the last answer, not even its end: a server that has closed a connection carries out nothing of what is
    /// sent on it, so what must be sent once is sent on another.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.0.is_quiet()
    }

    /// Asks, and returns the answer and the connection, if that is good for more.
    pub(super) fn ask(mut self, question: &Question, deadline: Deadline) -> Result<(Value, Self), Trouble> {
        self.0.allow(deadline);
        let command = Zeroizing::new(question.command.get_packed_command());
        self.0.write_all(&command)?;
        self.0.flush()?;
        let mut answer = Answer::to(question);
        let mut chunk = Zeroizing::new([0; CHUNK]);
        loop {
            let read = match self.0.read(&mut *chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            let read = chunk.get(..read).unwrap_or_default();
            if read.is_empty() {
                return Err(Trouble::Io(io::ErrorKind::UnexpectedEof));
            }
            if let Some(value) = answer.push(read)? {
                return Ok((value, self));
            }
        }
    }
}

/// What bytes go over, with time.
trait Stream: Read + Write + Send {
    fn allow(&mut self, deadline: Deadline);
    /// Whether there is nothing to be read. If there is, it may have been read.
    fn is_quiet(&mut self) -> bool;
}

/// A socket, each read and write of which has the time that is left: so many small answers take no longer than one.
struct Timed<S> {
    socket: S,
    deadline: Deadline,
}

impl<S: Socket> Stream for Timed<S> {
    fn allow(&mut self, deadline: Deadline) {
        self.deadline = deadline;
    }

    fn is_quiet(&mut self) -> bool {
        self.socket.is_quiet().unwrap_or(false)
    }
}

#[cfg(feature = "redis-tls")]
impl<S: Socket> Stream for rustls::StreamOwned<rustls::ClientConnection, Timed<S>> {
    fn allow(&mut self, deadline: Deadline) {
        self.sock.deadline = deadline;
    }

    fn is_quiet(&mut self) -> bool {
        self.sock.is_quiet()
    }
}

impl<S: Socket> Read for Timed<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.wait_for(self.deadline.require()?)?;
        self.socket.read(buffer)
    }
}

impl<S: Socket> Write for Timed<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.wait_for(self.deadline.require()?)?;
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// A socket that can be told how long to wait.
trait Socket: Read + Write + Send {
    fn wait_for(&self, time: Duration) -> io::Result<()>;
    fn may_wait(&self, may: bool) -> io::Result<()>;

    fn is_quiet(&mut self) -> io::Result<bool> {
        self.may_wait(false)?;
        let read = self.read(&mut [0]);
        self.may_wait(true)?;
        Ok(read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock))
    }
}

impl Socket for TcpStream {
    fn wait_for(&self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))?;
        self.set_write_timeout(Some(time))
    }

    fn may_wait(&self, may: bool) -> io::Result<()> {
        self.set_nonblocking(!may)
    }
}

#[cfg(unix)]
impl Socket for UnixStream {
    fn wait_for(&self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))?;
        self.set_write_timeout(Some(time))
    }

    fn may_wait(&self, may: bool) -> io::Result<()> {
        self.set_nonblocking(!may)
    }
}

/// The first address that answers. Each has its share of the time, so that one which is silent does not use up all of it.
fn tcp(host: &str, port: u16, deadline: Deadline) -> Result<TcpStream, Trouble> {
    let addresses: Vec<SocketAddr> = match host.parse::<IpAddr>() {
        Ok(address) => vec![(address, port).into()],
        Err(_) => {
            let host = host.to_owned();
            let resolved = in_time(deadline, move || Ok((host, port).to_socket_addrs()?.collect()));
            resolved.map_err(Trouble::of_resolver)?
        }
    };
    let mut last = Trouble::Unresolved;
    for (address, untried) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let share = deadline.share(u32::try_from(untried).unwrap_or(u32::MAX)).require()?;
        match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
            Ok(socket) => {
                socket.set_nodelay(true)?;
                return Ok(socket);
            }
            Err(error) => last = error.into(),
        }
    }
    Err(last)
}

/// What can only be waited for without end, such as the resolver, on a thread that is left behind if it takes too long.
fn in_time<T: Send + 'static>(
    deadline: Deadline,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (send, done) = mpsc::channel();
    let left = deadline.require()?;
    thread::Builder::new().name("valetkey-redis".to_owned()).spawn(move || {
        // Nobody may be there any more.
        let _ = send.send(work());
    })?;
    done.recv_timeout(left).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

//! A connection for tasks: [`Wire`]. The store has the deadline, and drops the connection when that is over.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use redis::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::task::{unconstrained, yield_now};
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use super::super::answer::Answer;
use super::super::deadline::{self, Moment};
use super::super::question::{Question, is_of_master};
use super::super::server::{Place, Server};
use super::super::trouble::Trouble;

/// By tokio's clock.
pub(super) type Deadline = deadline::Deadline<Instant>;

impl Moment for Instant {
    fn now() -> Self {
        Self::now()
    }

    fn since(self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }
}

/// A connection.
pub(super) struct Wire(Box<dyn Stream>);

/// What bytes go over.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// How much is read at once, in bytes.
const CHUNK: usize = 16 * 1024;

impl Wire {
    /// Connects, logs in, and looks whether it is the master, if it must be.
    pub(super) async fn open(server: &Server, time: Duration) -> Result<Self, Trouble> {
        let stream: Box<dyn Stream> = match &server.place {
            Place::Tcp(host, port) => Box::new(tcp(host, *port, time).await?),
            #[cfg(feature = "redis-tls")]
            Place::Tls(host, port, tls) => {
                let socket = tcp(host, *port, time).await?;
                let connector = tokio_rustls::TlsConnector::from(tls.config.clone());
                Box::new(connector.connect(tls.name.clone(), socket).await?)
            }
            #[cfg(unix)]
            Place::Unix(path) => Box::new(UnixStream::connect(path).await?),
        };
        let mut wire = Self(stream);
        for command in server.login() {
            let (answer, same) = wire.ask(&Question::plain(command)).await?;
            match answer {
                Value::Okay => wire = same,
                Value::ServerError(error) => return Err(Trouble::refused(&error)),
                _ => return Err(Trouble::Strange),
            }
        }
        if server.must_be_master {
            let (answer, same) = wire.ask(&Question::role()).await?;
            is_of_master(&answer)?;
            wire = same;
        }
        Ok(wire)
    }

    /// Whether nothing came since the last answer, not even its end: a server that has closed a connection carries out nothing of what is
    /// sent on it, so what must be sent once is sent on another.
    ///
    /// What the system says of a socket is heard when the runtime gets round to asking for it, which it does in between its tasks: without
    /// the turn that is given up here it may not have asked since this task began. And a task that has done much at once would be told that
    /// there is nothing, so that it gives its turn up.
    pub(super) async fn is_quiet(&mut self) -> bool {
        yield_now().await;
        let stream = &mut self.0;
        let mut byte = [0];
        let mut byte = ReadBuf::new(&mut byte);
        let read =
            poll_fn(|context| Poll::Ready(Pin::new(&mut *stream).poll_read(context, &mut byte).is_pending()));
        unconstrained(read).await
    }

    /// Asks, and returns the answer and the connection, if that is good for more.
    pub(super) async fn ask(mut self, question: &Question) -> Result<(Value, Self), Trouble> {
        let command = Zeroizing::new(question.command.get_packed_command());
        self.0.write_all(&command).await?;
        self.0.flush().await?;
        let mut answer = Answer::to(question);
        let mut chunk = Zeroizing::new(vec![0; CHUNK]);
        loop {
            let read = self.0.read(&mut chunk).await?;
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

/// The first address that answers. Each has its share of the time, so that one which is silent does not use up all of it.
async fn tcp(host: &str, port: u16, time: Duration) -> Result<TcpStream, Trouble> {
    let deadline = Deadline::after(time);
    let resolved = tokio::net::lookup_host((host, port)).await.map_err(Trouble::of_resolver)?;
    let addresses: Vec<SocketAddr> = resolved.collect();
    let mut last = Trouble::Unresolved;
    for (address, untried) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let share = deadline.share(u32::try_from(untried).unwrap_or(u32::MAX)).left();
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(socket)) => {
                socket.set_nodelay(true)?;
                return Ok(socket);
            }
            Ok(Err(error)) => last = error.into(),
            Err(_) => last = Trouble::Late,
        }
    }
    Err(last)
}

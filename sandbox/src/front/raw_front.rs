//! A server that answers with bytes, whether they are HTTP or not: [`RawFront`].

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::background::{Background, loopback};
use super::raw_answer::RawAnswer;

/// A request is read up to here, in bytes.
const MAX_REQUEST: usize = 256 * 1024;

/// How long one connection may last.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server on a loopback port that reads a request from each connection, answers it from its script, and closes.
///
/// It never looks at what is asked, nor of whom: what it answers is its script, which holds nothing of anybody's. The n-th connection gets the script's n-th answer, and every later one the
/// last; an empty script closes each connection without a word. Dropping it stops it at once.
pub struct RawFront {
    url: String,
    connections: Arc<AtomicUsize>,
    _server: Background,
}

impl RawFront {
    /// Starts answering.
    ///
    /// # Errors
    ///
    /// The operating system's, if it gives no port or no thread.
    pub fn start(script: impl IntoIterator<Item = RawAnswer>) -> io::Result<Self> {
        let script: Arc<[RawAnswer]> = script.into_iter().collect();
        let (listener, url) = loopback(0)?;
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let server = Background::start(listener, move |listener, stopped| async move {
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let index = counted.fetch_add(1, Ordering::SeqCst);
                    let answer = script.get(index).or(script.last()).cloned().unwrap_or_default();
                    tokio::spawn(timeout(PATIENCE, converse(stream, answer)));
                }
            });
            let _ = stopped.await;
        })?;
        Ok(Self { url, connections, _server: server })
    }

    /// The service URL, `http://127.0.0.1:PORT`, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many connections were accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl std::fmt::Debug for RawFront {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawFront").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The client may go away at any point, which is its right.
async fn converse(mut stream: TcpStream, answer: RawAnswer) -> io::Result<()> {
    read_request(&mut stream).await?;
    stream.write_all(&answer.beginning).await?;
    for _ in 0..answer.times {
        stream.write_all(&answer.repeated).await?;
    }
    stream.shutdown().await
}

/// Reads the head and as much of a body as it announces: closing a connection with something unread would reset it,
/// and the client would not see the answer.
async fn read_request(stream: &mut TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    loop {
        if let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = request.get(..end).unwrap_or_default();
            if request.len() >= end.saturating_add(4).saturating_add(content_length(head)) {
                return Ok(());
            }
        }
        if request.len() >= MAX_REQUEST || stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

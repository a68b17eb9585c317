//! A server on a loopback port that answers each path with a body of its own: [`Answering`].

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long one connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that answers a path of its table with status 200 and that body, in which `{here}` is the server's own URL,
/// and any other path with 404. Dropping it stops it.
pub struct Answering {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Answering {
    /// Starts answering on whichever port is free.
    ///
    /// # Panics
    ///
    /// If the operating system gives no port.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the server that a test's adapter talks to")]
    pub fn start(table: &[(&'static str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let here = format!("http://{address}");
        let table: Vec<(&'static str, String)> =
            table.iter().map(|(path, body)| (*path, body.replace("{here}", &here))).collect();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let (heard, stop) = (Arc::clone(&asked), Arc::clone(&stopped));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // A connection that breaks is the client's to report.
                let _ = stream.and_then(|stream| answer(stream, &table, &heard));
            }
        });
        Self { address, asked, stopped, thread: Some(thread) }
    }

    /// The server's URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked so far: method and path.
    ///
    /// # Panics
    ///
    /// If the server's thread did.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panicked with it").clone()
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // The connection that lets the thread look at the flag.
        drop(TcpStream::connect_timeout(&self.address, PATIENCE));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(
    mut stream: TcpStream,
    table: &[(&'static str, String)],
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?.take(64 * 1024));
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    // The body is taken off the wire, so that closing the connection does not break it.
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    let path = first.split(' ').nth(1).unwrap_or_default();
    let line = format!("{} {path}", first.split(' ').next().unwrap_or_default());
    heard.lock().map_err(|_| std::io::Error::other("a thread panicked"))?.push(line);
    let (status, body) = match table.iter().find(|(known, _)| *known == path) {
        Some((_, body)) => ("200 OK", body.as_str()),
        None => ("404 Not Found", ""),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

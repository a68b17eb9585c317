//! A token endpoint on a loopback address that counts its requests, and fails as long as it is told to.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use bench_inputs::Scenario;

/// A server that thinks for this long, so that callers meet.
const DELAY: Duration = Duration::from_millis(20);

/// The server of one run.
pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    scenario: Scenario,
    requests: AtomicUsize,
    is_well: AtomicBool,
    is_over: AtomicBool,
}

impl Server {
    pub(crate) fn start(scenario: Scenario) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            scenario,
            requests: AtomicUsize::new(0),
            is_well: AtomicBool::new(!scenario.is_failing()),
            is_over: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), state) = (stream, Arc::clone(&shared)) else { continue };
                let spawned = thread::Builder::new().stack_size(128 << 10).spawn(move || {
                    // A client that goes away ends its connection.
                    let _ = state.answer(&stream);
                });
                drop(spawned);
            }
        });
        Ok(Self { address, state })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/token", self.address)
    }

    pub(crate) fn requests(&self) -> usize {
        self.state.requests.load(Ordering::Relaxed)
    }

    /// From now on it answers with tokens.
    pub(crate) fn recover(&self) {
        self.state.is_well.store(true, Ordering::Relaxed);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::Relaxed);
        // What waits for a connection gets one, and sees.
        drop(TcpStream::connect(self.address));
    }
}

impl State {
    fn answer(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut reader = BufReader::new(stream);
        loop {
            let (mut length, mut closes) = (0, false);
            let mut line = String::new();
            while reader.read_line(&mut line)? > 2 {
                let lower = line.to_ascii_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().map_err(io::Error::other)?;
                }
                closes |= lower.starts_with("connection:") && lower.contains("close");
                line.clear();
            }
            if line.is_empty() {
                return Ok(());
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            let number = self.requests.fetch_add(1, Ordering::Relaxed);
            thread::sleep(DELAY);
            let (status, body) = self.content(number);
            let connection = if closes { "close" } else { "keep-alive" };
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncache-control: no-store\r\nconnection: {connection}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut writer = stream;
            writer.write_all(answer.as_bytes())?;
            if closes {
                return Ok(());
            }
        }
    }

    fn content(&self, number: usize) -> (&'static str, String) {
        if !self.is_well.load(Ordering::Relaxed) {
            return match self.scenario {
                Scenario::Unavailable => ("503 Service Unavailable", String::from("{}")),
                _ => ("400 Bad Request", String::from(r#"{"error":"invalid_grant"}"#)),
            };
        }
        let lifetime = if self.scenario == Scenario::Expired && number == 0 { 2 } else { 3_600 };
        let body = format!(
            r#"{{"access_token":"2YotnFZFEjr1zCsicMWpAA-{number}","token_type":"Bearer","expires_in":{lifetime}}}"#
        );
        ("200 OK", body)
    }
}

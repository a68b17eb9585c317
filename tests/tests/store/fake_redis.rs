//! A server on loopback that speaks as a test tells it to.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A fake Redis. It ends when the test's process does, or when nobody is connected.
#[derive(Clone)]
pub(crate) struct FakeRedis(Arc<Told>);

struct Told {
    port: u16,
    connections: AtomicUsize,
    open: AtomicUsize,
    commands: Mutex<Vec<Vec<String>>>,
    sent: AtomicUsize,
}

/// What the server does once it has read a command.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Sends this.
    Send(Vec<u8>),
    /// Sends this, and then the other again and again until nobody takes it any more.
    Flood(Vec<u8>, Vec<u8>),
    /// Sends this, and then the other byte every now and then.
    Trickle(Vec<u8>, u8),
    /// Sends this and nothing else, and keeps the connection.
    Hold(Vec<u8>),
    /// Sends this, and closes the connection.
    Last(Vec<u8>),
    /// Closes the connection.
    Close,
}

pub(crate) fn send(bytes: impl AsRef<[u8]>) -> Reply {
    Reply::Send(bytes.as_ref().to_vec())
}

/// How often a trickle has a byte: often enough that no pause between two bytes is longer than any test's deadline.
const DROP: Duration = Duration::from_millis(20);

impl FakeRedis {
    /// Answers the command with this number of the connection with that number, both from 0.
    pub(crate) fn start(reply: impl Fn(usize, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve_all(move |connection, number, _| reply(connection, number))
    }

    /// Answers each command by what it says.
    pub(crate) fn speaking(reply: impl Fn(&[String]) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve_all(move |_, _, command| reply(command))
    }

    fn serve_all(reply: impl Fn(usize, usize, &[String]) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let told = Arc::new(Told {
            port: listener.local_addr().unwrap().port(),
            connections: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            commands: Mutex::new(Vec::new()),
            sent: AtomicUsize::new(0),
        });
        let fake = Self(told);
        let (server, reply) = (fake.clone(), Arc::new(reply));
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let number = server.0.connections.fetch_add(1, Ordering::SeqCst);
                server.0.open.fetch_add(1, Ordering::SeqCst);
                let (server, reply) = (server.clone(), Arc::clone(&reply));
                thread::spawn(move || {
                    server.serve(&socket, |command, words| reply(number, command, words));
                    server.0.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        fake
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.0.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port
    }

    pub(crate) fn connections(&self) -> usize {
        self.0.connections.load(Ordering::SeqCst)
    }

    /// How many of them are open, as far as has been seen.
    pub(crate) fn open(&self) -> usize {
        self.0.open.load(Ordering::SeqCst)
    }

    /// The commands, with what they were called with.
    pub(crate) fn commands(&self) -> Vec<Vec<String>> {
        self.0.commands.lock().unwrap().clone()
    }

    /// How many bytes were taken by somebody, or by a socket on the way.
    pub(crate) fn sent(&self) -> usize {
        self.0.sent.load(Ordering::SeqCst)
    }

    fn serve(&self, socket: &TcpStream, reply: impl Fn(usize, &[String]) -> Reply) {
        let mut from = BufReader::new(socket);
        for number in 0.. {
            let Some(command) = read(&mut from) else { return };
            self.0.commands.lock().unwrap().push(command.clone());
            match reply(number, &command) {
                Reply::Send(bytes) => drop(self.send(socket, &bytes)),
                Reply::Flood(head, again) => {
                    let mut is_taken = self.send(socket, &head);
                    while is_taken {
                        is_taken = self.send(socket, &again);
                    }
                }
                Reply::Trickle(head, again) => {
                    let mut is_taken = self.send(socket, &head);
                    socket.set_read_timeout(Some(DROP)).unwrap();
                    while is_taken && is_open(socket) {
                        is_taken = self.send(socket, &[again]);
                    }
                    return;
                }
                Reply::Hold(head) => {
                    self.send(socket, &head);
                    while is_open(socket) {}
                    return;
                }
                Reply::Last(bytes) => {
                    self.send(socket, &bytes);
                    return;
                }
                Reply::Close => return,
            }
        }
    }

    fn send(&self, mut socket: &TcpStream, bytes: &[u8]) -> bool {
        let is_taken = socket.write_all(bytes).is_ok();
        self.0.sent.fetch_add(if is_taken { bytes.len() } else { 0 }, Ordering::SeqCst);
        is_taken
    }
}

/// Waits until the other side says something, which ends this, or for as long as the socket waits.
fn is_open(mut socket: &TcpStream) -> bool {
    match socket.read(&mut [0; 64]) {
        Ok(read) => read > 0,
        Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

/// One command, or nothing if there are no more.
pub(crate) fn read(from: &mut impl BufRead) -> Option<Vec<String>> {
    fn number(from: &mut impl BufRead) -> Option<usize> {
        let mut line = String::new();
        from.read_line(&mut line).ok()?;
        line.get(1..)?.trim().parse().ok()
    }
    let mut words = Vec::new();
    for _ in 0..number(from)? {
        let mut word = vec![0; number(from)? + 2];
        from.read_exact(&mut word).ok()?;
        words.push(String::from_utf8_lossy(&word[..word.len() - 2]).into_owned());
    }
    Some(words)
}

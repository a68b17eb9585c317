//! Tiny servers on loopback: origins and proxies that keep what they hear.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::wire::LONG;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

/// One of these servers. Dropping it ends it; a connection ends with its client.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Peer {
    fn start(talk: impl Fn(TcpStream, &dyn Fn(String)) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, stopped) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (kept, ends, talk) = (Arc::clone(&heard), Arc::clone(&stopped), Arc::new(talk));
        let thread = thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let (kept, talk) = (Arc::clone(&kept), Arc::clone(&talk));
                thread::spawn(move || {
                    stream.set_read_timeout(Some(LONG)).unwrap();
                    // What goes wrong here, the client reports.
                    let _ = talk(stream, &|line| kept.lock().unwrap().push(line));
                });
            }
        });
        Self { address, heard, stopped, thread: Some(thread) }
    }

    /// Answers whatever it is asked.
    pub(crate) fn origin() -> Self {
        Self::start(|mut stream, hear| {
            hear(head(&mut stream)?);
            stream.write_all(OK.as_bytes())
        })
    }

    /// The same over TLS; asked for a tunnel, it answers whatever comes through that too.
    pub(crate) fn tls(config: Arc<ServerConfig>) -> Self {
        Self::start(move |stream, hear| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            let mut asked = head(&mut stream)?;
            if asked.starts_with("CONNECT ") {
                hear(asked);
                stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
                asked = head(&mut stream)?;
            }
            hear(asked);
            stream.write_all(OK.as_bytes())?;
            stream.conn.send_close_notify();
            stream.flush()
        })
    }

    /// An HTTP proxy before everything: whatever host is asked for, it is this one.
    pub(crate) fn proxy(to: SocketAddr) -> Self {
        Self::start(move |mut stream, hear| {
            let asked = head(&mut stream)?;
            hear(asked.clone());
            let tunnels = asked.starts_with("CONNECT ");
            let mut onward = TcpStream::connect(to)?;
            match tunnels {
                true => stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?,
                false => onward.write_all(asked.as_bytes())?,
            }
            relay(stream, onward)
        })
    }

    /// An HTTP proxy that says no.
    pub(crate) fn refusing(status: &'static str) -> Self {
        Self::start(move |mut stream, hear| {
            hear(head(&mut stream)?);
            stream.write_all(
                format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes(),
            )
        })
    }

    /// A SOCKS5 proxy (RFC 1928) before everything, which wants a user and a password if there are any, and ends with
    /// this reply. It hears the user and the password, and the place that it is asked for.
    pub(crate) fn socks(to: SocketAddr, wants_user: bool, reply: u8) -> Self {
        Self::start(move |mut stream, hear| {
            let [_, methods] = read(&mut stream)?;
            stream.read_exact(&mut vec![0; methods.into()])?;
            stream.write_all(&[5, if wants_user { 2 } else { 0 }])?;
            if wants_user {
                let [_] = read(&mut stream)?;
                let (user, password) = (text(&mut stream)?, text(&mut stream)?);
                hear(format!("{user} {password}"));
                stream.write_all(&[1, 0])?;
            }
            let [_, _, _, kind] = read(&mut stream)?;
            let host = match kind {
                1 => read::<4>(&mut stream)?.map(|octet| octet.to_string()).join("."),
                _ => text(&mut stream)?,
            };
            hear(format!("{host}:{}", u16::from_be_bytes(read(&mut stream)?)));
            stream.write_all(&[5, reply, 0, 1, 127, 0, 0, 1, 0, 1])?;
            if reply == 0 { relay(stream, TcpStream::connect(to)?) } else { Ok(()) }
        })
    }

    /// What was heard since this was asked last.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The head of a request.
fn head(stream: &mut impl Read) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let [byte] = read(stream)?;
        head.push(byte);
    }
    Ok(String::from_utf8(head).unwrap())
}

fn read<const N: usize>(stream: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A text after its length.
fn text(stream: &mut impl Read) -> io::Result<String> {
    let [length] = read(stream)?;
    let mut text = vec![0; length.into()];
    stream.read_exact(&mut text)?;
    Ok(String::from_utf8(text).unwrap())
}

/// Both ways, until both are at their end.
fn relay(one: TcpStream, other: TcpStream) -> io::Result<()> {
    fn carry(mut from: &TcpStream, mut to: &TcpStream) {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    }
    thread::scope(|scope| {
        scope.spawn(|| carry(&one, &other));
        carry(&other, &one);
    });
    Ok(())
}

/// An authority that no system knows.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server with a certificate for this name, of which something else may be set.
    pub(crate) fn server(&self, name: &str, set: impl FnOnce(&mut CertificateParams)) -> Peer {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        set(&mut params);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config =
            builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
        Peer::tls(Arc::new(config))
    }
}

/// What the program `asker` says, in an environment of these variables alone.
pub(crate) fn asker(by: &str, url: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asker"));
    command.args([by, url]).env_clear().envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// By what `asker` asks.
pub(crate) const ASKERS: [&str; 4] = ["blocking", "async", "own-blocking", "own-async"];

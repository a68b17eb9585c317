//! A Redis behind TLS: whom the stores trust, and what is told of whom they do not.
//!
//! They trust the system's authorities, which a process may name as it starts: so the test starts itself anew in an
//! environment that names one of its own.

use std::ffi::OsString;
use std::fs;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use valetkey_stores::RedisStore;

use super::super::{Folder, fake_redis, in_time, secret};
use super::{Asked, LONG, OnTokio, SHORT, record};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// What this authority says of loopback.
fn certified(authority: &Authority) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key);
    let mut config = config.unwrap();
    // They would come after the answer, when nothing must come any more.
    config.send_tls13_tickets = 0;
    Arc::new(config)
}

/// A server that does this with each connection. Returns its URL, and how many there were.
fn serve(talk: impl Fn(TcpStream) + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("rediss://{}", listener.local_addr().unwrap());
    let (count, talk) = (Arc::new(AtomicUsize::new(0)), Arc::new(talk));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            counted.fetch_add(1, Ordering::SeqCst);
            let talk = Arc::clone(&talk);
            thread::spawn(move || talk(socket));
        }
    });
    (url, count)
}

/// A Redis that has the record for the first two who ask on a connection, and is silent from then on.
fn redis(config: Arc<ServerConfig>) -> (String, Arc<AtomicUsize>) {
    serve(move |socket| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = BufReader::new(StreamOwned::new(connection, socket));
        for number in 0.. {
            let Some(_) = fake_redis::read(&mut stream) else { return };
            if number < 2 && stream.get_mut().write_all(&record(b"there")).is_err() {
                return;
            }
        }
    })
}

/// A Redis that closes the first connection once it has answered there, and says that it has.
fn closing(config: Arc<ServerConfig>) -> (String, Receiver<()>) {
    let ((closed, seen), number) = (channel(), AtomicUsize::new(0));
    let (url, _) = serve(move |socket| {
        let is_first = number.fetch_add(1, Ordering::SeqCst) == 0;
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = BufReader::new(StreamOwned::new(connection, socket));
        let answer = if is_first { record(b"there") } else { b":1\r\n".to_vec() };
        let is_told = fake_redis::read(&mut stream).is_some() && stream.get_mut().write_all(&answer).is_ok();
        if is_first && is_told {
            drop(stream);
            let _ = closed.send(());
        } else {
            while fake_redis::read(&mut stream).is_some() {}
        }
    });
    (url, seen)
}

/// A Redis whose first answer nobody can decipher. Returns what it was asked too.
fn garbling(config: Arc<ServerConfig>) -> (String, Arc<Mutex<Vec<Vec<String>>>>) {
    let (questions, number) = (Arc::new(Mutex::new(Vec::new())), AtomicUsize::new(0));
    let kept = Arc::clone(&questions);
    let (url, _) = serve(move |socket| {
        let is_first = number.fetch_add(1, Ordering::SeqCst) == 0;
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = BufReader::new(StreamOwned::new(connection, socket));
        let Some(question) = fake_redis::read(&mut stream) else { return };
        kept.lock().unwrap().push(question);
        if is_first {
            // A record of TLS, which no key of this connection has made.
            let socket = &mut stream.get_mut().sock;
            let _ = socket.write_all(&[[23, 3, 3, 0, 32].as_slice(), &[0; 32]].concat());
            while socket.read(&mut [0; 64]).is_ok_and(|read| read > 0) {}
        } else {
            let _ = stream.get_mut().write_all(b":1\r\n");
            while fake_redis::read(&mut stream).is_some() {}
        }
    });
    (url, questions)
}

/// Says this to whatever it is told first, and then nothing.
fn saying(bytes: &'static [u8]) -> String {
    let (url, _) = serve(move |mut socket| {
        let mut heard = [0; 4096];
        let _ = socket.read(&mut heard);
        let _ = socket.write_all(bytes);
        while socket.read(&mut heard).is_ok_and(|read| read > 0) {}
    });
    url
}

fn told<S: Asked>(url: &str) -> String {
    let store = S::connect(url, LONG).unwrap();
    in_time(move || store.load()).unwrap_err().to_string()
}

fn meets_servers<S: Asked>(trusted: &Authority) {
    let (url, connections) = redis(certified(trusted));
    let store = S::connect(&url, LONG).unwrap();
    for _ in 0..2 {
        assert_eq!(store.load().unwrap().unwrap().bytes.expose(), b"there");
    }
    // On one connection, where each waits for as long as it was told.
    let hasty = store.within(SHORT);
    let error = in_time(move || hasty.load()).unwrap_err().to_string();
    assert!(error.contains("within 200ms"), "{error}");
    assert_eq!(connections.load(Ordering::SeqCst), 1);

    // A change is not sent where the server has closed the connection, as soon as the system says so.
    let is_done = (0..20).any(|_| {
        let (url, closed) = closing(certified(trusted));
        let store = S::connect(&url, LONG).unwrap();
        store.load().unwrap().unwrap();
        closed.recv().unwrap();
        store.replace(Some(&secret())).is_ok()
    });
    assert!(is_done);

    // What was asked for may have been carried out, whatever the answer was.
    let (garbled, questions) = garbling(certified(trusted));
    let store = S::connect(&garbled, LONG).unwrap();
    let error = in_time(move || store.lease()).unwrap_err().to_string();
    assert!(error.contains("failed: it does not speak TLS as it should"), "{error}");
    let questions = questions.lock().unwrap().clone();
    let [lease, given_back] = &questions[..] else { panic!("{questions:?}") };
    assert!(given_back[1].contains("DEL") && given_back[4] == lease[5], "{questions:?}");

    let plain = url.replace("rediss", "redis");
    let error = S::cluster(&[url, plain], LONG).map(drop).unwrap_err().to_string();
    assert!(error.contains("differ in their scheme"), "{error}");

    let (stranger, _) = redis(certified(&authority()));
    let error = told::<S>(&stranger);
    assert!(error.contains("failed: its certificate was not accepted"), "{error}");
    // A fatal alert: the handshake has failed.
    let error = told::<S>(&saying(&[21, 3, 3, 0, 2, 2, 40]));
    assert!(error.contains("failed: it refused TLS with an alert"), "{error}");
    let error = told::<S>(&saying(b"-ERR Protocol error\r\n"));
    assert!(error.contains("failed: it does not speak TLS as it should"), "{error}");
}

#[test]
#[cfg(target_os = "linux")]
fn s5_a_redis_is_spoken_with_by_tls_if_an_authority_vouches_for_it() {
    const ROLE: &str = "VALETKEY_TRUSTED_AUTHORITY";
    let role: Option<OsString> = std::env::var_os(ROLE);
    if let Some(key) = role {
        let key = KeyPair::from_pem(&fs::read_to_string(key).unwrap()).unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // The same name and the same key: the one that the environment names.
        let trusted = CertifiedIssuer::self_signed(params, key).unwrap();
        meets_servers::<RedisStore>(&trusted);
        meets_servers::<OnTokio>(&trusted);
        return;
    }
    let (folder, trusted) = (Folder::new(), authority());
    fs::write(folder.at("authority.pem"), trusted.pem()).unwrap();
    fs::write(folder.at("key.pem"), trusted.key().serialize_pem()).unwrap();
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "redis::tls::s5_a_redis_is_spoken_with_by_tls_if_an_authority_vouches_for_it"])
        .env("SSL_CERT_FILE", folder.at("authority.pem"))
        .env_remove("SSL_CERT_DIR")
        .env(ROLE, folder.at("key.pem"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}
